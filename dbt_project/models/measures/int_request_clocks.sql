{% set inputs = [['requests', 'request_id'], ['request_events', 'unnest(request_ids)']] %}
{{
    config(
        materialized='incremental',
        incremental_strategy='append',
        on_schema_change='fail',
        pre_hook="{{ forget_touched(" ~ inputs ~ ", 'request_id') }}",
    )
}}

with

requests as (

    select
        *,
        coalesce(received_at, opened_at) as started_at

    from {{ ref('requests') }} as requests

    where
        status <> 'cancelled'
        and {{ exists_as_of('requests') }}
        and {{ is_touched('request_id', inputs) }}

),

request_events as (

    select
        requests.source,
        requests.request_id,
        requests.started_at,
        request_events.event_id,
        request_events.to_status,
        request_events.occurred_at,
        request_events.load_seq

    from {{ ref('request_events') }} as request_events
    inner join requests
        on
            request_events.source = requests.source
            and request_events.request_id = requests.request_id
            and request_events.occurred_at >= requests.started_at

    where {{ exists_as_of('request_events') }}

),

working_intervals as (

    select * from {{ source('control', 'working_intervals') }}

),

event_totals as (

    select
        source,
        request_id,
        max(occurred_at) filter (where to_status = 'done') as last_done_at,
        max(load_seq) as load_seq

    from request_events

    group by source, request_id

),

-- the row's own status decides whether it is done; a missing completion is its last `done` event
outcomes as (

    select
        requests.source,
        requests.request_id,
        requests.kind,
        requests.channel,
        requests.priority,
        requests.customer_id,
        requests.assignee_id,
        requests.started_at,
        requests.status = 'done' as is_done,
        case
            when requests.status = 'done'
                then coalesce(requests.completed_at, event_totals.last_done_at)
        end as completed_at,
        greatest(requests.load_seq, coalesce(event_totals.load_seq, 0)) as load_seq

    from requests
    left join event_totals
        on
            requests.source = event_totals.source
            and requests.request_id = event_totals.request_id

),

status_changes as (

    select
        source,
        request_id,
        started_at as changed_at,
        'open' as status,
        true as is_start,
        '' as event_id

    from outcomes

    union all

    select
        request_events.source,
        request_events.request_id,
        request_events.occurred_at as changed_at,
        request_events.to_status as status,
        false as is_start,
        request_events.event_id

    from request_events
    inner join outcomes
        on
            request_events.source = outcomes.source
            and request_events.request_id = outcomes.request_id

    where request_events.occurred_at < outcomes.completed_at or outcomes.completed_at is null

),

status_spans as (

    select
        *,
        lead(changed_at) over changes as next_changed_at,
        row_number() over changes as place

    from status_changes

    window changes as (
        partition by source, request_id order by changed_at asc, is_start desc, event_id asc
    )

),

-- the clock runs only while the status is open; without an end it goes on running
running_spans as (

    select
        outcomes.source,
        outcomes.request_id,
        status_spans.place,
        status_spans.changed_at as from_at,
        coalesce(status_spans.next_changed_at, outcomes.completed_at) as until_at

    from status_spans
    inner join outcomes
        on
            status_spans.source = outcomes.source
            and status_spans.request_id = outcomes.request_id

    where status_spans.status = 'open'

),

clocks as (

    select distinct clock from working_intervals

),

-- the whole life of the request, beside the spans in which its clock ran
measured_spans as (

    select source, request_id, place, from_at, until_at, true as is_running from running_spans
    union all
    select source, request_id, 0 as place, started_at, completed_at, false as is_running
    from outcomes

),

span_positions as (

    select
        spans.source,
        spans.request_id,
        spans.place,
        spans.is_running,
        spans.from_at,
        spans.until_at,
        clocks.clock,
        {{ clock_position('from_interval', 'spans.from_at') }} as from_position,
        case
            when spans.until_at is not null
                then {{ clock_position('until_interval', 'spans.until_at') }}
        end as until_position

    from measured_spans as spans
    cross join clocks
    asof left join working_intervals as from_interval
        on clocks.clock = from_interval.clock and spans.from_at >= from_interval.starts_at
    asof left join working_intervals as until_interval
        on clocks.clock = until_interval.clock and spans.until_at >= until_interval.starts_at

),

running_totals as (

    select
        *,
        coalesce(sum(until_position - from_position) over (
            partition by source, request_id, clock
            order by place
            rows between unbounded preceding and 1 preceding
        ), 0) as position_before

    from span_positions

    where is_running

),

-- the last instant at which no more than the allowed time has run: later than it, it is exceeded
exceeding_spans as (

    select
        running_totals.source,
        running_totals.request_id,
        running_totals.clock,
        running_totals.from_at,
        (
            running_totals.from_position + allowed.microseconds - running_totals.position_before
        )::bigint as limit_position

    from running_totals
    cross join (
        select round({{ kpi_param('inquiry_within_4h', 'within_hours') }} * 3600000000)::bigint
            as microseconds
    ) as allowed

    where
        running_totals.clock = {{ clock_of('inquiry_within_4h') }}
        and running_totals.position_before <= allowed.microseconds
        and (
            running_totals.until_position is null
            or running_totals.position_before
            + running_totals.until_position - running_totals.from_position > allowed.microseconds
        )

),

exceeded as (

    select
        exceeding_spans.source,
        exceeding_spans.request_id,
        min(greatest(
            exceeding_spans.from_at,
            interval_of_limit.starts_at
            + to_microseconds(
                exceeding_spans.limit_position - interval_of_limit.microseconds_before
            )
        )) filter (
            where exceeding_spans.limit_position - interval_of_limit.microseconds_before
            < epoch_us(interval_of_limit.ends_at) - epoch_us(interval_of_limit.starts_at)
        ) as exceeded_at

    from exceeding_spans
    asof left join working_intervals as interval_of_limit
        on
            exceeding_spans.clock = interval_of_limit.clock
            and exceeding_spans.limit_position >= interval_of_limit.microseconds_before

    group by exceeding_spans.source, exceeding_spans.request_id

),

clock_totals as (

    select
        source,
        request_id,
        sum(until_position - from_position) filter (where is_running and clock = 'business')
            as business_running_microseconds,
        sum(until_position - from_position) filter (where is_running and clock = 'calendar')
            as calendar_running_microseconds,
        sum(until_position - from_position) filter (where not is_running and clock = 'business')
            as business_elapsed_microseconds,
        sum(until_position - from_position) filter (where not is_running and clock = 'calendar')
            as calendar_elapsed_microseconds

    from span_positions

    group by source, request_id

),

final as (

    select
        outcomes.source,
        outcomes.request_id,
        outcomes.kind,
        outcomes.channel,
        outcomes.priority,
        outcomes.customer_id,
        outcomes.assignee_id,
        outcomes.started_at,
        outcomes.is_done,
        outcomes.completed_at,
        outcomes.is_done and outcomes.completed_at is null as is_rejected,
        clock_totals.business_running_microseconds::bigint as business_running_microseconds,
        clock_totals.calendar_running_microseconds::bigint as calendar_running_microseconds,
        clock_totals.business_elapsed_microseconds::bigint as business_elapsed_microseconds,
        clock_totals.calendar_elapsed_microseconds::bigint as calendar_elapsed_microseconds,
        exceeded.exceeded_at,
        outcomes.load_seq

    from outcomes
    inner join clock_totals
        on
            outcomes.source = clock_totals.source
            and outcomes.request_id = clock_totals.request_id
    left join exceeded
        on
            outcomes.source = exceeded.source
            and outcomes.request_id = exceeded.request_id

)

select * from final
