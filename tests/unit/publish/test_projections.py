"""Where a period will land: the final value of one cell, and the table of a whole night."""

import math
from dataclasses import asdict, replace
from datetime import UTC, date, datetime
from pathlib import Path

import duckdb
import pytest
from handmade_build import make_build
from hypothesis import given, settings
from hypothesis import strategies as st

from sales_support_kpi.warehouse.backtest import Trial, report, score
from sales_support_kpi.warehouse.final_values import Cell, Week
from sales_support_kpi.warehouse.levels import LEAST_POINTS, Level, level_of
from sales_support_kpi.warehouse.projections import make_projections, project, status_of, to_table

# October 2026 after 10 of its 20 working days: 40 of 50, while a week usually brings 22 or 23 of 25
HALF_WAY = Cell(
    kpi_id="inquiry_within_4h",
    unit="ratio",
    better="higher",
    aggregation="flow",
    tolerance=0.05,
    grain="month",
    period_start=date(2026, 10, 1),
    period_end=date(2026, 10, 31),
    scope_type="company",
    scope_id="company",
    as_of=datetime(2026, 10, 15, 15, tzinfo=UTC),
    is_complete=False,
    numerator=40.0,
    denominator=50.0,
    value=0.8,
    target=0.9,
    working_days=20.0,
    working_days_elapsed=10.0,
    flow=(40.0, 50.0),
    weeks=tuple(Week(5, (22.0 + place % 2, 25.0)) for place in range(20)),
)
# a month in which nothing has been counted, after weeks of 1, 2, 1, 2, …
COUNT = replace(
    HALF_WAY,
    unit="count",
    numerator=0.0,
    denominator=None,
    value=None,
    target=3.0,
    flow=None,
    weeks=tuple(Week(5, (1.0 + place % 2, None)) for place in range(20)),
)
# about one a month, in most weeks none
RARE = replace(
    COUNT,
    weeks=tuple(Week(5, None if place % 4 else (1.0, None)) for place in range(20)),
    months=(1.0, 1.0, 0.0, 1.0, 2.0, 1.0, 1.0, 1.0),
)
# 96 of 100 records are right, as in the weeks before
STOCK = replace(
    HALF_WAY,
    aggregation="stock",
    numerator=96.0,
    denominator=100.0,
    value=0.96,
    flow=None,
    stock=(96.0, 100.0),
    weeks=tuple(Week(5, stock=(95.0 + place % 3, 100.0)) for place in range(20)),
)
MONTH_END = replace(
    STOCK,
    aggregation="month_end",
    numerator=10.0,
    denominator=20.0,
    value=0.5,
    stock=None,
    weeks=(),
    months=(0.8, 0.9, 0.8, 0.9, 0.8, 0.9, 0.8, 0.9),
)
CELLS = (HALF_WAY, COUNT, RARE, STOCK, MONTH_END)


def test_the_rest_of_a_month_goes_on_as_the_weeks_before() -> None:
    found = project(HALF_WAY)
    assert found.expected_rest == pytest.approx(50)  # 5 a working day
    # 40 of 50 so far, and 90 % of 50 more
    assert found.projected == pytest.approx((40 + 0.9 * 50) / 100, abs=0.002)
    assert found.elapsed_share == 0.5
    assert found.points == 20


def test_the_pace_says_what_the_rest_has_to_be() -> None:
    found = project(HALF_WAY)
    assert found.needed == pytest.approx(1.0)  # 50 of 50 more make 90 of 100
    assert found.is_reachable
    worse = replace(HALF_WAY, numerator=39.0, value=0.78, flow=(39.0, 50.0))
    assert project(worse).needed == pytest.approx(51 / 50)
    assert project(worse).is_reachable is False


def test_what_is_still_open_may_be_done_yet() -> None:
    # ten inquiries are open: all of them and all that are to come can be done
    completion = replace(HALF_WAY, kpi_id="inquiry_completion_rate", target=1.0)
    found = project(completion)
    assert found.needed == pytest.approx(1)
    assert found.is_reachable
    settled = project(replace(completion, kpi_id="contract_followup_completion"))
    assert settled.is_reachable is False
    assert found.low_80 is not None
    assert settled.low_80 is not None
    assert found.low_80 < settled.low_80


