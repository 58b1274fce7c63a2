-- One version per change of an account, or of the contact that speaks for it.
-- Where the org keeps field history, what a field held before is the old value of its next
-- change; a field without history is taken to have held what it holds now.
with chosen as (
    select
        *,
        cast(created_at as timestamptz) as created,
        cast(read_since as timestamptz) as since,
        cast(case when is_deleted = 'true' then stamp else updated_at end as timestamptz) as changed
    from accounts
    where
        record_type in (select value from record_types where object = 'Account')
        or not exists (select 1 from record_types where object = 'Account')
),

people as (
    select * from contacts
    union all by name
    select * from account_contacts
),

speakers as (
    select
        account_id,
        max(cast(case when is_deleted = 'true' then stamp else updated_at end as timestamptz))
            as changed,
        arg_min(
            {id: id, name: name, email: email, phone: phone},
            (coalesce(is_primary, 'false') <> 'true', created_at, id)
        ) filter (is_deleted <> 'true') as person
    from (select distinct on (id) * from people order by id, cast(stamp as timestamptz) desc)
    where account_id is not null
    group by account_id
),

changes as (
    select
        chosen.id,
        history_fields."column",
        cast(account_history.created_at as timestamptz) as changed,
        arg_min(account_history.old_value, account_history.id) as old_value
    from account_history
    inner join chosen on account_history.parent_id = chosen.id
    left join history_fields
        on
            history_fields.object = 'Account'
            and account_history.field = history_fields.field
            and (account_history.data_type = 'EntityId' or history_fields.is_reference = 'false')
    group by all
    union all
    select
        chosen.id,
        history_fields."column",
        cast(contact_history.created_at as timestamptz) as changed,
        arg_min(contact_history.old_value, contact_history.id) as old_value
    from contact_history
    inner join speakers on contact_history.parent_id = speakers.person.id
    inner join chosen on speakers.account_id = chosen.id
    left join history_fields
        on
            history_fields.object = 'Contact'
            and contact_history.field = history_fields.field
    group by all
),

newest as (
    select
        chosen.*,
        speakers.person,
        case
            when chosen.is_deleted = 'true' then chosen.changed
            else greatest(chosen.changed, speakers.changed)
        end as newest
    from chosen
    left join speakers on chosen.id = speakers.account_id
),

starts as (
    select distinct
        newest.id,
        moments.start
    from newest
    inner join (
        select id, changed as start from changes
        union all
        select id, created as start from newest
        union all
        select id, changed as start from newest
    ) as moments on newest.id = moments.id
    where
        moments.start < newest.newest
        and (newest.since is null or moments.start >= newest.since)
    union all
    select id, newest as start from newest
),

olds as (
    select
        starts.id,
        starts.start,
        map_from_entries(
            list({k: wanted."column", v: changes.old_value}) filter (changes.id is not null)
        ) as olds
    from starts
    inner join (
        select distinct id, "column" from changes where "column" is not null
    ) as wanted on starts.id = wanted.id
    asof left join (select * from changes where "column" is not null) as changes
        on
            starts.id = changes.id
            and wanted."column" = changes."column"
            and starts.start < changes.changed
    group by starts.id, starts.start
),

versions as (
    select
        newest.* exclude (
            name, registration_no, country, contact_name, email, phone, postal_code, street, city,
            state, segment, owner_id, steward_id, status
        ),
        starts.start,
        case when map_contains(olds, 'name') then olds['name'] else name end as name,
        case
            when map_contains(olds, 'registration_no') then olds['registration_no']
            else registration_no
        end as registration_no,
        case when map_contains(olds, 'country') then olds['country'] else country end as country,
        coalesce(
            case
                when map_contains(olds, 'contact_name') then olds['contact_name']
                else contact_name
            end,
            case
                when map_contains(olds, 'person.name') then olds['person.name']
                else person.name
            end
        ) as contact_name,
        coalesce(
            case when map_contains(olds, 'email') then olds['email'] else email end,
            case
                when map_contains(olds, 'person.email') then olds['person.email']
                else person.email
            end
        ) as email,
        coalesce(
            case when map_contains(olds, 'phone') then olds['phone'] else phone end,
            case
                when map_contains(olds, 'person.phone') then olds['person.phone']
                else person.phone
            end
        ) as phone,
        case
            when map_contains(olds, 'postal_code') then olds['postal_code'] else postal_code
        end as postal_code,
        case when map_contains(olds, 'street') then olds['street'] else street end as street,
        case when map_contains(olds, 'city') then olds['city'] else city end as city,
        case when map_contains(olds, 'state') then olds['state'] else state end as state,
        case when map_contains(olds, 'segment') then olds['segment'] else segment end as segment,
        case
            when map_contains(olds, 'owner_id') then olds['owner_id'] else owner_id
        end as owner_id,
        case
            when map_contains(olds, 'steward_id') then olds['steward_id'] else steward_id
        end as steward_id,
        case when map_contains(olds, 'status') then olds['status'] else status end as status
    from starts
    inner join newest on starts.id = newest.id
    left join olds on starts.id = olds.id and starts.start = olds.start
)

select
    versions.id as customer_id,
    versions.name,
    versions.registration_no as business_registration_no,
    coalesce(countries.code, versions.country) as country,
    versions.contact_name,
    versions.email,
    versions.phone,
    versions.postal_code,
    nullif(concat_ws(' ', versions.state, versions.city, versions.street), '') as address,
    versions.segment,
    versions.owner_id,
    versions.steward_id,
    coalesce(customer_statuses.status, settings.other_customers) as status,
    versions.created as created_at,
    versions.start as updated_at,
    case
        when versions.is_deleted = 'true' and versions.start = versions.newest then versions.newest
    end as deleted_at
from versions
cross join settings
left join countries on lower(trim(versions.country)) = countries.written
left join customer_statuses on versions.status = customer_statuses.value
union all by name
-- Out of the recycle bin before it was read there: only the id and the time are known.
select
    id as customer_id,
    'prospect' as status,
    cast(deleted_at as timestamptz) as updated_at,
    cast(deleted_at as timestamptz) as deleted_at
from deleted
where object = 'Account' and id not in (select id from accounts)
