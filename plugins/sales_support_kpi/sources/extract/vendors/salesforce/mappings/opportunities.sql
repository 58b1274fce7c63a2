-- One version per change. Stage, amount and close date come from the opportunity's own history,
-- other fields from field history where the org keeps it; see customers.sql.
with chosen as (
    select
        *,
        cast(created_at as timestamptz) as created,
        cast(read_since as timestamptz) as since,
        cast(case when is_deleted = 'true' then stamp else updated_at end as timestamptz) as newest
    from opportunities
    where
        record_type in (select value from record_types where object = 'Opportunity')
        or not exists (select 1 from record_types where object = 'Opportunity')
),

snapshots as (
    select
        parent_id as id,
        cast(created_at as timestamptz) as changed,
        arg_max({stage: stage, amount: amount, close_date: close_date}, id) as held
    from opportunity_history
    group by all
),

changes as (
    select
        chosen.id,
        history_fields."column",
        cast(changes.created_at as timestamptz) as changed,
        arg_min(changes.old_value, changes.id) as old_value
    from opportunity_field_history as changes
    inner join chosen on changes.parent_id = chosen.id
    left join history_fields
        on
            history_fields.object = 'Opportunity'
            and changes.field = history_fields.field
            and (changes.data_type = 'EntityId' or history_fields.is_reference = 'false')
    group by all
),

starts as (
    select distinct
        chosen.id,
        moments.start
    from chosen
    inner join (
        select id, changed as start from changes
        union all
        select id, changed as start from snapshots
        union all
        select id, created as start from chosen
    ) as moments on chosen.id = moments.id
    where
        moments.start < chosen.newest
        and (chosen.since is null or moments.start >= chosen.since)
    union all
    select id, newest as start from chosen
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

stage_times as (
    select
        id,
        changed,
        held.stage as stage,
        max(changed) filter (is_new) over (partition by id order by changed) as since
    from (
        select
            *,
            held.stage is distinct from lag(held.stage) over (partition by id order by changed)
                as is_new
        from snapshots
    )
),

versions as (
    select
        chosen.*,
        starts.start,
        olds.olds,
        snapshots.held,
        snapshots.changed as held_since,
        starts.start = chosen.newest as is_newest
    from starts
    inner join chosen on starts.id = chosen.id
    left join olds on starts.id = olds.id and starts.start = olds.start
    asof left join snapshots on starts.id = snapshots.id and starts.start >= snapshots.changed
),

valued as (
    select
        versions.* exclude (stage, amount, close_date, next_step, owner_id, account_id),
        case
            when is_newest then stage
            when map_contains(olds, 'stage') then olds['stage']
            when held_since is not null then held.stage
            else stage
        end as stage,
        case
            when is_newest then amount
            when map_contains(olds, 'amount') then olds['amount']
            when held_since is not null then held.amount
            else amount
        end as amount,
        case
            when is_newest then close_date
            when map_contains(olds, 'close_date') then olds['close_date']
            when held_since is not null then held.close_date
            else close_date
        end as close_date,
        case
            when map_contains(olds, 'next_step') then olds['next_step'] else next_step
        end as next_step,
        case
            when map_contains(olds, 'owner_id') then olds['owner_id'] else owner_id
        end as owner_id,
        case
            when map_contains(olds, 'account_id') then olds['account_id'] else account_id
        end as account_id
    from versions
),

judged as (
    select
        valued.*,
        case when valued.is_newest then valued.is_closed else stages.is_closed end as closed,
        case when valued.is_newest then valued.is_won else stages.is_won end as won,
        case
            when valued.is_newest
                then cast(coalesce(valued.stage_changed_at, valued.updated_at) as timestamptz)
            else stage_times.since
        end as stage_since
    from valued
    left join (
        select distinct on (label) * from opportunity_stages order by label, id
    ) as stages on valued.stage = stages.label
    left join stage_times
        on valued.id = stage_times.id and valued.held_since = stage_times.changed
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
