-- A ticket is a request. Its kind: the first of the configured kinds that one of its words fits.
-- Closed and solved are done; tickets merged into another one are cancelled; deleted ones stay in
-- the export with status `deleted`. Archived tickets come like all others.
with cells as (
    select
        id,
        unnest(from_json(custom_fields, '[{"id": "VARCHAR", "value": "JSON"}]')) as cell
    from tickets
    where custom_fields <> '[]'
),

-- A field's value is a text, a truth value, a number, or a list of texts.
field_words as (
    select
        id,
        cell.id as field_id,
        unnest(
            case json_type(cell.value)
                when 'ARRAY' then from_json(cell.value, '["VARCHAR"]')
                else [cell.value ->> '$']
            end
        ) as word
    from cells
    where json_type(cell.value) <> 'NULL'
),

words as (
    select id, 'tags' as what, unnest(from_json(tags, '["VARCHAR"]')) as word from tickets
    union all
    select id, 'types' as what, type as word from tickets
    union all
    select id, 'forms' as what, ticket_form_id as word from tickets
    union all
    select tickets.id, 'forms' as what, ticket_forms.name as word
    from tickets inner join ticket_forms on tickets.ticket_form_id = ticket_forms.id
    union all
    select id, 'groups' as what, group_id as word from tickets
    union all
    select tickets.id, 'groups' as what, groups.name as word
    from tickets inner join groups on tickets.group_id = groups.id
    union all
    select id, 'brands' as what, brand_id as word from tickets
    union all
    select tickets.id, 'brands' as what, brands.name as word
    from tickets inner join brands on tickets.brand_id = brands.id
    union all
    select id, 'field ' || field_id as what, word from field_words
),

kinds as (
    select words.id, arg_min(kind_rules.kind, kind_rules.rank) as kind
    from words
    inner join kind_rules on words.what = kind_rules.what and lower(words.word) = kind_rules.value
    group by words.id
),

statuses as (
    select
        tickets.id,
        case
            when tickets.status = 'deleted' then coalesce(previous.means, 'cancelled')
            when merged.id is not null then 'cancelled'
            else coalesce(custom_meanings.means, plain.means, 'open')
        end as status,
        case
            when tickets.status = 'deleted'
                then coalesce(deleted_tickets.deleted_at, tickets.updated_at)
        end as deleted_at
    from tickets
    left join deleted_tickets on tickets.id = deleted_tickets.id
    left join status_words as previous on deleted_tickets.previous_state = previous.word
    left join status_words as plain on tickets.status = plain.word
    left join custom_meanings on tickets.custom_status_id = custom_meanings.id
    left join (
        select distinct words.id
        from words inner join cancelled_tags on words.word = cancelled_tags.tag
        where words.what = 'tags'
    ) as merged on tickets.id = merged.id
),

-- What the team's own fields say; one value each.
said as (
    select
        field_words.id,
        any_value(field_words.word) filter (where field_words.field_id = setting.customer_field)
            as customer_id,
        any_value(field_words.word) filter (
            where field_words.field_id = setting.received_at
            and not regexp_full_match(field_words.word, '\d{4}-\d{2}-\d{2}')
        ) as received_at,
        any_value(trim(field_words.word)) filter (
            where field_words.field_id = setting.registration_field and trim(field_words.word) <> ''
        ) as registration_no
    from field_words
    cross join setting
    group by field_words.id
)

select
    tickets.id as request_id,
    coalesce(kinds.kind, setting.other_kind) as kind,
    tickets.subject,
    tickets.requester_id,
    coalesce(
        said.customer_id,
        organizations.crm_id,
        said.registration_no,
        case when setting.has_customers = 'true' then tickets.organization_id end
    ) as customer_id,
    tickets.assignee_id,
    tickets.channel,
    tickets.priority,
    statuses.status,
    tickets.created_at as opened_at,
    said.received_at,
    -- The solve that still stands. Where Zendesk gives none (its metrics are not asked for again
    -- once a ticket is deleted), the last `done` event stands for it in the warehouse.
    case when statuses.status = 'done' then tickets.solved_at end as completed_at,
    tickets.updated_at,
    statuses.deleted_at
from tickets
cross join setting
inner join statuses on tickets.id = statuses.id
left join kinds on tickets.id = kinds.id
left join said on tickets.id = said.id
left join organizations on tickets.organization_id = organizations.id
