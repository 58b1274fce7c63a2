-- What did last month's scorecard say, and what is it today? · 지난달은 어떻게 보고되었고 지금은?
-- File: kpi.duckdb. reported_value is what was published when the month was first complete.
with asked as (
    select max(period_start) as period_start

    from kpi_values

    where grain = 'month' and is_complete
)

select
    catalog.number,
    catalog.name_ko,
    catalog.name_en,
    cells.kpi_id,
    cells.period_start,
    cells.reported_value,
    cells.reported_as_of,
    cells.value,
    cells.value - cells.reported_value as difference,
    cells.status,
    cells.is_closed

from kpi_values as cells
inner join asked on cells.period_start = asked.period_start
inner join kpi_catalog as catalog on cells.kpi_id = catalog.kpi_id

where cells.grain = 'month' and cells.scope_type = 'company'

order by catalog.position
