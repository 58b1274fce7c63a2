-- A change of status in a ticket's history is an event. A change that means the same to the team
-- as before (solved to closed, one way of waiting to another) is none: the first solve stands.
with changes as (
    select
        ticket_events.*,
        coalesce(custom_to.means, plain_to.means) as to_status,
        coalesce(custom_from.means, plain_from.means) as from_status
    from ticket_events
    left join custom_meanings as custom_to on ticket_events.custom_status_id = custom_to.id
    left join status_words as plain_to on ticket_events.status = plain_to.word
    left join custom_meanings as custom_from
        on ticket_events.previous_custom_status_id = custom_from.id
    left join status_words as plain_from on ticket_events.previous_status = plain_from.word
)

select
    id as event_id,
    ticket_id as request_id,
    to_status,
    occurred_at,
    updater_id as actor_id
from changes
where
    to_status is not null
    and (is_first = 'true' or to_status is distinct from from_status)
