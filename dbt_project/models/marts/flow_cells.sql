with

flow_rows as (

    select * from {{ ref('visible_rows') }}

    where aggregation = 'flow'

),

periods as (

    select * from {{ ref('periods') }}

),

-- parts before quotients: everything a period needs, once per day and person
daily as (

    select
        kpi_id,
        occurred_date,
        employee_id,
        team,
        sum(numerator) as numerator,
        sum(denominator) as denominator

    from flow_rows

    group by kpi_id, occurred_date, employee_id, team

),

scoped as (

    {{ in_each_scope('daily') }}

),

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
    inner join periods
        on scoped.occurred_date between periods.period_start and periods.period_end

    group by
        scoped.kpi_id,
        periods.grain,
        periods.period_start,
        scoped.scope_type,
        scoped.scope_id

)

select * from final
