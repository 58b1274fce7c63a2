"""Charts of the HTML scorecard: Vega-Lite draws them, without a browser or a network.

row → Vega-Lite spec → SVG → the shapes alone, small enough for a table cell. Colours are variables
of the page's style sheet, so that one drawing serves light, dark and print; what it shows is said
in words by `trend_words` and `bullet_words`, and stands as text beside it.
"""

import re
import xml.etree.ElementTree as ET
from typing import Any, Final

from sales_support_kpi.report import formatting, labels
from sales_support_kpi.report.model import Lang, ScorecardRow, Status

Spec = dict[str, Any]

TREND_SIZE: Final = (132, 34)
BULLET_SIZE: Final = (120, 18)
_PAD: Final = 4
_SPARE: Final = 0.12
"""Share of the trend's span that is left free above and below; intervals may reach into it."""
_SHAPES: Final = frozenset({"path", "line", "rect"})
_KEPT: Final = frozenset(
    {"d", "transform", "fill", "fill-opacity", "stroke", "stroke-width", "stroke-dasharray",
     "x", "y", "x1", "x2", "y1", "y2", "width", "height"}
)  # fmt: skip
# A variable of the page and, where there is no style sheet, what it would say.
_INK: Final = "var(--ink,#1b2430)"
_LINE: Final = "var(--quiet,#5b6675)"
_BAND: Final = "var(--band,#c9d3de)"
_TONE: Final = "var(--tone,#1b2430)"
_RANGES: Final = ("var(--poor,#9dabba)", "var(--fair,#c5cfd9)", "var(--good,#e9edf2)")


def trend_svg(row: ScorecardRow, words: str = "") -> str:
    """The last periods as a line with its 95 % band, the target dashed; a gap stays a gap."""
    if all(point.value is None for point in row.trend):
        return ""
    return _drawn(_trend_spec(row), TREND_SIZE, f"spark {row.status}", words)


def bullet_svg(row: ScorecardRow, words: str = "") -> str:
    """The value against the target's mark, on the ranges missed, at risk and met."""
    if row.value is None or row.target is None:
        return ""
    return _drawn(_bullet_spec(row), BULLET_SIZE, f"bullet {row.status}", words)


def labelled(svg: str, words: str) -> str:
    """The same drawing for another language: what it shows is said in its name."""
    from markupsafe import escape

    return svg.replace('aria-label=""', f'aria-label="{escape(words)}"', 1)


def trend_words(row: ScorecardRow, lang: Lang) -> str:
    """What the trend shows, period by period."""
    words, nothing = labels.WORDS[lang], labels.status_label(Status.NO_DATA, lang)
    parts = [
        f"{point.period.label} "
        + (nothing if point.value is None else formatting.format_point(point, row.unit, lang))
        for point in row.trend
    ]
    said = f"{words['trend']}: {', '.join(parts)}"
    if row.target is None:
        return said
    return f"{said}. {words['target']} {formatting.format_target(row, lang)}"


def bullet_words(row: ScorecardRow, lang: Lang) -> str:
    """What the bullet shows, with the ends of its scale."""
    words, (low, high) = labels.WORDS[lang], _bullet_scale(row)
    parts = [
        f"{words['value']} {formatting.format_row_value(row, lang)}",
        f"{words['target']} {formatting.format_target(row, lang)}",
    ]
    if row.ci_low is not None:
        parts.append(f"{words['interval']} {formatting.format_interval(row, lang)}")
    ends = [formatting.format_value(end, row.unit, lang) for end in (low, high)]
    return ", ".join([*parts, f"{words['scale']} {ends[0]}–{ends[1]}"])


def _trend_spec(row: ScorecardRow) -> Spec:
    values = [point.value for point in row.trend]
    low, high = formatting.scale_of(row)
    spare = _SPARE * (high - low)
    low, high = low - spare, high + spare

    def kept(number: float | None) -> float | None:
        return None if number is None else min(max(number, low), high)

    records = [
        {
            "i": index,
            "value": point.value,
            "target": point.target,
            "low": kept(point.ci_low),
            "high": kept(point.ci_high),
        }
        for index, point in enumerate(row.trend)
    ]
    alone = [record for index, record in enumerate(records) if _is_alone(values, index)]
    gaps = {"invalid": "break-paths-show-domains"}
    layers: list[Spec] = [
        {
            "mark": {"type": "area", "fill": _BAND, **gaps},
            "encoding": {"y": _number("low"), "y2": {"field": "high"}},
        },
        {
            "mark": {
                "type": "line", "interpolate": "step", "stroke": _LINE, "strokeWidth": 1,
                "strokeDash": [3, 3], **gaps,
            },
            "encoding": {"y": _number("target")},
        },
        {
            "mark": {"type": "line", "stroke": _INK, "strokeWidth": 1.5, **gaps},
            "encoding": {"y": _number("value")},
        },
        {
            "data": {"values": alone},
            "mark": {"type": "circle", "opacity": 1, "size": 12, "fill": _INK},
            "encoding": {"y": _number("value")},
        },
    ]  # fmt: skip
    if values[-1] is not None:
        layers.append(
            {
                "data": {"values": records[-1:]},
                "mark": {"type": "circle", "opacity": 1, "size": 42, "fill": _TONE},
                "encoding": {"y": _number("value")},
            }
        )
    scale = {"domain": [0, max(len(records) - 1, 1)], "nice": False}
    for layer in layers:
        layer["encoding"]["y"]["scale"] = {"domain": [low, high], "nice": False, "zero": False}
        layer["encoding"]["x"] = _number("i") | {"scale": scale}
    return {"data": {"values": records}, "layer": layers}


