select
    id as event_id,
    case_id as request_id,
    case state
        when 'new' then 'open'
        when 'on_hold' then 'waiting'
        when 'closed' then 'done'
        when 'dropped' then 'cancelled'
        else state
    end as to_status,
    moved_at as occurred_at,
    moved_by as actor_id
from moves
