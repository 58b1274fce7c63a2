-- The effects of the groups are the difference, exactly: in every dimension, for every pair.
select
    kpi_id,
    grain,
    period_start,
    scope_type,
    scope_id,
    comparison,
    dimension,
    any_value(value) - any_value(base_value) as difference,
    sum(total_effect) as effects

from {{ ref('kpi_drivers') }}

group by kpi_id, grain, period_start, scope_type, scope_id, comparison, dimension

having
    not coalesce(
        abs(sum(total_effect) - (any_value(value) - any_value(base_value))) <= 1e-9,
        false
    )
