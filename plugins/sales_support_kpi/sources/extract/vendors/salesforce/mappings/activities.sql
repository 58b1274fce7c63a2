-- Completed tasks, and events. A due date is a day, not an instant, and no time of completion:
-- * a task that was entered already completed is a record of something done before: it took
--   place on its due date, at the latest when it was entered, and was recorded when entered;
-- * a task that was planned took place, and was recorded, when it was completed;
-- * an old task without a time of completion took place on its due date.
-- A day without a time counts until its last second.
with tasks_done as (
    select
        *,
        cast(created_at as timestamptz) as created,
        cast(completed_at as timestamptz) as completed,
        cast(activity_date || ' 23:59:59' as timestamp) at time zone getvariable('timezone') as due,
        completed_at is null
        or cast(completed_at as timestamptz)
        <= cast(created_at as timestamptz) + interval 1 minute as is_log
    from tasks
    where
        coalesce(is_recurrence, 'false') <> 'true'
        and (is_closed = 'true' or is_deleted = 'true')
        and (
            type in (select value from activity_rules where object = 'Task' and field = 'type')
            or not exists (select 1 from activity_rules where object = 'Task' and field = 'type')
        )
        and (
            subtype in (select value from activity_rules where field = 'subtype')
            or not exists (select 1 from activity_rules where field = 'subtype')
        )
),

both_kinds as (
    select
        *,
        coalesce(
            cast(occurred_at as timestamptz),
            case
                when completed is null then due
                when is_log then least(due, completed)
            end,
            completed,
            created
        ) as occurred,
        coalesce(
            cast(recorded_at as timestamptz), case when is_log then created else completed end
        ) as recorded
    from tasks_done
    union all by name
    select
        *,
        case
            when is_all_day = 'true'
                then
                    cast(activity_date || ' 23:59:59' as timestamp)
                    at time zone getvariable('timezone')
            else cast(occurred_at as timestamptz)
        end as occurred,
        cast(recorded_at as timestamptz) as recorded
    from events
    where
        coalesce(is_recurrence, 'false') <> 'true'
        and coalesce(is_child, 'false') <> 'true'
        and (
            type in (select value from activity_rules where object = 'Event' and field = 'type')
            or not exists (select 1 from activity_rules where object = 'Event' and field = 'type')
        )
)

select
    id as activity_id,
    owner_id,
    account_id as customer_id,
    case when what_id like '006%' then what_id end as opportunity_id,
    type,
    occurred as occurred_at,
    recorded as recorded_at,
    case when is_deleted = 'true' then cast(stamp as timestamptz) end as deleted_at
from both_kinds
union all by name
-- Out of the recycle bin before it was read there: only the id and the time are known.
select
    id as activity_id,
    cast(deleted_at as timestamptz) as occurred_at,
    cast(deleted_at as timestamptz) as deleted_at
from deleted
where
    object in ('Task', 'Event')
    and id not in (select id from tasks)
    and id not in (select id from events)
