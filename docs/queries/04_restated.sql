-- Which published numbers have changed since, and why? · 공개된 뒤 바뀐 값과 그 이유
-- File: kpi.duckdb. why: late, edited, deleted records; decided: only time told; redefined: what.
-- A cell that changed twice has two lines; value_today is what is published now.
select
    restated.kpi_id,
    restated.grain,
    restated.period_start,
    restated.scope_type,
    restated.scope_id,
    restated.from_value,
    restated.to_value,
    cells.value as value_today,
    restated.from_night,
    restated.to_night,
    restated.why,
    restated.what,
    restated.late_count + restated.edited_count + restated.deleted_count as record_count

from kpi_restatements as restated
inner join kpi_values as cells
    on
        restated.kpi_id = cells.kpi_id
        and restated.grain = cells.grain
        and restated.period_start = cells.period_start
        and restated.scope_type = cells.scope_type
        and restated.scope_id = cells.scope_id

where restated.grain in ('week', 'month')

order by
    restated.to_as_of desc,
    restated.kpi_id asc,
    restated.scope_type asc,
    restated.scope_id asc
