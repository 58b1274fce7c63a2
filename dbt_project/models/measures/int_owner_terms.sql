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

),

real_terms as (

    select *

    from terms

    where from_at < until_at or until_at is null

),

-- a new version of an employee changes nothing for their customers: terms that touch are one
marked as (

    select
        *,
        coalesce(
            from_at <> lag(until_at) over (partition by source, employee_id order by from_at), true
        ) as is_new_term

    from real_terms

),

numbered as (

    select
        *,
        count(*) filter (where is_new_term) over (
            partition by source, employee_id
            order by from_at
            rows between unbounded preceding and current row
        ) as term_number

    from marked

),

final as (

    select
        source,
        employee_id,
        min(from_at) as from_at,
        case when count(until_at) = count(*) then max(until_at) end as until_at,
        min(known_from) as known_from,
        max(load_seq) as load_seq

    from numbered

    group by source, employee_id, term_number

)

select * from final
