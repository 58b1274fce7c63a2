-- Why was the target missed? · 왜 목표에 못 미쳤는가?
-- File: kpi.duckdb. Read it by dimension: within each, total_effect sums up to value - target; the
-- most negative lines are where to look first (of a KPI where lower is better: the most positive).
with asked as (
    select
        'inquiry_within_4h' as kpi_id,
        'month' as grain,
        max(period_start) as period_start

    from kpi_values

    where grain = 'month' and is_complete
)

select
    cells.kpi_id,
    cells.period_start,
    cells.value,
    cells.target,
    drivers.dimension,
    coalesce(drivers.group_value, '(none)') as group_value,
    drivers.denominator as cases,
    drivers.share,
    drivers.rate,
    drivers.total_effect

from asked
inner join kpi_values as cells
    on
        asked.kpi_id = cells.kpi_id
        and asked.grain = cells.grain
        and asked.period_start = cells.period_start
inner join kpi_drivers as drivers
    on
        cells.kpi_id = drivers.kpi_id
        and cells.grain = drivers.grain
        and cells.period_start = drivers.period_start
        and cells.scope_type = drivers.scope_type
        and cells.scope_id = drivers.scope_id

where drivers.comparison = 'target' and cells.scope_type = 'company'

order by drivers.dimension, drivers.total_effect
