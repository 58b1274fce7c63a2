from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sales_support_kpi.errors import UsageError
from sales_support_kpi.report.periods import Grain, Period, parse_period, period_of

DAYS = st.dates(min_value=date(1990, 1, 1), max_value=date(2200, 12, 31))


@pytest.mark.parametrize(
    ("text", "grain", "start", "end"),
    [
        ("2026", Grain.YEAR, date(2026, 1, 1), date(2026, 12, 31)),
        ("2026-Q4", Grain.QUARTER, date(2026, 10, 1), date(2026, 12, 31)),
        ("2026q1", Grain.QUARTER, date(2026, 1, 1), date(2026, 3, 31)),
        ("2026-10", Grain.MONTH, date(2026, 10, 1), date(2026, 10, 31)),
        ("2024-2", Grain.MONTH, date(2024, 2, 1), date(2024, 2, 29)),
        ("2026-W44", Grain.WEEK, date(2026, 10, 26), date(2026, 11, 1)),
        ("2026-W01", Grain.WEEK, date(2025, 12, 29), date(2026, 1, 4)),
        ("2026-10-31", Grain.DAY, date(2026, 10, 31), date(2026, 10, 31)),
    ],
)
def test_a_period_is_read_as_people_write_it(
    text: str, grain: Grain, start: date, end: date
) -> None:
    period = parse_period(text)

    assert (period.grain, period.start, period.end) == (grain, start, end)


@pytest.mark.parametrize(
    "text", ["", "october", "2026-13", "2026-02-30", "2025-W53", "9999", "0000"]
)
def test_what_is_no_period_is_refused_in_one_sentence(text: str) -> None:
    with pytest.raises(UsageError, match=r"unknown period|there is no") as caught:
        parse_period(text)

    assert "\n" not in str(caught.value)


@given(DAYS, st.sampled_from(Grain))
def test_a_day_lies_in_its_period_and_the_label_reads_back(day: date, grain: Grain) -> None:
    period = period_of(day, grain)

    assert period.start <= day <= period.end
    assert parse_period(period.label) == period


@given(DAYS, st.sampled_from(Grain), st.integers(-30, 30))
def test_periods_follow_each_other_without_gap_or_overlap(
    day: date, grain: Grain, count: int
) -> None:
    period = period_of(day, grain)

    assert (period.next().start - period.end).days == 1
    assert period.shifted(count).shifted(-count) == period


def test_a_period_is_cut_in_the_companys_zone() -> None:
    first, last = Period(Grain.MONTH, date(2026, 10, 1)).instants("Asia/Seoul")

    assert first == datetime(2026, 9, 30, 15, tzinfo=UTC)
    assert last == datetime(2026, 10, 31, 15, tzinfo=UTC)
