with

sums as (

    select * from {{ ref('kpi_driver_sums') }}

),

dimensions as (

    select unnest({{ driver_dimensions().keys() | list }}) as dimension

),

faceted as (

    select
        sums.*,
        dimensions.dimension

    from sums
    cross join dimensions

),

grouped as (

    select
        faceted.kpi_id,
        faceted.grain,
        faceted.period_start,
        faceted.employee_id,
        faceted.team,
        faceted.dimension,
        {{ dimension_value('faceted') }} as group_value,
        sum(faceted.numerator) as numerator,
        sum(faceted.denominator) as denominator

    from faceted

    group by all

),

-- where all rows look alike there is nothing to split
telling as (

    select
        kpi_id,
        dimension

    from grouped

    group by kpi_id, dimension

    having count(distinct group_value) + max((group_value is null)::int) > 1

),

scoped as (

    select *, 'company' as scope_type, 'company' as scope_id from grouped
    union all
    select *, 'team' as scope_type, team as scope_id
    from grouped where team is not null and dimension <> 'team'
    union all
    select *, 'employee' as scope_type, employee_id as scope_id
    from grouped where employee_id is not null and dimension <> 'employee'

),

final as (

    select
        scoped.kpi_id,
        scoped.grain,
        scoped.period_start,
        scoped.scope_type,
        scoped.scope_id,
        scoped.dimension,
        scoped.group_value,
        sum(scoped.numerator) as numerator,
        sum(scoped.denominator) as denominator

    from scoped
    inner join telling
        on scoped.kpi_id = telling.kpi_id and scoped.dimension = telling.dimension

    group by
        scoped.kpi_id,
        scoped.grain,
        scoped.period_start,
        scoped.scope_type,
        scoped.scope_id,
        scoped.dimension,
        scoped.group_value

)

select * from final
