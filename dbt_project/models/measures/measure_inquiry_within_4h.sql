{% set inputs = [['requests', 'request_id'], ['request_events', 'unnest(request_ids)']] %}
{{
    config(
        materialized='incremental',
        incremental_strategy='append',
        on_schema_change='fail',
        pre_hook="{{ forget_touched(" ~ inputs ~ ") }}",
    )
}}

with

request_clocks as (

    select * from {{ ref('int_request_clocks') }}

    where kind = 'inquiry' and not is_rejected and {{ is_touched('request_id', inputs) }}

),

timed as (

    select
        *,
        {{ clock_hours('inquiry_within_4h', 'running') }} as clock_hours,
        {{ clock_hours('inquiry_within_4h', 'elapsed') }} as elapsed_hours

    from request_clocks

),

-- decided when it was done in time, or at the last instant at which it still could have been
decided as (

    select
        *,
        is_done and exceeded_at is null as is_in_time,
        case when is_done and exceeded_at is null then completed_at else exceeded_at end
            as decided_at

    from timed

),

final as (

    select
        'inquiry_within_4h' as kpi_id,
        'all' as part,
        'flow' as aggregation,
        started_at as occurred_at,
        decided_at as visible_from,
        null::timestamptz as visible_until,
        is_in_time::int::double as numerator,
        1::double as denominator,
        completed_at as ended_at,
        case when is_done then clock_hours end as clock_hours,
        case when is_done then elapsed_hours end as elapsed_hours,
        source,
        assignee_id as employee_ref,
        kind,
        channel,
        priority,
        customer_id as customer_ref,
        'requests' as entity,
        request_id as record_id,
        load_seq

    from decided

    where decided_at is not null

)

select * from final
