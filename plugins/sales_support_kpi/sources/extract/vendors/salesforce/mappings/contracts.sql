-- Signed contracts: a Contract that was activated (or has its own time of signature), or an
-- Opportunity that was won; an Opportunity that is no longer won is a cancelled contract.
with chosen as (
    select
        contracts.*,
        settings.contracts_from = 'Opportunity' as is_deal,
        settings.currency as usual_currency
    from contracts
    cross join settings
    where
        contracts.record_type in (select value from record_types where object = 'Contract')
        or not exists (select 1 from record_types where object = 'Contract')
),

won_once as (
    select distinct history.parent_id as id
    from opportunity_history as history
    inner join opportunity_stages as stages on history.stage = stages.label
    where stages.is_won = 'true'
)

select
    id as contract_id,
    opportunity_id,
    account_id as customer_id,
    owner_id,
    support_owner_id,
    coalesce(signed_at, stage_changed_at, case when is_deal then updated_at end) as signed_at,
    amount,
    coalesce(currency, usual_currency) as currency,
    case
        when is_deal and is_won <> 'true' then 'cancelled'
        when not is_deal and status in (select value from cancelled_contracts) then 'cancelled'
        else 'signed'
    end as status,
    cast(case when is_deleted = 'true' then stamp else updated_at end as timestamptz) as updated_at,
    case when is_deleted = 'true' then cast(stamp as timestamptz) end as deleted_at
from chosen
where
    (not is_deal and signed_at is not null)
    or (is_deal and (is_won = 'true' or id in (select id from won_once)))
union all by name
-- Out of the recycle bin before it was read there: only the id and the time are known.
select
    deleted.id as contract_id,
    deleted.deleted_at as signed_at,
    cast(deleted.deleted_at as timestamptz) as updated_at,
    cast(deleted.deleted_at as timestamptz) as deleted_at
from deleted
inner join settings on deleted.object = settings.contracts_from
where deleted.id not in (select id from contracts)
