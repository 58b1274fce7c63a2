with

requests as (

    select
        *,
        coalesce(received_at, opened_at) as started_at

    from {{ ref('requests') }} as requests

    where {{ exists_as_of('requests') }}

),

request_clocks as (

    select * from {{ ref('int_request_clocks') }}

),

night as (

    select * from {{ source('control', 'night') }}

)

select
    requests.source,
    requests.request_id,
    requests.kind,
    requests.channel,
    requests.priority,
    requests.requester_id,
    requests.assignee_id,
    requests.customer_id,
    case
        when requests.status = 'cancelled' then 'cancelled'
        when request_clocks.completed_at < night.as_of then 'done'
        when requests.status = 'done' then 'open'
        else requests.status
    end as status,
    requests.started_at,
    case when request_clocks.completed_at < night.as_of then request_clocks.completed_at end
        as completed_at,
    case
        when request_clocks.completed_at < night.as_of
            then {{ hours('request_clocks.business_running_microseconds') }}
    end as handling_business_hours,
    case
        when request_clocks.completed_at < night.as_of
            then {{ hours('request_clocks.calendar_running_microseconds') }}
    end as handling_calendar_hours

from requests
inner join night on requests.started_at < night.as_of
left join request_clocks
    on
        requests.source = request_clocks.source
        and requests.request_id = request_clocks.request_id
