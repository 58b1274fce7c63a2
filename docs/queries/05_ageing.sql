-- What is still open, how old is it, and whose is it? · 미완료 요청의 나이와 담당
-- File: kpi_people.duckdb. Ages in business hours since the start, waiting included; a day has nine
-- of them, a week 45, where working hours are the shipped ones.
with open_requests as (
    select
        kind,
        coalesce(assignee_id, '(nobody)') as assignee_id,
        open_business_hours,
        business_hours_left

    from fct_requests

    where status not in ('done', 'cancelled')
)

select
    kind,
    assignee_id,
    count(*) as open_count,
    count(*) filter (where open_business_hours <= 4) as up_to_4_hours,
    count(*) filter (where open_business_hours > 4 and open_business_hours <= 9) as up_to_a_day,
    count(*) filter (where open_business_hours > 9 and open_business_hours <= 45) as up_to_a_week,
    count(*) filter (where open_business_hours > 45) as older,
    count(*) filter (where business_hours_left between 0 and 1) as due_within_an_hour,
    max(open_business_hours) as oldest_business_hours

from open_requests

group by kind, assignee_id

order by open_count desc, kind asc, assignee_id asc
