"""Which days are open, and where each begins and ends."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Any

import holidays
import pytest

from sales_support_kpi.calendar import calendar_hash, calendar_range, days, working_intervals
from sales_support_kpi.config import Company, load_config
from sales_support_kpi.settings import shipped_config_dir

SHIPPED = load_config(shipped_config_dir()).company


def company(**changes: Any) -> Company:
    return Company.model_validate({**SHIPPED.model_dump(by_alias=True), **WEEK, **changes})


WEEK = {
    "working_hours": {
        **{day: ["09:00-18:00"] for day in ("mon", "tue", "wed", "thu", "fri")},
    }
}


def rows(of: Company, first: str, last: str) -> dict[date, dict[str, Any]]:
    table = days(of, date.fromisoformat(first), date.fromisoformat(last))
    return {row["date"]: row for row in table.to_pylist()}


@pytest.mark.parametrize(
    ("day", "name"),
    [
        ("2025-03-03", "삼일절 대체 휴일"),
        ("2025-05-06", "대체 휴일"),
        ("2025-10-08", "추석 대체 휴일"),
        ("2026-03-02", "삼일절 대체 휴일"),
        ("2026-05-25", "부처님오신날 대체 휴일"),
        ("2026-08-17", "광복절 대체 휴일"),
        ("2026-10-05", "개천절 대체 휴일"),
    ],
)
def test_korean_substitute_holidays_are_closed(day: str, name: str) -> None:
    row = rows(SHIPPED, day, day)[date.fromisoformat(day)]

    assert not row["is_open"]
    assert name in row["holiday_name"]
    assert working_intervals(SHIPPED, row["date"], row["date"]).num_rows == 1  # calendar alone


def test_two_years_of_korean_holidays_are_those_of_the_library() -> None:
    known = holidays.country_holidays("KR", years=[2025, 2026], language="ko")
    found = rows(SHIPPED, "2025-01-01", "2026-12-31")

    assert {day: row["holiday_name"] for day, row in found.items() if row["holiday_name"]} == dict(
        known
    )
    assert {day for day, row in found.items() if row["is_open"]} == {
        day for day in found if day.weekday() < 5 and day not in known
    }


def test_holiday_names_do_not_follow_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LANGUAGE", "en_US")
    assert rows(SHIPPED, "2026-10-09", "2026-10-09")[date(2026, 10, 9)]["holiday_name"] == "한글날"


def test_without_a_country_there_are_no_holidays() -> None:
    found = rows(company(country=None), "2026-10-05", "2026-10-09")

    assert all(row["is_open"] and row["holiday_name"] is None for row in found.values())


def test_open_days_beat_holidays_weekends_and_closed_days() -> None:
    of = company(open_days=["2026-10-03", "2026-10-09", "2026-10-12"], closed_days=["2026-10-12"])
    found = rows(of, "2026-10-02", "2026-10-12")

    assert found[date(2026, 10, 3)]["is_open"]  # a Saturday and a holiday
    assert found[date(2026, 10, 9)]["is_open"]
    assert found[date(2026, 10, 9)]["holiday_name"] == "한글날"
    assert found[date(2026, 10, 12)]["is_open"]
    assert not found[date(2026, 10, 4)]["is_open"]


def test_open_days_have_the_hours_monday_has_then() -> None:
    hours = [
        {"mon": ["09:00-12:00"], "sat": ["10:00-11:00"]},
        {"from": "2026-10-05", "mon": ["13:00-18:00"]},
    ]
    of = company(working_hours=hours, country=None, open_days=["2026-10-03", "2026-10-10"])

    table = working_intervals(of, date(2026, 10, 3), date(2026, 10, 10)).to_pylist()

    local = [
        (row["starts_at"] + timedelta(hours=9)).strftime("%d %H:%M")
        for row in table
        if row["clock"] == "business"
    ]
    assert local == ["03 09:00", "05 13:00", "10 13:00"]


def test_closed_days_are_closed_without_being_holidays() -> None:
    row = rows(company(closed_days=["2026-12-31"]), "2026-12-31", "2026-12-31")[date(2026, 12, 31)]

    assert not row["is_open"]
    assert row["holiday_name"] is None


@pytest.mark.parametrize(
    "timezone", ["Asia/Seoul", "Europe/Berlin", "America/Sao_Paulo", "Pacific/Apia", "Asia/Beirut"]
)
def test_days_follow_each_other_without_gap_or_overlap(timezone: str) -> None:
    of = company(timezone=timezone, country=None)
    table = days(of, date(2008, 1, 1), date(2026, 12, 31)).to_pylist()

    assert all(one["ends_at"] == other["starts_at"] for one, other in pairwise(table))
    assert all(row["starts_at"] <= row["ends_at"] for row in table)
    assert len(table) == (date(2027, 1, 1) - date(2008, 1, 1)).days


def test_a_day_lasts_as_long_as_the_clocks_make_it() -> None:
    of = company(timezone="Europe/Berlin", country=None)
    found = rows(of, "2026-03-28", "2026-10-26")
    hours = {
        day: (row["ends_at"] - row["starts_at"]) / timedelta(hours=1) for day, row in found.items()
    }

    assert hours[date(2026, 3, 29)] == 23
    assert hours[date(2026, 10, 25)] == 25
    assert sum(length != 24 for length in hours.values()) == 2


def test_a_day_whose_midnight_is_skipped_begins_when_the_clocks_change() -> None:
    of = company(timezone="America/Sao_Paulo", country=None)
    row = rows(of, "2018-11-04", "2018-11-04")[date(2018, 11, 4)]

    assert row["starts_at"] == datetime(2018, 11, 4, 3, tzinfo=UTC)
    assert row["ends_at"] == datetime(2018, 11, 5, 2, tzinfo=UTC)


def test_the_calendar_reaches_to_the_end_of_next_year_in_the_companys_zone() -> None:
    last_hours_of_2026 = datetime(2026, 12, 31, 16, tzinfo=UTC)

    assert calendar_range(last_hours_of_2026, "Asia/Seoul") == (
        date(1970, 1, 1),
        date(2028, 12, 31),
    )
    assert calendar_range(last_hours_of_2026, "UTC") == (date(1970, 1, 1), date(2027, 12, 31))


def test_the_hash_tells_calendars_apart() -> None:
    span = date(2026, 1, 1), date(2026, 12, 31)
    hashes = [
        calendar_hash(days(of, *span), working_intervals(of, *span))
        for of in (SHIPPED, company(), company(closed_days=["2026-12-31"]), company(country=None))
    ]

    assert hashes[0] == hashes[1]
    assert len(set(hashes)) == 3
