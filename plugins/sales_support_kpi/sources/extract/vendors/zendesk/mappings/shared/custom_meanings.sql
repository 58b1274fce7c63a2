-- A custom status means what is said of it by id or label, else what its category means.
select
    custom_statuses.id,
    coalesce(max(own.means), max(category.means)) as means
from custom_statuses
left join status_words as own
    on own.word in (custom_statuses.id, lower(custom_statuses.agent_label))
left join status_words as category on custom_statuses.status_category = category.word
group by custom_statuses.id
