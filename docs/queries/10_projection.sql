-- Where will the month and the quarter land? · 이번 달과 분기는 얼마로 끝날까?
-- File: kpi.duckdb. needed: how many more (counts), or at which rate the rest has to go.
select
    catalog.number,
    catalog.name_ko,
    catalog.name_en,
    projections.kpi_id,
    projections.grain,
    projections.period_start,
    projections.value as to_date,
    projections.elapsed_share,
    projections.target,
    projections.projected,
    projections.low_95,
    projections.high_95,
    projections.expected_status,
    projections.is_certain,
    projections.needed,
    projections.is_reachable,
    projections.reason

from kpi_projections as projections
inner join kpi_catalog as catalog on projections.kpi_id = catalog.kpi_id

where projections.scope_type = 'company'

order by projections.grain, catalog.position
