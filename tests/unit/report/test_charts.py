"""The drawings of the page: Vega-Lite's shapes say the numbers of the row, and no others."""

import re
import xml.etree.ElementTree as ET
from dataclasses import replace
from pathlib import Path

import pytest

from sales_support_kpi.report.charts import bullet_svg, bullet_words, trend_svg, trend_words
from sales_support_kpi.report.html import scorecard_html
from sales_support_kpi.report.model import LANGS, Scorecard, ScorecardRow, Status
from sales_support_kpi.report.scorecard import load_scorecard, load_scorecards
from sales_support_kpi.settings import Home

INK, TONE, BAND = "var(--ink", "var(--tone", "var(--band"


@pytest.fixture(scope="module")
def card(home: Home) -> Scorecard:
    return load_scorecard(home, lang="en")


def row_of(card: Scorecard, kpi_id: str) -> ScorecardRow:
    return next(row for row in card.rows if row.kpi_id == kpi_id)


def shapes(svg: str) -> list[ET.Element]:
    return list(ET.fromstring(svg).iter())  # noqa: S314


def strokes(svg: str, colour: str) -> list[str]:
    return [e.get("d", "") for e in shapes(svg) if (e.get("stroke") or "").startswith(colour)]


def points_of(path: str) -> list[tuple[float, float]]:
    return [(float(x), float(y)) for x, y in re.findall(r"[ML](-?[\d.]+),(-?[\d.]+)", path)]


def test_the_line_has_the_values_proportions(card: Scorecard) -> None:
    row = row_of(card, "inquiry_within_4h")
    (path,) = strokes(trend_svg(row), INK)
    heights = [-y for _, y in points_of(path)]
    values = [point.value for point in row.trend]
    assert len(heights) == len(values) == 12
    first, last = min(range(12), key=values.__getitem__), max(range(12), key=values.__getitem__)
    for height, value in zip(heights, values, strict=True):
        assert value is not None
        drawn = (height - heights[first]) / (heights[last] - heights[first])
        meant = (value - values[first]) / (values[last] - values[first])  # type: ignore[operator]
        assert drawn == pytest.approx(meant, abs=0.02)


def test_a_period_without_data_is_a_gap_and_never_zero(card: Scorecard) -> None:
    row = row_of(card, "insights_delivered")  # –, 1, –, 2, 1, 1, 2, –, 1, 1, 1, 3
    (path,) = strokes(trend_svg(row), INK)
    assert path.count("M") == 3
    drawn = {round(x / (124 / 11)) for x, _ in points_of(path)}
    assert drawn == {1, 3, 4, 5, 6, 8, 9, 10, 11}
    lowest = max(y for _, y in points_of(path))
    ones = [y for x, y in points_of(path) if round(x / (124 / 11)) in (1, 4, 5, 8, 9, 10)]
    assert set(ones) == {lowest}  # one is the least there is; no point lies where zero would be


def test_a_value_between_two_gaps_is_a_dot(card: Scorecard) -> None:
    row = row_of(card, "insights_delivered")
    dots = [
        e for e in shapes(trend_svg(row)) if e.get("transform", "").startswith("translate(11.3")
    ]
    assert len(dots) == 1


def test_a_kpi_without_any_value_has_no_drawing(card: Scorecard) -> None:
    row = row_of(card, "report_usage")
    assert (row.status, trend_svg(row), bullet_svg(row)) == (Status.NO_DATA, "", "")


def test_the_bullet_has_its_mark_at_the_target_and_its_dot_at_the_value(card: Scorecard) -> None:
    row = row_of(card, "contract_followup_completion")  # 87.1 % of 100 %, scale 50 to 100 %
    svg = bullet_svg(row)
    (mark,) = [e for e in shapes(svg) if e.tag == "line"]
    (dot,) = [e for e in shapes(svg) if "A" in e.get("d", "")]
    assert mark.get("transform", "").startswith("translate(112,")
    assert float(re.findall(r"[\d.]+", dot.get("transform", ""))[0]) == pytest.approx(
        112 * (row.value - 0.5) / 0.5,  # type: ignore[operator]
        abs=0.1,
    )


def test_the_interval_is_a_band_from_its_lower_to_its_upper_end(card: Scorecard) -> None:
    row = row_of(card, "contract_followup_completion")
    (band,) = [e for e in shapes(bullet_svg(row)) if e.get("fill-opacity")]
    start, width = re.findall(r"M([\d.]+),2h([\d.]+)", band.get("d", ""))[0]
    assert float(start) == pytest.approx(112 * (0.8 - 0.5) / 0.5, abs=0.1)
    assert float(width) == pytest.approx(112 * (0.941 - 0.8) / 0.5, abs=0.1)


def test_a_bar_starts_at_zero_and_no_bar_starts_elsewhere(card: Scorecard) -> None:
    for row in card.rows:
        svg = bullet_svg(row)
        bars = [e for e in shapes(svg)[1:] if e.get("fill", "").startswith(TONE)] if svg else []
        solid = [e for e in bars if not e.get("fill-opacity")]
        if row.unit in ("hours", "count"):
            assert all(e.get("d", "").startswith("M0,") for e in solid)
        else:
            assert all("A" in e.get("d", "") for e in solid)  # a dot


@pytest.mark.parametrize(("better", "met_first"), [("higher", False), ("lower", True)])
def test_the_ranges_lie_where_the_status_changes(
    card: Scorecard, better: str, *, met_first: bool
) -> None:
    row = replace(row_of(card, "document_turnaround"), better=better)  # 2.05 h, target 2.0
    fills = [e for e in shapes(bullet_svg(row)) if "var(--" in e.get("fill", "")][:3]
    kinds = [re.findall(r"--(\w+)", e.get("fill", ""))[0] for e in fills]
    starts = [float(re.findall(r"M([\d.]+)", e.get("d", ""))[0]) for e in fills]
    order = [kind for _, kind in sorted(zip(starts, kinds, strict=True))]
    assert order == (["good", "fair", "poor"] if met_first else ["poor", "fair", "good"])


def test_what_a_drawing_shows_is_said_in_words(card: Scorecard) -> None:
    said = trend_words(row_of(card, "insights_delivered"), "en")
    assert said.startswith("Trend: 2025-11 no data, 2025-12 1, 2026-01 no data, 2026-02 2")
    bullet = bullet_words(row_of(card, "contract_followup_completion"), "ko")
    assert bullet == "실적 87.1%, 목표 ≥ 100%, 95% 신뢰구간 80.0–94.1%, 눈금 50.0%–100.0%"


def test_drawings_hold_no_id_no_text_and_no_address(home: Home) -> None:
    page = scorecard_html(*load_scorecards(home))
    drawings = re.findall(r"<svg.*?</svg>", page)
    assert len(drawings) == 2 * sum(
        bool(row.value is not None and row.target is not None)
        + any(point.value is not None for point in row.trend)
        for row in load_scorecard(home).rows
    )
    for drawing in drawings:
        assert not re.search(r"\bid=|href|url\(|<text|<style|http", drawing)
        assert ET.fromstring(drawing).get("aria-label")  # noqa: S314
        assert len(drawing) < 2500


def test_a_page_in_two_languages_stays_small(home: Home) -> None:
    assert len(scorecard_html(*load_scorecards(home, langs=LANGS)).encode()) < 200_000


def test_nothing_is_fetched_to_draw(card: Scorecard, tmp_path: Path, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    import socket

    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("the network was asked")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    assert trend_svg(card.rows[0]).startswith("<svg")