def test_hours_may_rise_as_far_as_the_rest_allows() -> None:
    weeks = tuple(Week(5, (50.0 + place % 2, 25.0)) for place in range(20))
    hours = replace(
        HALF_WAY, unit="hours", better="lower", target=2.0, numerator=75.0, value=1.5,
        flow=(75.0, 50.0), weeks=weeks,
    )  # fmt: skip
    found = project(hours)
    assert found.needed == pytest.approx(2.5)  # 75 h so far, 200 h in all
    assert found.is_reachable
    assert found.expected_status == "met"


def test_a_count_says_how_many_more() -> None:
    found = project(COUNT)
    assert found.needed == 3
    assert found.is_reachable
    assert found.expected_rest == pytest.approx(3, abs=0.3)  # 0.3 a day, 10 days left
    assert found.projected == 3
    assert found.expected_status == "met"


def test_a_rare_count_reaches_what_is_usual_in_a_month_and_no_more() -> None:
    assert project(RARE).projected == 1
    assert project(RARE).points == len(RARE.months)
    assert project(replace(RARE, numerator=1.0)).projected == 1
    assert project(replace(RARE, numerator=3.0)).projected == 3


def test_a_rare_count_of_a_quarter_goes_on_with_its_months() -> None:
    # July and August brought 1 each; September has none yet
    quarter = replace(RARE, grain="quarter", working_days=62.0, working_days_elapsed=52.0)
    assert project(replace(quarter, numerator=2.0, months_ahead=1)).projected == 3
    # July brought 1; there is none in August so far, and September is to come
    early = replace(quarter, working_days_elapsed=31.0, months_ahead=2)
    assert project(replace(early, numerator=1.0)).projected == 3


def test_a_count_does_not_fall_and_ends_with_a_whole_number() -> None:
    found = project(replace(COUNT, numerator=2.0, value=2.0))
    limits = (found.low_80, found.high_80, found.low_95, found.high_95)
    assert all(limit is not None and limit >= 2 and limit == int(limit) for limit in limits)


def test_a_stock_stays_about_where_it_is() -> None:
    found = project(STOCK)
    assert found.projected == pytest.approx(0.96, abs=0.01)
    assert found.expected_rest is None
    assert found.needed == 0.9


def test_what_was_updated_this_month_stays_updated() -> None:
    found = project(replace(MONTH_END, value=0.95))
    assert found.projected == 0.95
    assert found.low_95 == 0.95


@pytest.mark.parametrize("points", [0, LEAST_POINTS - 1])
@pytest.mark.parametrize("cell", CELLS)
def test_too_few_points_give_no_projection_and_say_so(cell: Cell, points: int) -> None:
    # the value of a stock now is a point of its own
    kept = max(points - 1, 0) if cell is STOCK else points
    found = project(replace(cell, weeks=cell.weeks[:kept], months=cell.months[:kept]))
    assert (found.projected, found.low_95, found.expected_status) == (None, None, None)
    assert found.reason == "too_few_points"
    assert found.value == cell.value


def test_weeks_without_data_are_no_points() -> None:
    few = tuple(Week(5, (22.0, 25.0) if place < 7 else None) for place in range(20))
    assert project(replace(HALF_WAY, weeks=few)).reason == "too_few_points"


def test_a_period_without_data_that_has_ended_has_no_projection() -> None:
    ended = replace(HALF_WAY, is_complete=True, numerator=0.0, denominator=0.0, value=None)
    assert project(ended).reason == "no_data"
    assert project(ended).projected is None


def test_a_period_that_has_ended_is_as_it_stands() -> None:
    found = project(replace(HALF_WAY, is_complete=True))
    assert (found.low_95, found.projected, found.high_95) == (0.8, 0.8, 0.8)
    assert (found.method, found.elapsed_share) == ("as_it_stands", 1.0)
    assert found.expected_status == "missed"


