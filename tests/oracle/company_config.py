"""A company's YAML files; what they leave out is as shipped in the repository's `config/`."""

import csv
from datetime import date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import holidays
import yaml
from tests.oracle.cells import HOUR, from_wall_clock, local_date, utc

SHIPPED = Path(__file__).parents[2] / "config"
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


@cache
def first_shown(naive: datetime, zone: str) -> int:
    """When the clock on the wall first shows a time, or has skipped it: minute by minute."""
    instant = from_wall_clock(naive, zone) - 3 * HOUR
    while utc(instant).astimezone(ZoneInfo(zone)).replace(tzinfo=None) < naive:
        instant += HOUR // 60
    return instant


@cache
def public_holidays(country: str, year: int) -> frozenset[date]:
    return frozenset(holidays.country_holidays(country, years=year))


class Company:
    """company.yml and kpis.yml, and the working time that follows from them."""

    def __init__(self, directory: Path) -> None:
        company = {**_read(SHIPPED / "company.yml"), **(_read(directory / "company.yml") or {})}
        self.zone: str = company["timezone"]
        self.country: str | None = company["country"]
        self.working_hours = company["working_hours"]
        self.closed_days = {_date(day) for day in company["closed_days"]}
        self.open_days = {_date(day) for day in company["open_days"]}
        self.max_quarantine: float = company["max_quarantine"]
        self.reports: list[dict] = company["reports"]
        self.kpis: list[dict] = [
            _with_shipped(entry)
            for entry in _read(directory / "kpis.yml") or _read(SHIPPED / "kpis.yml")
        ]
        self.sources = [source["id"] for source in _read(directory / "sources.yml") or []]
        self.identities = _identities(directory / "identities.csv")
        self._intervals: dict[date, list[tuple[int, int]]] = {}

    def hours_of(self, day: date, weekday: str) -> list[str]:
        """The hours that hold on `day` for a weekday: the latest list begun by then."""
        if isinstance(self.working_hours, dict):
            return self.working_hours.get(weekday) or []
        by_start = sorted(self.working_hours, key=_begins)
        begun = [hours for hours in by_start if _begins(hours) <= day] or by_start[:1]
        return begun[-1].get(weekday) or []

    def working_intervals(self, day: date) -> list[tuple[int, int]]:
        """The working time of a local day, as instants."""
        if day not in self._intervals:
            self._intervals[day] = [
                (
                    self._clock_time(day, text.split("-")[0]),
                    self._clock_time(day, text.split("-")[1]),
                )
                for text in self._hours_worked(day)
            ]
        return self._intervals[day]

    def _hours_worked(self, day: date) -> list[str]:
        if day in self.open_days:
            return self.hours_of(day, "mon")
        is_holiday = self.country is not None and day in public_holidays(self.country, day.year)
        if is_holiday or day in self.closed_days:
            return []
        return self.hours_of(day, WEEKDAYS[day.weekday()])

    def _clock_time(self, day: date, text: str) -> int:
        hour, minute = (int(part) for part in text.strip().split(":"))
        naive = datetime(day.year, day.month, day.day) + timedelta(hours=hour, minutes=minute)  # noqa: DTZ001
        return first_shown(naive, self.zone)

    def is_open(self, day: date) -> bool:
        return bool(self.working_intervals(day))

    def working_time(self, start: int, end: int) -> int:
        """Microseconds of [start, end) inside working hours, walking day by day."""
        if end <= start:
            return 0
        total = 0
        day, last = local_date(start, self.zone), local_date(end, self.zone)
        while day <= last:
            for opens, closes in self.working_intervals(day):
                total += max(0, min(end, closes) - max(start, opens))
            day += timedelta(days=1)
        return total

    def clock_time(self, clock: str | None, start: int, end: int) -> int:
        return self.working_time(start, end) if clock == "business" else max(0, end - start)


@cache
def _shipped_kpis() -> dict[str, dict]:
    return {entry["id"]: entry for entry in _read(SHIPPED / "kpis.yml")}


def _with_shipped(entry: dict) -> dict:
    """An entry inherits every key it leaves out, its params one by one."""
    shipped = _shipped_kpis().get(entry["id"], {})
    params = {**shipped.get("params", {}), **entry.get("params", {})}
    return {**shipped, "enabled": True, **entry, "params": params}


def _read(path: Path) -> Any:
    return yaml.safe_load(path.read_text(encoding="utf-8")) if path.exists() else None


def _identities(path: Path) -> dict[tuple[str, str], tuple[str, str]]:
    """The record of whom each listed record is another one."""
    if not path.exists():
        return {}
    with path.open(encoding="utf-8", newline="") as lines:
        return {
            (row["source"], row["employee_id"]): (row["same_as_source"], row["same_as_employee_id"])
            for row in csv.DictReader(lines)
        }


def _date(value: object) -> date:
    return value if isinstance(value, date) else date.fromisoformat(str(value))


def _begins(hours: dict) -> date:
    return _date(hours["from"]) if hours.get("from") else date.min
