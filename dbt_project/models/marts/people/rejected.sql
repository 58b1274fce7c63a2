with

answers as (

    select * from {{ ref('int_survey_answers') }}

    where submitted_at < {{ as_of() }}

),

request_clocks as (

    select * from {{ ref('int_request_clocks') }}

    where is_rejected and started_at < {{ as_of() }}

),

request_kpis as (

    select * from {{ ref('int_request_kpis') }}

),

rejected_answers as (

    select
        case survey
            when 'complaint_support' then 'complaint_support_satisfaction'
            else 'onboarding_satisfaction'
        end as kpi_id,
        case
            when employee_id is null or known_at >= {{ as_of() }} then 'respondent_unknown'
            when coalesce(respondent_role, '') <> 'sales' then 'respondent_not_in_sales'
            when survey = 'onboarding' then 'respondent_no_new_hire'
        end as reason,
        submitted_at as occurred_at,
        source,
        'survey_responses' as entity,
        response_id as record_id

    from answers

    where
        survey in ('complaint_support', 'onboarding')
        and (
            coalesce(respondent_role, '') <> 'sales'
            or known_at >= {{ as_of() }}
            or (
                survey = 'onboarding'
                and not coalesce(
                    days_since_hired between 0
                    and {{ kpi_param('onboarding_satisfaction', 'onboarding_days') }},
                    false
                )
            )
        )

),

rejected_requests as (

    select
        request_kpis.kpi_id,
        'done_without_completion' as reason,
        request_clocks.started_at as occurred_at,
        request_clocks.source,
        'requests' as entity,
        request_clocks.request_id as record_id

    from request_clocks
    inner join request_kpis on request_clocks.kind = request_kpis.kind

)

select * from rejected_answers
union all
select * from rejected_requests
