{{ config(materialized='view') }}

with

visible_rows as (

    select * from {{ ref('visible_rows') }}

),

redescribed as (

    select * from {{ ref('kpi_driver_redescribed') }}

),

followed as (

    select visible_rows.*

    from visible_rows
    semi join redescribed
        on
            visible_rows.kpi_id = redescribed.kpi_id
            and visible_rows.source = redescribed.source
            and visible_rows.entity = redescribed.entity
            and visible_rows.record_id = redescribed.record_id

    where visible_rows.aggregation = 'stock'

),

-- of changes at one instant, the one that adds says how the record is from then on
instants as (

    select
        kpi_id,
        part,
        source,
        entity,
        record_id,
        employee_source,
        employee_record_id,
        person_id,
        occurred_at,
        occurred_date,
        sum(numerator) as numerator,
        sum(denominator) as denominator,
        arg_max_null(
            { kind: kind, channel: channel, priority: priority, segment: segment },
            (denominator, numerator)
        ) as described

    from followed

    group by
        kpi_id,
        part,
        source,
        entity,
        record_id,
        employee_source,
        employee_record_id,
        person_id,
        occurred_at,
        occurred_date

),

running as (

    select
        *,
        sum(numerator) over changes as running_numerator,
        sum(denominator) over changes as running_denominator,
        lag(described) over changes as described_before

    from instants

    window changes as (
        partition by
            kpi_id, part, source, entity, record_id, employee_source, employee_record_id
        order by occurred_at
        rows between unbounded preceding and current row
    )

),

compared as (

    select
        *,
        described_before is not null
        and (described_before is distinct from described) as is_moved

    from running

),

-- a record that is described anew leaves its old group with all it counted there
moves as (

    select
        * replace (
            case when is_moved then running_numerator else numerator end as numerator,
            case when is_moved then running_denominator else denominator end as denominator
        )

    from compared

    union all

    select
        * replace (
            described_before as described,
            numerator - running_numerator as numerator,
            denominator - running_denominator as denominator
        )

    from compared

    where is_moved

)

select
    kpi_id,
    part,
    employee_source,
    employee_record_id,
    person_id,
    occurred_date,
    described.kind,
    described.channel,
    described.priority,
    described.segment,
    numerator,
    denominator

from moves
