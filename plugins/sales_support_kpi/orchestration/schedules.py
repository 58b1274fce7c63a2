"""When DAGs run: always at the company's wall clock, never at UTC midnight."""

import os
from collections.abc import Sequence

from airflow.sdk import Asset, AssetOrTimeSchedule, CronTriggerTimetable

Schedule = AssetOrTimeSchedule | CronTriggerTimetable | list[Asset] | None

SCHEDULES_SWITCH = "KPI_SCHEDULES"
"""`off` in the environment: nothing starts by the clock (the demo's one night, tests)."""


def is_clock_on() -> bool:
    """Whether DAGs start by the clock; assets trigger them in any case."""
    return os.environ.get(SCHEDULES_SWITCH, "on") != "off"


def at(cron: str | None, timezone: str) -> CronTriggerTimetable | None:
    """A cron expression in the company's zone; without one, only by hand or through the API."""
    if cron is None or not is_clock_on():
        return None
    return CronTriggerTimetable(cron, timezone=timezone)


def all_announced_or_at(assets: Sequence[Asset], cron: str, timezone: str) -> Schedule:
    """As soon as all assets were announced, or at the fixed hour, whichever comes.

    Both may come: the second run of a night finds nothing to do, unless something arrived late.
    """
    clock = at(cron, timezone)
    if not assets:
        return clock
    if clock is None:
        return list(assets)
    return AssetOrTimeSchedule(timetable=clock, assets=list(assets))