def test_nothing_is_expected_when_no_working_day_is_left() -> None:
    found = project(replace(HALF_WAY, working_days_elapsed=20.0))
    assert (found.low_95, found.projected, found.high_95) == (0.8, 0.8, 0.8)
    assert found.is_reachable is False


def test_a_constant_series_goes_on() -> None:
    constant = tuple(Week(5, (100.0, 25.0)) for _ in range(12))
    hours = replace(
        HALF_WAY, unit="hours", better="lower", target=4.0, numerator=200.0, value=4.0,
        flow=(200.0, 50.0), weeks=constant,
    )  # fmt: skip
    found = project(hours)
    assert (found.low_95, found.projected, found.high_95) == (4, 4, 4)
    assert found.expected_status == "met"


def test_a_ratio_that_never_failed_is_not_certain_to_go_on() -> None:
    perfect = tuple(Week(5, (25.0, 25.0)) for _ in range(12))
    found = project(replace(HALF_WAY, numerator=50.0, flow=(50.0, 50.0), value=1.0, weeks=perfect))
    assert found.projected == found.high_95 == 1
    assert found.low_95 is not None
    assert found.low_95 < 1


@given(
    st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30)), max_size=30),
    st.integers(0, 40),
    st.integers(0, 20),
)
@settings(max_examples=40, deadline=None)
def test_the_interval_holds_the_projection_whatever_the_weeks(
    weeks: list[tuple[int, int]], so_far: int, elapsed: int
) -> None:
    drawn = tuple(
        Week(5, (float(min(pair)), float(max(pair))) if max(pair) else None) for pair in weeks
    )
    flow = (float(so_far), 40.0)
    found = project(
        replace(
            HALF_WAY, weeks=drawn, flow=flow, numerator=flow[0], denominator=40.0,
            value=so_far / 40, working_days_elapsed=float(elapsed),
        )
    )  # fmt: skip
    if found.projected is None:
        assert found.reason == "too_few_points"
        return
    limits = [found.low_95, found.low_80, found.projected, found.high_80, found.high_95]
    numbers = [limit for limit in limits if limit is not None]
    assert len(numbers) == 5
    assert numbers == sorted(numbers)
    assert all(math.isfinite(number) and 0 <= number <= 1 for number in numbers)


@given(st.lists(st.floats(0, 100), min_size=8, max_size=40))
@settings(max_examples=40, deadline=None)
def test_a_level_lies_among_its_values(values: list[float]) -> None:
    level = level_of(values)
    assert level is not None
    assert min(values) - 1e-6 <= level.mean <= max(values) + 1e-6
    assert min(level.uncertainty, level.drift, level.noise) >= 0
    assert level.variance_of_mean(100, 4) <= level.variance_of_mean(10, 4) + 1e-9


VALUES = [5.0, 6.0, 4.0, 7.0, 8.0, 7.0, 9.0, 8.0, 10.0, 9.0, 11.0, 10.0]


def test_the_model_is_the_local_level_of_statsmodels() -> None:
    from statsmodels.tsa.statespace.structural import UnobservedComponents

    level = level_of(VALUES)
    assert level is not None
    fit = UnobservedComponents(VALUES, "llevel").fit(disp=False)
    forecast = fit.get_forecast(4)
    assert level.mean == pytest.approx(float(forecast.predicted_mean[0]), rel=0.02)
    ours = [level.variance_ahead(weeks) for weeks in (1, 2, 3, 4)]
    assert ours == pytest.approx(list(forecast.var_pred_mean), rel=0.1)


def test_a_week_of_few_cases_says_less_than_one_of_many() -> None:
    values = [4.0, 4.2, 3.9, 4.1, 4.0, 3.8, 4.1, 4.0, 1.0]
    few, many = (level_of(values, [10.0] * 8 + [last]) for last in (1.0, 100.0))
    assert few is not None
    assert many is not None
    assert few.mean > 3.5 > many.mean


def test_a_week_without_cases_is_no_point_but_takes_its_time() -> None:
    gap: list[float | None] = [*VALUES, None, None, None]
    level, after_gap = level_of(VALUES), level_of(gap)
    assert level is not None
    assert after_gap is not None
    assert after_gap.points == level.points
    assert after_gap.uncertainty == pytest.approx(level.uncertainty + 3 * level.drift, rel=0.01)


