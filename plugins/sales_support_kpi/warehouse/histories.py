"""Published tables that are read from what was landed as `ops`: they go back over all nights.

ops `quality_results`, `reconciliations` → `data_quality`, `data_quality_trends`, `reconciliation`
"""

from collections.abc import Mapping

from sales_support_kpi.landing.ops import ops_rows
from sales_support_kpi.landing.ops_entities import OPS_ENTITIES
from sales_support_kpi.settings import Home
from sales_support_kpi.warehouse.inputs import BuildLike

_LATEST = (
    "select * from {rows} where night <= date '{night}' qualify row_number() over ("
    "partition by {key} order by _load_seq desc, _row desc) = 1"
)

# The judgement of a night is that of its last build; a load's that of its last landing.
_QUALITY = """
with results as ({latest}),
judged as (
    select
        night, door, suite, "check", subject, nullif(kpi_id, '') as kpi_id,
        nullif(file, '') as file, series, severity, outcome,
        case outcome when 'passed' then false when 'no_data' then not may_be_empty else true end
            as is_breach,
        on_breach, observed, "value", threshold, "bound", expected, why, owner, judged_at
    from results
    qualify inputs_hash = first_value(inputs_hash) over (
        partition by night, door, case when door = 'in' then inputs_hash end
        order by _load_seq desc
    )
)
select
    night, door, suite, "check", subject, kpi_id, file, series, severity, outcome, is_breach,
    is_breach and (severity = 'warning' or (on_breach = 'withhold' and kpi_id is not null))
        as is_warning,
    on_breach, observed, "value", threshold, "bound",
    if("bound" = 'min', "value" - threshold, threshold - "value") as headroom,
    expected, why, owner, judged_at
from judged
order by night, door, suite, "check", subject, kpi_id, file
"""

_TRENDS = """
with shown as (
    select
        night, door, suite, "check", coalesce(series, subject) as subject,
        case when series is null then kpi_id end as kpi_id,
        outcome, "value", threshold, "bound", headroom
    from data_quality
    where "value" is not null and threshold is not null
),
-- the worst of a group, whether it passed or not: else a trend would look well when one fails
judged as (
    select * from shown
    qualify row_number() over (
        partition by night, door, suite, "check", subject, kpi_id order by headroom
    ) = 1
)
select
    *,
    lag("value") over earlier as previous_value,
    "value" - lag("value") over earlier as "change"
from judged
window earlier as (partition by door, suite, "check", subject, kpi_id order by night)
order by door, suite, "check", subject, kpi_id, night
"""

_RECONCILIATION = """
with ties as ({latest})
select
    night, as_of, source, entity, load_seq, stage, compared, expected_count, actual_count,
    actual_count - expected_count as count_difference, expected_sum, actual_sum,
    actual_sum - expected_sum as sum_difference, is_tied
from ties
where inputs_hash = '' or inputs_hash in (
    select arg_max(inputs_hash, _load_seq) from ties where inputs_hash <> '' group by night
)
order by night, source, entity, load_seq nulls last, stage, compared
"""


def histories(home: Home, build: BuildLike) -> Mapping[str, str]:
    """Table → the query that makes it; a later one may read an earlier one by its name."""
    night = build.night.date.isoformat()

    def latest(entity: str) -> str:
        # rows that were landed before a column of the key was thought of
        columns = OPS_ENTITIES[entity].columns
        key = ", ".join(
            f"coalesce(\"{name}\", '')" if columns[name] == "text" else f'"{name}"'
            for name in OPS_ENTITIES[entity].key
        )
        return _LATEST.format(rows=ops_rows(home, entity), night=night, key=key)

    return {
        "data_quality": _QUALITY.format(latest=latest("quality_results")),
        "data_quality_trends": _TRENDS,
        "reconciliation": _RECONCILIATION.format(latest=latest("reconciliations")),
    }
