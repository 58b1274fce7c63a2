"""Scorecard → one HTML page that needs nothing else: to open, to mail, to print.

The page holds each language whole, one of them shown; a link to the other's anchor switches by the
style sheet alone. So it works from a file and without scripts, and where a mail program strips
styles the first language is what is left.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from sales_support_kpi.report import charts, formatting, labels, notes
from sales_support_kpi.report.model import Scorecard, ScorecardRow, Status, TrendPoint

if TYPE_CHECKING:
    from markupsafe import Markup

Drawings = dict[str, tuple[str, str]]
"""KPI → trend and bullet, without the words that name them."""


def scorecard_html(*cards: Scorecard) -> str:
    """The whole page: one scorecard in one or more languages, the first one shown."""
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("sales_support_kpi.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    drawings = {
        row.kpi_id: (charts.trend_svg(row), charts.bullet_svg(row)) for row in cards[0].rows
    }
    page = environment.get_template("scorecard.html.j2").render(
        pages=[_page(card, drawings) for card in cards]
    )
    return "\n".join(filter(None, (line.strip() for line in page.splitlines()))) + "\n"


def _page(card: Scorecard, drawings: Drawings) -> dict[str, object]:
    return {
        "card": card,
        "words": labels.WORDS[card.lang],
        "language": {"ko": "한국어", "en": "English"}[card.lang],
        "scope": labels.scope_title(card.scope, card.lang),
        "period": labels.period_title(card.period, card.lang),
        "dates": labels.period_dates(card.period),
        "as_of": labels.local_instant(card.as_of, card.timezone),
        "tally": list(_tally(card)),
        "warnings": notes.warnings(card),
        "gaps": notes.gaps(card),
        "rows": [_cells(row, card, *drawings[row.kpi_id]) for row in card.rows],
        "has_open_targets": notes.has_open_targets(card),
        "has_uncertain": any(row.is_uncertain for row in card.rows),
        "nothing": formatting.NOTHING,
        "no_target": labels.status_label(Status.NO_TARGET, card.lang),
        "no_data": labels.status_label(Status.NO_DATA, card.lang),
    }


def _tally(card: Scorecard) -> Iterator[dict[str, object]]:
    for status in Status:
        if card.count(status):
            yield {
                "status": str(status),
                "symbol": labels.STATUS_SYMBOLS[status],
                "label": labels.status_label(status, card.lang),
                "count": card.count(status),
            }


def _cells(row: ScorecardRow, card: Scorecard, trend: str, bullet: str) -> dict[str, object]:
    """Everything the page shows of one KPI, as text."""
    lang = card.lang
    verdict = {None: "", True: "better", False: "worse"}[row.is_improvement]
    return {
        "row": row,
        "value": formatting.format_row_value(row, lang),
        "target": formatting.format_target(row, lang),
        "attainment": formatting.format_attainment(row, lang),
        "change": formatting.format_change(row, lang),
        "verdict": verdict,
        "verdict_label": labels.WORDS[lang].get(verdict, ""),
        "symbol": labels.STATUS_SYMBOLS[row.status],
        "label": labels.status_label(row.status, lang),
        "interval": formatting.format_interval(row, lang),
        "sample": f"{row.sample_size:,}" if row.sample_size else formatting.NOTHING,
        "notes": notes.row_notes(row, lang),
        "trend": _named(trend, charts.trend_words(row, lang)),
        "bullet": _named(bullet, charts.bullet_words(row, lang)),
        "points": [_point(point, row, card) for point in row.trend],
    }


def _point(point: TrendPoint, row: ScorecardRow, card: Scorecard) -> dict[str, object]:
    return {
        "value": point.value,
        "text": formatting.format_point(point, row.unit, card.lang),
        "status": str(point.status),
        "symbol": labels.STATUS_SYMBOLS[point.status],
        "label": labels.status_label(point.status, card.lang),
    }


def _named(svg: str, words: str) -> "Markup":
    from markupsafe import Markup

    return Markup(charts.labelled(svg, words))  # noqa: S704 - our own drawing, the words are escaped
