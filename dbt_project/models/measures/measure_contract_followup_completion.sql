{% set inputs = [['contracts', 'contract_id'], ['contract_steps', 'contract_id']] %}
{{
    config(
        materialized='incremental',
        incremental_strategy='append',
        on_schema_change='fail',
        pre_hook="{{ forget_touched(" ~ inputs ~ ") }}",
    )
}}

with

contracts as (

    select
        *,
        {{ hours_after('signed_at', kpi_param('contract_followup_completion', 'within_hours')) }}
            as deadline_at

    from {{ ref('contracts') }} as contracts

    where
        coalesce(status, 'signed') <> 'cancelled'
        and {{ exists_as_of('contracts') }}
        and {{ is_touched('contract_id', inputs) }}

),

contract_steps as (

    select * from {{ ref('contract_steps') }} as contract_steps

    where {{ exists_as_of('contract_steps') }}

),

required_steps as (

    select * from {{ source('control', 'required_steps') }}

),

followed_up as (

    select
        contracts.source,
        contracts.contract_id,
        count(required_steps.step) filter (
            where contract_steps.completed_at <= contracts.deadline_at
        ) as in_time_count,
        count(required_steps.step) filter (
            where contract_steps.completed_at is not null
        ) as done_count,
        max(contract_steps.completed_at) filter (where required_steps.step is not null)
            as last_done_at,
        max(contract_steps.load_seq) as load_seq

    from contracts
    left join contract_steps
        on
            contracts.source = contract_steps.source
            and contracts.contract_id = contract_steps.contract_id
    left join required_steps on contract_steps.step = required_steps.step

    group by contracts.source, contracts.contract_id

),

-- the hours from the signing to the last step; what was done before the signing took none
timed as (

    select
        contracts.*,
        followed_up.in_time_count,
        followed_up.load_seq as steps_load_seq,
        case
            when followed_up.done_count = (select count(*) from required_steps)
                then greatest(followed_up.last_done_at, contracts.signed_at)
        end as ended_at

    from contracts
    inner join followed_up
        on
            contracts.source = followed_up.source
            and contracts.contract_id = followed_up.contract_id

),

final as (

    select
        'contract_followup_completion' as kpi_id,
        'all' as part,
        'flow' as aggregation,
        deadline_at as occurred_at,
        deadline_at as visible_from,
        null::timestamptz as visible_until,
        (in_time_count = (select count(*) from required_steps))::int::double as numerator,
        1::double as denominator,
        ended_at,
        {{ hours('(epoch_us(ended_at) - epoch_us(signed_at))') }} as clock_hours,
        {{ hours('(epoch_us(ended_at) - epoch_us(signed_at))') }} as elapsed_hours,
        source,
        support_owner_id as employee_ref,
        customer_id as customer_ref,
        'contracts' as entity,
        contract_id as record_id,
        greatest(load_seq, coalesce(steps_load_seq, 0)) as load_seq

    from timed

)

select * from final
