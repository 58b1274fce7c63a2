"""The cells to project, read from a build: the last months and quarters and what came before.

build.duckdb (control, marts, people.kpi_values) → Cell
"""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

import duckdb

from sales_support_kpi.warehouse.final_values import Cell, Week
from sales_support_kpi.warehouse.levels import MOST_POINTS

_NEEDED = (
    ("control", "days"), ("control", "night"), ("control", "kpis"), ("people", "kpi_values"),
    ("marts", "flow_cells"), ("marts", "stock_cells"),
)  # fmt: skip
_SCOPES = "scope_type in ('company', 'team')"
_KEY = "kpi_id, grain, period_start, scope_type, scope_id"

# the parts of a pooled KPI; sums of floats depend on their order in the last digits
_WITH_PARTS = f"""
with flow as (select * from marts.flow_cells where {_SCOPES}),
stock as (select * from marts.stock_cells where {_SCOPES}),
found as (select * from people.kpi_values where {_SCOPES} and grain in ('week', 'month', 'quarter'))
select
    found.*,
    kpis.unit, kpis.better, kpis.aggregation, kpis.tolerance,
    round(flow.numerator, 10) as flow_numerator,
    round(flow.denominator, 10) as flow_denominator,
    round(stock.numerator, 10) as stock_numerator,
    round(stock.denominator, 10) as stock_denominator,
    night.as_of as looked_at,
    (
        select count(*) from control.days
        where is_open and date between found.period_start and found.period_end
    ) as working_days,
    coalesce((
        select sum(least(
            epoch(night.as_of - starts_at) / epoch(ends_at - starts_at), 1
        ))
        from control.days
        where is_open and date between found.period_start and found.period_end
            and starts_at < night.as_of
    ), 0) as working_days_elapsed
from found
left join flow using ({_KEY})
left join stock using ({_KEY})
inner join control.kpis as kpis on found.kpi_id = kpis.kpi_id
cross join control.night as night
where found.grain <> 'week' or found.is_complete
order by {", ".join(f"found.{name}" for name in _KEY.split(", "))}
"""


def read_cells(connection: duckdb.DuckDBPyConnection) -> list[Cell]:
    """The current month and quarter of every KPI, of the company and the teams."""
    if not all(_has_table(connection, schema, table) for schema, table in _NEEDED):
        return []
    weeks: dict[tuple[str, ...], list[Week]] = defaultdict(list)
    months: dict[tuple[str, ...], list[float]] = defaultdict(list)
    current: dict[tuple[str, ...], dict[str, Any]] = {}
    last_month: dict[tuple[str, ...], Any] = {}
    for row in _rows(connection):
        series = (row["kpi_id"], row["scope_type"], row["scope_id"])
        if row["grain"] == "week":
            weeks[series].append(Week(row["working_days"], _pair(row, "flow"), _pair(row, "stock")))
            continue
        current[(*series, row["grain"])] = row
        value = row["value"]
        if value is None and row["unit"] == "count":
            value = 0.0
        if row["grain"] == "month" and row["is_complete"] and value is not None:
            months[series].append(value)
            last_month[series] = row["period_start"]
    return [
        _cell(row, weeks[key[:3]], months[key[:3]], _months_ahead(row, last_month.get(key[:3])))
        for key, row in current.items()
    ]


def _rows(connection: duckdb.DuckDBPyConnection) -> Iterable[dict[str, Any]]:
    cursor = connection.execute(_WITH_PARTS)
    names = [column[0] for column in cursor.description or ()]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def _cell(row: dict[str, Any], weeks: list[Week], months: list[float], ahead: int) -> Cell:
    same = (
        "kpi_id", "unit", "better", "aggregation", "tolerance", "grain", "period_start",
        "period_end", "scope_type", "scope_id", "is_complete", "numerator", "denominator", "value",
        "target",
    )  # fmt: skip
    return Cell(
        **{name: row[name] for name in same},
        as_of=row["looked_at"],
        working_days=float(row["working_days"]),
        working_days_elapsed=round(float(row["working_days_elapsed"]), 10),
        flow=_pair(row, "flow"),
        stock=_pair(row, "stock"),
        weeks=tuple(weeks[-MOST_POINTS:]),
        months=tuple(months[-MOST_POINTS:]),
        months_ahead=ahead,
    )


def _pair(row: dict[str, Any], part: str) -> Any:  # noqa: ANN401 - two numbers, or none
    if row[f"{part}_numerator"] is None:
        return None
    return row[f"{part}_numerator"], row[f"{part}_denominator"]


def _months_ahead(row: dict[str, Any], last: Any) -> int:  # noqa: ANN401 - a date, or none
    if last is None:
        return 1
    end = row["period_end"]
    months = (end.year - last.year) * 12 + end.month - last.month
    return max(int(months), 1)


def _has_table(connection: duckdb.DuckDBPyConnection, schema: str, table: str) -> bool:
    found = connection.execute(
        "select 1 from information_schema.tables where table_schema = ? and table_name = ?",
        [schema, table],
    ).fetchall()
    return bool(found)
