with

stock_rows as (

    select * from {{ ref('visible_rows') }}

    where aggregation = 'stock'

),

periods as (

    select * from {{ ref('periods') }}

),

night as (

    select * from {{ source('control', 'night') }}

),

visible_history as (

    select employee_history.*

    from {{ ref('employee_history') }} as employee_history
    inner join night on employee_history.valid_from < night.as_of

),

-- what has always been there is counted in every period, but opens none
first_dates as (

    select
        kpi_id,
        min(occurred_date) as first_date,
        min(occurred_date) filter (where aggregation = 'stock') as first_stock_date

    from {{ ref('visible_rows') }}

    group by kpi_id

),

daily as (

    select
        kpi_id,
        coalesce(employee_source, '') as employee_source,
        coalesce(employee_record_id, '') as employee_record_id,
        person_id,
        coalesce(occurred_date, date '1900-01-01') as occurred_date,
        sum(numerator) as numerator,
        sum(denominator) as denominator

    from stock_rows

    group by all

),

running as (

    select
        *,
        sum(numerator) over holders as running_numerator,
        sum(denominator) over holders as running_denominator

    from daily

    window holders as (
        partition by kpi_id, employee_source, employee_record_id
        order by occurred_date
        rows between unbounded preceding and current row
    )

),

holders as (

    select distinct kpi_id, employee_source, employee_record_id from daily

),

holder_periods as (

    select
        holders.*,
        periods.grain,
        periods.period_start,
        periods.last_date,
        periods.evaluated_at - to_microseconds(1) as held_at,
        coalesce(periods.period_end >= first_dates.first_stock_date, periods.is_current)
            as is_opening

    from holders
    inner join first_dates on holders.kpi_id = first_dates.kpi_id
    inner join periods
        on
            periods.period_end >= first_dates.first_date
            or (first_dates.first_date is null and periods.is_current)

),

held as (

    select
        holder_periods.*,
        running.person_id,
        running.running_numerator as numerator,
        running.running_denominator as denominator

    from holder_periods
    asof inner join running
        on
            holder_periods.kpi_id = running.kpi_id
            and holder_periods.employee_source = running.employee_source
            and holder_periods.employee_record_id = running.employee_record_id
            and holder_periods.last_date >= running.occurred_date

),

-- a record belongs to whom its holder belonged just before the period was evaluated
attributed as (

    select
        held.*,
        coalesce(
            held.held_at < visible_history.exists_until
            or (visible_history.covers_from is not null and visible_history.exists_until is null),
            false
        ) as is_known,
        visible_history.team

    from held
    asof left join visible_history
        on
            held.employee_source = visible_history.source
            and held.employee_record_id = visible_history.employee_id
            and held.held_at >= visible_history.covers_from

),

final as (

    select
        kpi_id,
        grain,
        period_start,
        last_date,
        employee_source,
        employee_record_id,
        case when is_known then person_id end as employee_id,
        case when is_known then team end as team,
        numerator,
        denominator,
        is_opening

    from attributed

)

select * from final
