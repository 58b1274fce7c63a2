with

employees as (

    select * from {{ ref('employees') }}

),

with_first_start as (

    select
        *,
        min(valid_from) over (partition by source, employee_id) as known_from

    from employees

),

reaching_back as (

    select
        source,
        employee_id,
        name,
        email,
        nullif(team, '') as team,
        role,
        onboarding_owner_id,
        hired_on,
        left_on,
        valid_from,
        -- the first version also covers the time before it
        case when is_first then {{ always() }} else valid_from end as covers_from,
        -- a deletion does not reach back before the version that says so
        case
            when is_tombstone then valid_from
            when exists_until is not null then greatest(exists_until, valid_from)
        end as exists_until,
        known_from,
        load_seq

    from with_first_start

)

select * from reaching_back
