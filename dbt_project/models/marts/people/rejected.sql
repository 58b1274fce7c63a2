with

answers as (

    select * from {{ ref('int_survey_answers') }}

    where submitted_at < {{ as_of() }}

),

request_clocks as (

    select * from {{ ref('int_request_clocks') }}

    where started_at < {{ as_of() }}

),

rejected_answers as (

    select
        case survey
            when 'complaint_support' then 'complaint_support_satisfaction'
            else 'onboarding_satisfaction'
        end as kpi_id,
        case
            when respondent_role is null or known_at >= {{ as_of() }} then 'respondent_unknown'
            when respondent_role <> 'sales' then 'respondent_not_in_sales'
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
        case kind
            when 'inquiry' then 'inquiry_within_4h'
            when 'proposal' then 'document_turnaround'
            when 'contract' then 'document_turnaround'
            when 'material' then 'material_request_satisfaction'
            when 'complaint' then 'complaint_support_satisfaction'
        end as kpi_id,
        'done_without_completion' as reason,
        started_at as occurred_at,
        source,
        'requests' as entity,
        request_id as record_id

    from request_clocks

    where is_rejected

)

select * from rejected_answers
union all
select * from rejected_requests
