-- A completed answer of a respondent counts; previews, tests, answers typed in by hand, unfinished,
-- disqualified and surplus ones never do. A choice counts what it did when the answer was given.
with candidates as (
    select
        responses.*,
        choices.weight,
        choices.is_answer,
        choices.scale_min as smallest,
        choices.scale_max as largest,
        choices.valid_from,
        coalesce(choices.valid_from::timestamptz <= responses.date_modified::timestamptz, true)
        and coalesce(responses.date_modified::timestamptz < choices.valid_to::timestamptz, true)
            as is_of_its_time
    from responses
    left join choices
        on responses.survey_id = choices.survey_id and responses.choice_id = choices.choice_id
    where
        responses.response_status = 'completed'
        and responses.collection_mode in ('default', 'edit')
),

ranked as (
    select
        *,
        row_number() over (
            partition by survey_id, id
            order by is_of_its_time desc, valid_from desc nulls last
        ) as place
    from candidates
)

select
    id as response_id,
    survey,
    request_id,
    coalesce(respondent_id, lower(trim(respondent_email))) as respondent_id,
    coalesce(weight, number) as score,
    coalesce(scale_min, smallest) as scale_min,
    coalesce(scale_max, largest) as scale_max,
    comment,
    date_modified as submitted_at
from ranked
where
    place = 1
    and (choice_id is not null or number is not null)
    and coalesce(is_answer, 'true') = 'true'
