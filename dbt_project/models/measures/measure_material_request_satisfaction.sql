with

accepted as (

    select
        *,
        submitted_at as accepted_from

    from {{ ref('int_survey_answers') }}

    where survey = 'material_request'

),

{{ request_answer_rows('material_request_satisfaction') }}
