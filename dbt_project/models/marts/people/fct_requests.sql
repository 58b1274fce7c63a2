with

requests as (

    select
        *,
        coalesce(received_at, opened_at) as started_at

    from {{ ref('requests') }} as requests

    where {{ exists_as_of('requests') }}

),

employee_references as (

    select * from {{ ref('employee_references') }}

),

request_clocks as (

    select * from {{ ref('int_request_clocks') }}

),

night as (

    select * from {{ source('control', 'night') }}

),

working_intervals as (

    select * from {{ source('control', 'working_intervals') }}

    where clock = 'business'

)

select
    requests.source,
    requests.request_id,
    requests.kind,
    requests.channel,
    requests.priority,
    {{ person_of('requesters', 'requests', 'requester_id') }} as requester_id,
    {{ person_of('assignees', 'requests', 'assignee_id') }} as assignee_id,
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
    end as handling_calendar_hours,
    case
        when
            requests.status <> 'cancelled'
            and coalesce(request_clocks.completed_at >= night.as_of, true)
            then
                {{ hours(
                    '(' ~ clock_position('as_of_interval', 'night.as_of')
                    ~ ' - ' ~ clock_position('from_interval', 'requests.started_at') ~ ')'
                ) }}
    end as open_business_hours,
    case
        when
            requests.status <> 'cancelled'
            and coalesce(request_clocks.completed_at >= night.as_of, true)
            then {{ hours('(epoch_us(night.as_of) - epoch_us(requests.started_at))') }}
    end as open_calendar_hours,
    case
        when
            requests.kind = 'inquiry'
            and requests.status <> 'cancelled'
            and request_clocks.exceeded_at is not null
            and coalesce(request_clocks.completed_at >= night.as_of, true)
            then
                {{ hours(
                    '(' ~ clock_position('limit_interval', 'request_clocks.exceeded_at')
                    ~ ' - ' ~ clock_position('as_of_interval', 'night.as_of') ~ ')'
                ) }}
    end as business_hours_left

from requests
inner join night on requests.started_at < night.as_of
left join request_clocks
    on
        requests.source = request_clocks.source
        and requests.request_id = request_clocks.request_id
{{ join_person('requesters', 'requests', 'requester_id') }}
{{ join_person('assignees', 'requests', 'assignee_id') }}
asof left join working_intervals as from_interval
    on requests.started_at >= from_interval.starts_at
asof left join working_intervals as as_of_interval
    on night.as_of >= as_of_interval.starts_at
asof left join working_intervals as limit_interval
    on request_clocks.exceeded_at >= limit_interval.starts_at
