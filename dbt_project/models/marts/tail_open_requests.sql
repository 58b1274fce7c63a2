with

measured_kpis as (

    select * from {{ ref('measured_kpis') }}

    where is_measured

),

periods as (

    select * from {{ ref('periods') }}

    where grain <> 'day'

),

working_intervals as (

    select * from {{ source('control', 'working_intervals') }}

    where clock = 'business'

),

clocked_kinds as (

    select 'document_turnaround' as kpi_id, unnest(['proposal', 'contract']) as kind
    union all
    select unnest(['inquiry_within_4h', 'inquiry_handling_time']) as kpi_id, 'inquiry' as kind

),

requests as (

    select
        request_clocks.source,
        request_clocks.request_id,
        request_clocks.kind,
        request_clocks.assignee_id as employee_ref,
        request_clocks.started_at,
        request_clocks.completed_at

    from {{ ref('int_request_clocks') }} as request_clocks

    where
        not request_clocks.is_rejected
        and request_clocks.kind in (select clocked_kinds.kind from clocked_kinds)

),

-- every moment at which somebody looks: once for all the periods that end with it
moments as (

    select distinct evaluated_at from periods

),

open_then as (

    select
        requests.*,
        moments.evaluated_at,
        moments.evaluated_at - to_microseconds(1) as attributed_at

    from requests
    inner join moments
        on
            requests.started_at < moments.evaluated_at
            and coalesce(requests.completed_at, timestamptz 'infinity') >= moments.evaluated_at

),

{{ attributed('open_then') }},

aged as (

    select
        attributed.*,
        {{ hours('(epoch_us(attributed.evaluated_at) - epoch_us(attributed.started_at))') }}
            as calendar_hours,
        {{ clock_position('until_interval', 'attributed.evaluated_at') }}
        - {{ clock_position('from_interval', 'attributed.started_at') }} as business_microseconds

    from attributed
    asof left join working_intervals as from_interval
        on attributed.started_at >= from_interval.starts_at
    asof left join working_intervals as until_interval
        on attributed.evaluated_at >= until_interval.starts_at

),

final as (

    select
        clocked_kinds.kpi_id,
        periods.grain,
        periods.period_start,
        aged.employee_id,
        aged.team,
        aged.calendar_hours,
        {{ hours('aged.business_microseconds') }} as business_hours,
        aged.source,
        aged.request_id

    from aged
    inner join clocked_kinds on aged.kind = clocked_kinds.kind
    inner join measured_kpis on clocked_kinds.kpi_id = measured_kpis.kpi_id
    inner join periods on aged.evaluated_at = periods.evaluated_at

)

select * from final
