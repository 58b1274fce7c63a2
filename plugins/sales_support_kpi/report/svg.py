"""Small drawings for the HTML scorecard: a sparkline of the trend, a bullet of value and target.

They are plain inline SVG, sized by their view box and coloured by the page's style sheet, so they
print; each says in words what it shows.
"""

from typing import Final

from markupsafe import Markup, escape

from sales_support_kpi.report import formatting, labels
from sales_support_kpi.report.model import Lang, ScorecardRow

_WIDTH: Final = 132.0
_HEIGHT: Final = 30.0
_PAD: Final = 4.0
_BULLET_WIDTH: Final = 108.0


def sparkline_svg(row: ScorecardRow, lang: Lang) -> Markup:
    """The last periods as a line; the target as a dashed one, the current value as a dot."""
    heights = formatting.trend_heights(row)
    points = [
        (_x(index, len(heights)), _y(height))
        for index, height in enumerate(heights)
        if height is not None
    ]
    if not points:
        return Markup('<span class="quiet">–</span>')
    lines = "".join(
        f'<polyline class="line" points="{_path(run)}"/>' for run in _runs(heights) if len(run) > 1
    )
    dots = "".join(
        f'<circle class="dot faint" cx="{x:.1f}" cy="{y:.1f}" r="1.6"/>' for x, y in points
    )
    last = ""
    if heights[-1] is not None:
        last = (
            f'<circle class="dot {row.status}" cx="{_x(len(heights) - 1, len(heights)):.1f}"'
            f' cy="{_y(heights[-1]):.1f}" r="3.4"/>'
        )
    return _svg(_WIDTH, _trend_words(row, lang), _target_line(row) + lines + dots + last)


def bullet_svg(row: ScorecardRow, lang: Lang) -> Markup:
    """The value as a bar against the target's mark, with the 95 % interval as a thin line."""
    if row.value is None or row.target is None:
        return Markup("")
    low, high = _bullet_scale(row)

    def at(number: float) -> float:
        return _BULLET_WIDTH * min(max((number - low) / (high - low), 0.0), 1.0)

    bar = f'<rect class="bar {row.status}" x="0" y="4" width="{at(row.value):.1f}" height="6"/>'
    track = f'<rect class="track" x="0" y="4" width="{_BULLET_WIDTH:.0f}" height="6" rx="1"/>'
    target = f'<rect class="mark" x="{at(row.target) - 1:.1f}" y="0" width="2.4" height="14"/>'
    whisker = ""
    if row.ci_low is not None and row.ci_high is not None:
        left, right = at(row.ci_low), at(row.ci_high)
        whisker = f'<path class="whisker" d="M{left:.1f} 7H{right:.1f}"/>'
    words = (
        f"{labels.WORDS[lang]['value']} {formatting.format_row_value(row, lang)}, "
        f"{labels.WORDS[lang]['target']} {formatting.format_target(row, lang)}"
    )
    return _svg(_BULLET_WIDTH, words, track + bar + whisker + target, height=14, kind="bullet")


def _bullet_scale(row: ScorecardRow) -> tuple[float, float]:
    """From zero for times and counts; for rates and scores from where the differences are."""
    known = [n for n in (row.value, row.target, row.ci_low, row.ci_high) if n is not None]
    if row.unit == "score":
        return 1.0, 5.0
    if row.unit == "ratio":
        floor = min(known)
        return (0.0 if floor < 0.5 else 0.5 if floor < 0.9 else 0.8), 1.0
    return 0.0, 1.15 * max(*known, 1e-9)


def _target_line(row: ScorecardRow) -> str:
    if row.target is None:
        return ""
    low, high = formatting.scale_of(row)
    y = _y((row.target - low) / (high - low))
    return f'<path class="target" d="M0 {y:.1f}H{_WIDTH:.0f}"/>'


def _trend_words(row: ScorecardRow, lang: Lang) -> str:
    parts = [
        f"{point.period.label} {formatting.format_value(point.value, row.unit, lang)}"
        for point in row.trend
        if point.value is not None
    ]
    return f"{labels.WORDS[lang]['trend']}: {', '.join(parts)}"


def _runs(heights: list[float | None]) -> list[list[tuple[float, float]]]:
    """Stretches without a gap: no line is drawn over a period without a value."""
    runs: list[list[tuple[float, float]]] = [[]]
    for index, height in enumerate(heights):
        if height is None:
            runs.append([])
        else:
            runs[-1].append((_x(index, len(heights)), _y(height)))
    return runs


def _x(index: int, count: int) -> float:
    return _PAD + index * (_WIDTH - 2 * _PAD) / max(count - 1, 1)


def _y(height: float) -> float:
    return _HEIGHT - _PAD - height * (_HEIGHT - 2 * _PAD)


def _path(points: list[tuple[float, float]]) -> str:
    return " ".join(f"{x:.1f},{y:.1f}" for x, y in points)


def _svg(
    width: float, words: str, content: str, height: float = _HEIGHT, kind: str = "spark"
) -> Markup:
    return Markup(  # noqa: S704  # words are escaped, the content is our own drawing
        f'<svg class="{kind}" role="img" aria-label="{escape(words)}" width="{width:.0f}"'
        f' height="{height:.0f}" viewBox="0 0 {width:.0f} {height:.0f}">'
        f"<title>{escape(words)}</title>{content}</svg>"
    )
