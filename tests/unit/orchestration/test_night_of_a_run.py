"""Which night a DAG run means: asked for, announced, or told by the company's clock."""

from datetime import UTC, date, datetime
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import pytest

from sales_support_kpi.errors import UsageError
from sales_support_kpi.orchestration.night import (
    last_completed_day,
    night_meant,
    night_of_context,
)

SEOUL = "Asia/Seoul"


def meant(conf=None, announcements=(), due_at=datetime(2026, 11, 20, tzinfo=UTC), timezone=SEOUL):
    return night_meant(conf=conf, announcements=announcements, due_at=due_at, timezone=timezone)


def test_the_night_asked_for_wins_over_announcements_and_clock():
    night = meant({"night": "2026-10-31"}, [{"night": "2026-11-02"}])
    assert night.date == date(2026, 10, 31)
    assert night.as_of == datetime(2026, 10, 31, 15, tzinfo=UTC)  # midnight in Seoul


def test_an_announced_night_wins_over_the_clock():
    assert meant({}, [{"night": "2026-10-31"}]).date == date(2026, 10, 31)


def test_of_several_announced_nights_the_latest_is_built():
    extras = [{"night": "2026-10-30"}, {"night": "2026-10-31"}, {"night": "2026-10-29"}]
    assert meant(None, extras).date == date(2026, 10, 31)


def test_an_event_made_by_hand_without_a_night_leaves_it_to_the_clock():
    assert meant(None, [{"from_rest_api": True}, {}]).date == date(2026, 11, 19)


@pytest.mark.parametrize(
    ("due_at", "day"),
    [
        # 02:00 in Seoul is 17:00 UTC of the day before: in UTC the night would be a day early.
        (datetime(2026, 11, 20, 2, tzinfo=ZoneInfo(SEOUL)), date(2026, 11, 19)),
        (datetime(2026, 11, 19, 17, tzinfo=UTC), date(2026, 11, 19)),
        # The day is over at midnight sharp, not a moment before.
        (datetime(2026, 11, 20, 0, 0, tzinfo=ZoneInfo(SEOUL)), date(2026, 11, 19)),
        (datetime(2026, 11, 19, 23, 59, 59, tzinfo=ZoneInfo(SEOUL)), date(2026, 11, 18)),
        (datetime(2026, 1, 1, 1, tzinfo=ZoneInfo(SEOUL)), date(2025, 12, 31)),
    ],
)
def test_the_clock_means_the_last_day_that_was_over_in_the_company_s_zone(due_at, day):
    assert meant(due_at=due_at).date == day


def test_the_clock_counts_calendar_days_when_clocks_change():
    # New York, 2026-11-01 has 25 hours: 24 hours before 00:30 on the 2nd is still the 1st.
    due_at = datetime(2026, 11, 2, 0, 30, tzinfo=ZoneInfo("America/New_York"))
    night = meant(due_at=due_at, timezone="America/New_York")
    assert night.date == date(2026, 11, 1)
    assert night.as_of == datetime(2026, 11, 2, 5, tzinfo=UTC)


def test_a_naive_instant_belongs_to_no_day():
    with pytest.raises(ValueError, match="naive"):
        last_completed_day(datetime(2026, 11, 20), SEOUL)  # noqa: DTZ001


@pytest.mark.parametrize("asked", ["yesterday", "2026-13-01", 20261031.5, ""])
def test_a_night_that_is_no_date_is_refused_with_an_example(asked):
    with pytest.raises(UsageError, match=r'write \{"night": "2026-10-31"\}'):
        meant({"night": asked})


def context(conf=None, events=None, logical_date=None):
    run_after = datetime(2026, 11, 20, 16, tzinfo=UTC)  # 01:00 on the 21st in Seoul
    run = SimpleNamespace(conf=conf, logical_date=logical_date, run_after=run_after)
    return {"dag_run": run, "triggering_asset_events": events}


def test_a_run_started_by_assets_has_no_logical_date_and_takes_the_announced_night():
    events = {
        "crm": [SimpleNamespace(extra={"night": "2026-10-30"})],
        "desk": [SimpleNamespace(extra={"night": "2026-10-31"}), SimpleNamespace(extra=None)],
    }
    assert night_of_context(context({}, events), SEOUL).date == date(2026, 10, 31)


def test_a_scheduled_run_goes_by_its_logical_date_even_when_it_starts_late():
    scheduled = context(logical_date=datetime(2026, 11, 18, 16, tzinfo=UTC))
    assert night_of_context(scheduled, SEOUL).date == date(2026, 11, 18)


def test_a_run_by_hand_without_a_logical_date_goes_by_the_time_it_was_due():
    assert night_of_context(context(), SEOUL).date == date(2026, 11, 20)
