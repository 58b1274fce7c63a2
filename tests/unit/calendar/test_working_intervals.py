"""Working time, against a walk over every minute."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sales_support_kpi.calendar import calendar_range, working_intervals
from sales_support_kpi.config import Company, load_config
from sales_support_kpi.config.company import WEEKDAYS
from sales_support_kpi.settings import shipped_config_dir

MINUTE = timedelta(minutes=1)


def company(timezone: str, hours: object, **changes: object) -> Company:
    shipped = load_config(shipped_config_dir()).company.model_dump(by_alias=True)
    return Company.model_validate(
        {**shipped, "timezone": timezone, "country": None, "working_hours": hours, **changes}
    )


def business(of: Company, first: date, last: date) -> list[dict]:
    table = working_intervals(of, first, last).to_pylist()
    return [row for row in table if row["clock"] == "business"]


def text(minute: int) -> str:
    return f"{minute // 60:02d}:{minute % 60:02d}"


@st.composite
def day_hours(draw: st.DrawFn) -> list[str]:
    marks = draw(st.lists(st.integers(0, 96), max_size=6, unique=True).map(sorted))
    bounds = [mark * 15 for mark in marks[: len(marks) // 2 * 2]]
    pairs = list(zip(bounds[::2], bounds[1::2], strict=True))
    if draw(st.booleans()) and len(pairs) > 1:  # adjacent: the second starts where the first ends
        pairs[1] = (pairs[0][1], pairs[1][1])
    return [f"{text(start)}-{text(end)}" for start, end in pairs]


weeks = st.fixed_dictionaries({day: day_hours() for day in WEEKDAYS}).filter(
    lambda week: week["mon"] and any(week.values())
)
# zone and a day near which its clocks change (Apia skips a whole day, Sao Paulo skips midnight,
# Havana repeats it, Lord Howe moves by half an hour)
PLACES = [
    ("Asia/Seoul", date(1988, 5, 8)),
    ("Europe/Berlin", date(2026, 3, 29)),
    ("Europe/Berlin", date(2026, 10, 25)),
    ("America/Sao_Paulo", date(2018, 11, 4)),
    ("America/Havana", date(2025, 11, 2)),
    ("Australia/Lord_Howe", date(2026, 4, 5)),
    ("Pacific/Apia", date(2011, 12, 30)),
]


def minutes_walked(of: Company, first: date, last: date, origin: datetime) -> dict[datetime, bool]:
    """Every minute: is the furthest time that the wall clock has shown so far working time?"""
    zone = ZoneInfo(of.timezone)
    furthest = datetime.min  # noqa: DTZ901
    instant, walked = origin, {}
    while furthest < datetime.combine(last + timedelta(days=1), time()):
        furthest = max(furthest, instant.astimezone(zone).replace(tzinfo=None))
        day, minute = furthest.date(), furthest.hour * 60 + furthest.minute
        schedule = of.schedule_on(day)
        if day in of.open_days:
            hours = schedule.mon
        elif day in of.closed_days:
            hours = ()
        else:
            hours = getattr(schedule, WEEKDAYS[day.weekday()])
        walked[instant] = first <= day <= last and any(
            one.start <= minute < one.end for one in hours
        )
        instant += MINUTE
    return walked


def assert_as_walked(of: Company, first: date, last: date) -> None:
    origin = datetime.combine(first - timedelta(days=1), time(), UTC) - timedelta(hours=12)

    intervals = business(of, first, last)

    inside = {
        row["starts_at"] + MINUTE * step
        for row in intervals
        for step in range((row["ends_at"] - row["starts_at"]) // MINUTE)
    }
    walked = minutes_walked(of, first, last, origin)
    assert inside == {instant for instant, is_working in walked.items() if is_working}
    total = 0
    for row in intervals:
        assert row["microseconds_before"] == total
        total += (row["ends_at"] - row["starts_at"]) // timedelta(microseconds=1)
    assert all(one["ends_at"] <= other["starts_at"] for one, other in pairwise(intervals))


@settings(max_examples=30, deadline=None)
@given(
    place=st.sampled_from(PLACES),
    before=weeks,
    after=weeks,
    turn=st.integers(-1, 2),
    opened=st.sets(st.integers(-1, 2), max_size=2),
    closed=st.sets(st.integers(-1, 2), max_size=2),
)
def test_working_time_is_that_of_a_walk_over_every_minute(
    place, before, after, turn, opened, closed
) -> None:
    timezone, middle = place
    first, last = middle - timedelta(days=1), middle + timedelta(days=2)
    of = company(
        timezone,
        [before, {"from": (middle + timedelta(days=turn)).isoformat(), **after}],
        open_days=[middle + timedelta(days=offset) for offset in opened],
        closed_days=[middle + timedelta(days=offset) for offset in closed],
    )
    assert_as_walked(of, first, last)


SHORT_HOURS = ["00:00-00:15", "00:15-00:45", "01:15-02:15", "02:20-02:40", "09:00-18:00"]


@pytest.mark.parametrize(("timezone", "middle"), PLACES)
def test_working_time_within_the_hours_that_change_is_that_of_the_walk(timezone, middle) -> None:
    of = company(timezone, dict.fromkeys(WEEKDAYS, SHORT_HOURS))
    assert_as_walked(of, middle - timedelta(days=1), middle + timedelta(days=1))


def test_an_hour_that_comes_twice_is_worked_twice() -> None:
    of = company("Europe/Berlin", {"sun": ["00:00-24:00"], "mon": ["09:00-10:00"]})
    (row,) = business(of, date(2026, 10, 25), date(2026, 10, 25))
    assert row["ends_at"] - row["starts_at"] == timedelta(hours=25)


def test_an_hour_that_is_skipped_is_not_worked() -> None:
    of = company("Europe/Berlin", {"sun": ["02:00-03:00", "04:00-05:00"]})
    (row,) = business(of, date(2026, 3, 29), date(2026, 3, 29))
    assert row["starts_at"] == datetime(2026, 3, 29, 2, tzinfo=UTC)


@pytest.mark.parametrize("timezone", ["Asia/Seoul", "America/New_York"])
def test_the_calendar_clock_is_one_interval_over_all_days(timezone: str) -> None:
    of = company(timezone, {"mon": ["09:00-18:00"]})
    first, last = calendar_range(datetime(2026, 11, 1, tzinfo=UTC), timezone)

    table = working_intervals(of, first, last).to_pylist()

    (row,) = [row for row in table if row["clock"] == "calendar"]
    assert row["starts_at"].astimezone(ZoneInfo(timezone)) == datetime(
        1970, 1, 1, tzinfo=ZoneInfo(timezone)
    )
    assert row["ends_at"].astimezone(ZoneInfo(timezone)) == datetime(
        2028, 1, 1, tzinfo=ZoneInfo(timezone)
    )
    assert row["microseconds_before"] == 0


def test_a_normal_week_has_45_hours() -> None:
    of = load_config(shipped_config_dir()).company
    rows = business(of, date(2026, 10, 12), date(2026, 10, 18))

    assert [row["microseconds_before"] / 3.6e9 for row in rows] == [0, 9, 18, 27, 36]
    assert rows[0]["starts_at"] == datetime(2026, 10, 12, tzinfo=UTC)  # 09:00 in Seoul
