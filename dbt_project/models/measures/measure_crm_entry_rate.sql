{% set inputs = [['activities', 'activity_id'], ['opportunities', 'opportunity_id']] %}
{{
    config(
        materialized='incremental',
        incremental_strategy='append',
        on_schema_change='fail',
        pre_hook="{{ forget_touched(" ~ inputs ~ ") }}",
    )
}}

with

activities as (

    select
        *,
        {{ hours_after('occurred_at', kpi_param('crm_entry_rate', 'entry_hours')) }} as entry_due_at

    from {{ ref('activities') }} as activities

    where {{ exists_as_of('activities') }} and {{ is_touched('activity_id', inputs) }}

),

-- an existing, open version of an opportunity; what has always been there was last updated nobody
-- knows when, so it does not count as updated
open_opportunities as (

    select
        *,
        coalesce(updated_at, case when valid_from > {{ always() }} then valid_from end)
            as refreshed_at,
        stage is not null
        and amount is not null
        and close_date is not null
        and next_step is not null as is_filled

    from {{ ref('opportunities') }}

    where
        not is_tombstone
        and not coalesce(is_closed, false)
        and (valid_from < exists_until or exists_until is null)
        and {{ is_touched('opportunity_id', inputs) }}

),

dated_opportunities as (

    select
        *,
        {{ hours_after('refreshed_at', kpi_param('crm_entry_rate', 'stale_days') ~ ' * 24') }}
            as stale_at

    from open_opportunities

),

activity_rows as (

    select
        'activity' as part,
        'flow' as aggregation,
        occurred_at,
        greatest(occurred_at, least(recorded_at, entry_due_at)) as visible_from,
        coalesce(recorded_at <= entry_due_at, false)::int::double as numerator,
        1::double as denominator,
        source,
        owner_id as employee_ref,
        type as kind,
        customer_id as customer_ref,
        'activities' as entity,
        activity_id as record_id,
        load_seq

    from activities

),

opportunity_spans as (

    select
        *,
        valid_from as from_at,
        exists_until as until_at,
        0 as numerator,
        1 as denominator

    from dated_opportunities

    union all

    select
        *,
        valid_from as from_at,
        least(exists_until, stale_at) as until_at,
        1 as numerator,
        0 as denominator

    from dated_opportunities

    where is_filled and valid_from < stale_at

),

opportunity_changes as (

    select *, from_at as occurred_at, 1 as change from opportunity_spans
    union all
    select *, until_at as occurred_at, -1 as change
    from opportunity_spans where until_at is not null

),

opportunity_rows as (

    select
        'opportunity' as part,
        'stock' as aggregation,
        occurred_at,
        occurred_at as visible_from,
        (numerator * change)::double as numerator,
        (denominator * change)::double as denominator,
        source,
        owner_id as employee_ref,
        valid_from as described_at,
        stage as kind,
        customer_id as customer_ref,
        'opportunities' as entity,
        opportunity_id as record_id,
        load_seq

    from opportunity_changes

),

both_parts as (

    select * from activity_rows
    union all by name
    select * from opportunity_rows

),

final as (

    select
        'crm_entry_rate' as kpi_id,
        part,
        aggregation,
        occurred_at,
        visible_from,
        null::timestamptz as visible_until,
        numerator,
        denominator,
        source,
        employee_ref,
        kind,
        customer_ref,
        described_at,
        entity,
        record_id,
        load_seq

    from both_parts

)

select * from final
