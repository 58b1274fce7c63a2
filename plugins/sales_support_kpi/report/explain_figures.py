"""Rounded so that what is shown adds up: every line to its total, all lines to the difference."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from sales_support_kpi.report.explain_model import Explanation
from sales_support_kpi.report.explain_split import Effect

MOST_LINES: Final = 8
_MOST_DIGITS: Final = 4
_TELLING: Final = 10  # a difference is shown with two digits that count


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the table; numbers are whole units of the last digit shown.

    Attributes:
        effect: the group's; None on the line of all groups that are not shown.
        folded: how many groups that line stands for.
    """

    effect: Effect | None
    folded: int
    rate_units: int | None
    mix_units: int | None
    total_units: int


@dataclass(frozen=True, slots=True)
class Figures:
    """Everything that is shown of a split, in whole units of its last digit."""

    digits: int
    scale: float
    value_units: int
    base_units: int
    lines: tuple[Line, ...]

    @property
    def difference_units(self) -> int:
        """What the lines sum to."""
        return self.value_units - self.base_units

    def number(self, units: int) -> float:
        """Back to the unit of the KPI."""
        return units / float(10**self.digits) / self.scale


def figures(explanation: Explanation, most: int = MOST_LINES) -> Figures:
    """Round values and effects together."""
    scale = 100.0 if explanation.unit == "ratio" else 1.0
    digits = _digits(explanation, scale)
    factor = scale * 10**digits
    value, base = round(explanation.value * factor), round(explanation.base_value * factor)
    effects = explanation.chosen.effects
    targets = [effect for effect in effects if effect.is_target]
    groups = [effect for effect in effects if not effect.is_target]
    shown = groups if len(groups) <= most else groups[: most - 1]
    hidden = groups[len(shown) :]
    leaves = [[factor * part for part in _leaves(effect)] for effect in shown]
    if hidden:
        leaves.append([factor * sum(column) for column in zip(*map(_leaves, hidden), strict=True)])
    flat = [leaf for line in leaves for leaf in line]
    whole = value - base if not targets else value
    rounded = apportion(flat, whole)
    width = len(leaves[0]) if leaves else 1
    lines = [
        _line(
            shown[place] if place < len(shown) else None,
            0 if place < len(shown) else len(hidden),
            rounded[place * width : (place + 1) * width],
        )
        for place in range(len(leaves))
    ]
    lines += [Line(effect, 0, None, None, -base) for effect in targets]
    return Figures(digits, scale, value, base, tuple(lines))


def apportion(parts: Sequence[float], whole: int) -> list[int]:
    """Round the parts so that they sum to the whole; what is nothing stays nothing.

    Each is moved by as little as it takes: first those that were rounded furthest.
    """
    rounded = [round(part) for part in parts]
    missing = whole - sum(rounded)
    step = 1 if missing > 0 else -1
    places = [place for place, part in enumerate(parts) if part != 0] or list(range(len(parts)))
    order = sorted(places, key=lambda place: step * (rounded[place] - parts[place]))
    for turn in range(abs(missing) if order else 0):
        rounded[order[turn % len(order)]] += step
    return rounded


def _leaves(effect: Effect) -> tuple[float, ...]:
    if effect.rate_effect is None or effect.mix_effect is None:
        return (effect.total_effect,)
    return (effect.rate_effect, effect.mix_effect)


def _line(effect: Effect | None, folded: int, units: Sequence[int]) -> Line:
    if len(units) == 1:
        return Line(effect, folded, None, None, units[0])
    return Line(effect, folded, units[0], units[1], sum(units))


def _digits(explanation: Explanation, scale: float) -> int:
    """As few as show everything, or else the difference with two digits that count."""
    parts = [explanation.value, explanation.base_value]
    parts += [leaf for effect in explanation.chosen.effects for leaf in _leaves(effect)]
    least = 0 if explanation.unit == "count" else 1
    for digits in range(least, _MOST_DIGITS):
        factor = scale * 10**digits
        if all(abs(part * factor - round(part * factor)) < 1e-6 for part in parts):
            return digits
        if digits and abs(explanation.difference) * factor >= _TELLING:
            return digits
    return _MOST_DIGITS if abs(explanation.difference) > 1e-9 else 1
