"""Which KPIs are measured by another definition than on an earlier night, and since which day.

ops `configs`, `calendars`, code version of two nights → `Redefinition` per KPI and kind
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sales_support_kpi.landing.ops import read_ops
from sales_support_kpi.settings import Home

CONFIG, CALENDAR, HOLIDAYS, CODE = "config", "calendar", "holidays library", "code"
KINDS = (CONFIG, CALENDAR, HOLIDAYS, CODE)  # in the order in which they are said

_MEASURED = ("unit", "clock", "params", "entities", "required", "aggregation")
_CALENDAR_RULES = ("country", "working_hours", "closed_days", "open_days", "timezone")
_REPORTED = frozenset({"report_deliveries", "report_uses"})

Content = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Redefinition:
    """A KPI is measured in another way.

    Attributes:
        since: the first day that is concerned; none where all of time is.
    """

    kpi_id: str
    what: str
    since: date | None


@dataclass(frozen=True, slots=True)
class Definitions:
    """By what a night was measured."""

    config: Content
    calendar: Content
    config_hash: str
    calendar_hash: str
    code_version: str


def read_definitions(
    home: Home, config_hash: str, calendar_hash: str, code_version: str
) -> Definitions:
    """The definitions with these hashes, as landed; empty where they were not."""
    configs = {row["config_hash"]: row["content"] for row in read_ops(home, "configs")}
    calendars = {row["calendar_hash"]: row["content"] for row in read_ops(home, "calendars")}
    return Definitions(
        config=json.loads(configs.get(config_hash, "{}")),
        calendar=json.loads(calendars.get(calendar_hash, "{}")),
        config_hash=config_hash,
        calendar_hash=calendar_hash,
        code_version=code_version,
    )


def definitions_of_night(home: Home, publish_id: str) -> Definitions | None:
    """The definitions a night was published with, also when the night itself was pruned."""
    row = next((r for r in read_ops(home, "nights") if r["publish_id"] == publish_id), None)
    if row is None:
        return None
    return read_definitions(home, row["config_hash"], row["calendar_hash"], row["code_version"])


def redefinitions(before: Definitions, now: Definitions) -> list[Redefinition]:
    """What is measured otherwise, KPI by KPI; a changed target or name is not among it."""
    return list(_redefinitions(before, now))


def _redefinitions(before: Definitions, now: Definitions) -> Iterator[Redefinition]:
    old_kpis, kpis = _kpis(before), _kpis(now)
    kind, since = _calendar_change(before, now)
    for kpi_id, kpi in kpis.items():
        old = old_kpis.get(kpi_id, kpi)
        if before.config_hash != now.config_hash and (
            _measured(before, old) != _measured(now, kpi)
        ):
            yield Redefinition(kpi_id, CONFIG, None)
        if since is not None and (_uses_calendar(old) or _uses_calendar(kpi)):
            yield Redefinition(kpi_id, kind, since)
        if before.code_version != now.code_version:
            yield Redefinition(kpi_id, CODE, None)


def _kpis(definitions: Definitions) -> dict[str, Content]:
    return {kpi["id"]: kpi for kpi in definitions.config.get("kpis", ())}


def _measured(definitions: Definitions, kpi: Content) -> list[object]:
    company = definitions.config.get("company", {})
    reports = company.get("reports") if _REPORTED & set(kpi.get("entities", ())) else None
    return [company.get("timezone"), reports, *(kpi.get(name) for name in _MEASURED)]


def _uses_calendar(kpi: Content) -> bool:
    return kpi.get("clock") == "business" or "report_deliveries" in kpi.get("entities", ())


def _calendar_change(before: Definitions, now: Definitions) -> tuple[str, date | None]:
    """What changed the calendar, and its first day that is another one.

    A calendar that merely goes on for another year differs from its first new day on, which no
    complete period has reached.
    """
    if before.calendar_hash == now.calendar_hash:
        return CALENDAR, None
    old_rules, rules = (
        [d.config.get("company", {}).get(name) for name in _CALENDAR_RULES] for d in (before, now)
    )
    kind = HOLIDAYS if old_rules == rules else CALENDAR
    zone = ZoneInfo(now.config.get("company", {}).get("timezone", "UTC"))
    different = [
        *(day for day, *_ in _days(before) ^ _days(now)),
        *(at.astimezone(zone).date() for at, _ in _intervals(before) ^ _intervals(now)),
    ]
    return kind, min(different, default=None)


def _days(definitions: Definitions) -> set[tuple[Any, ...]]:
    """Date and whether it is worked; not what a holiday is called."""
    rows = definitions.calendar.get("days", ())
    return {(date.fromisoformat(row[0]), *row[3:4]) for row in rows}


def _intervals(definitions: Definitions) -> set[tuple[datetime, datetime]]:
    rows = definitions.calendar.get("working_intervals", ())
    return {
        (datetime.fromisoformat(row[1]), datetime.fromisoformat(row[2]))
        for row in rows
        if row[0] == "business"
    }
