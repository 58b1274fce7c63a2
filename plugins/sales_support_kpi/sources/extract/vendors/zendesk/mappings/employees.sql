-- Agents, people who were assigned tickets, and colleagues by e-mail; other users were dropped
-- while reading. A role or a team is given only where the options say that Zendesk knows it.
select
    users.id as employee_id,
    users.name,
    users.email,
    case when setting.has_teams = 'true' then groups.name end as team,
    case
        when users.role in ('agent', 'admin') then setting.agents_role
        else setting.colleagues_role
    end as role,
    users.updated_at
from users
cross join setting
left join groups on users.default_group_id = groups.id
