"""`kpi scorecard`: the published values."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from sales_support_kpi.cli import options, output
from sales_support_kpi.report.model import LANGS, Lang

if TYPE_CHECKING:
    from sales_support_kpi.report.model import Scorecard


def scorecard(
    home: options.HomeOption = None,
    grain: options.GrainOption = None,
    period: options.PeriodOption = None,
    scope: options.ScopeOption = "company",
    lang: Annotated[
        Lang | None,
        typer.Option("--lang", help="ko or en (default: ko; a page holds both when left out)."),
    ] = None,
    format: Annotated[
        options.Format | None, typer.Option("--format", help="How to write it (default: text).")
    ] = None,
    file: options.OutputOption = None,
) -> None:
    """Show the published values: status, target, trend.

    Examples:
      kpi scorecard --lang en
      kpi scorecard --period 2026-Q4 --scope team:영업지원1팀
      kpi scorecard --grain week
      kpi scorecard -o october.html
      kpi scorecard --lang ko -o to-mail.html
      kpi scorecard --format json | jq '.rows[] | select(.status == "missed")'
    """
    from sales_support_kpi.report.scorecard import load_scorecards

    chosen = options.format_of(options.Format, format, file)
    holds_both = lang is None and chosen is options.Format.HTML
    cards = load_scorecards(
        options.home_of(home),
        grain=grain,
        period=period,
        scope=scope,
        langs=LANGS if holds_both else (lang or LANGS[0],),
    )
    if chosen is options.Format.TEXT and file is None:
        show(cards[0])
    else:
        output.write_bytes([_content(cards, chosen)], file)


def show(card: "Scorecard") -> None:
    """Print the scorecard for a person."""
    from sales_support_kpi.report.text import render_text, scorecard_text

    if output.is_terminal():
        render_text(card, output.stdout_console())
    else:
        output.write_text([scorecard_text(card)], None)


def _content(cards: Sequence["Scorecard"], chosen: options.Format) -> bytes:
    """The file's bytes; only a page holds more than one language."""
    card = cards[0]
    match chosen:
        case options.Format.TEXT:
            from sales_support_kpi.report.text import scorecard_text

            return scorecard_text(card).encode()
        case options.Format.JSON:
            from sales_support_kpi.report.machine import scorecard_json

            return scorecard_json(card).encode()
        case options.Format.CSV:
            from sales_support_kpi.report.machine import scorecard_csv

            return scorecard_csv(card).encode()
        case options.Format.HTML:
            from sales_support_kpi.report.html import scorecard_html

            return scorecard_html(*cards).encode()
        case options.Format.XLSX:
            from sales_support_kpi.report.xlsx import scorecard_xlsx

            return scorecard_xlsx(card)
