{#- Every rule of the catalog becomes spans of failure here; nothing is listed by hand. -#}
with

night as (

    select * from {{ source('control', 'night') }}

),

limits as (

    select * from {{ source('control', 'record_limits') }}

),

versions as (

    select * from {{ ref('int_customer_versions') }}

),

current_customers as (

    select * from {{ ref('int_current_customers') }}

),

failing as (

    {% for rule in record_rules() -%}
    select
        source, customer_id, '{{ rule }}' as rule, valid_from as from_at, exists_until as until_at,
        null as other_id
    from versions
    where not passes_{{ rule }}

    union all

    {% endfor -%}
    {% for rule, expression in record_rules(is_critical=false).items() -%}
    select
        source, customer_id, '{{ rule }}' as rule, valid_from as from_at, exists_until as until_at,
        null as other_id
    from current_customers
    where not {{ expression }}

    union all

    {% endfor -%}
    {% for entry in record_rule_catalog() if entry.kind == 'faults' -%}
    select
        source, customer_id, '{{ entry.rule }}' as rule, from_at, until_at,
        {{ entry.other or 'null' }} as other_id
    from {{ ref(entry.model) }}

    union all

    {% endfor -%}
    {% for entry in record_rule_catalog() if entry.kind == 'age' -%}
    select
        current_customers.source,
        current_customers.customer_id,
        '{{ entry.rule }}' as rule,
        current_customers.valid_from + to_months(limits.{{ entry.limit }}) as from_at,
        current_customers.exists_until as until_at,
        null as other_id
    from current_customers
    cross join limits
    {% if not loop.last %}
    union all

    {% endif -%}
    {% endfor %}
),

visible as (

    select
        failing.source,
        failing.customer_id,
        failing.rule,
        failing.from_at,
        case when failing.until_at < night.as_of then failing.until_at end as until_at,
        failing.other_id

    from failing
    inner join night on failing.from_at < night.as_of

),

-- a fault that an edit did not end is still the same fault: spans that touch are one
marked as (

    select
        *,
        coalesce(
            from_at > max(coalesce(until_at, timestamptz 'infinity')) over (
                partition by source, customer_id, rule
                order by from_at
                rows between unbounded preceding and 1 preceding
            ),
            true
        ) as is_new_span

    from visible

),

numbered as (

    select
        *,
        count(*) filter (where is_new_span) over (
            partition by source, customer_id, rule
            order by from_at asc, is_new_span desc
            rows between unbounded preceding and current row
        ) as span_number

    from marked

),

final as (

    select
        source,
        customer_id,
        rule,
        min(from_at) as since,
        case when count(until_at) = count(*) then max(until_at) end as until_at,
        list_sort(
            list(distinct other_id) filter (where other_id is not null and until_at is null)
        ) as other_ids

    from numbered

    group by source, customer_id, rule, span_number

)

select * from final
