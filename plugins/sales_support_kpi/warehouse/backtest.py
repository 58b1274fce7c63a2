"""How good the projections would have been: earlier periods, projected from their middle.

build.duckdb → the company and its teams as they stood at each cut-off → project → compare

    python -m sales_support_kpi.warehouse.backtest var/warehouse/build.duckdb --apart 2026-06

A month is projected when its fifteenth has ended, a quarter when that of its second month has.
"""

import argparse
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import duckdb

from sales_support_kpi.warehouse.backtest_nights import lay_night, lay_rows
from sales_support_kpi.warehouse.projection_cells import read_cells
from sales_support_kpi.warehouse.projections import AS_IT_STANDS, project

CUT_OFF_DAY = 16  # its 00:00: the fifteenth has ended

Place = tuple[str, str, str]  # KPI and scope


@dataclass(frozen=True, slots=True)
class Trial:
    """One projection and what came of it.

    Attributes:
        previous: the value of the period before: the naive forecast.
    """

    kpi_id: str
    grain: str
    period_start: date
    scope_type: str
    scope_id: str
    projected: float
    low_80: float
    high_80: float
    low_95: float
    high_95: float
    previous: float
    actual: float


@dataclass(frozen=True, slots=True)
class Score:
    """Trials together: mean absolute errors and how often the interval held."""

    trials: int
    error: float
    naive_error: float
    held_80: float
    held_95: float


def backtest(build_file: Path, months: Sequence[date]) -> list[Trial]:
    """Project every month and quarter, wherever there is enough before it to learn from."""
    trials: list[Trial] = []
    with duckdb.connect() as connection:
        quoted = str(build_file).replace("'", "''")
        connection.execute(f"attach '{quoted}' as build (read_only)")
        zone = ZoneInfo(str(_scalar(connection, "select timezone from build.control.night")))
        connection.execute(f"set timezone = '{zone.key}'")
        lay_rows(connection)
        for grain, first, cut_off in _cut_offs(months):
            length = 3 if grain == "quarter" else 1
            lay_night(connection, _midnight(_months_after(first, length), zone))
            actual = _values(connection, grain, first)
            lay_night(connection, _midnight(cut_off, zone))
            previous = _values(connection, grain, _months_after(first, -length))
            trials += _trials(connection, grain, first, previous, actual)
    return trials


def score(trials: Sequence[Trial]) -> Score:
    """Trials of one kind."""

    def mean(values: Iterable[float]) -> float:
        return sum(values) / len(trials)

    slack = 1e-9
    return Score(
        trials=len(trials),
        error=mean(abs(t.projected - t.actual) for t in trials),
        naive_error=mean(abs(t.previous - t.actual) for t in trials),
        held_80=mean(t.low_80 - slack <= t.actual <= t.high_80 + slack for t in trials),
        held_95=mean(t.low_95 - slack <= t.actual <= t.high_95 + slack for t in trials),
    )


def _cut_offs(months: Sequence[date]) -> Iterable[tuple[str, date, date]]:
    """Grain, first day and cut-off of every period that is complete with these months."""
    for month in months:
        yield "month", month, month.replace(day=CUT_OFF_DAY)
        if month.month % 3 == 0 and _months_after(month, -2) in months:
            middle = _months_after(month, -1)
            yield "quarter", _months_after(month, -2), middle.replace(day=CUT_OFF_DAY)


def _trials(
    connection: duckdb.DuckDBPyConnection,
    grain: str,
    first: date,
    previous: dict[Place, float],
    actual: dict[Place, float],
) -> Iterable[Trial]:
    for cell in read_cells(connection):
        place = (cell.kpi_id, cell.scope_type, cell.scope_id)
        if (cell.grain, cell.period_start) != (grain, first):
            continue
        if place not in previous or place not in actual:
            continue
        row = project(cell)
        if row.projected is None or row.method == AS_IT_STANDS:
            continue
        yield Trial(
            kpi_id=cell.kpi_id,
            grain=grain,
            period_start=first,
            scope_type=cell.scope_type,
            scope_id=cell.scope_id,
            projected=row.projected,
            low_80=row.low_80 or 0.0,
            high_80=row.high_80 or 0.0,
            low_95=row.low_95 or 0.0,
            high_95=row.high_95 or 0.0,
            previous=previous[place],
            actual=actual[place],
        )


def _values(connection: duckdb.DuckDBPyConnection, grain: str, first: date) -> dict[Place, float]:
    found = connection.execute(
        "select kpi_id, scope_type, scope_id, value from people.kpi_values "
        "where grain = ? and period_start = ? and is_complete and value is not null",
        [grain, first],
    ).fetchall()
    return {(kpi_id, scope_type, scope_id): value for kpi_id, scope_type, scope_id, value in found}


