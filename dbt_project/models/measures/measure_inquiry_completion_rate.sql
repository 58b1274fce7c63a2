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

-- not completed until it is completed: one of two rows is visible at any as-of instant
states as (

    select
        *,
        started_at as visible_from,
        completed_at as visible_until,
        0 as numerator

    from request_clocks

    union all

    select
        *,
        completed_at as visible_from,
        null as visible_until,
        1 as numerator

    from request_clocks

    where is_done

),

final as (

    select
        'inquiry_completion_rate' as kpi_id,
        'all' as part,
        'flow' as aggregation,
        started_at as occurred_at,
        visible_from,
        visible_until,
        numerator::double as numerator,
        1::double as denominator,
        source,
        assignee_id as employee_ref,
        kind,
        channel,
        priority,
        customer_id as customer_ref,
        'requests' as entity,
        request_id as record_id,
        load_seq

    from states

)

select * from final
