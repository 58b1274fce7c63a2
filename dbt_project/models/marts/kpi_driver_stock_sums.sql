with

stock_rows as (

    select * from {{ ref('visible_rows') }}

    where aggregation = 'stock'

),

periods as (

    select * from {{ ref('periods') }}

    where grain <> 'day'

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
        periods.evaluated_at - to_microseconds(1) as attributed_at

    from running
    inner join periods
        on periods.last_date >= running.held_from and periods.last_date < running.held_until

    where running.numerator <> 0 or running.denominator <> 0

),

-- a record belongs to whom its holder belonged just before the period was evaluated
{{ attributed_people('held') }}

select
    kpi_id,
    grain,
    period_start,
    employee_id,
    team,
    part,
    kind,
    channel,
    priority,
    segment,
    numerator,
    denominator

from attributed
