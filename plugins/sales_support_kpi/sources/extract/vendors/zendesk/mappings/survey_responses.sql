-- Satisfaction ratings as answers. Only good and bad are answers: a survey that was offered and
-- not answered is none. A rating may be changed later: it keeps its id.
select
    satisfaction_ratings.id as response_id,
    setting.survey,
    satisfaction_ratings.ticket_id as request_id,
    satisfaction_ratings.requester_id as respondent_id,
    case
        when starts_with(satisfaction_ratings.score, 'good') then setting.good else setting.bad
    end as score,
    1 as scale_min,
    5 as scale_max,
    satisfaction_ratings.comment,
    satisfaction_ratings.updated_at as submitted_at
from satisfaction_ratings
cross join setting
where regexp_full_match(satisfaction_ratings.score, '(good|bad)(_with_comment)?')
