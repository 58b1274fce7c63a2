"""What a period that is still open will end with.

Cell (to date, weeks before, working days left) → the rest → Final (mean and deviation)

What a period has so far stands; what is still to come is expected to go on as the weeks before:
the final numerator and denominator are those to date plus those of the rest.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sales_support_kpi.warehouse.levels import Level, level_of

RECENT_WEEKS = 13  # how far back it counts what usually comes in on a working day
SETTLING_WEEKS = 2  # the last ones say little where what is open may still be done

_UNSETTLED = {"inquiry_completion_rate"}  # what is open counts against it, and may still be done
_MONTHS_IN = {"month": 1, "quarter": 3}
_BOUNDS = {"ratio": (0.0, 1.0), "score": (1.0, 5.0)}


@dataclass(frozen=True, slots=True)
class Week:
    """A complete week; a stock's sums are those at its end. None where there are no rows."""

    working_days: int
    flow: tuple[float, float | None] | None = None
    stock: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True)
class Cell:
    """A period that is still open (or has just ended) and all that is known about it.

    Attributes:
        flow: numerator and denominator of what has happened in the period so far.
        stock: numerator and denominator of what stands now.
        months: the values of complete months; of a count 0 where there was none.
        months_ahead: how many months after the last complete one the period ends.
    """

    kpi_id: str
    unit: str
    better: str
    aggregation: str
    tolerance: float
    grain: str
    period_start: date
    period_end: date
    scope_type: str
    scope_id: str
    as_of: datetime
    is_complete: bool
    numerator: float | None
    denominator: float | None
    value: float | None
    target: float | None
    working_days: float
    working_days_elapsed: float
    flow: tuple[float, float | None] | None = None
    stock: tuple[float, float] | None = None
    weeks: Sequence[Week] = ()
    months: Sequence[float] = ()
    months_ahead: int = 1

    @property
    def rest_days(self) -> float:
        """Working days still to come."""
        return 0.0 if self.is_complete else max(self.working_days - self.working_days_elapsed, 0.0)


