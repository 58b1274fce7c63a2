"""What is shown of a number: how many digits, how far an interval reaches, how much was attained.

Page, terminal and workbook ask here, so that they cannot show three numbers for one. Halves are
rounded away from zero as spreadsheets do it, from what the number says in decimal: 4.25 is 4.3.
"""

import math
from decimal import ROUND_HALF_UP, Decimal
from typing import Final

from sales_support_kpi.report.model import ScorecardRow, Status, TrendPoint

MOST_DIGITS: Final = 4
UNCHANGED: Final = 1e-9
_REACH: Final = {"ratio": (0.0, 1.0), "score": (1.0, 5.0)}
_SPREADSHEET_DIGITS: Final = 15


def rounded(number: float, digits: int) -> Decimal:
    """The number with so many digits behind the point; zero has no sign."""
    exact = Decimal(f"{number:.{_SPREADSHEET_DIGITS}g}")
    return exact.quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP) + 0


def scaled(value: float, unit: str) -> float:
    """The number in front of the unit: percent for ratios."""
    return 100 * value if unit == "ratio" else value


def usual_digits(value: float, unit: str) -> int:
    """One digit, none for what is counted in whole."""
    return 0 if unit == "count" and float(value).is_integer() else 1


def value_digits(row: ScorecardRow | TrendPoint, unit: str) -> int:
    """As many as it takes to look different from a target that was missed."""
    if row.value is None:
        return 0
    usual = usual_digits(row.value, unit)
    if row.status not in (Status.AT_RISK, Status.MISSED) or row.target is None:
        return usual
    value, target = scaled(row.value, unit), scaled(row.target, unit)
    apart = (
        digits
        for digits in range(usual, MOST_DIGITS)
        if rounded(value, digits) != rounded(target, digits)
    )
    return next(apart, MOST_DIGITS)


def target_digits(target: float, unit: str) -> int:
    """No more than it was set with, and at least one for times and scores."""
    number = scaled(target, unit)
    least = 0 if unit in ("ratio", "count") else 1
    enough = (
        digits
        for digits in range(least, MOST_DIGITS)
        if abs(float(rounded(number, digits)) - number) < UNCHANGED
    )
    return next(enough, MOST_DIGITS)


def shown_change(row: ScorecardRow) -> float | None:
    """The change in the unit's number, ratios in percentage points; zero when there is none."""
    if row.change is None:
        return None
    return 0.0 if abs(row.change) < UNCHANGED else scaled(row.change, row.unit)


def change_digits(change: float, unit: str) -> int:
    """One (none for what is counted in whole), more where it would show nothing but zero."""
    usual = usual_digits(change, unit)
    enough = (digits for digits in range(usual, MOST_DIGITS) if rounded(change, digits))
    return next(enough, MOST_DIGITS)


def shown_interval(row: ScorecardRow) -> tuple[float, float] | None:
    """The 95 % interval as far as the unit reaches."""
    if row.ci_low is None or row.ci_high is None:
        return None
    least, most = _REACH.get(row.unit, (0.0, math.inf))
    return min(max(row.ci_low, least), most), max(min(row.ci_high, most), least)


def shown_attainment(row: ScorecardRow) -> float | None:
    """How much of the target was reached, in whole percent: 99.6 % is not "100 %"."""
    if row.attainment is None:
        return None
    percent = 100 * row.attainment
    # 0.57 is 57 %, although a hundred times it is a little less
    return (math.floor(percent + 1e-9) if row.attainment < 1 else int(rounded(percent, 0))) / 100
