with

employee_history as (

    select * from {{ ref('employee_history') }}

),

night as (

    select * from {{ source('control', 'night') }}

),

leaving as (

    select
        employee_history.*,
        -- the last day worked still counts, and nobody leaves before the version that says so
        greatest(
            timezone(night.timezone, (employee_history.left_on + 1)::timestamp),
            employee_history.valid_from
        ) as leaves_at

    from employee_history
    cross join night

),

terms as (

    select
        source,
        employee_id,
        covers_from as from_at,
        least(exists_until, case when left_on is not null then leaves_at end) as until_at,
        known_from,
        load_seq

    from leaving

)

select * from terms

where from_at < until_at or until_at is null
