-- One version per change; see shared/versions.sql. Stage, amount and close date come from the
-- opportunity's own history where there is one.
with snapshots as (
    select
        parent_id as id,
        cast(created_at as timestamptz) as changed,
        arg_max({stage: stage, amount: amount, close_date: close_date}, id) as said
    from opportunity_history
    group by all
),

stage_times as (
    select
        id,
        changed,
        max(changed) filter (is_new) over (partition by id order by changed) as since
    from (
        select
            *,
            said.stage is distinct from lag(said.stage) over (partition by id order by changed)
                as is_new
        from snapshots
    )
),

versioned as (
    select
        versions.*,
        opportunities.* exclude (id, stage, amount, close_date, next_step, owner_id, account_id),
        snapshots.changed as held_since,
        not versions.is_newest and snapshots.changed is not null as is_told,
        held(olds, 'stage', if(is_told, said.stage, opportunities.stage)) as stage,
        held(olds, 'amount', if(is_told, said.amount, opportunities.amount)) as amount,
        held(olds, 'close_date', if(is_told, said.close_date, opportunities.close_date))
            as close_date,
        held(olds, 'next_step', opportunities.next_step) as next_step,
        held(olds, 'owner_id', opportunities.owner_id) as owner_id,
        held(olds, 'account_id', opportunities.account_id) as account_id
    from versions
    inner join opportunities on versions.id = opportunities.id
    asof left join snapshots
        on versions.id = snapshots.id and versions.start >= snapshots.changed
    where versions.object = 'Opportunity'
),

judged as (
    select
        versioned.*,
        case when versioned.is_newest then versioned.is_closed else stages.is_closed end as closed,
        case when versioned.is_newest then versioned.is_won else stages.is_won end as won,
        case
            when versioned.is_newest
                then cast(coalesce(versioned.stage_changed_at, versioned.updated_at) as timestamptz)
            else stage_times.since
        end as stage_since
    from versioned
    left join (
        select distinct on (label) * from opportunity_stages order by label, id
    ) as stages on versioned.stage = stages.label
    left join stage_times
        on versioned.id = stage_times.id and versioned.held_since = stage_times.changed
)

select
    judged.id as opportunity_id,
    judged.account_id as customer_id,
    judged.owner_id,
    judged.stage,
    judged.amount,
    coalesce(judged.currency, settings.currency) as currency,
    judged.close_date,
    judged.next_step,
    judged.closed as is_closed,
    judged.won as is_won,
    judged.created as created_at,
    case when judged.closed = 'true' then judged.stage_since end as closed_at,
    judged.start as updated_at,
    case when judged.is_newest and judged.is_deleted = 'true' then judged.newest end as deleted_at
from judged
cross join settings
union all by name
-- Out of the recycle bin before it was read there: only the id and the time are known.
select
    id as opportunity_id,
    cast(deleted_at as timestamptz) as updated_at,
    cast(deleted_at as timestamptz) as deleted_at
from deleted
where object = 'Opportunity' and id not in (select id from opportunities)
