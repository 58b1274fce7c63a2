"""Which night a DAG run means: said outright, announced by an asset, or told by the clock.

conf {"night": "2026-10-31"} → the triggering asset events' nights → the last day that was over
in the company's zone when the run was due. Never `ds`: in UTC, 02:00 in Seoul is yesterday.
"""

import re
from collections.abc import Iterable, Mapping
from contextlib import suppress
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sales_support_kpi.errors import UsageError
from sales_support_kpi.night import Night, night_ending


def night_meant(
    *,
    conf: Mapping[str, Any] | None,
    announcements: Iterable[Mapping[str, Any]],
    due_at: datetime,
    timezone: str,
) -> Night:
    """The night of a run.

    Args:
        conf: what the run was started with.
        announcements: extras of the asset events that started it; of several the latest night
            counts, since the warehouse is built from all that has been landed.
        due_at: when the run was due (aware).
        timezone: the company's zone.

    Raises:
        UsageError: the night that was asked for is no date.
    """
    if conf and conf.get("night") is not None:
        return night_ending(_date_of(conf["night"]), timezone)
    announced = [_date_of(extra["night"]) for extra in announcements if extra.get("night")]
    if announced:
        return night_ending(max(announced), timezone)
    return night_ending(last_completed_day(due_at, timezone), timezone)


def last_completed_day(instant: datetime, timezone: str) -> date:
    """The last calendar day that was over, at an instant, where the company is."""
    if instant.tzinfo is None:
        raise ValueError("a naive instant belongs to no day")
    return instant.astimezone(ZoneInfo(timezone)).date() - timedelta(days=1)


def night_of_context(context: Mapping[str, Any], timezone: str) -> Night:
    """`night_meant` for the context Airflow gives a running task."""
    dag_run = context["dag_run"]
    events = context.get("triggering_asset_events") or {}
    return night_meant(
        conf=dag_run.conf,
        announcements=[event.extra or {} for of_asset in events.values() for event in of_asset],
        due_at=dag_run.logical_date or dag_run.run_after,
        timezone=timezone,
    )


def _date_of(text: object) -> date:
    match = re.fullmatch(r"(\d{4})-(\d\d)-(\d\d)", str(text))
    if match:
        with suppress(ValueError):
            return date(*(int(part) for part in match.groups()))
    raise UsageError(f'night {text!r} is no date; write {{"night": "2026-10-31"}}')
