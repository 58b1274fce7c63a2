-- One version per change of an account, or of the contact that speaks for it; see
-- shared/versions.sql.
with versioned as (
    select
        versions.*,
        accounts.is_deleted,
        held(olds, 'name', accounts.name) as name,
        held(olds, 'registration_no', accounts.registration_no) as registration_no,
        held(olds, 'country', accounts.country) as country,
        coalesce(
            held(olds, 'contact_name', accounts.contact_name),
            held(olds, 'person.name', speakers.person.name)
        ) as contact_name,
        coalesce(
            held(olds, 'email', accounts.email), held(olds, 'person.email', speakers.person.email)
        ) as email,
        coalesce(
            held(olds, 'phone', accounts.phone), held(olds, 'person.phone', speakers.person.phone)
        ) as phone,
        held(olds, 'postal_code', accounts.postal_code) as postal_code,
        held(olds, 'street', accounts.street) as street,
        held(olds, 'city', accounts.city) as city,
        held(olds, 'state', accounts.state) as state,
        held(olds, 'segment', accounts.segment) as segment,
        held(olds, 'owner_id', accounts.owner_id) as owner_id,
        held(olds, 'steward_id', accounts.steward_id) as steward_id,
        held(olds, 'status', accounts.status) as status
    from versions
    inner join accounts on versions.id = accounts.id
    left join speakers on versions.id = speakers.account_id
    where versions.object = 'Account'
)

select
    versioned.id as customer_id,
    versioned.name,
    versioned.registration_no as business_registration_no,
    coalesce(countries.code, versioned.country) as country,
    versioned.contact_name,
    versioned.email,
    versioned.phone,
    versioned.postal_code,
    nullif(concat_ws(' ', versioned.state, versioned.city, versioned.street), '') as address,
    versioned.segment,
    versioned.owner_id,
    versioned.steward_id,
    coalesce(customer_statuses.status, settings.other_customers) as status,
    versioned.created as created_at,
    versioned.start as updated_at,
    case
        when versioned.is_deleted = 'true' and versioned.is_newest then versioned.newest
    end as deleted_at
from versioned
cross join settings
left join countries on lower(trim(versioned.country)) = countries.written
left join customer_statuses on versioned.status = customer_statuses.value
union all by name
-- Out of the recycle bin before it was read there: only the id and the time are known.
select
    id as customer_id,
    'prospect' as status,
    cast(deleted_at as timestamptz) as updated_at,
    cast(deleted_at as timestamptz) as deleted_at
from deleted
where object = 'Account' and id not in (select id from accounts)
