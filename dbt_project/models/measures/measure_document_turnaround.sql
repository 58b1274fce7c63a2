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

    where
        kind in ('proposal', 'contract')
        and not is_rejected
        and {{ is_touched('request_id', inputs) }}

),

completed as (

    select
        *,
        {{ clock_hours('document_turnaround', 'running') }} as clock_hours,
        {{ clock_hours('document_turnaround', 'elapsed') }} as elapsed_hours

    from request_clocks

    where is_done

),

final as (

    select
        'document_turnaround' as kpi_id,
        'all' as part,
        'flow' as aggregation,
        completed_at as occurred_at,
        completed_at as visible_from,
        null::timestamptz as visible_until,
        clock_hours as numerator,
        1::double as denominator,
        clock_hours,
        elapsed_hours,
        source,
        assignee_id as employee_ref,
        kind,
        channel,
        priority,
        customer_id as customer_ref,
        'requests' as entity,
        request_id as record_id,
        load_seq

    from completed

)

select * from final
