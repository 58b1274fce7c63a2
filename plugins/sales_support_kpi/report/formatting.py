"""Numbers as people read them: by unit and language, never rounded onto the target they missed."""

from typing import Final

from sales_support_kpi.report import digits as digits_of
from sales_support_kpi.report.digits import rounded, scaled
from sales_support_kpi.report.model import Lang, ScorecardRow, TrendPoint

NOTHING: Final = "–"
_BARS: Final = "▁▂▃▄▅▆▇█"
_GAP: Final = "·"


def format_value(value: float | None, unit: str, lang: Lang, digits: int | None = None) -> str:
    """A value with its unit: `1.8 h`, `98.4 %`, `4.3`, `3`."""
    if value is None:
        return NOTHING
    shown = digits_of.usual_digits(value, unit) if digits is None else digits
    return f"{rounded(scaled(value, unit), shown):,}{suffix(unit, lang)}"


def format_row_value(row: ScorecardRow, lang: Lang) -> str:
    """The row's value, with as many digits as it takes to look different from a missed target."""
    return format_value(row.value, row.unit, lang, digits_of.value_digits(row, row.unit))


def format_point(point: TrendPoint, unit: str, lang: Lang) -> str:
    """A value of the trend, by the same rule."""
    return format_value(point.value, unit, lang, digits_of.value_digits(point, unit))


def format_target(row: ScorecardRow, lang: Lang) -> str:
    """The target and its direction: `≥ 99 %`, `≤ 2.0 h`."""
    if row.target is None:
        return NOTHING
    shown = digits_of.target_digits(row.target, row.unit)
    return f"{direction(row)} {format_value(row.target, row.unit, lang, shown)}"


def format_change(row: ScorecardRow, lang: Lang) -> str:
    """The change to the previous period; ratios in percentage points."""
    change = digits_of.shown_change(row)
    if change is None:
        return NOTHING
    if not change:
        return "="
    shown = rounded(change, digits_of.change_digits(change, row.unit))
    return f"{shown:+,}{change_suffix(row.unit, lang)}"


def format_interval(row: ScorecardRow, lang: Lang) -> str:
    """The 95 % interval: `97.8–98.9 %`, as far as the unit reaches."""
    interval = digits_of.shown_interval(row)
    if interval is None:
        return NOTHING
    low, high = (f"{rounded(scaled(bound, row.unit), 1):,}" for bound in interval)
    return f"{low}–{high}{suffix(row.unit, lang)}"


def format_attainment(row: ScorecardRow, lang: Lang) -> str:
    """How much of the target was reached, in whole percent."""
    return format_value(digits_of.shown_attainment(row), "ratio", lang, 0)


def direction(row: ScorecardRow) -> str:
    """On which side of its target a value is met."""
    return "≥" if row.better == "higher" else "≤"


def suffix(unit: str, lang: Lang) -> str:
    """The unit as it is written behind a number."""
    if unit == "hours":
        return "시간" if lang == "ko" else " h"
    if unit == "ratio":
        return "%" if lang == "ko" else " %"
    return ""


def change_suffix(unit: str, lang: Lang) -> str:
    """The same behind a change: ratios change in percentage points."""
    if unit == "ratio":
        return "%p" if lang == "ko" else " pp"
    return suffix(unit, lang)


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
