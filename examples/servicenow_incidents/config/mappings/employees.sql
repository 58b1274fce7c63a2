-- Whoever was assigned an incident. The log has no directory of its staff: the team is the group
-- in which somebody appears most often.
select
    assigned_to as employee_id,
    assigned_to as name,
    'support' as role,
    arg_max(assignment_group, (version_count, assignment_group)) as team,
    min(_row) as _row

from (
    select
        assigned_to,
        assignment_group,
        count(*) as version_count,
        min(_row) as _row

    from raw

    where assigned_to is not null

    group by assigned_to, assignment_group
) as groups

group by assigned_to