def _months_after(month: date, count: int) -> date:
    index = month.year * 12 + month.month - 1 + count
    return date(index // 12, index % 12 + 1, 1)


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=zone)


def _scalar(connection: duckdb.DuckDBPyConnection, sql: str) -> object:
    found = connection.execute(sql).fetchone()
    return found[0] if found else None


def complete_months(build_file: Path) -> list[date]:
    """The months of a build that have ended."""
    with duckdb.connect(str(build_file), read_only=True) as connection:
        return [
            month
            for (month,) in connection.execute(
                "select distinct period_start from people.kpi_values "
                "where grain = 'month' and is_complete order by 1"
            ).fetchall()
        ]


def report(trials: Sequence[Trial], kpi_ids: Sequence[str], apart: Sequence[date] = ()) -> str:
    """The tables of docs/signals.md: the company left, its teams right, and all together.

    Args:
        trials: of months and quarters.
        kpi_ids: the order of the lines.
        apart: months in which something happened, to be counted by themselves as well.
    """
    lines: list[str] = []
    for grain, title in (("month", "Months"), ("quarter", "Quarters")):
        lines += [f"{title}:", "", "| KPI |" + " n | error | naive | in 80 · 95 % |" * 2]
        lines += ["|---" * 9 + "|"]
        of_grain = [trial for trial in trials if trial.grain == grain]
        for kpi_id in kpi_ids:
            of_kpi = [trial for trial in of_grain if trial.kpi_id == kpi_id]
            lines.append(f"| `{kpi_id}` | " + " | ".join(map(_errors, _sides(of_kpi))) + " |")
        lines += ["| together | " + " | ".join(map(_coverage, _sides(of_grain))) + " |", ""]
    for what, some in _parts(trials, apart):
        lines.append(f"{what}: {_shares(score(some))} of {len(some)}" if some else f"{what}: none")
    return "\n".join(lines) + "\n"


def _sides(trials: Sequence[Trial]) -> tuple[list[Trial], list[Trial]]:
    company = [trial for trial in trials if trial.scope_type == "company"]
    return company, [trial for trial in trials if trial.scope_type == "team"]


def _errors(trials: Sequence[Trial]) -> str:
    if not trials:
        return "– | – | – | –"
    found = score(trials)
    held = [round(share * found.trials) for share in (found.held_80, found.held_95)]
    return f"{found.trials} | {found.error:.3f} | {found.naive_error:.3f} | {held[0]} · {held[1]}"


def _coverage(trials: Sequence[Trial]) -> str:
    return f"{len(trials)} | | | {_shares(score(trials))}" if trials else "– | – | – | –"


def _shares(found: Score) -> str:
    return f"{found.held_80:.0%} · {found.held_95:.0%}"


def _parts(trials: Sequence[Trial], apart: Sequence[date]) -> Iterable[tuple[str, Sequence[Trial]]]:
    """All trials, then those of periods that hold one of the months, then the others."""
    yield "all", trials
    if apart:
        quarters = [_months_after(month, -((month.month - 1) % 3)) for month in apart]
        marked = {("month", month) for month in apart} | {("quarter", one) for one in quarters}
        is_marked = [(trial.grain, trial.period_start) in marked for trial in trials]
        named = ", ".join(f"{month:%Y-%m}" for month in apart)
        yield f"with {named}", [t for t, one in zip(trials, is_marked, strict=True) if one]
        yield "the others", [t for t, one in zip(trials, is_marked, strict=True) if not one]


def _kpi_ids(build_file: Path) -> list[str]:
    """In the order of the scorecard."""
    with duckdb.connect(str(build_file), read_only=True) as connection:
        found = connection.execute("select kpi_id from control.kpis order by rowid").fetchall()
    return [kpi_id for (kpi_id,) in found]


def main() -> None:
    """Print the scores of all complete periods of a build."""
    parser = argparse.ArgumentParser(description="How good the projections would have been.")
    parser.add_argument("build", type=Path, help="a build.duckdb")
    parser.add_argument(
        "--apart", action="append", default=[], metavar="YYYY-MM", help="a month apart"
    )
    given = parser.parse_args()
    apart = [date.fromisoformat(f"{month}-01") for month in given.apart]
    trials = backtest(given.build, complete_months(given.build))
    sys.stdout.write(report(trials, _kpi_ids(given.build), apart))


if __name__ == "__main__":
    main()
