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

-- only where a role has a target of its own does it matter who has it
employee_cells as (

    select
        cells.kpi_id,
        cells.grain,
        cells.period_start,
        cells.scope_id,
        persons.source as employee_source,
        persons.employee_id as employee_record_id,
        persons.person_id,
        cells.evaluated_at - to_microseconds(1) as attributed_at

    from cells
    inner join (
        select distinct person_id, source, employee_id
        from employee_references
        where person_id is not null
    ) as persons on cells.scope_id = persons.person_id

    where
        cells.scope_type = 'employee'
        and cells.kpi_id in (
            select kpi_targets.kpi_id from kpi_targets where kpi_targets.scope_type = 'role'
        )

),

{{ attributed_people('employee_cells') }},

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
    left join attributed
        on
            cells.kpi_id = attributed.kpi_id
            and cells.grain = attributed.grain
            and cells.period_start = attributed.period_start
            and cells.scope_id = attributed.scope_id
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
            and kpi_targets.scope_id = attributed.role
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
