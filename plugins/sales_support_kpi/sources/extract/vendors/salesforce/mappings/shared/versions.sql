-- When each version of an account or an opportunity begins, and what its fields held then.
-- Where the org keeps field history, what a field held before is the old value of its next change
-- (in `olds`; of a contact's field as `person.…`). A field without history is not in `olds`: it is
-- taken to have held what it holds now. Only versions since the last pull are told.
with records as (
    select
        'Account' as object,
        id, created_at, updated_at, stamp, read_since, is_deleted, record_type
    from accounts
    union all by name
    select
        'Opportunity' as object,
        id, created_at, updated_at, stamp, read_since, is_deleted, record_type
    from opportunities
),

chosen as (
    select
        object,
        id,
        is_deleted,
        cast(created_at as timestamptz) as created,
        cast(read_since as timestamptz) as since,
        cast(case when is_deleted = 'true' then stamp else updated_at end as timestamptz) as changed
    from records
    where
        (object, record_type) in (select (object, value) from record_types)
        or object not in (select object from record_types)
),

latest as (
    select
        chosen.*,
        case
            when chosen.is_deleted = 'true' then chosen.changed
            else greatest(chosen.changed, speakers.changed)
        end as newest
    from chosen
    left join speakers on chosen.object = 'Account' and chosen.id = speakers.account_id
),

history as (
    select 'Account' as object, parent_id as owner_id, 'Account' as told_of, account_history.*
    from account_history
    union all by name
    select
        'Account' as object,
        speakers.account_id as owner_id,
        'Contact' as told_of,
        contact_history.*
    from contact_history
    inner join speakers on contact_history.parent_id = speakers.person.id
    union all by name
    select
        'Opportunity' as object,
        parent_id as owner_id,
        'Opportunity' as told_of,
        opportunity_field_history.*
    from opportunity_field_history
),

changes as (
    select
        chosen.object,
        chosen.id,
        history_fields."column",
        cast(history.created_at as timestamptz) as changed,
        arg_min(history.old_value, history.id) as old_value
    from history
    inner join chosen on history.object = chosen.object and history.owner_id = chosen.id
    left join history_fields
        on
            history.told_of = history_fields.object
            and history.field = history_fields.field
            and (history.data_type = 'EntityId' or history_fields.is_reference = 'false')
    group by all
),

starts as (
    select distinct
        latest.object,
        latest.id,
        moments.start
    from latest
    inner join (
        select object, id, changed as start from changes
        union all
        select 'Opportunity' as object, parent_id as id, cast(created_at as timestamptz) as start
        from opportunity_history
        union all
        select object, id, created as start from chosen
        union all
        select object, id, changed as start from chosen
    ) as moments on latest.object = moments.object and latest.id = moments.id
    where
        moments.start < latest.newest
        and (latest.since is null or moments.start >= latest.since)
    union all
    select object, id, newest as start from latest
),

olds as (
    select
        starts.object,
        starts.id,
        starts.start,
        map_from_entries(
            list({k: wanted."column", v: changes.old_value}) filter (changes.id is not null)
        ) as olds
    from starts
    inner join (
        select distinct object, id, "column" from changes where "column" is not null
    ) as wanted on starts.object = wanted.object and starts.id = wanted.id
    asof left join (select * from changes where "column" is not null) as changes
        on
            starts.object = changes.object
            and starts.id = changes.id
            and wanted."column" = changes."column"
            and starts.start < changes.changed
    group by all
)

select
    starts.object,
    starts.id,
    starts.start,
    latest.created,
    latest.newest,
    starts.start = latest.newest as is_newest,
    olds.olds
from starts
inner join latest on starts.object = latest.object and starts.id = latest.id
left join olds
    on
        starts.object = olds.object
        and starts.id = olds.id
        and starts.start = olds.start
