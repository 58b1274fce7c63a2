with

stock_levels as (

    select * from {{ ref('stock_levels') }}

    where grain in ('day', 'week', 'month')  -- a quarter and a year end with a month

),

month_rows as (

    select * from {{ ref('visible_rows') }}

    where aggregation = 'month_end'

),

periods as (

    select * from {{ ref('periods') }}

    where grain in ('day', 'week', 'month')

),

-- a Sunday that ends a month is one level, said by three grains
dated_stock as (

    select *

    from stock_levels

    qualify row_number() over (
        partition by kpi_id, employee_source, employee_record_id, last_date
        order by grain
    ) = 1

),

leaves as (

    select
        kpi_id,
        'stock' as aggregation,
        last_date as held_date,
        employee_id,
        team,
        numerator,
        denominator

    from dated_stock

    union all

    select
        month_rows.kpi_id,
        month_rows.aggregation,
        periods.last_date as held_date,
        month_rows.employee_id,
        month_rows.team,
        month_rows.numerator,
        month_rows.denominator

    from month_rows
    inner join periods
        on periods.grain = 'month' and month_rows.occurred_date = periods.period_start

),

levels as (

    select
        kpi_id,
        aggregation,
        held_date,
        employee_id,
        team,
        sum(numerator) as numerator,
        sum(denominator) as denominator

    from leaves

    group by kpi_id, aggregation, held_date, employee_id, team

),

holders as (

    select
        kpi_id,
        aggregation,
        employee_id,
        team,
        min(held_date) as first_date

    from levels

    group by kpi_id, aggregation, employee_id, team

),

dates as (

    select distinct
        'stock' as aggregation,
        last_date

    from periods

    union all

    select
        'month_end' as aggregation,
        last_date

    from periods

    where grain = 'month'

),

-- who holds nothing any more says so: the last day with a row would else pass for the last day
final as (

    select
        holders.kpi_id,
        holders.aggregation,
        dates.last_date as held_date,
        holders.employee_id,
        holders.team,
        coalesce(levels.numerator, 0)::double as numerator,
        coalesce(levels.denominator, 0)::double as denominator

    from holders
    inner join dates
        on holders.aggregation = dates.aggregation and holders.first_date <= dates.last_date
    left join levels
        on
            holders.kpi_id = levels.kpi_id
            and holders.aggregation = levels.aggregation
            and holders.employee_id is not distinct from levels.employee_id
            and holders.team is not distinct from levels.team
            and dates.last_date = levels.held_date

)

select * from final
