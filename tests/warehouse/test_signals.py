"""Control limits against the same rules written out in NumPy, over any series of values."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

import duckdb
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sales_support_kpi.settings import Home

LEAST = {"hours": 0.0, "count": 0.0, "ratio": 0.0, "score": 1.0}
GREATEST = {"hours": np.inf, "count": np.inf, "ratio": 1.0, "score": 5.0}
SLACK = 1e-9

Series = list[float | None]


@dataclass(frozen=True)
class Chart:
    """What the oracle says of the points of a series, in their order."""

    centre: float
    lower: float
    upper: float
    range_limit: float
    outside: list[bool]
    jumps: list[bool]
    runs: list[int]


def oracle(points: list[float], unit: str) -> Chart:
    """The individuals chart as the books have it: one loop a rule."""
    values = np.array(points)
    ranges = np.abs(np.diff(values))
    centre, spread = float(values.mean()), float(ranges.mean())
    lower = max(centre - 2.66 * spread, LEAST[unit])
    upper = min(centre + 2.66 * spread, GREATEST[unit])
    runs: list[int] = []
    sides = [
        0 if abs(value - centre) <= SLACK else int(np.sign(value - centre)) for value in values
    ]
    for place, side in enumerate(sides):
        follows = place > 0 and sides[place - 1] == side
        runs.append(0 if side == 0 else runs[-1] + 1 if follows else 1)
    return Chart(
        centre,
        lower,
        upper,
        3.268 * spread,
        [bool(value > upper + SLACK or value < lower - SLACK) for value in values],
        [False, *(bool(moved > 3.268 * spread + SLACK) for moved in ranges)],
        runs,
    )


@dataclass(frozen=True)
class Model:
    """The compiled model over a table of values that a test fills."""

    connection: duckdb.DuckDBPyConnection
    sql: str

    def rows(
        self, values: Series, unit: str, *, grain: str = "week", better: str = "higher"
    ) -> list[dict[str, object]]:
        self.connection.execute("delete from build.people.kpi_values")
        self.connection.execute("delete from build.control.kpis")
        self.connection.execute("insert into build.control.kpis values ('a', ?, ?)", [unit, better])
        start = date(2024, 1, 1)
        for place, value in enumerate(values):
            day = start + timedelta(7 * place)
            self.connection.execute(
                "insert into build.people.kpi_values "
                "values ('a', ?, ?, ?, 'company', 'company', ?, true, '2026-11-01 00:00+00')",
                [grain, day, day + timedelta(6), value],
            )
        cursor = self.connection.execute(f"from ({self.sql}) order by period_start")
        names = [column[0] for column in cursor.description or ()]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


@pytest.fixture(scope="module")
def model(empty_company: Home) -> Iterator[Model]:
    compiled = (empty_company.build_file.parent / "dbt" / "compiled").rglob("kpi_signals.sql")
    with duckdb.connect() as connection:
        connection.execute("attach ':memory:' as build")
        connection.execute("create schema build.people; create schema build.control")
        connection.execute("create table build.control.kpis (kpi_id text, unit text, better text)")
        connection.execute(
            "create table build.people.kpi_values (kpi_id text, grain text, period_start date, "
            "period_end date, scope_type text, scope_id text, value double, is_complete boolean, "
            "as_of timestamptz)"
        )
        yield Model(connection, next(compiled).read_text(encoding="utf-8"))


def in_hundredths(unit: str) -> st.SearchStrategy[float]:
    highest = {"ratio": 100, "score": 500}.get(unit, 5000)
    return st.integers(100 if unit == "score" else 0, highest).map(lambda number: number / 100)


SERIES = st.sampled_from(["hours", "ratio", "score", "count"]).flatmap(
    lambda unit: st.tuples(
        st.just(unit),
        st.lists(st.one_of(st.none(), *[in_hundredths(unit)] * 4), min_size=1, max_size=40),
    )
)


@given(SERIES)
@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_the_chart_is_the_one_of_the_books(model: Model, drawn: tuple[str, Series]) -> None:
    unit, values = drawn
    rows = model.rows(values, unit)
    shown = [row for row in rows if row["is_point"]]
    points = [value for value in values if value is not None][-26:]
    assert [row["value"] for row in shown] == points
    if len(points) < 8:
        assert {row["signal"] for row in rows} <= {"too_few_points", "no_data"}
        assert {row["centre"] for row in rows} == {None}
        return
    chart = oracle(points, unit)
    for name, expected in (
        ("centre", chart.centre), ("lower", chart.lower), ("upper", chart.upper),
        ("moving_range_limit", chart.range_limit),
    ):  # fmt: skip
        assert len({row[name] for row in rows}) == 1
        assert rows[0][name] == pytest.approx(expected, abs=1e-8)
    assert [row["is_outside"] for row in shown] == chart.outside
    assert [row["is_jump"] for row in shown] == chart.jumps
    assert [row["run_length"] for row in shown] == chart.runs
    assert [row["is_run"] for row in shown] == [run >= 8 for run in chart.runs]


def test_without_an_upper_bound_the_limit_is_the_plain_one(model: Model) -> None:
    rows = model.rows([4.0, 5.0] * 5, "hours")
    assert rows[0]["upper"] == pytest.approx(4.5 + 2.66)


def test_a_constant_series_has_no_signal(model: Model) -> None:
    rows = model.rows([0.1 + 0.2] * 12, "ratio")
    assert {row["signal"] for row in rows} == {"none"}
    assert {row["run_length"] for row in rows} == {0}
    assert {(row["lower"], row["upper"]) for row in rows} == {(0.3, 0.3)}


def test_seven_points_are_too_few(model: Model) -> None:
    rows = model.rows([0.9] * 7, "ratio")
    assert {row["signal"] for row in rows} == {"too_few_points"}
    assert {row["signal"] for row in model.rows([0.9] * 8, "ratio")} == {"none"}


def test_a_series_without_data_has_no_chart(model: Model) -> None:
    rows = model.rows([None, None], "ratio")
    assert [(row["signal"], row["centre"], row["point_count"]) for row in rows] == [
        ("no_data", None, 0), ("no_data", None, 0)
    ]  # fmt: skip


def test_limits_stay_where_values_can_be(model: Model) -> None:
    rows = model.rows([0.0, 1.0] * 5, "ratio")
    assert (rows[0]["lower"], rows[0]["upper"]) == (0, 1)
    assert {row["signal"] for row in rows} == {"none"}
    scores = model.rows([1.0, 5.0] * 5, "score")
    assert (scores[0]["lower"], scores[0]["upper"]) == (1, 5)


def test_only_the_last_26_weeks_and_24_months_are_charted(model: Model) -> None:
    values: Series = [*([100.0] * 10), *([1.0, 2.0] * 13)]
    assert len(model.rows(values, "hours")) == 26
    assert model.rows(values, "hours")[0]["centre"] == 1.5
    assert len(model.rows(values, "hours", grain="month")) == 24


def test_which_side_is_good_news_depends_on_the_kpi(model: Model) -> None:
    values: Series = [4.0, 5.0, 4.0, 5.0, 4.0, 5.0, 4.0, 5.0, 4.0, 5.0, 20.0]
    for better, is_favourable in (("higher", True), ("lower", False)):
        last = model.rows(values, "hours", better=better)[-1]
        assert (last["signal"], last["is_favourable"]) == ("outside_above", is_favourable)
