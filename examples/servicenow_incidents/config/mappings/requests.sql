-- One inquiry per incident, from its last version: what the incident says in the end.
-- Only what is dated may be read from there, because every row of the log, also the first one,
-- already carries the final `resolved_at` and `closed_at`.
with

-- Five versions are in the log twice; the first of the two lines carries another one's time and
-- counter. With the later line, the counter's order is the order of time everywhere.
versions as (

    select
        *,
        try_cast(sys_mod_count as integer) as version

    from raw

    qualify row_number() over (partition by number, sys_mod_count order by _row desc) = 1

),

-- a state that is not listed stays as it is, and the row is kept back with it
stated as (

    select
        *,
        case
            when incident_state in ('New', 'Active') then 'open'
            when incident_state like 'Awaiting %' then 'waiting'
            when incident_state in ('Resolved', 'Closed') then 'done'
            when incident_state <> '-100' then incident_state  -- -100 says nothing: as before
        end as status

    from versions

),

-- the last value that is given, column by column
incidents as (

    select
        number,
        arg_max(status, version) as status,
        arg_max(category || ' / ' || subcategory, version) as subject,
        arg_max(caller_id, version) as caller_id,
        arg_max(assigned_to, version) as assigned_to,
        arg_max(contact_type, version) as contact_type,
        arg_max(priority, version) as priority,
        arg_max(opened_at, version) as opened_at,
        arg_max(resolved_at, version) as resolved_at,
        arg_max(sys_updated_at, version) as sys_updated_at,
        arg_max(_row, version) as _row

    from stated

    group by number

)

select
    number as request_id,
    'inquiry' as kind,
    subject,
    caller_id as requester_id,
    assigned_to as assignee_id,
    contact_type as channel,
    priority,
    status,
    opened_at,
    case when status = 'done' then resolved_at end as completed_at,  -- missing: the last done event
    sys_updated_at as updated_at,
    _row

from incidents
