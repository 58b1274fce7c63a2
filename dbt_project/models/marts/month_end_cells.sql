with

month_rows as (

    select * from {{ ref('visible_rows') }}

    where aggregation = 'month_end'

),

periods as (

    select * from {{ ref('periods') }}

    where grain in ('month', 'quarter', 'year')

),

monthly as (

    select
        kpi_id,
        occurred_date as month_date,
        employee_id,
        team,
        sum(numerator) as numerator,
        sum(denominator) as denominator

    from month_rows

    group by kpi_id, occurred_date, employee_id, team

),

scoped as (

    {{ in_each_scope('monthly') }}

),

-- a quarter or year is worth what its last started month is worth
final as (

    select
        scoped.kpi_id,
        periods.grain,
        periods.period_start,
        scoped.scope_type,
        scoped.scope_id,
        sum(scoped.numerator) as numerator,
        sum(scoped.denominator) as denominator

    from scoped
    inner join periods on scoped.month_date = date_trunc('month', periods.last_date)

    group by
        scoped.kpi_id,
        periods.grain,
        periods.period_start,
        scoped.scope_type,
        scoped.scope_id

)

select * from final
