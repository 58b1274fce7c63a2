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
        max(contract_steps.load_seq) as load_seq

    from contracts
    left join contract_steps
        on
            contracts.source = contract_steps.source
            and contracts.contract_id = contract_steps.contract_id
    left join required_steps on contract_steps.step = required_steps.step

    group by contracts.source, contracts.contract_id

),

final as (

    select
        'contract_followup_completion' as kpi_id,
        'all' as part,
        'flow' as aggregation,
        contracts.deadline_at as occurred_at,
        contracts.deadline_at as visible_from,
        null::timestamptz as visible_until,
        (followed_up.in_time_count = (select count(*) from required_steps))::int::double
            as numerator,
        1::double as denominator,
        contracts.source,
        contracts.support_owner_id as employee_ref,
        contracts.customer_id as customer_ref,
        'contracts' as entity,
        contracts.contract_id as record_id,
        greatest(contracts.load_seq, coalesce(followed_up.load_seq, 0)) as load_seq

    from contracts
    inner join followed_up
        on
            contracts.source = followed_up.source
            and contracts.contract_id = followed_up.contract_id

)

select * from final
