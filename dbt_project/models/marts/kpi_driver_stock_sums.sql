with

stock_rows as (

    select * from {{ ref('visible_rows') }}

    where aggregation = 'stock'

),

periods as (

    select * from {{ ref('periods') }}

    where grain <> 'day'

),

visible_history as (

    select employee_history.*

    from {{ ref('employee_history') }} as employee_history
    inner join {{ source('control', 'night') }} as night
        on employee_history.valid_from < night.as_of

),

daily as (

    select
        kpi_id,
        part,
        coalesce(employee_source, '') as employee_source,
        coalesce(employee_record_id, '') as employee_record_id,
        person_id,
        kind,
        channel,
        priority,
        segment,
        coalesce(occurred_date, date '1900-01-01') as held_from,
        sum(numerator) as numerator,
        sum(denominator) as denominator

    from stock_rows

    group by all

),

running as (

    select
        * exclude (numerator, denominator),
        sum(numerator) over changes as numerator,
        sum(denominator) over changes as denominator,
        coalesce(lead(held_from) over changes, date '9999-12-31') as held_until

    from daily

    window changes as (
        partition by
            kpi_id, part, employee_source, employee_record_id, kind, channel, priority, segment
        order by held_from
        rows between unbounded preceding and current row
    )

),

held as (

    select
        running.*,
        periods.grain,
        periods.period_start,
        periods.evaluated_at - to_microseconds(1) as held_at

    from running
    inner join periods
        on periods.last_date >= running.held_from and periods.last_date < running.held_until

    where running.numerator <> 0 or running.denominator <> 0

),

-- a record belongs to whom its holder belonged just before the period was evaluated
attributed as (

    select
        held.*,
        visible_history.covers_from is not null
        and (held.held_at < visible_history.exists_until or visible_history.exists_until is null)
            as is_known,
        visible_history.team

    from held
    asof left join visible_history
        on
            held.employee_source = visible_history.source
            and held.employee_record_id = visible_history.employee_id
            and held.held_at >= visible_history.covers_from

)

select
    kpi_id,
    grain,
    period_start,
    case when is_known then person_id end as employee_id,
    case when is_known then team end as team,
    part,
    kind,
    channel,
    priority,
    segment,
    numerator,
    denominator

from attributed
