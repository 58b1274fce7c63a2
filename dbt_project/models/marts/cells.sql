with

flow_cells as (

    select * from {{ ref('flow_cells') }}

),

stock_cells as (

    select * from {{ ref('stock_cells') }}

),

month_end_cells as (

    select * from {{ ref('month_end_cells') }}

),

cell_distributions as (

    select * from {{ ref('cell_distributions') }}

),

measured_kpis as (

    select * from {{ ref('measured_kpis') }}

),

periods as (

    select * from {{ ref('periods') }}

),

-- a KPI may have parts of several aggregations: their sums are pooled
pooled as (

    select
        kpi_id,
        grain,
        period_start,
        scope_type,
        scope_id,
        sum(numerator) as numerator,
        sum(denominator) as denominator

    from (
        select * from flow_cells
        union all by name
        select * from stock_cells
        union all by name
        select * from month_end_cells
    )

    group by kpi_id, grain, period_start, scope_type, scope_id

),

-- flow and month-end rows open their scope on their day, whether or not a period of it is kept
dated_rows as (

    select kpi_id, aggregation, occurred_date, employee_id, team
    from {{ ref('visible_rows') }}
    where aggregation <> 'stock'
    group by kpi_id, aggregation, occurred_date, employee_id, team

),

first_dates as (

    select
        kpi_id,
        aggregation,
        scope_type,
        scope_id,
        min(occurred_date) as first_date

    from (
        {{ in_each_scope('dated_rows') }}
    )

    group by kpi_id, aggregation, scope_type, scope_id

),

openings as (

    select
        first_dates.kpi_id,
        periods.grain,
        first_dates.scope_type,
        first_dates.scope_id,
        periods.period_start

    from first_dates
    inner join periods
        on
            first_dates.first_date <= periods.period_end
            and (
                first_dates.aggregation <> 'month_end'
                or periods.grain in ('month', 'quarter', 'year')
            )

    union all

    select kpi_id, grain, scope_type, scope_id, period_start
    from stock_cells
    where is_opening

),

scopes as (

    select
        kpi_id,
        grain,
        scope_type,
        scope_id,
        min(period_start) as first_period_start

    from openings

    group by kpi_id, grain, scope_type, scope_id

),

-- every period from a scope's first to the current one; a KPI without any row says so once
spine as (

    select
        scopes.kpi_id,
        scopes.grain,
        scopes.scope_type,
        scopes.scope_id,
        periods.period_start

    from scopes
    inner join periods
        on scopes.grain = periods.grain and scopes.first_period_start <= periods.period_start

    union all

    select
        measured_kpis.kpi_id,
        periods.grain,
        'company' as scope_type,
        'company' as scope_id,
        periods.period_start

    from measured_kpis
    inner join periods on periods.is_current

    where
        measured_kpis.kpi_id not in (select scopes.kpi_id from scopes)
        and (measured_kpis.aggregation <> 'month_end' or periods.grain not in ('day', 'week'))

),

final as (

    select
        spine.kpi_id,
        spine.grain,
        spine.period_start,
        periods.period_end,
        periods.evaluated_at,
        periods.is_complete,
        spine.scope_type,
        spine.scope_id,
        measured_kpis.unit,
        measured_kpis.better,
        measured_kpis.tolerance,
        measured_kpis.min_sample,
        measured_kpis.has_interval,
        measured_kpis.is_stale,
        pooled.kpi_id is not null as has_rows,
        -- sums of floats depend on their order in the last digits: round them away
        round(coalesce(pooled.numerator, 0), 10) as numerator,
        case when measured_kpis.unit <> 'count' then round(coalesce(pooled.denominator, 0), 10) end
            as denominator,
        cell_distributions.standard_deviation,
        cell_distributions.median,
        cell_distributions.p90

    from spine
    inner join measured_kpis on spine.kpi_id = measured_kpis.kpi_id
    inner join periods
        on spine.grain = periods.grain and spine.period_start = periods.period_start
    left join pooled on {{ is_same_cell('spine', 'pooled') }}
    left join cell_distributions on {{ is_same_cell('spine', 'cell_distributions') }}

)

select * from final
