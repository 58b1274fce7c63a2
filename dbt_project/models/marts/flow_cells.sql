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

    select *, 'company' as scope_type, 'company' as scope_id from daily
    union all
    select *, 'team' as scope_type, team as scope_id from daily where team is not null
    union all
    select *, 'employee' as scope_type, employee_id as scope_id
    from daily where employee_id is not null

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
