"""The company's rhythm: months, busy and quiet days, the hours of a day, and how it fared.

The world is fixed: it runs from 2025-10-01 to the end of 2026, whatever night one looks at it from.
June 2026 is the slow month: the half-year close and a CRM migration fell together.
"""

from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from sales_support_kpi.sandbox.worktime import (
    DAY,
    ZONE_OFFSET,
    Ints,
    day_number,
    midnight,
    work_clock,
)

Floats = NDArray[np.float64]

MONTHS: tuple[date, ...] = (
    *(date(2025, month, 1) for month in range(10, 13)),
    *(date(2026, month, 1) for month in range(1, 13)),
)
WORLD_START = MONTHS[0]
WORLD_END = date(2027, 1, 1)
LAST_NIGHT = date(2026, 10, 31)
SLOW_MONTH = date(2026, 6, 1)
HISTORY_MONTHS = 13  # up to the demo's last night

STARTS: Ints = np.array([midnight(month) for month in (*MONTHS, WORLD_END)], dtype=np.int64)
_SLOW = MONTHS.index(SLOW_MONTH)

_VOLUME = np.array(
    [0.97, 0.95, 1.0, 1.0, 0.82, 1.06, 1.0, 0.96, 1.04, 1.05, 0.95, 0.93, 1.1, 1.05, 1.05]
)
_WEEKDAY = (1.25, 1.1, 1.0, 0.97, 0.9, 0.05, 0.03)
_HOURS = np.array(
    [1, 1, 0, 0, 0, 0, 1, 4, 22, 100, 125, 100, 45, 85, 120, 115, 100, 70, 20, 8, 5, 4, 3, 2],
    dtype=np.float64,
)


def month_of(instants: Ints) -> Ints:
    """Index into `MONTHS` of each instant."""
    return np.searchsorted(STARTS, instants, side="right").astype(np.int64) - 1


def trend(months: Ints) -> Floats:
    """From 0 in the first month to 1 a year later: what got better over the time."""
    return np.clip(months, 0, len(MONTHS)) / 12.0


def slowness(months: Ints) -> Floats:
    """1 in the slow month, some of it in the month after, else 0."""
    return np.where(months == _SLOW, 1.0, np.where(months == _SLOW + 1, 0.25, 0.0))


def monthly_counts(total: int) -> list[int]:
    """`total` records of the 13 months of history over all months of the world."""
    share = _VOLUME / _VOLUME[:HISTORY_MONTHS].sum()
    return [max(1, round(total * float(weight))) for weight in share]


def _day_weights(month: int) -> tuple[Ints, Floats]:
    clock = work_clock()
    first = MONTHS[month]
    last = (*MONTHS, WORLD_END)[month + 1]
    days = [first + timedelta(days=n) for n in range((last - first).days)]
    numbers = np.array([day_number(day) for day in days], dtype=np.int64)
    weights = np.array(
        [
            _WEEKDAY[day.weekday()]
            if day.weekday() >= 5 or clock.is_open_day(day_number(day))
            else 0.03
            for day in days
        ]
    )
    after_closed = np.array(
        [clock.is_open_day(n) and not clock.is_open_day(n - 1) for n in numbers.tolist()]
    )
    weights = weights * np.where(after_closed, 1.15, 1.0)
    weights[-3:] *= 1.1  # the end of the month
    return numbers, weights / weights.sum()


def arrivals(rng: np.random.Generator, month: int, count: int) -> Ints:
    """Sorted instants of `count` arrivals: mostly in office hours, few evenings and weekends."""
    numbers, weights = _day_weights(month)
    days = rng.choice(numbers, size=count, p=weights)
    hours = rng.choice(24, size=count, p=_HOURS / _HOURS.sum())
    seconds = rng.integers(0, 3_600, size=count)
    return np.sort(days * DAY + hours * 3_600 + seconds - ZONE_OFFSET)
