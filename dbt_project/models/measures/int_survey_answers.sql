with

survey_responses as (

    select * from {{ ref('survey_responses') }} as survey_responses

    where {{ exists_as_of('survey_responses') }}

),

requests as (

    select
        *,
        coalesce(received_at, opened_at) as started_at

    from {{ ref('requests') }} as requests

    where
        {{ exists_as_of('requests') }}
        -- done, but nobody knows when: such a row is kept back and stands for no request
        and (source, request_id) not in (
            select (request_clocks.source, request_clocks.request_id)
            from {{ ref('int_request_clocks') }} as request_clocks
            where request_clocks.is_rejected
        )

),

employee_references as (

    select * from {{ ref('employee_references') }}

),

employee_history as (

    select * from {{ ref('employee_history') }}

),

sources as (

    select * from {{ source('control', 'sources') }}

),

-- a request is looked up in the survey's own system first, then in the others in their order
answered_requests as (

    select
        survey_responses.source as answer_source,
        survey_responses.response_id,
        requests.*

    from survey_responses
    inner join requests on survey_responses.request_id = requests.request_id
    inner join sources on requests.source = sources.source

    qualify row_number() over (
        partition by survey_responses.source, survey_responses.response_id
        order by requests.source = survey_responses.source desc, sources.position
    ) = 1

),

respondents as (

    select
        survey_responses.source,
        survey_responses.response_id,
        survey_responses.submitted_at,
        employee_references.source as employee_source,
        employee_references.employee_id

    from survey_responses
    inner join employee_references
        on
            survey_responses.source = employee_references.reference_source
            and survey_responses.respondent_id = employee_references.reference_id

),

-- everything about a respondent is as it was at the moment of the answer
respondents_then as (

    select
        respondents.*,
        employee_history.role,
        employee_history.hired_on,
        employee_history.onboarding_owner_id,
        employee_history.known_from,
        employee_history.load_seq

    from respondents
    asof inner join employee_history
        on
            respondents.employee_source = employee_history.source
            and respondents.employee_id = employee_history.employee_id
            and respondents.submitted_at >= employee_history.covers_from

    where
        respondents.submitted_at < employee_history.exists_until
        or employee_history.exists_until is null

),

final as (

    select
        survey_responses.source,
        survey_responses.response_id,
        survey_responses.survey,
        survey_responses.request_id,
        survey_responses.respondent_id,
        survey_responses.submitted_at,
        1 + 4 * (survey_responses.score - coalesce(survey_responses.scale_min, 1))
        / (coalesce(survey_responses.scale_max, 5) - coalesce(survey_responses.scale_min, 1))
            as normalised_score,
        answered_requests.started_at as request_started_at,
        answered_requests.source as request_source,
        answered_requests.assignee_id,
        answered_requests.kind,
        answered_requests.channel,
        answered_requests.priority,
        answered_requests.customer_id,
        respondents.employee_source as respondent_source,
        respondents.employee_id as respondent_employee_id,
        respondents_then.employee_source,
        respondents_then.employee_id,
        respondents_then.role as respondent_role,
        {{ local_date('survey_responses.submitted_at') }} - respondents_then.hired_on
            as days_since_hired,
        respondents_then.onboarding_owner_id,
        greatest(survey_responses.submitted_at, respondents_then.known_from) as known_at,
        greatest(
            survey_responses.load_seq,
            coalesce(answered_requests.load_seq, 0),
            coalesce(respondents_then.load_seq, 0)
        ) as load_seq

    from survey_responses
    left join answered_requests
        on
            survey_responses.source = answered_requests.answer_source
            and survey_responses.response_id = answered_requests.response_id
    left join respondents
        on
            survey_responses.source = respondents.source
            and survey_responses.response_id = respondents.response_id
    left join respondents_then
        on
            survey_responses.source = respondents_then.source
            and survey_responses.response_id = respondents_then.response_id

)

select * from final