@dataclass(frozen=True, slots=True)
class Final:
    """What a period is expected to end with.

    Attributes:
        degrees_of_freedom: of the deviation; none where nothing is still to come.
        rest: expected denominator of the rest (counts: numerator); none without flow.
        fixed: numerator and denominator that do not depend on how the rest goes.
        unsettled: cases so far that count against the value and may still count for it.
    """

    mean: float
    deviation: float
    degrees_of_freedom: int | None
    points: int | None
    rest: float | None = None
    fixed: tuple[float, float] = (0.0, 0.0)
    unsettled: float = 0.0


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a final value: how much of it is expected, and at which rate."""

    size: float = 0.0
    mean: float = 0.0
    deviation: float = 0.0
    level: Level | None = None


def final_value(cell: Cell) -> Final | str:
    """What the period will end with, or the reason why nothing can be said."""
    if cell.is_complete:
        return "no_data" if cell.value is None else Final(cell.value, 0.0, None, None)
    if cell.aggregation == "month_end":
        return _final_month_end(cell)
    if cell.unit == "count":
        return _final_count(cell)
    return _final_pooled(cell)


def _final_month_end(cell: Cell) -> Final | str:
    level = level_of(cell.months)
    if level is None:
        return "too_few_points"
    deviation = math.sqrt(level.variance_ahead(cell.months_ahead))
    return Final(level.mean, deviation, level.degrees_of_freedom, level.points)


def _final_count(cell: Cell) -> Final | str:
    """So many a working day as in the weeks before; what is rarer than weekly, as in the months."""
    so_far = cell.numerator or 0.0
    if not cell.rest_days:
        return Final(so_far, 0.0, None, None, rest=0.0)
    recent = cell.weeks[-RECENT_WEEKS:]
    counted = sum(week.flow[0] for week in recent if week.flow)
    expected = _rest_by_month(cell) if counted < len(recent) else _rest_by_week(cell)
    if expected is None:
        return "too_few_points"
    rest, deviation, level = expected
    return Final(so_far + rest, deviation, level.degrees_of_freedom, level.points, rest=rest)


def _rest_by_week(cell: Cell) -> tuple[float, float, Level] | None:
    """Expected rest of a count, its deviation; at least as uncertain as chance arrivals."""
    worked = [week for week in cell.weeks if week.working_days]
    days = [float(week.working_days) for week in worked]
    level = level_of([(w.flow[0] if w.flow else 0.0) / w.working_days for w in worked], days)
    if level is None:
        return None
    rest = max(level.mean, 0.0) * cell.rest_days
    weeks = cell.rest_days * len(worked) / sum(days)
    variance = cell.rest_days**2 * level.variance_of_mean(cell.rest_days, weeks)
    return rest, math.sqrt(max(variance, rest)), level


def _rest_by_month(cell: Cell) -> tuple[float, float, Level] | None:
    """Expected rest of a rare count: the month still reaches what is usual, later ones do too.

    Its weeks say too little, and what is due once a month often comes at the month's end.
    """
    level = level_of(cell.months)
    if level is None:
        return None
    usual = max(level.mean, 0.0)
    length = _MONTHS_IN[cell.grain]
    of_month = (cell.numerator or 0.0) - sum(
        cell.months[len(cell.months) - length + cell.months_ahead :]
    )
    rest = max(usual - of_month, 0.0) + usual * (cell.months_ahead - 1)
    months = cell.rest_days * length / cell.working_days
    variance = months**2 * level.variance_of_mean(months, months)
    return rest, math.sqrt(max(variance, usual * months)), level


def _final_pooled(cell: Cell) -> Final | str:
    """The rest of what happens, and where what stands will stand, by their expected sizes."""
    flow = _flow_part(cell) if "flow" in cell.aggregation else Part()
    stock = _stock_part(cell) if "stock" in cell.aggregation else Part()
    if isinstance(flow, str) or isinstance(stock, str):
        return "too_few_points"
    numerator, denominator = cell.flow or (0.0, 0.0)
    size = (denominator or 0.0) + flow.size + stock.size
    if not size:
        return "no_data"
    # how many cases will come in is a count of chance: it shifts the weights
    shift = (flow.mean * (size - flow.size) - numerator - stock.size * stock.mean) / size
    spread = math.hypot(
        flow.size * flow.deviation, stock.size * stock.deviation, shift * math.sqrt(flow.size)
    )
    is_unsettled = cell.kpi_id in _UNSETTLED and cell.rest_days > 0
    unsettled = (denominator or 0.0) - numerator if is_unsettled else 0.0
    if is_unsettled:
        # as many as are open now may be open then: two counts of chance, one against the other
        spread = math.hypot(spread, math.sqrt(2 * max(unsettled, 1.0)))
    points = [part.level.points for part in (flow, stock) if part.level]
    return Final(
        mean=(numerator + flow.size * flow.mean + stock.size * stock.mean) / size,
        deviation=spread / size,
        degrees_of_freedom=min(points) - 2 if points else None,
        points=min(points) if points else None,
        rest=flow.size if "flow" in cell.aggregation else None,
        fixed=(numerator + stock.size * stock.mean, (denominator or 0.0) + stock.size),
        unsettled=unsettled,
    )


def _flow_part(cell: Cell) -> Part | str:
    recent = cell.weeks[-RECENT_WEEKS:]
    days = sum(week.working_days for week in recent)
    sums = [week.flow for week in recent if week.flow and week.flow[1]]
    numerator, denominator = (sum(s[i] or 0.0 for s in sums) for i in (0, 1))
    size = cell.rest_days * denominator / days if days else 0.0
    if not cell.rest_days:
        return Part()
    share = (numerator + 2) / (denominator + 4)  # of so many cases (Agresti and Coull, 1998)
    learnt = cell.weeks[: -SETTLING_WEEKS if cell.kpi_id in _UNSETTLED else None]
    level = level_of(
        [w.flow[0] / w.flow[1] if w.flow and w.flow[1] else None for w in learnt],
        [(w.flow[1] or 0.0) if w.flow else 0.0 for w in learnt],
        share * (1 - share) if cell.unit == "ratio" else 0.0,
    )
    if level is None:
        return "too_few_points"
    if not size:
        return Part(level=level)
    variance = level.variance_of_mean(size, cell.rest_days * len(recent) / days)
    return Part(size, level.mean, math.sqrt(variance), level)


def _stock_part(cell: Cell) -> Part | str:
    if cell.stock is None or not cell.stock[1]:
        return Part()
    now = cell.stock[0] / cell.stock[1]
    if not cell.rest_days:
        return Part(cell.stock[1], now)
    before = [week.stock[0] / week.stock[1] for week in cell.weeks if week.stock and week.stock[1]]
    level = level_of([*before, now])
    if level is None:
        return "too_few_points"
    days = sum(week.working_days for week in cell.weeks)
    weeks = cell.rest_days * len(cell.weeks) / days if days else cell.rest_days / 5
    mean = now + (level.mean - now) * min(weeks, 1.0)
    return Part(
        cell.stock[1], mean, math.sqrt(level.variance_ahead(weeks) * min(weeks, 1.0)), level
    )


def bounds(cell: Cell) -> tuple[float, float]:
    """Between what the final value must lie: a count does not fall again."""
    if cell.unit == "count":
        return cell.numerator or 0.0, math.inf
    low, high = _BOUNDS.get(cell.unit, (0.0, math.inf))
    if cell.aggregation == "month_end" and cell.months_ahead == 1 and cell.value is not None:
        low = cell.value  # what was updated in this month stays updated
    return low, high
