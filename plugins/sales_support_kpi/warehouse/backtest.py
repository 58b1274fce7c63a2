"""How good the projections would have been: earlier months, projected from their middle.

build.duckdb (measures, control) → the company as it stood at each cut-off → project → compare

    python -m sales_support_kpi.warehouse.backtest var/warehouse/build.duckdb

A cut-off sees what a night of that instant would have seen (not what had been landed by then): rows
that were visible, requests that were still open, stocks as they stood. Company scope, months.
"""

import sys
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import duckdb

from sales_support_kpi.warehouse.projection_cells import read_cells
from sales_support_kpi.warehouse.projections import SMOOTHING, project

CUT_OFF_DAY = 16  # its 00:00: the fifteenth has ended


@dataclass(frozen=True, slots=True)
class Trial:
    """One projection and what came of it.

    Attributes:
        previous: the value of the month before, as the naive forecast.
    """

    kpi_id: str
    month: date
    projected: float
    low_80: float
    high_80: float
    low_95: float
    high_95: float
    previous: float
    actual: float


@dataclass(frozen=True, slots=True)
class Score:
    """The trials of a KPI together: mean absolute errors and how often the interval held."""

    kpi_id: str
    trials: int
    error: float
    naive_error: float
    held_80: float
    held_95: float


def backtest(build_file: Path, months: Sequence[date]) -> list[Trial]:
    """Project every month from its middle, wherever there is enough before it to learn from."""
    trials: list[Trial] = []
    with duckdb.connect() as connection:
        connection.execute(f"attach '{str(build_file).replace(chr(39), chr(39) * 2)}' as build")
        zone = ZoneInfo(str(_scalar(connection, "select timezone from build.control.night")))
        connection.execute(f"set timezone = '{zone.key}'")
        _lay_rows(connection)
        for month in months:
            following = date(month.year + month.month // 12, month.month % 12 + 1, 1)
            _lay_night(connection, datetime(following.year, following.month, 1, tzinfo=zone))
            actual = _month_values(connection, month)
            cut_off = datetime(month.year, month.month, CUT_OFF_DAY, tzinfo=zone)
            _lay_night(connection, cut_off)
            before = date(month.year - (month.month == 1), (month.month - 2) % 12 + 1, 1)
            previous = _month_values(connection, before)
            trials += _trials(connection, month, previous, actual)
    return trials


def scores(trials: Iterable[Trial]) -> list[Score]:
    """The trials by KPI."""
    by_kpi: dict[str, list[Trial]] = defaultdict(list)
    for trial in trials:
        by_kpi[trial.kpi_id].append(trial)
    return [_score(kpi_id, found) for kpi_id, found in sorted(by_kpi.items())]


def _score(kpi_id: str, trials: Sequence[Trial]) -> Score:
    def mean(values: Iterable[float]) -> float:
        return sum(values) / len(trials)

    slack = 1e-9
    return Score(
        kpi_id,
        len(trials),
        mean(abs(t.projected - t.actual) for t in trials),
        mean(abs(t.previous - t.actual) for t in trials),
        mean(t.low_80 - slack <= t.actual <= t.high_80 + slack for t in trials),
        mean(t.low_95 - slack <= t.actual <= t.high_95 + slack for t in trials),
    )


def _trials(
    connection: duckdb.DuckDBPyConnection,
    month: date,
    previous: dict[str, float],
    actual: dict[str, float],
) -> Iterable[Trial]:
    for cell in read_cells(connection):
        known = cell.kpi_id in previous and cell.kpi_id in actual
        if cell.grain != "month" or cell.period_start != month or not known:
            continue
        row = project(cell)
        if row.method != SMOOTHING:
            continue
        yield Trial(
            kpi_id=cell.kpi_id,
            month=month,
            projected=row.projected or 0.0,
            low_80=row.low_80 or 0.0,
            high_80=row.high_80 or 0.0,
            low_95=row.low_95 or 0.0,
            high_95=row.high_95 or 0.0,
            previous=previous[cell.kpi_id],
            actual=actual[cell.kpi_id],
        )


def _lay_rows(connection: duckdb.DuckDBPyConnection) -> None:
    """All measure rows with the instants between which they count."""
    tables = connection.execute(
        "select table_name from duckdb_tables() where database_name = 'build' "
        "and schema_name = 'measures' and table_name like 'measure\\_%' escape '\\'"
    ).fetchall()
    union = " union all by name ".join(
        f"select kpi_id, aggregation, occurred_at, visible_from, visible_until, numerator, "
        f"denominator from build.measures.{name}"
        for (name,) in tables
    )
    for schema in ("control", "marts", "people"):
        connection.execute(f"create schema {schema}")
    connection.execute("create view control.days as from build.control.days")
    connection.execute("create view control.kpis as from build.control.kpis")
    connection.execute(
        f"create table measured as select *, occurred_at::timestamp::date as occurred_date "
        f"from ({union})"
    )


def _lay_night(connection: duckdb.DuckDBPyConnection, as_of: datetime) -> None:
    """The tables a build of that instant would hold, for the company."""
    connection.execute("create or replace table control.night as select ? as as_of", [as_of])
    for name, sql in _NIGHT.items():
        connection.execute(f"create or replace table {name} as {sql}")


_SCOPE = "'company' as scope_type, 'company' as scope_id"
_NIGHT = {
    "visible": """
        select measured.* from measured cross join control.night as night
        where occurred_at < as_of and visible_from < as_of
            and (visible_until is null or visible_until >= as_of)
    """,
    "periods": """
        select
            grain, date_trunc(grain, date)::date as period_start, max(date) as period_end,
            least(max(ends_at), any_value(as_of)) as evaluated_at,
            max(ends_at) <= any_value(as_of) as is_complete
        from control.days
        cross join control.night
        cross join (select unnest(['week', 'month', 'quarter']) as grain)
        where date >= (
            select date_trunc('year', min(occurred_date)) from visible where aggregation = 'flow'
        )
        group by all
        having min(starts_at) < any_value(as_of)
    """,
    "marts.flow_cells": f"""
        select
            kpi_id, grain, period_start, {_SCOPE},
            sum(numerator) as numerator, sum(denominator) as denominator
        from visible inner join periods on occurred_date between period_start and period_end
        where aggregation = 'flow'
        group by all
    """,
    "marts.stock_cells": f"""
        select
            kpi_id, grain, period_start, {_SCOPE},
            sum(numerator) as numerator, sum(denominator) as denominator
        from visible inner join periods on occurred_at < evaluated_at
        where aggregation = 'stock'
        group by all
    """,
    "month_end_cells": f"""
        select
            kpi_id, grain, period_start, {_SCOPE},
            sum(numerator) as numerator, sum(denominator) as denominator
        from visible inner join periods on occurred_date = period_start
        where aggregation = 'month_end' and grain = 'month'
        group by all
    """,
    "people.kpi_values": f"""
        with pooled as (
            select
                kpi_id, grain, period_start, {_SCOPE},
                sum(numerator) as numerator, sum(denominator) as denominator
            from (from marts.flow_cells union all by name from marts.stock_cells
                union all by name from month_end_cells)
            group by all
        ),
        spine as (
            select kpi_id, periods.*
            from periods
            inner join (select kpi_id, min(period_start) as first_start from pooled group by all)
                on period_start >= first_start
        )
        select
            kpi_id, grain, period_start, spine.period_end, {_SCOPE}, numerator, denominator,
            case
                when kpis.unit = 'count' then coalesce(numerator, 0)  -- a month without is 0
                when denominator > 0 then numerator / denominator
            end as value,
            null::double as target, spine.is_complete
        from spine
        inner join control.kpis as kpis using (kpi_id)
        left join pooled using (kpi_id, grain, period_start)
    """,
}


def _month_values(connection: duckdb.DuckDBPyConnection, month: date) -> dict[str, float]:
    found = connection.execute(
        "select kpi_id, value from people.kpi_values "
        "where grain = 'month' and period_start = ? and is_complete and value is not null",
        [month],
    ).fetchall()
    return dict(found)


def _scalar(connection: duckdb.DuckDBPyConnection, sql: str) -> object:
    found = connection.execute(sql).fetchone()
    return found[0] if found else None


def _complete_months(build_file: Path) -> list[date]:
    with duckdb.connect(str(build_file), read_only=True) as connection:
        return [
            month
            for (month,) in connection.execute(
                "select distinct period_start from people.kpi_values "
                "where grain = 'month' and is_complete order by 1"
            ).fetchall()
        ]


def main() -> None:
    """Print the scores of all complete months of a build as a table."""
    build_file = Path(sys.argv[1])
    trials = backtest(build_file, _complete_months(build_file))
    lines = ["| KPI | n | error | naive | in 80 % | in 95 % |", "|---|---|---|---|---|---|"]
    lines += [
        f"| `{s.kpi_id}` | {s.trials} | {s.error:.3f} | {s.naive_error:.3f} "
        f"| {s.held_80:.0%} | {s.held_95:.0%} |"
        for s in scores(trials)
    ]
    if trials:
        together = _score("", trials)
        lines.append(
            f"| together | {len(trials)} | | | {together.held_80:.0%} | {together.held_95:.0%} |"
        )
    sys.stdout.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
