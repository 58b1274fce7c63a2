{#
    Measure rows of a survey about requests, from a CTE `accepted` with the columns of
    int_survey_answers and `accepted_from`, the instant after which the answer counts.
    One answer per request and person, by whichever id or address the person answered: a later one replaces an earlier one, also across periods.
    The row is attributed through its request once that has started.
#}
{% macro request_answer_rows(kpi_id) %}
superseded as (

    select
        *,
        lead(accepted_from) over (
            partition by
                coalesce(request_source, source),
                request_id,
                coalesce(respondent_source, source),
                coalesce(respondent_employee_id, respondent_id),
                case when request_id is null or respondent_id is null then source end,
                case when request_id is null or respondent_id is null then response_id end
            order by submitted_at, response_id, source
        ) as superseded_at

    from accepted

),

attributed as (

    select
        greatest(accepted_from, request_started_at) as visible_from,
        superseded_at as visible_until,
        submitted_at,
        normalised_score,
        source,
        request_source as reference_source,
        assignee_id as employee_ref,
        kind,
        channel,
        priority,
        customer_id as customer_ref,
        response_id,
        load_seq

    from superseded

    where request_started_at is not null

    union all

    select
        accepted_from as visible_from,
        least(superseded_at, request_started_at) as visible_until,
        submitted_at,
        normalised_score,
        source,
        null as reference_source,
        null as employee_ref,
        null as kind,
        null as channel,
        null as priority,
        null as customer_ref,
        response_id,
        load_seq

    from superseded

    where request_started_at is null or request_started_at > accepted_from

),

final as (

    select
        '{{ kpi_id }}' as kpi_id,
        'all' as part,
        'flow' as aggregation,
        submitted_at as occurred_at,
        visible_from,
        visible_until,
        normalised_score as numerator,
        1::double as denominator,
        source,
        reference_source,
        employee_ref,
        kind,
        channel,
        priority,
        customer_ref,
        'survey_responses' as entity,
        response_id as record_id,
        load_seq

    from attributed

)

select * from final
{% endmacro %}
