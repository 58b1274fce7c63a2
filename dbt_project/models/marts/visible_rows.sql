{% set has_ended = "coalesce(attributed.ended_at < night.as_of, true)" -%}
with

measure_rows as (

    {% for kpi_id in var('measures') -%}
    select * from {{ ref('measure_' ~ kpi_id) }}
    {% if not loop.last %}union all by name{% endif %}
    {% endfor %}

),

measured_kpis as (

    select * from {{ ref('measured_kpis') }}

    where is_measured

),

night as (

    select * from {{ source('control', 'night') }}

),

customer_references as (

    select * from {{ ref('customer_references') }}

    where source is not null

),

customers as (

    select
        source,
        customer_id,
        segment,
        valid_from

    from {{ ref('customers') }}

    where not is_tombstone

),

visible as (

    select
        measure_rows.*,
        case
            when measure_rows.occurred_at > {{ always() }}
                then {{ local_date('measure_rows.occurred_at') }}
        end as occurred_date,
        -- a month-end row is attributed just before the month is evaluated
        case
            when measure_rows.aggregation = 'month_end'
                then least(
                    timezone(
                        night.timezone,
                        timezone(night.timezone, measure_rows.occurred_at) + interval 1 month
                    ),
                    night.as_of
                ) - to_microseconds(1)
            else measure_rows.occurred_at
        end as attributed_at

    from measure_rows
    inner join measured_kpis on measure_rows.kpi_id = measured_kpis.kpi_id
    inner join night
        on
            measure_rows.occurred_at < night.as_of
            and measure_rows.visible_from < night.as_of
            and (measure_rows.visible_until >= night.as_of or measure_rows.visible_until is null)

),

{{ attributed('visible', 'coalesce(visible.reference_source, visible.source)') }},

final as (

    select
        attributed.kpi_id,
        attributed.part,
        attributed.aggregation,
        attributed.occurred_at,
        attributed.occurred_date,
        attributed.employee_ref,
        attributed.employee_source,
        attributed.employee_record_id,
        attributed.person_id,
        attributed.employee_id,
        attributed.team,
        attributed.numerator,
        attributed.denominator,
        -- a miss can be seen before it is known how long it took altogether
        case when {{ has_ended }} then attributed.clock_hours end as clock_hours,
        case when {{ has_ended }} then attributed.elapsed_hours end as elapsed_hours,
        attributed.kind,
        attributed.channel,
        attributed.priority,
        customers.segment,
        attributed.source,
        attributed.entity,
        attributed.record_id,
        attributed.load_seq

    from attributed
    cross join night
    left join customer_references
        on
            coalesce(attributed.reference_source, attributed.source)
            = customer_references.reference_source
            and attributed.customer_ref = customer_references.reference_id
    asof left join customers
        on
            coalesce(
                customer_references.source, attributed.reference_source, attributed.source
            ) = customers.source
            and coalesce(customer_references.customer_id, attributed.customer_ref)
            = customers.customer_id
            and coalesce(attributed.described_at, attributed.occurred_at) >= customers.valid_from

)

select * from final
