with

request_clocks as (

    select * from {{ ref('int_request_clocks') }}

    where not is_rejected

),

request_kpis as (

    select * from {{ ref('int_request_kpis') }}

),

clocked_kpis as (

    select * from {{ source('control', 'kpis') }}

    where clock is not null

),

contracts as (

    select * from {{ ref('contracts') }}

),

followups as (

    select * from {{ ref('measure_contract_followup_completion') }}

),

clocked_requests as (

    select
        request_kpis.kpi_id,
        request_clocks.source,
        'requests' as entity,
        request_clocks.request_id as record_id,
        request_clocks.assignee_id as employee_ref,
        request_clocks.started_at,
        request_clocks.completed_at as ended_at

    from request_clocks
    inner join request_kpis on request_clocks.kind = request_kpis.kind
    inner join clocked_kpis on request_kpis.kpi_id = clocked_kpis.kpi_id

),

clocked_contracts as (

    select
        followups.kpi_id,
        followups.source,
        followups.entity,
        followups.record_id,
        followups.employee_ref,
        contracts.signed_at as started_at,
        followups.ended_at

    from followups
    inner join contracts
        on
            followups.source = contracts.source
            and followups.record_id = contracts.contract_id

)

select * from clocked_requests
union all
select * from clocked_contracts
