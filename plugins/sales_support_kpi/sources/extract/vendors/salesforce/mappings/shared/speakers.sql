-- The contact that speaks for an account: the marked one, else the oldest that is still there.
select
    account_id,
    max(cast(case when is_deleted = 'true' then stamp else updated_at end as timestamptz))
        as changed,
    arg_min(
        {id: id, name: name, email: email, phone: phone},
        (coalesce(is_primary, 'false') <> 'true', created_at, id)
    ) filter (is_deleted <> 'true') as person
from (
    select distinct on (id) *
    from (
        select * from contacts
        union all by name
        select * from account_contacts
    )
    order by id, cast(stamp as timestamptz) desc
)
where account_id is not null
group by account_id
