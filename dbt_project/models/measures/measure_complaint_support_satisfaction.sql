with

-- only people who were in sales when they answered
accepted as (

    select
        *,
        known_at as accepted_from

    from {{ ref('int_survey_answers') }}

    where survey = 'complaint_support' and respondent_role = 'sales'

),

{{ request_answer_rows('complaint_support_satisfaction') }}
