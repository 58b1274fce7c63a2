with

-- only new hires in sales
accepted as (

    select *

    from {{ ref('int_survey_answers') }}

    where
        survey = 'onboarding'
        and respondent_role = 'sales'
        and days_since_hired between 0
        and {{ kpi_param('onboarding_satisfaction', 'onboarding_days') }}

),

superseded as (

    select
        *,
        lead(known_at) over (
            partition by employee_source, employee_id order by submitted_at, response_id, source
        ) as superseded_at

    from accepted

),

final as (

    select
        'onboarding_satisfaction' as kpi_id,
        'all' as part,
        'flow' as aggregation,
        submitted_at as occurred_at,
        known_at as visible_from,
        superseded_at as visible_until,
        normalised_score as numerator,
        1::double as denominator,
        source,
        employee_source as reference_source,
        onboarding_owner_id as employee_ref,
        'survey_responses' as entity,
        response_id as record_id,
        load_seq

    from superseded

)

select * from final
