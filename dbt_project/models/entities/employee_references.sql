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
        nullif(lower(trim(employees.email)), '') as email,
        (nullif(trim(employees.team), '') is not null)::int
        + (employees.role is not null)::int
        + (employees.hired_on is not null)::int as attribute_count,
        employees.source || chr(31) || employees.employee_id as own_identity

    from employees
    inner join sources on employees.source = sources.source

    where not employees.is_tombstone

    qualify row_number() over (
        partition by employees.source, employees.employee_id
        order by
            employees.valid_from < (select night.as_of from night) desc, employees.valid_from desc
    ) = 1

),

-- an address that several people of one system share tells nobody from the others
shared_emails as (

    select email

    from (select source, email from latest group by source, email having count(*) > 1)

    group by email

),

addressed as (

    select
        latest.* exclude (email),
        case when shared_emails.email is null then latest.email end as email,
        coalesce(lower(latest.employee_id) = latest.email, false) as is_address

    from latest
    left join shared_emails on latest.email = shared_emails.email

),

-- people are matched by e-mail; a configured identity overrides it, one with itself forbids it
identified as (

    select
        addressed.source,
        addressed.employee_id,
        addressed.position,
        addressed.email,
        addressed.is_address,
        addressed.attribute_count,
        case
            when
                identities.same_as_source = addressed.source
                and identities.same_as_employee_id = addressed.employee_id
                then addressed.own_identity
            else
                coalesce(
                    same.email, same.own_identity, addressed.email, addressed.own_identity
                )
        end as identity

    from addressed
    left join identities
        on
            addressed.source = identities.source
            and addressed.employee_id = identities.employee_id
    left join addressed as same
        on
            identities.same_as_source = same.source
            and identities.same_as_employee_id = same.employee_id

),

-- The same person in two systems: the first system's id stands for both, and the record that says
-- most of team, role and day of hiring describes them.
matched as (

    select
        *,
        first_value(employee_id) over ids as person_employee_id,
        first_value(source) over ids as person_source,
        first_value(source) over descriptions as described_source,
        first_value(employee_id) over descriptions as described_employee_id,
        first_value(position) over ids as person_position,
        max(attribute_count) over (partition by identity) as person_attribute_count,
        bool_and(is_address) over (partition by identity) as is_only_address,
        count(distinct source) over (partition by identity) as system_count,
        min(position) over () as first_position

    from identified

    window
        -- an address is nobody's id where there is another one
        ids as (partition by identity order by is_address, position, employee_id),
        descriptions as (
            partition by identity order by attribute_count desc, position asc, employee_id asc
        )

),

-- an id that another system gave to somebody else before is told apart by its source
named as (

    select
        matched.source,
        matched.employee_id,
        matched.email,
        matched.position,
        matched.described_source,
        matched.described_employee_id,
        -- of whom one later system knows the name and no more, or any system no more than an
        -- address, nobody knows who it is
        matched.system_count > 1
        or (matched.position = matched.first_position and not matched.is_only_address)
        or matched.person_attribute_count > 0 as is_matched,
        matched.system_count = 1
        and (matched.position > matched.first_position or matched.is_only_address) as is_unmatched,
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

-- systems without ids for people refer to them by e-mail
known as (

    select
        *,
        employee_id as reference_id,
        false as is_email

    from named

    union all by name

    select
        *,
        email as reference_id,
        true as is_email

    from named

    where email is not null and is_matched

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
        known.reference_id,
        known.source as record_source,
        known.employee_id as record_employee_id,
        known.is_unmatched,
        case when known.is_matched then known.described_source end as source,
        case when known.is_matched then known.described_employee_id end as employee_id,
        case when known.is_matched then known.person_id end as person_id

    from readers
    cross join known

    where known.is_matched or known.source = readers.reference_source

    qualify row_number() over (
        partition by readers.reference_source, known.reference_id
        order by
            known.source = readers.reference_source desc, known.is_email asc, known.position asc
    ) = 1

)

select * from resolved
