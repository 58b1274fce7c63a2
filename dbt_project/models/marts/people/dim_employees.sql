with

night as (

    select * from {{ source('control', 'night') }}

),

employee_history as (

    select employee_history.*

    from {{ ref('employee_history') }} as employee_history
    inner join night on employee_history.valid_from < night.as_of

),

employee_references as (

    select * from {{ ref('employee_references') }}

    where reference_source = source and reference_id = employee_id

),

final as (

    select
        employee_references.person_id as employee_id,
        employee_history.source,
        employee_history.employee_id as source_employee_id,
        employee_history.name,
        employee_history.team,
        employee_history.role,
        employee_history.hired_on,
        employee_history.left_on,
        employee_history.covers_from as valid_from,
        employee_history.exists_until as valid_to

    from employee_history
    inner join employee_references
        on
            employee_history.source = employee_references.source
            and employee_history.employee_id = employee_references.employee_id

    where
        employee_history.exists_until > employee_history.covers_from
        or employee_history.exists_until is null

)

select * from final
