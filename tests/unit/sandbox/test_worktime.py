"""The generator's own working clock."""

from datetime import date, datetime

import numpy as np

from sales_support_kpi.sandbox.rhythm import MONTHS, arrivals, month_of, monthly_counts
from sales_support_kpi.sandbox.worktime import HOUR, NEVER, day_number, work_clock


def at(text: str) -> int:
    return int(datetime.fromisoformat(f"{text}+09:00").timestamp())


def hours(start: str, end: str) -> float:
    used = work_clock().used(np.array([at(start), at(end)]))
    return float(used[1] - used[0]) / HOUR


def test_only_working_hours_are_used_up():
    assert hours("2026-03-04T10:00", "2026-03-04T12:30") == 2.5
    assert hours("2026-03-04T17:00", "2026-03-05T10:00") == 2.0
    assert hours("2026-03-06T17:00", "2026-03-09T10:00") == 2.0  # over a weekend


def test_holidays_and_their_substitutes_are_closed():
    assert hours("2026-02-13T17:00", "2026-02-19T10:00") == 2.0  # the lunar new year
    assert hours("2026-03-02T09:00", "2026-03-02T18:00") == 0.0
    assert not work_clock().is_open_day(day_number(date(2026, 10, 5)))


def test_going_forward_uses_exactly_that_time():
    clock = work_clock()
    rng = np.random.default_rng(1)
    start = rng.integers(at("2025-10-01T00:00"), at("2026-12-01T00:00"), 10_000)
    seconds = rng.integers(1, 200 * HOUR, 10_000)
    end = clock.instant(clock.used(start) + seconds)
    assert (clock.used(end) - clock.used(start) == seconds).all()
    assert (end > start).all()


def test_beyond_the_calendar_is_never():
    assert work_clock().instant(np.array([2**40]))[0] == NEVER


def test_arrivals_stay_in_their_month_in_order():
    for month in range(len(MONTHS)):
        found = arrivals(np.random.default_rng(month), month, 500)
        assert (month_of(found) == month).all()
        assert (np.diff(found) >= 0).all()


def test_monthly_counts_add_up_over_the_history():
    assert abs(sum(monthly_counts(13_000)[:13]) - 13_000) <= 13
