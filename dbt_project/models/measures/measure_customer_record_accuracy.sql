with

versions as (

    select * from {{ ref('int_customer_versions') }}

),

owner_terms as (

    select * from {{ ref('int_owner_terms') }}

),

employee_references as (

    select * from {{ ref('employee_references') }}

),

shared_numbers as (

    select * from {{ ref('int_customer_shared_numbers') }}

),

audit_findings as (

    select * from {{ ref('int_customer_audit_findings') }}

),

-- the parts of a version in which it passes every rule it can pass alone and has an owner
owned as (

    select
        versions.source,
        versions.customer_id,
        versions.valid_from,
        versions.steward_id,
        greatest(versions.valid_from, owner_terms.from_at) as from_at,
        least(versions.exists_until, owner_terms.until_at) as until_at,
        owner_terms.known_from,
        greatest(versions.load_seq, owner_terms.load_seq) as load_seq

    from versions
    inner join employee_references
        on
            versions.source = employee_references.reference_source
            and versions.owner_id = employee_references.reference_id
    inner join owner_terms
        on
            employee_references.source = owner_terms.source
            and employee_references.employee_id = owner_terms.employee_id
            and (owner_terms.from_at < versions.exists_until or versions.exists_until is null)
            and (versions.valid_from < owner_terms.until_at or owner_terms.until_at is null)

    where
        {% for rule in record_rules() -%}
        {% if not loop.first %}and {% endif %}versions.passes_{{ rule }}
        {% endfor %}

),

faults as (

    select distinct source, customer_id, from_at, until_at from shared_numbers
    union all
    select source, customer_id, from_at, until_at from audit_findings

),

-- how many faults begin (+1) and end (-1) at each instant of an owned part
turns as (

    select source, customer_id, from_at as part_from_at, from_at as turned_at, 0 as change
    from owned

    union all

    select
        owned.source,
        owned.customer_id,
        owned.from_at as part_from_at,
        greatest(owned.from_at, faults.from_at) as turned_at,
        1 as change

    from owned
    inner join faults
        on
            owned.source = faults.source
            and owned.customer_id = faults.customer_id
            and (faults.from_at < owned.until_at or owned.until_at is null)
            and (faults.until_at > owned.from_at or faults.until_at is null)

    union all

    select
        owned.source,
        owned.customer_id,
        owned.from_at as part_from_at,
        faults.until_at as turned_at,
        -1 as change

    from owned
    inner join faults
        on
            owned.source = faults.source
            and owned.customer_id = faults.customer_id
            and (faults.from_at < owned.until_at or owned.until_at is null)
            and faults.until_at > owned.from_at
            and (faults.until_at < owned.until_at or owned.until_at is null)

),

turning_points as (

    select source, customer_id, part_from_at, turned_at, sum(change) as change

    from turns

    group by source, customer_id, part_from_at, turned_at

),

fault_counts as (

    select
        *,
        sum(change) over part as fault_count,
        lead(turned_at) over part as next_turned_at

    from turning_points

    window part as (partition by source, customer_id, part_from_at order by turned_at)

),

accurate as (

    select
        owned.source,
        owned.customer_id,
        owned.steward_id,
        owned.valid_from,
        fault_counts.turned_at as from_at,
        coalesce(fault_counts.next_turned_at, owned.until_at) as until_at,
        owned.known_from,
        owned.load_seq

    from fault_counts
    inner join owned
        on
            fault_counts.source = owned.source
            and fault_counts.customer_id = owned.customer_id
            and fault_counts.part_from_at = owned.from_at

    where fault_counts.fault_count = 0

),

spans as (

    select
        source,
        customer_id,
        steward_id,
        valid_from,
        valid_from as from_at,
        exists_until as until_at,
        null::timestamptz as known_from,
        0 as numerator,
        1 as denominator,
        load_seq

    from versions

    union all

    select
        source,
        customer_id,
        steward_id,
        valid_from,
        from_at,
        until_at,
        known_from,
        1 as numerator,
        0 as denominator,
        load_seq

    from accurate

),

changes as (

    select *, from_at as occurred_at, 1 as change from spans
    union all
    select *, until_at as occurred_at, -1 as change from spans where until_at is not null

),

final as (

    select
        'customer_record_accuracy' as kpi_id,
        'all' as part,
        'stock' as aggregation,
        occurred_at,
        -- an owner's first version reaches back, once it can be known at all
        greatest(occurred_at, known_from) as visible_from,
        null::timestamptz as visible_until,
        (numerator * change)::double as numerator,
        (denominator * change)::double as denominator,
        source,
        steward_id as employee_ref,
        customer_id as customer_ref,
        valid_from as described_at,
        'customers' as entity,
        customer_id as record_id,
        load_seq

    from changes

)

select * from final
