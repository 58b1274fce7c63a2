-- The changes of status, from one version of an incident to the next. Resolved → Closed is none:
-- the administrative closing, days later, must not pass for the completion.
with

-- as in requests.sql: of two lines for one version the later one
versions as (

    select
        *,
        try_cast(sys_mod_count as integer) as version

    from raw

    qualify row_number() over (partition by number, sys_mod_count order by _row desc) = 1

),

stated as (

    select
        *,
        case
            when incident_state in ('New', 'Active') then 'open'
            when incident_state like 'Awaiting %' then 'waiting'
            when incident_state in ('Resolved', 'Closed') then 'done'
            when incident_state <> '-100' then incident_state
        end as status

    from versions

)

-- Times are to the minute and often shared; ties are decided by event_id, compared as text.
select
    number || '-' || lpad(sys_mod_count, 5, '0') as event_id,
    number as request_id,
    status as to_status,
    sys_updated_at as occurred_at,
    _row

from stated

where status is not null

qualify status is distinct from lag(status) over (partition by number order by version)
