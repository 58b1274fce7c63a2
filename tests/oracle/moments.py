"""Awkward instants for random companies, and the ways in which people write them."""

import random
from datetime import date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

from tests.oracle.cells import HOUR, from_wall_clock, local_date, midnight, utc

MINUTE = HOUR // 60
DAY = 24 * HOUR
CLOCKS = ((0, 0), (9, 0), (18, 0), (12, 0), (13, 0), (8, 59), (17, 59), (18, 1), (23, 59))
OFFSETS = (-480, -300, 0, 60, 120, 330, 540)


class Moments:
    """Draws instants of a span of days in a zone; boundaries are much too frequent."""

    def __init__(self, rng: random.Random, zone: str, first: date, last: date) -> None:
        self.rng = rng
        self.zone = zone
        self.first = first
        self.last = last
        self.marks: list[int] = []  # instants that others shall coincide with
        self.holidays: list[date] = []  # days that work is drawn to
        self.busy = [self._any_day() for _ in range(rng.randint(2, 5))]  # much comes together
        self.changes = [day for day in self._all_days() if self._clocks_change(day)]

    def _any_day(self) -> date:
        return self.first + timedelta(days=self.rng.randint(0, (self.last - self.first).days))

    def _all_days(self) -> list[date]:
        return [self.first + timedelta(days=n) for n in range((self.last - self.first).days + 1)]

    def _clocks_change(self, day: date) -> bool:
        ends = midnight(day + timedelta(days=1), self.zone)
        return ends - midnight(day, self.zone) != DAY

    def day(self) -> date:
        """A day of the span; often a busy one, the first or last of a month, or a last day."""
        roll = self.rng.random()
        span = (self.last - self.first).days
        day = self._any_day()
        if self.holidays and self.rng.random() < 0.06:
            return self.rng.choice(self.holidays)
        if self.rng.random() < 0.4:
            return self.rng.choice(self.busy)
        if roll < 0.10:
            return max(self.first, day.replace(day=1))
        if roll < 0.20:
            return max(self.first, day.replace(day=1) - timedelta(days=1))
        if roll < 0.35:
            return self.last - timedelta(days=min(span, self.rng.randint(0, 4)))
        return day

    def at_clock(self, day: date, hour: int, minute: int) -> int:
        naive = datetime(day.year, day.month, day.day, hour, minute)  # noqa: DTZ001
        return from_wall_clock(naive, self.zone)

    def instant(self) -> int:
        """Any instant of the span."""
        roll = self.rng.random()
        if roll < 0.15 and self.marks:
            return self.nudged(self.rng.choice(self.marks))
        if roll < 0.50:
            return self.nudged(self.at_clock(self.day(), *self.rng.choice(CLOCKS)))
        if roll < 0.60:
            return midnight(self.day(), self.zone) + self.rng.randint(0, DAY - 1)
        return midnight(self.day(), self.zone) + self.rng.randint(8 * 12, 20 * 12) * 5 * MINUTE

    def while_clocks_change(self) -> str:
        """A naive time of the night in which clocks change: it comes twice, or not at all."""
        day = self.rng.choice(self.changes) if self.changes else self._any_day()
        hour, minute = self.rng.randint(1, 3), self.rng.choice((0, 30, 59))
        return f"{day} {hour:02d}:{minute:02d}"

    def nudged(self, instant: int) -> int:
        return instant + self.rng.choice((0, 0, 0, 0, 0, 1, -1))

    def after(self, instant: int, *spans: int) -> int:
        """Later than an instant: exactly one of the spans, nearly, or anything up to ten days."""
        roll = self.rng.random()
        if roll < 0.35 and spans:
            return self.nudged(instant + self.rng.choice(spans))
        if roll < 0.65:
            return instant + self.rng.randint(0, 10 * 60) * MINUTE
        if roll < 0.80:
            day = local_date(instant, self.zone) + timedelta(days=self.rng.randint(0, 4))
            return max(instant, self.at_clock(day, *self.rng.choice(CLOCKS)))
        return instant + self.rng.randint(0, 10 * DAY)

    def write(self, instant: int) -> str:
        """An instant as text: in the company's zone without offset, or with one."""
        local = utc(instant).astimezone(ZoneInfo(self.zone)).replace(tzinfo=None)
        roll = self.rng.random()
        if roll < 0.6 and from_wall_clock(local, self.zone) == instant:
            return self.iso(local)
        if roll < 0.75:
            return self.iso(utc(instant).replace(tzinfo=None)) + "Z"
        minutes = self.rng.choice(OFFSETS)
        offset = timezone(timedelta(minutes=minutes))
        shown = utc(instant).astimezone(offset).replace(tzinfo=None)
        sign = "-" if minutes < 0 else "+"
        return f"{self.iso(shown)}{sign}{abs(minutes) // 60:02d}:{abs(minutes) % 60:02d}"

    def iso(self, naive: datetime) -> str:
        text = naive.isoformat(sep=self.rng.choice("T "))
        if naive.second == 0 and naive.microsecond == 0 and self.rng.random() < 0.3:
            return text[:-3]
        return text