def test_several_weeks_together_vary_as_simulated_ones_do() -> None:
    import numpy as np

    level = Level(mean=5.0, uncertainty=0.3, drift=0.2, noise=4.0, points=12)
    random = np.random.default_rng(1)
    start = random.normal(0, math.sqrt(level.uncertainty), (200_000, 1))
    walk = start + random.normal(0, math.sqrt(level.drift), (200_000, 4)).cumsum(axis=1)
    means = walk.mean(axis=1) + random.normal(0, math.sqrt(level.noise / 40), 200_000)
    assert level.variance_of_mean(40, 4) == pytest.approx(float(means.var()), rel=0.02)


@pytest.mark.parametrize("drift", [0.0, 0.02])
def test_intervals_hold_as_often_as_they_say(drift: float) -> None:
    """Half of a month to come, after twenty weeks of a share that stays or drifts."""
    import numpy as np

    random = np.random.default_rng(7)
    held_80 = held_95 = 0
    runs = 150
    for _ in range(runs):
        shares = np.clip(0.8 + random.normal(0, drift, 22).cumsum(), 0.05, 0.95)
        cases = random.poisson(25, 22)
        right = random.binomial(cases, shares)
        weeks = tuple(Week(5, (float(right[n]), float(cases[n]))) for n in range(20))
        found = project(replace(HALF_WAY, weeks=weeks))
        actual = (40 + right[20:].sum()) / (50 + cases[20:].sum())
        assert found.low_80 is not None
        assert found.high_80 is not None
        assert found.low_95 is not None
        assert found.high_95 is not None
        held_80 += found.low_80 <= actual <= found.high_80
        held_95 += found.low_95 <= actual <= found.high_95
    assert 0.73 <= held_80 / runs <= 0.91
    assert held_95 / runs >= 0.90


@pytest.mark.parametrize(
    ("value", "status"), [(0.9, "met"), (0.8999, "at_risk"), (0.855, "at_risk"), (0.854, "missed")]
)
def test_a_projection_is_judged_like_a_value(value: float, status: str) -> None:
    assert status_of(HALF_WAY, value) == status
    assert status_of(replace(HALF_WAY, target=None), value) == "no_target"


def test_lower_is_judged_the_other_way_round() -> None:
    hours = replace(HALF_WAY, better="lower", target=4.0)
    assert [status_of(hours, value) for value in (4.0, 4.2, 4.3)] == ["met", "at_risk", "missed"]


def test_the_same_cell_gives_the_same_row() -> None:
    for cell in CELLS:
        assert asdict(project(cell)) == asdict(project(replace(cell)))


def test_every_row_without_a_projection_says_why() -> None:
    cells = [*CELLS, *(replace(cell, weeks=(), months=()) for cell in CELLS)]
    for row in to_table([project(cell) for cell in cells]).to_pylist():
        assert (row["projected"] is None) == (row["reason"] is not None)


