"""Numbers as people read them: by unit and language, never rounded onto the target they missed."""

import math
from typing import Final

from sales_support_kpi.report.model import Lang, ScorecardRow, Status

NOTHING: Final = "–"
_BARS: Final = "▁▂▃▄▅▆▇█"
_GAP: Final = "·"
_REACH: Final = {"ratio": (0.0, 1.0), "score": (1.0, 5.0)}
_MOST_DIGITS: Final = 4


def format_value(value: float | None, unit: str, lang: Lang, digits: int | None = None) -> str:
    """A value with its unit: `1.8 h`, `98.4 %`, `4.3`, `3`."""
    if value is None:
        return NOTHING
    if unit == "hours":
        return f"{_number(value, 1 if digits is None else digits)}{_suffix(unit, lang)}"
    if unit == "ratio":
        return f"{_number(100 * value, 1 if digits is None else digits)}{_suffix(unit, lang)}"
    if unit == "count":
        is_whole = float(value).is_integer()
        return _number(value, (0 if is_whole else 1) if digits is None else digits)
    return _number(value, 1 if digits is None else digits)


def format_row_value(row: ScorecardRow, lang: Lang) -> str:
    """The row's value, with as many digits as it takes to look different from a missed target."""
    if row.status not in (Status.AT_RISK, Status.MISSED) or row.target is None:
        return format_value(row.value, row.unit, lang)
    for digits in range(1, _MOST_DIGITS + 1):
        text = format_value(row.value, row.unit, lang, digits)
        if text != format_value(row.target, row.unit, lang, digits):
            break
    return text if row.unit != "count" else format_value(row.value, row.unit, lang)


def format_target(row: ScorecardRow, lang: Lang) -> str:
    """The target and its direction: `≥ 99 %`, `≤ 2 h`."""
    if row.target is None:
        return NOTHING
    sign = "≥" if row.better == "higher" else "≤"
    return f"{sign} {_trimmed(row.target, row.unit, lang)}"


def format_change(row: ScorecardRow, lang: Lang) -> str:
    """The change to the previous period; ratios in percentage points."""
    if row.change is None:
        return NOTHING
    if abs(row.change) < 1e-9:
        return "="
    if row.unit == "ratio":
        digits = _digits_for(100 * row.change)
        return f"{100 * row.change:+.{digits}f}" + ("%p" if lang == "ko" else " pp")
    if row.unit == "count":
        return f"{row.change:+.0f}" if float(row.change).is_integer() else f"{row.change:+.1f}"
    return f"{row.change:+.{_digits_for(row.change)}f}{_suffix(row.unit, lang)}"


def format_interval(row: ScorecardRow, lang: Lang) -> str:
    """The 95 % interval: `97.8–98.9 %`, as far as the unit reaches."""
    if row.ci_low is None or row.ci_high is None:
        return NOTHING
    factor = 100 if row.unit == "ratio" else 1
    least, most = _REACH.get(row.unit, (0.0, math.inf))
    low = _number(factor * min(max(row.ci_low, least), most), 1)
    high = _number(factor * max(min(row.ci_high, most), least), 1)
    return f"{low}–{high}{_suffix(row.unit, lang)}"


def format_attainment(row: ScorecardRow, lang: Lang) -> str:
    """How much of the target was reached, in whole percent."""
    if row.attainment is None:
        return NOTHING
    percent = 100 * row.attainment
    # 99.6 % is not "100 %"; 0.57 is 57 %, although a hundred times it is a little less
    shown = math.floor(percent + 1e-9) if row.attainment < 1 else round(percent)
    return f"{shown}{_suffix('ratio', lang)}"


def sparkline(row: ScorecardRow) -> str:
    """The trend as one character per period; the target is part of the scale."""
    heights = trend_heights(row)
    return "".join(
        _GAP if height is None else _BARS[round(height * (len(_BARS) - 1))] for height in heights
    )


def trend_heights(row: ScorecardRow) -> list[float | None]:
    """The trend's values between 0 and 1; a missing value stays missing."""
    values = [point.value for point in row.trend]
    known = [value for value in values if value is not None]
    if not known:
        return [None] * len(values)
    low, high = scale_of(row)
    return [None if value is None else (value - low) / (high - low) for value in values]


def scale_of(row: ScorecardRow) -> tuple[float, float]:
    """Lowest and highest of what a chart of the row shows: values and targets, never equal."""
    shown = [point.value for point in row.trend] + [point.target for point in row.trend]
    known = [number for number in [*shown, row.value, row.target] if number is not None]
    if not known:
        return 0.0, 1.0
    low, high = min(known), max(known)
    if high - low < 1e-9:
        return low - 0.5, high + 0.5
    return low, high


def _suffix(unit: str, lang: Lang) -> str:
    if unit == "hours":
        return "시간" if lang == "ko" else " h"
    if unit == "ratio":
        return "%" if lang == "ko" else " %"
    return ""


def _number(value: float, digits: int) -> str:
    text = f"{value:,.{digits}f}"
    return text.removeprefix("-") if float(text.replace(",", "")) == 0 else text


def _trimmed(value: float, unit: str, lang: Lang) -> str:
    """A target with no more digits than it was set with, and at least one for times and scores."""
    scaled = 100 * value if unit == "ratio" else value
    least = 0 if unit in ("ratio", "count") else 1
    for digits in range(least, _MOST_DIGITS + 1):
        if abs(round(scaled, digits) - scaled) < 1e-9:
            break
    return f"{_number(scaled, digits)}{_suffix(unit, lang)}"


def _digits_for(change: float) -> int:
    """One digit, two where one would show nothing but zero."""
    return 1 if abs(change) >= 0.05 else 2
