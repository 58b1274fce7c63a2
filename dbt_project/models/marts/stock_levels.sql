with

stock_rows as (

    select * from {{ ref('visible_rows') }}

    where aggregation = 'stock'

),

periods as (

    select * from {{ ref('periods') }}

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
        periods.evaluated_at - to_microseconds(1) as attributed_at,
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
{{ attributed_people('held') }},

final as (

    select
        kpi_id,
        grain,
        period_start,
        last_date,
        employee_source,
        employee_record_id,
        employee_id,
        team,
        numerator,
        denominator,
        is_opening

    from attributed

)

select * from final
