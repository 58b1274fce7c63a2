-- How do the teams compare over the last three complete months? · 최근 3개월 팀별 비교
-- File: kpi.duckdb. Numerators and denominators are added up and divided once: the mean of three
-- monthly values would count a month with two cases as much as one with two hundred.
with asked as (
    select
        'inquiry_within_4h' as kpi_id,
        max(period_start) as last_month

    from kpi_values

    where grain = 'month' and is_complete
)

select
    cells.kpi_id,
    cells.scope_type,
    cells.scope_id,
    sum(cells.denominator) as cases,
    sum(cells.numerator) / nullif(sum(cells.denominator), 0) as value,
    arg_max(cells.target, cells.period_start) as target,
    arg_max(cells.value, cells.period_start) as value_of_last_month,
    arg_max(cells.is_certain, cells.period_start) as is_certain_in_last_month

from kpi_values as cells
inner join asked on cells.kpi_id = asked.kpi_id

where
    cells.grain = 'month'
    and cells.scope_type in ('company', 'team')
    and cells.period_start between asked.last_month - interval 2 month and asked.last_month

group by cells.kpi_id, cells.scope_type, cells.scope_id

order by cells.scope_type asc, value desc nulls last