def _is_alone(values: list[float | None], index: int) -> bool:
    """A value between two gaps, which no line would show; the last one has its own dot."""
    around = [values[at] for at in (index - 1, index + 1) if 0 <= at < len(values)]
    return (
        values[index] is not None
        and index < len(values) - 1
        and not any(value is not None for value in around)
    )


def _bullet_spec(row: ScorecardRow) -> Spec:
    low, high = _bullet_scale(row)
    value, target = row.value or 0.0, row.target or 0.0
    edges = _ranges(row, low, high)
    layers = [
        _bar(start, end, (0, BULLET_SIZE[1] - 2 * _PAD), fill)
        for (start, end), fill in zip(edges, _RANGES, strict=True)
        if end > start
    ]
    if row.ci_low is not None and row.ci_high is not None:
        band = _bar(max(row.ci_low, low), min(row.ci_high, high), (2, 8), _TONE)
        band["mark"]["fillOpacity"] = 0.35
        layers.append(band)
    if low == 0:  # a bar's length says something only when it starts at zero
        layers.append(_bar(0.0, value, (3.5, 6.5), _TONE))
    else:
        layers.append(
            {
                "mark": {"type": "circle", "opacity": 1, "size": 46, "fill": _TONE},
                "encoding": {"x": {"datum": value}, "y": {"value": 5}},
            }
        )
    layers.append(
        {
            "mark": {"type": "rule", "stroke": _INK, "strokeWidth": 2.4},
            "encoding": {"x": {"datum": target}, "y": {"value": -3}, "y2": {"value": 13}},
        }
    )
    for layer in layers:
        layer["encoding"]["x"]["scale"] = {"domain": [low, high], "nice": False, "zero": False}
        layer["encoding"]["x"]["type"] = "quantitative"
    return {"data": {"values": [{}]}, "layer": layers}


def _bullet_scale(row: ScorecardRow) -> tuple[float, float]:
    """From zero for times and counts; for rates and scores from where the differences are."""
    known = [n for n in (row.value, row.target, row.ci_low, row.ci_high) if n is not None]
    if row.unit == "score":
        return 1.0, 5.0
    if row.unit == "ratio":
        floor = min(known, default=0.0)
        return (0.0 if floor < 0.5 else 0.5 if floor < 0.9 else 0.8), 1.0
    return 0.0, 1.15 * max(*known, 1e-9, 1e-9)


def _ranges(row: ScorecardRow, low: float, high: float) -> list[tuple[float, float]]:
    """From where to where a value is missed, at risk, met."""
    target = row.target or 0.0

    def inside(number: float) -> float:
        return min(max(number, low), high)

    if row.better == "higher":
        risk = inside(target * (1 - row.tolerance))
        return [(low, risk), (risk, inside(target)), (inside(target), high)]
    risk = inside(target * (1 + row.tolerance))
    return [(risk, high), (inside(target), risk), (low, inside(target))]


def _bar(start: float, end: float, y: tuple[float, float], fill: str) -> Spec:
    return {
        "mark": {"type": "rect", "fill": fill},
        "encoding": {
            "x": {"datum": start},
            "x2": {"datum": end},
            "y": {"value": y[0]},
            "y2": {"value": y[1]},
        },
    }


def _number(field: str) -> Spec:
    return {"field": field, "type": "quantitative"}


def _drawn(spec: Spec, size: tuple[int, int], css: str, words: str) -> str:
    from vl_convert import vegalite_to_svg

    width, height = size
    whole = spec | {
        "width": width - 2 * _PAD,
        "height": height - 2 * _PAD,
        "padding": _PAD,
        "autosize": "none",
        "background": None,
        "config": {"view": {"stroke": None}, "axis": {"disable": True}, "aria": False},
    }
    svg = ET.fromstring(vegalite_to_svg(whole))  # noqa: S314 - drawn a moment ago, from numbers
    shapes = "".join(_shapes(svg))
    return labelled(
        f'<svg class="{css}" role="img" aria-label="" width="{width}" height="{height}"'
        f' viewBox="0 0 {width} {height}"><g transform="translate({_PAD},{_PAD})" fill="none">'
        f"{shapes}</g></svg>",
        words,
    )


def _shapes(svg: ET.Element) -> list[str]:
    """The drawn shapes without groups, roles and digits that nobody sees."""
    found = []
    for element in svg.iter():
        name = element.tag.rsplit("}", 1)[-1]
        attributes = {key: value for key, value in element.attrib.items() if key in _KEPT}
        is_frame = element.get("class") in ("background", "foreground")
        if name not in _SHAPES or is_frame or attributes.get("d") == "":
            continue
        said = "".join(f' {key}="{_rounded(key, value)}"' for key, value in attributes.items())
        found.append(f"<{name}{said}/>")
    return found


def _rounded(key: str, text: str) -> str:
    """Tenths of a pixel; colours and opacities as they are."""
    if key in ("fill", "stroke", "fill-opacity"):
        return text
    return re.sub(r"-?\d+\.\d+(e-?\d+)?", lambda found: f"{float(found[0]):.1f}", text)
