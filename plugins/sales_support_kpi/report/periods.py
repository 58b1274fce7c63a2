"""Periods as people write them: `2026`, `2026-Q4`, `2026-10`, `2026-W44`, `2026-10-31`.

A period is cut in the company's zone; its end date is inclusive, its end *instant*
is not part of it.
"""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from sales_support_kpi.errors import UsageError


class Grain(StrEnum):
    """How long a period is."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"


EXAMPLES = {
    Grain.DAY: "2026-10-31",
    Grain.WEEK: "2026-W44",
    Grain.MONTH: "2026-10",
    Grain.QUARTER: "2026-Q4",
    Grain.YEAR: "2026",
}

_PATTERNS = (
    (Grain.YEAR, re.compile(r"(\d{4})")),
    (Grain.QUARTER, re.compile(r"(\d{4})-?[Qq]([1-4])")),
    (Grain.MONTH, re.compile(r"(\d{4})-(\d{1,2})")),
    (Grain.WEEK, re.compile(r"(\d{4})-?[Ww](\d{1,2})")),
    (Grain.DAY, re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})")),
)


@dataclass(frozen=True, slots=True, order=True)
class Period:
    """One day, ISO week, month, quarter or year, by its first day."""

    grain: Grain
    start: date

    @property
    def end(self) -> date:
        """Last day of the period, inclusive."""
        return self.next().start - timedelta(days=1)

    @property
    def label(self) -> str:
        """The spelling that `parse_period` reads back."""
        year = f"{self.start.year:04d}"
        match self.grain:
            case Grain.YEAR:
                return year
            case Grain.QUARTER:
                return f"{year}-Q{_quarter(self.start)}"
            case Grain.MONTH:
                return f"{year}-{self.start.month:02d}"
            case Grain.WEEK:
                iso = self.start.isocalendar()
                return f"{iso.year:04d}-W{iso.week:02d}"
            case Grain.DAY:
                return self.start.isoformat()

    def next(self) -> "Period":
        """The period that follows."""
        return self.shifted(1)

    def previous(self) -> "Period":
        """The period before."""
        return self.shifted(-1)

    def shifted(self, count: int) -> "Period":
        """The period `count` periods later (earlier when negative)."""
        match self.grain:
            case Grain.DAY:
                return Period(self.grain, self.start + timedelta(days=count))
            case Grain.WEEK:
                return Period(self.grain, self.start + timedelta(weeks=count))
            case Grain.MONTH:
                return Period(self.grain, _add_months(self.start, count))
            case Grain.QUARTER:
                return Period(self.grain, _add_months(self.start, 3 * count))
            case Grain.YEAR:
                return Period(self.grain, self.start.replace(year=self.start.year + count))

    def instants(self, timezone: str) -> tuple[datetime, datetime]:
        """First instant of the period and of the next one, in UTC."""
        zone = ZoneInfo(timezone)
        first = datetime.combine(self.start, time(), zone)
        last = datetime.combine(self.next().start, time(), zone)
        return first.astimezone(UTC), last.astimezone(UTC)


def period_of(day: date, grain: Grain) -> Period:
    """The period of that grain that holds the day."""
    match grain:
        case Grain.DAY:
            return Period(grain, day)
        case Grain.WEEK:
            return Period(grain, day - timedelta(days=day.weekday()))
        case Grain.MONTH:
            return Period(grain, day.replace(day=1))
        case Grain.QUARTER:
            return Period(grain, date(day.year, 3 * _quarter(day) - 2, 1))
        case Grain.YEAR:
            return Period(grain, date(day.year, 1, 1))


def parse_grain(text: str) -> Grain:
    """Read a grain.

    Raises:
        UsageError: there is no such grain.
    """
    try:
        return Grain(text.strip().casefold())
    except ValueError as error:
        known = ", ".join(Grain)
        raise UsageError(f"unknown grain {text!r}; choose one of: {known}") from error


def parse_period(text: str) -> Period:
    """Read a period in any of its spellings.

    Raises:
        UsageError: the text is none of them, or no such day, week, month exists.
    """
    for grain, pattern in _PATTERNS:
        match = pattern.fullmatch(text.strip())
        if match:
            try:
                return _period(grain, [int(part) for part in match.groups()])
            except (ValueError, OverflowError) as error:
                raise UsageError(f"there is no {grain} {text!r} in the calendar") from error
    examples = ", ".join(EXAMPLES.values())
    raise UsageError(f"unknown period {text!r}; write it like one of: {examples}")


def _period(grain: Grain, numbers: list[int]) -> Period:
    match grain:
        case Grain.YEAR:
            period = Period(grain, date(numbers[0], 1, 1))
        case Grain.QUARTER:
            period = Period(grain, date(numbers[0], 3 * numbers[1] - 2, 1))
        case Grain.MONTH:
            period = Period(grain, date(numbers[0], numbers[1], 1))
        case Grain.WEEK:
            period = Period(grain, date.fromisocalendar(numbers[0], numbers[1], 1))
        case Grain.DAY:
            period = Period(grain, date(numbers[0], numbers[1], numbers[2]))
    period.next()  # the last days of the calendar have no end
    return period


def _quarter(day: date) -> int:
    return (day.month + 2) // 3


def _add_months(day: date, count: int) -> date:
    index = day.year * 12 + day.month - 1 + count
    return date(index // 12, index % 12 + 1, 1)