def test_the_backtest_scores_errors_and_how_often_the_interval_held() -> None:
    trial = Trial(
        kpi_id="a", grain="month", period_start=date(2026, 9, 1), scope_type="team",
        scope_id="North", projected=0.8, low_80=0.7, high_80=0.85, low_95=0.6, high_95=0.9,
        previous=0.5, actual=0.9,
    )  # fmt: skip
    company = replace(trial, scope_type="company", actual=0.8)
    quarter = replace(trial, grain="quarter", period_start=date(2026, 7, 1), actual=0.95)
    found = score([trial, replace(trial, actual=0.8)])
    assert found.error == pytest.approx(0.05)
    assert found.naive_error == pytest.approx(0.35)
    assert (found.trials, found.held_80, found.held_95) == (2, 0.5, 1.0)

    text = report(
        [
            *(trial, replace(trial, actual=0.8), company, quarter, replace(quarter, actual=0.8)),
            replace(trial, period_start=date(2026, 8, 1)),
        ],
        ["b", "a"],
        [date(2026, 9, 1)],
    )
    assert text.splitlines() == [
        "Months:",
        "",
        "| KPI | n | error | naive | in 80 · 95 % | n | error | naive | in 80 · 95 % |",
        "|---|---|---|---|---|---|---|---|---|",
        "| `b` | – | – | – | – | – | – | – | – |",
        "| `a` | 1 | 0.000 | 0.300 | 1 · 1 | 3 | 0.067 | 0.367 | 1 · 3 |",
        "| together | 1 | | | 100% · 100% | 3 | | | 33% · 100% |",
        "",
        "Quarters:",
        "",
        "| KPI | n | error | naive | in 80 · 95 % | n | error | naive | in 80 · 95 % |",
        "|---|---|---|---|---|---|---|---|---|",
        "| `b` | – | – | – | – | – | – | – | – |",
        "| `a` | – | – | – | – | 2 | 0.075 | 0.375 | 1 · 1 |",
        "| together | – | – | – | – | 2 | | | 50% · 50% |",
        "",
        "all: 50% · 83% of 6",
        "with 2026-09: 60% · 80% of 5",
        "the others: 0% · 100% of 1",
    ]


def test_a_build_without_what_it_takes_has_an_empty_table(tmp_path: Path) -> None:
    table = make_projections(make_build(tmp_path).file, frozenset())
    assert table.num_rows == 0
    assert {"kpi_id", "projected", "low_80", "reason"} <= set(table.column_names)


def test_a_night_projects_company_and_teams_but_nothing_withheld(tmp_path: Path) -> None:
    file = tmp_path / "build.duckdb"
    with duckdb.connect(str(file)) as connection:
        connection.execute(SMALL_BUILD)
    rows = make_projections(file, frozenset()).to_pylist()
    assert {(row["grain"], row["scope_id"]) for row in rows} == {
        ("month", "company"), ("month", "North")
    }  # fmt: skip
    (company,) = (row for row in rows if row["scope_id"] == "company")
    # the 15th, a Thursday, has ended; the 30th is closed
    assert (company["working_days"], company["working_days_elapsed"]) == (21, 11)
    assert company["expected_rest"] == pytest.approx(20)
    assert company["projected"] == pytest.approx((10 + 0.5 * 20) / 40, abs=0.01)
    assert rows == make_projections(file, frozenset()).to_pylist()
    assert make_projections(file, frozenset({"a"})).num_rows == 0


# `a`: one of two cases a working day succeeds; of the company, a team and a person
SMALL_BUILD = """
set timezone = 'UTC';
create schema control; create schema marts; create schema people;
create table control.night as select timestamptz '2026-10-16 00:00+00' as as_of;
create table control.days as
select
    date::date as date, date::timestamptz as starts_at,
    (date + interval 1 day)::timestamptz as ends_at,
    isodow(date) < 6 and date <> date '2026-10-30' as is_open
from range(date '2026-01-01', date '2027-01-01', interval 1 day) as days (date);
create table control.kpis as
select 'a' as kpi_id, 'ratio' as unit, 'higher' as better, 'flow' as aggregation,
    0.05::double as tolerance;
create table scopes as
select * from (values ('company', 'company'), ('team', 'North'), ('employee', 'e01'))
    as scopes (scope_type, scope_id);
create table people.kpi_values as
select
    'a' as kpi_id, 'week' as grain, monday::date as period_start,
    (monday + interval 6 day)::date as period_end, scope_type, scope_id, 5::double as numerator,
    10::double as denominator, 0.5::double as value, 0.9::double as target, true as is_complete
from range(date '2026-07-06', date '2026-10-12', interval 7 day) as weeks (monday)
cross join scopes
union all
select
    'a', 'month', date '2026-10-01', date '2026-10-31', scope_type, scope_id, 10, 20, 0.5, 0.9,
    false
from scopes;
create table marts.flow_cells as
select kpi_id, grain, period_start, scope_type, scope_id, numerator, denominator
from people.kpi_values;
create table marts.stock_cells as select * from marts.flow_cells limit 0;
"""
