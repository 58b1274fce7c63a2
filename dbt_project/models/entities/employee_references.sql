with

employees as (

    select * from {{ ref('employees') }}

),

sources as (

    select * from {{ source('control', 'sources') }}

),

identities as (

    select * from {{ source('control', 'identities') }}

),

night as (

    select * from {{ source('control', 'night') }}

),

latest as (

    select
        employees.source,
        employees.employee_id,
        sources.position,
        coalesce(
            nullif(lower(trim(employees.email)), ''),
            employees.source || chr(31) || employees.employee_id
        ) as identity

    from employees
    inner join sources on employees.source = sources.source

    where not employees.is_tombstone

    qualify row_number() over (
        partition by employees.source, employees.employee_id
        order by
            employees.valid_from < (select night.as_of from night) desc, employees.valid_from desc
    ) = 1

),

-- people are matched by e-mail; a configured identity overrides it
identified as (

    select
        latest.source,
        latest.employee_id,
        latest.position,
        coalesce(same.identity, latest.identity) as identity

    from latest
    left join identities
        on latest.source = identities.source and latest.employee_id = identities.employee_id
    left join latest as same
        on
            identities.same_as_source = same.source
            and identities.same_as_employee_id = same.employee_id

),

-- the same person in two systems: the first system's id stands for both
matched as (

    select
        *,
        first_value(employee_id) over (
            partition by identity order by position, employee_id
        ) as person_employee_id,
        first_value(source) over (
            partition by identity order by position, employee_id
        ) as person_source,
        min(position) over (partition by identity) as person_position

    from identified

),

-- an id that another system gave to somebody else before is told apart by its source
named as (

    select
        matched.source,
        matched.employee_id,
        matched.position,
        case
            when matched.person_position = first_positions.position then matched.person_employee_id
            else matched.person_source || ':' || matched.person_employee_id
        end as person_id

    from matched
    inner join (
        select employee_id, min(position) as position from identified group by employee_id
    ) as first_positions
        on matched.person_employee_id = first_positions.employee_id

),

-- an id is looked up in its own system first, then in the others in their configured order;
-- the configuration itself (report owners) refers from ''
readers as (

    select sources.source as reference_source from sources
    union all
    select '' as reference_source

),

resolved as (

    select
        readers.reference_source,
        named.employee_id as reference_id,
        named.source,
        named.employee_id,
        named.person_id

    from readers
    cross join named

    qualify row_number() over (
        partition by readers.reference_source, named.employee_id
        order by named.source = readers.reference_source desc, named.position
    ) = 1

)

select * from resolved
