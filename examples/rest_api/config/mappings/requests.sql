-- every column of a resource is text; landing reads instants, numbers and words
select
    id as request_id,
    case when lower(topic) like '%proposal%' then 'proposal' else 'inquiry' end as kind,
    topic as subject,
    agent as assignee_id,
    channel,
    case state
        when 'new' then 'open'
        when 'on_hold' then 'waiting'
        when 'closed' then 'done'
        when 'dropped' then 'cancelled'
        else state
    end as status,
    opened as opened_at,
    closed as completed_at,
    changed as updated_at
from cases
