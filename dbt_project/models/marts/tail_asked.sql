with

measured_kpis as (

    select * from {{ ref('measured_kpis') }}

    where is_measured

),

night as (

    select * from {{ source('control', 'night') }}

),

request_clocks as (

    select * from {{ ref('int_request_clocks') }}

),

request_kpis as (

    select * from {{ ref('int_request_kpis') }}

),

employee_references as (

    select * from {{ ref('employee_references') }}

),

employee_history as (

    select employee_history.*

    from {{ ref('employee_history') }} as employee_history
    inner join night on employee_history.valid_from < night.as_of

),

-- the answers that count for their KPI, also those a later one has replaced
valid_answers as (

    select
        survey_answers.*,
        case survey_answers.survey
            when 'material_request' then 'material_request_satisfaction'
            when 'complaint_support' then 'complaint_support_satisfaction'
            else 'onboarding_satisfaction'
        end as kpi_id

    from {{ ref('int_survey_answers') }} as survey_answers
    cross join night

    where
        survey_answers.submitted_at < night.as_of
        and (
            survey_answers.survey = 'material_request'
            or (survey_answers.respondent_role = 'sales' and survey_answers.known_at < night.as_of)
        )
        and (
            survey_answers.survey <> 'onboarding'
            or survey_answers.days_since_hired between 0
            and {{ kpi_param('onboarding_satisfaction', 'onboarding_days') }}
        )

),

-- a request can be asked about once it is done
asked_requests as (

    select
        request_kpis.kpi_id,
        request_clocks.source,
        request_clocks.request_id as asked_id,
        request_clocks.assignee_id as employee_ref,
        request_clocks.completed_at as attributed_at

    from request_clocks
    cross join night
    inner join request_kpis on request_clocks.kind = request_kpis.kind
    inner join measured_kpis on request_kpis.kpi_id = measured_kpis.kpi_id

    where
        measured_kpis.unit = 'score'
        and not request_clocks.is_rejected
        and request_clocks.completed_at < night.as_of

),

answered_requests as (

    select distinct
        kpi_id,
        request_source as source,
        request_id as asked_id

    from valid_answers

    where request_id is not null and kpi_id <> 'onboarding_satisfaction'

),

hired as (

    select
        employee_history.*,
        timezone(night.timezone, employee_history.hired_on::timestamp) as hired_at,
        lead(employee_history.covers_from) over (
            partition by employee_history.source, employee_history.employee_id
            order by employee_history.covers_from
        ) as covers_until

    from employee_history
    cross join night

),

-- a new hire is who was in sales on the day of hiring, once per person
hires as (

    select
        hired.source,
        employee_references.person_id as asked_id,
        hired.onboarding_owner_id as employee_ref,
        hired.hired_at as attributed_at

    from hired
    cross join night
    inner join employee_references
        on
            hired.source = employee_references.reference_source
            and hired.source = employee_references.source
            and hired.employee_id = employee_references.employee_id

    where
        hired.role = 'sales'
        and hired.hired_at >= hired.covers_from
        and hired.hired_at < least(
            coalesce(hired.covers_until, night.as_of),
            coalesce(hired.exists_until, night.as_of),
            night.as_of
        )

    qualify row_number() over (
        partition by employee_references.person_id order by hired.hired_at, hired.source
    ) = 1

),

answered_hires as (

    select distinct employee_references.person_id as asked_id

    from valid_answers
    inner join employee_references
        on
            valid_answers.employee_source = employee_references.reference_source
            and valid_answers.employee_source = employee_references.source
            and valid_answers.employee_id = employee_references.employee_id

    where valid_answers.kpi_id = 'onboarding_satisfaction'

),

asked as (

    select
        asked_requests.*,
        answered_requests.asked_id is not null as is_answered

    from asked_requests
    left join answered_requests
        on
            asked_requests.kpi_id = answered_requests.kpi_id
            and asked_requests.source = answered_requests.source
            and asked_requests.asked_id = answered_requests.asked_id

    union all by name

    select
        'onboarding_satisfaction' as kpi_id,
        hires.*,
        answered_hires.asked_id is not null as is_answered

    from hires
    left join answered_hires on hires.asked_id = answered_hires.asked_id

),

{{ attributed('asked') }},

final as (

    select
        attributed.kpi_id,
        {{ local_date('attributed.attributed_at') }} as asked_date,
        attributed.employee_id,
        attributed.team,
        attributed.source,
        attributed.asked_id,
        attributed.is_answered

    from attributed
    inner join measured_kpis on attributed.kpi_id = measured_kpis.kpi_id

)

select * from final
