with

cells as (

    select * from {{ ref('cells') }}

),

kpi_targets as (

    select * from {{ source('control', 'kpi_targets') }}

),

employee_references as (

    select * from {{ ref('employee_references') }}

),

visible_history as (

    select employee_history.*

    from {{ ref('employee_history') }} as employee_history
    inner join {{ source('control', 'night') }} as night
        on employee_history.valid_from < night.as_of

),

persons as (

    select distinct
        person_id,
        source,
        employee_id

    from employee_references

    where person_id is not null

),

roles as (

    select
        cells.kpi_id,
        cells.grain,
        cells.period_start,
        cells.scope_id,
        visible_history.role

    from (
        select
            cells.*,
            persons.source as employee_source,
            persons.employee_id,
            cells.evaluated_at - to_microseconds(1) as judged_at
        from cells
        inner join persons on cells.scope_id = persons.person_id
        where
            cells.scope_type = 'employee'
            and cells.kpi_id in (
                select kpi_targets.kpi_id from kpi_targets where kpi_targets.scope_type = 'role'
            )
    ) as cells
    asof inner join visible_history
        on
            cells.employee_source = visible_history.source
            and cells.employee_id = visible_history.employee_id
            and cells.judged_at >= visible_history.covers_from

    where
        cells.judged_at < visible_history.exists_until or visible_history.exists_until is null

),

-- the narrowest scope wins, then the narrower grain, then the later beginning
ranked as (

    select
        cells.kpi_id,
        cells.grain,
        cells.period_start,
        cells.scope_type,
        cells.scope_id,
        kpi_targets.value as target,
        kpi_targets.basis as target_basis,
        row_number() over (
            partition by
                cells.kpi_id, cells.grain, cells.period_start, cells.scope_type, cells.scope_id
            order by
                case kpi_targets.scope_type when 'any' then 3 when 'role' then 2 else 1 end,
                kpi_targets.grain = 'any',
                kpi_targets.valid_from desc
        ) as place

    from cells
    inner join kpi_targets
        on
            cells.kpi_id = kpi_targets.kpi_id
            and kpi_targets.valid_from <= cells.period_end
            and kpi_targets.grain in ('any', cells.grain)
    left join roles
        on
            cells.kpi_id = roles.kpi_id
            and cells.grain = roles.grain
            and cells.period_start = roles.period_start
            and cells.scope_id = roles.scope_id
            and cells.scope_type = 'employee'

    where
        (kpi_targets.scope_type = 'any' and (cells.unit <> 'count' or cells.scope_type = 'company'))
        or (kpi_targets.scope_type = 'company' and cells.scope_type = 'company')
        or (
            kpi_targets.scope_type = cells.scope_type
            and kpi_targets.scope_id = cells.scope_id
        )
        or (
            kpi_targets.scope_type = 'role'
            and cells.scope_type = 'employee'
            and kpi_targets.scope_id = roles.role
        )

)

select
    kpi_id,
    grain,
    period_start,
    scope_type,
    scope_id,
    target,
    target_basis

from ranked

where place = 1
