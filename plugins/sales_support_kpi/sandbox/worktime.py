"""Working time of the demo company, as whole arrays: instants ↔ working seconds used up.

Written on its own, without the product's calendar, so that what the generator states as truth does
not follow from the code that it is meant to check. Instants are UTC seconds since 1970 (int64);
`NEVER` stands for what has not happened and compares later than everything.
"""

from datetime import UTC, date, datetime, timedelta
from functools import cache

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]

NEVER = np.int64(2**60)
DAY = 86_400
HOUR = 3_600
ZONE = "Asia/Seoul"
ZONE_OFFSET = 9 * HOUR  # Korea has kept one offset since 1988
OPENS = 9 * HOUR
SHIFT = 9 * HOUR  # 09:00–18:00

_EPOCH = date(1970, 1, 1)
_FIRST = date(2019, 1, 1)
_LAST = date(2028, 1, 1)


def day_number(day: date) -> int:
    """Days since 1970-01-01."""
    return (day - _EPOCH).days


def midnight(day: date) -> int:
    """The instant at which a local day begins."""
    return day_number(day) * DAY - ZONE_OFFSET


def local_day(instants: Ints) -> Ints:
    """Local day number of each instant."""
    return (instants + ZONE_OFFSET) // DAY


def to_datetime(instant: int) -> datetime:
    """One instant as an aware UTC datetime."""
    return datetime.fromtimestamp(int(instant), UTC)


class WorkClock:
    """Mon–Fri 09:00–18:00 in Seoul without Korean public holidays and their substitutes."""

    def __init__(self) -> None:
        import holidays

        closed = holidays.country_holidays("KR", years=range(_FIRST.year, _LAST.year + 1))
        days = [_FIRST + timedelta(days=n) for n in range((_LAST - _FIRST).days)]
        self._first = day_number(_FIRST)
        self.is_open: Flags = np.array([d.weekday() < 5 and d not in closed for d in days])
        used = np.cumsum(self.is_open) * SHIFT
        self._before: Ints = np.concatenate(([0], used)).astype(np.int64)

    def is_open_day(self, day: int) -> bool:
        """Whether a local day number is a working day."""
        return bool(self.is_open[day - self._first])

    def next_open_day(self, day: int) -> int:
        """The day itself, or the next working day."""
        while not self.is_open_day(day):
            day += 1
        return day

    def used(self, instants: Ints) -> Ints:
        """Working seconds since the calendar's first day."""
        local = instants + ZONE_OFFSET
        index = np.clip(local // DAY - self._first, 0, len(self.is_open) - 1)
        in_shift = np.clip(local % DAY - OPENS, 0, SHIFT)
        return np.asarray(self._before[index] + in_shift * self.is_open[index], dtype=np.int64)

    def instant(self, used: Ints) -> Ints:
        """The first instant with that many working seconds used; `NEVER` beyond the calendar."""
        index = np.searchsorted(self._before, used, side="left") - 1
        index = np.clip(index, 0, len(self.is_open) - 1)
        within = (index + self._first) * DAY - ZONE_OFFSET + OPENS + used - self._before[index]
        return np.where(used > self._before[-1], NEVER, within).astype(np.int64)


@cache
def work_clock() -> WorkClock:
    """The one clock of the demo company."""
    return WorkClock()
