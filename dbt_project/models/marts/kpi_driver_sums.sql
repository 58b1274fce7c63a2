with

visible_rows as (

    select * from {{ ref('visible_rows') }}

    where aggregation <> 'stock'

),

stock_sums as (

    select * from {{ ref('kpi_driver_stock_sums') }}

),

periods as (

    select * from {{ ref('periods') }}

    where grain <> 'day'

),

daily as (

    select
        kpi_id,
        aggregation,
        occurred_date,
        employee_id,
        team,
        part,
        kind,
        channel,
        priority,
        segment,
        sum(numerator) as numerator,
        sum(denominator) as denominator

    from visible_rows

    group by all

),

-- a quarter or year is worth what its last started month is worth
dated as (

    select
        daily.* exclude (aggregation, occurred_date),  -- noqa: RF02
        periods.grain,
        periods.period_start

    from daily
    inner join periods on daily.occurred_date between periods.period_start and periods.period_end

    where daily.aggregation = 'flow'

    union all by name

    select
        daily.* exclude (aggregation, occurred_date),  -- noqa: RF02
        periods.grain,
        periods.period_start

    from daily
    inner join periods
        on
            daily.occurred_date = date_trunc('month', periods.last_date)
            and periods.grain in ('month', 'quarter', 'year')

    where daily.aggregation = 'month_end'

    union all by name

    select * from stock_sums

),

final as (

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
        sum(numerator) as numerator,
        sum(denominator) as denominator

    from dated

    group by
        kpi_id,
        grain,
        period_start,
        employee_id,
        team,
        part,
        kind,
        channel,
        priority,
        segment

)

select * from final
