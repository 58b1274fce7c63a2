-- People are the standard users; those of portals, guests and the platform's own are not.
-- Salesforce keeps no day on which someone left. Without a field of your own for it, it is the
-- day of the last login of a user who is no longer active.
with people as (
    select * from users
    where coalesce(user_type, 'Standard') = 'Standard'
),

roles as (
    select
        people.id,
        arg_min(role_rules.role, role_rules.rank) as role
    from people
    inner join role_rules
        on role_rules.value = case role_rules.field
            when 'profiles' then people.profile
            when 'user_roles' then people.user_role
            else people.department
        end
    group by people.id
)

select
    people.id as employee_id,
    people.name,
    people.email,
    people.team,
    roles.role,
    people.manager_id,
    people.onboarding_owner_id,
    people.hired_on,
    people.updated_at,
    case
        when people.left_on is not null then people.left_on
        when people.is_active = 'false'
            then cast(cast(
                coalesce(people.last_login_at, people.created_at) as timestamptz
            ) at time zone getvariable('timezone') as date)::varchar
    end as left_on
from people
left join roles on people.id = roles.id
