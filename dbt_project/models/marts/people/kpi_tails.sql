with

measured_kpis as (

    select *

    from {{ ref('measured_kpis') }}

    where clock is not null or unit = 'score'

),

periods as (

    select * from {{ ref('periods') }}

    where grain <> 'day'

),

kpi_values as (

    select * from {{ ref('kpi_values') }}

),

night as (

    select * from {{ source('control', 'night') }}

),

clocked_rows as (

    select visible_rows.*

    from {{ ref('visible_rows') }} as visible_rows
    inner join measured_kpis on visible_rows.kpi_id = measured_kpis.kpi_id

    where measured_kpis.clock is not null

),

scoped_rows as (

    {{ in_each_scope('clocked_rows') }}

),

-- of a share the numerator says whether a row was in time, also where it is still open; of hours
-- the hours say it, against the target of the very cell
clocked as (

    select
        scoped_rows.kpi_id,
        periods.grain,
        periods.period_start,
        scoped_rows.scope_type,
        scoped_rows.scope_id,
        quantile_cont(scoped_rows.clock_hours, 0.5) as median_hours,
        quantile_cont(scoped_rows.clock_hours, 0.9) as p90_hours,
        count(*) as decided_count,
        count(*) filter (
            where case
                when measured_kpis.unit = 'ratio' then scoped_rows.numerator > 0
                else scoped_rows.clock_hours <= kpi_values.target + 1e-9
            end
        ) as within_target_count,
        any_value(kpi_values.target) as target,
        round(sum(scoped_rows.elapsed_hours), 10) as elapsed_hours,
        round(sum(scoped_rows.elapsed_hours - scoped_rows.clock_hours), 10) as waiting_hours

    from scoped_rows
    inner join measured_kpis on scoped_rows.kpi_id = measured_kpis.kpi_id
    inner join periods
        on scoped_rows.occurred_date between periods.period_start and periods.period_end
    left join kpi_values
        on
            scoped_rows.kpi_id = kpi_values.kpi_id
            and periods.grain = kpi_values.grain
            and periods.period_start = kpi_values.period_start
            and scoped_rows.scope_type = kpi_values.scope_type
            and scoped_rows.scope_id = kpi_values.scope_id

    group by
        scoped_rows.kpi_id,
        periods.grain,
        periods.period_start,
        scoped_rows.scope_type,
        scoped_rows.scope_id

),

open_records as (

    select * from {{ ref('tail_open_records') }}

),

open_then as (

    select
        kpi_id,
        grain,
        period_start,
        scope_type,
        scope_id,
        count(*) as open_count,
        median(calendar_hours) as open_median_calendar_hours,
        max(calendar_hours) as open_max_calendar_hours,
        median(business_hours) as open_median_business_hours,
        max(business_hours) as open_max_business_hours

    from (
        {{ in_each_scope('open_records') }}
    )

    group by kpi_id, grain, period_start, scope_type, scope_id

),

asked as (

    select * from {{ ref('tail_asked') }}

),

answered as (

    select
        scoped_asked.kpi_id,
        periods.grain,
        periods.period_start,
        scoped_asked.scope_type,
        scoped_asked.scope_id,
        count(*) as asked_count,
        count(*) filter (where scoped_asked.is_answered) as answered_count

    from (
        {{ in_each_scope('asked') }}
    ) as scoped_asked
    inner join periods
        on scoped_asked.asked_date between periods.period_start and periods.period_end

    group by
        scoped_asked.kpi_id,
        periods.grain,
        periods.period_start,
        scoped_asked.scope_type,
        scoped_asked.scope_id

),

-- what is still open, or was never answered, may be all there is of a scope
cells as (

    select kpi_id, grain, period_start, scope_type, scope_id
    from kpi_values
    where grain <> 'day' and kpi_id in (select measured_kpis.kpi_id from measured_kpis)
    union
    select kpi_id, grain, period_start, scope_type, scope_id from open_then
    union
    select kpi_id, grain, period_start, scope_type, scope_id from answered

),

final as (

    select
        cells.kpi_id,
        cells.grain,
        cells.period_start,
        periods.period_end,
        cells.scope_type,
        cells.scope_id,
        clocked.median_hours::double as median_hours,
        clocked.p90_hours::double as p90_hours,
        case
            when measured_kpis.unit = 'ratio' or clocked.target is not null
                then {{ ratio('clocked.within_target_count', 'clocked.decided_count') }}
        end::double as share_within_target,
        {{ ratio('clocked.waiting_hours', 'clocked.elapsed_hours') }}::double as waiting_share,
        case
            when measured_kpis.clock is not null then coalesce(open_then.open_count, 0)
        end::bigint as open_count,
        round(open_then.open_median_calendar_hours, 10)::double as open_median_calendar_hours,
        open_then.open_max_calendar_hours::double as open_max_calendar_hours,
        round(open_then.open_median_business_hours, 10)::double as open_median_business_hours,
        open_then.open_max_business_hours::double as open_max_business_hours,
        case when measured_kpis.unit = 'score' then coalesce(answered.answered_count, 0) end::bigint
            as answered_count,
        case when measured_kpis.unit = 'score' then coalesce(answered.asked_count, 0) end::bigint
            as asked_count,
        {{ ratio('answered.answered_count', 'answered.asked_count') }}::double as response_rate,
        night.as_of

    from cells
    cross join night
    inner join measured_kpis on cells.kpi_id = measured_kpis.kpi_id
    inner join periods
        on cells.grain = periods.grain and cells.period_start = periods.period_start
    left join clocked on {{ is_same_cell('cells', 'clocked') }}
    left join open_then on {{ is_same_cell('cells', 'open_then') }}
    left join answered on {{ is_same_cell('cells', 'answered') }}

)

select * from final
