"""Scorecard → one HTML page that needs nothing else: to open, to mail, to print."""

from sales_support_kpi.report import formatting, labels, notes, svg
from sales_support_kpi.report.model import Scorecard, ScorecardRow, Status


def scorecard_html(card: Scorecard) -> str:
    """The whole page."""
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("sales_support_kpi.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("scorecard.html.j2").render(
        card=card,
        words=labels.WORDS[card.lang],
        scope=labels.scope_title(card.scope, card.lang),
        period=labels.period_title(card.period, card.lang),
        dates=labels.period_dates(card.period),
        as_of=labels.local_instant(card.as_of, card.timezone),
        tally=_tally(card),
        warnings=notes.warnings(card),
        gaps=notes.gaps(card),
        rows=[_cells(row, card) for row in card.rows],
        has_uncertain=any(row.is_uncertain for row in card.rows),
    )


def _tally(card: Scorecard) -> list[dict[str, object]]:
    return [
        {
            "status": str(status),
            "symbol": labels.STATUS_SYMBOLS[status],
            "label": labels.status_label(status, card.lang),
            "count": card.count(status),
        }
        for status in Status
        if card.count(status)
    ]


def _cells(row: ScorecardRow, card: Scorecard) -> dict[str, object]:
    """Everything the page shows of one KPI, as text."""
    lang = card.lang
    verdict = {None: "", True: "better", False: "worse"}[row.is_improvement]
    return {
        "row": row,
        "value": formatting.format_row_value(row, lang),
        "target": formatting.format_target(row, lang),
        "attainment": formatting.format_attainment(row, lang),
        "change": formatting.format_change(row, lang),
        "arrow": "" if row.is_improvement is None else ("▲" if (row.change or 0) > 0 else "▼"),
        "verdict": verdict,
        "verdict_label": labels.WORDS[lang].get(verdict, ""),
        "symbol": labels.STATUS_SYMBOLS[row.status],
        "label": labels.status_label(row.status, lang),
        "interval": formatting.format_interval(row, lang),
        "sample": f"{row.sample_size:,}" if row.sample_size else formatting.NOTHING,
        "notes": notes.row_notes(row, lang),
        "sparkline": svg.sparkline_svg(row, lang),
        "bullet": svg.bullet_svg(row, lang),
    }
