"""Scorecard → the terminal: a table that fits 80 columns and uses what more there is.

Colours are those of Okabe and Ito, told apart by colour-blind readers too; every status also has
its symbol and its word, so nothing is lost without colour.
"""

import io
import re
import shlex
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from sales_support_kpi.report import formatting, labels, notes
from sales_support_kpi.report.model import Scorecard, ScorecardRow, Status

PLAIN_WIDTH: Final = 100
_LONG_NAME: Final = 40

STYLES: Final = {
    Status.MET: "#56b4e9",
    Status.AT_RISK: "#e69f00",
    Status.MISSED: "bold #e0632a",
    Status.INSUFFICIENT: "dim",
    Status.NO_TARGET: "",
    Status.NO_DATA: "dim",
    Status.WITHHELD: "#cc79a7",
}
_BETTER, _WORSE, _QUIET, _WARNING = "#56b4e9", "#e69f00", "dim", "#e69f00"


@dataclass(frozen=True, slots=True)
class _Column:
    """One column of the table and the console width from which on it is shown."""

    word: str
    cell: Callable[[ScorecardRow, Scorecard], Text]
    from_width: int = 0
    is_number: bool = True


def render_text(card: Scorecard, console: Console) -> None:
    """Print the scorecard."""
    console.print(scorecard_view(card, console.width), soft_wrap=False)


def scorecard_text(card: Scorecard, width: int = PLAIN_WIDTH) -> str:
    """The scorecard as plain text, without any colour."""
    target = io.StringIO()
    console = Console(file=target, width=width, force_terminal=False, color_system=None)
    render_text(card, console)
    return "\n".join(line.rstrip() for line in target.getvalue().splitlines()) + "\n"


def scorecard_view(card: Scorecard, width: int) -> RenderableType:
    """Everything that is printed, for a console of that width."""
    parts: list[RenderableType] = [Text(""), *_header(card), _rule()]
    parts.append(_table(card, width) if card.rows else _line(labels.WORDS[card.lang]["nothing"]))
    parts += [_rule(), *_footer(card, width), Text("")]
    return Group(*parts)


def _header(card: Scorecard) -> list[RenderableType]:
    words = labels.WORDS[card.lang]
    title = Text.assemble(
        (words["title"], "bold"),
        "  ",
        (labels.period_title(card.period, card.lang), "bold"),
        (f"  {labels.period_dates(card.period)}", _QUIET),
    )
    state = words["complete"] if card.is_complete else words["open"]
    facts = " · ".join(
        (
            labels.scope_title(card.scope, card.lang),
            state,
            f"{words['as_of']} {labels.local_instant(card.as_of, card.timezone)}",
            f"{words['publish']} {card.publish_id}",
        )
    )
    lines: list[RenderableType] = [_padded(title), _line(facts, _QUIET), _padded(_tally(card))]
    lines += [_bulleted("⚠", note.text, _WARNING) for note in notes.warnings(card)]
    return lines


def _tally(card: Scorecard) -> Text:
    """How many KPIs stand where: `✓ 8 met   ! 2 at risk   ✗ 3 missed`."""
    parts = []
    for status in Status:
        count = card.count(status)
        if count:
            symbol, word = labels.STATUS_SYMBOLS[status], labels.status_label(status, card.lang)
            figure = f"{word} {count}" if card.lang == "ko" else f"{count} {word}"
            whole = f"{symbol} {figure}".replace(" ", "\u00a0")
            parts.append(Text(whole, style=STYLES[status]))
    return Text("   ").join(parts)


def _table(card: Scorecard, width: int) -> Table:
    words = labels.WORDS[card.lang]
    table = Table(
        box=None, pad_edge=True, padding=(0, 1), header_style=_QUIET, collapse_padding=True
    )
    table.add_column(words["kpi"], min_width=20, max_width=_LONG_NAME, overflow="fold")
    shown = [column for column in _COLUMNS if width >= column.from_width]
    for column in shown:
        table.add_column(
            words[column.word],
            justify="right" if column.is_number else "left",
            no_wrap=True,
        )
    for row in card.rows:
        table.add_row(_name_cell(row, card), *(column.cell(row, card) for column in shown))
    return table


def _name_cell(row: ScorecardRow, card: Scorecard) -> Text:
    style = _QUIET if row.status is Status.NO_DATA else ""
    cell = Text(row.title, style=style)
    urgent = [
        note
        for note, is_shown in (
            (_needs(row, card), bool(row.missing_entities)),
            (labels.WORDS[card.lang]["stale"], row.is_stale),
        )
        if is_shown
    ]
    if urgent:
        cell.append(f"  {' · '.join(urgent)}", style=f"italic {_WARNING}")
    return cell


def _needs(row: ScorecardRow, card: Scorecard) -> str:
    return f"{labels.WORDS[card.lang]['needs']}: {', '.join(row.missing_entities)}"


def _value_cell(row: ScorecardRow, card: Scorecard) -> Text:
    return Text(formatting.format_row_value(row, card.lang), style="bold")


def _target_cell(row: ScorecardRow, card: Scorecard) -> Text:
    mark = "*" if row.target_basis in ("default", "proposed") else ""
    return Text(formatting.format_target(row, card.lang) + mark, style=_QUIET)


def _status_cell(row: ScorecardRow, card: Scorecard) -> Text:
    text = f"{labels.STATUS_SYMBOLS[row.status]} {labels.status_label(row.status, card.lang)}"
    return Text(text + (" ~" if row.is_uncertain else ""), style=STYLES[row.status])


def _change_cell(row: ScorecardRow, card: Scorecard) -> Text:
    text = formatting.format_change(row, card.lang)
    if row.is_improvement is None:
        return Text(text, style=_QUIET)
    return Text(text, style=_BETTER if row.is_improvement else _WORSE)


def _trend_cell(row: ScorecardRow, card: Scorecard) -> Text:
    del card
    cell = Text()
    for bar, point in zip(formatting.sparkline(row), row.trend, strict=True):
        cell.append(bar, style=STYLES[point.status])
    return cell


def _sample_cell(row: ScorecardRow, card: Scorecard) -> Text:
    del card
    return Text(f"{row.sample_size:,}" if row.sample_size else formatting.NOTHING, style=_QUIET)


def _interval_cell(row: ScorecardRow, card: Scorecard) -> Text:
    return Text(formatting.format_interval(row, card.lang), style=_QUIET)


def _attainment_cell(row: ScorecardRow, card: Scorecard) -> Text:
    return Text(formatting.format_attainment(row, card.lang), style=_QUIET)


_COLUMNS: Final = (
    _Column("value", _value_cell),
    _Column("target", _target_cell),
    _Column("attainment", _attainment_cell, from_width=118),
    _Column("status", _status_cell, is_number=False),
    _Column("change", _change_cell),
    _Column("trend", _trend_cell, is_number=False),
    _Column("sample", _sample_cell, from_width=94),
    _Column("interval", _interval_cell, from_width=110),
)


def _footer(card: Scorecard, width: int) -> list[RenderableType]:
    words = labels.WORDS[card.lang]
    lines: list[RenderableType] = [_bulleted("·", note.text, _QUIET) for note in notes.gaps(card)]
    if notes.has_open_targets(card):
        lines.append(_line(words["basis_legend"], _QUIET))
    if any(row.is_uncertain for row in card.rows):
        lines.append(_line(words["uncertain"], _QUIET))
    for row in card.rows:
        lines += [_bulleted("·", f"{row.title}: {remark}", _QUIET) for remark in row.remarks]
    return [*lines, *(_padded(hint) for hint in _hints(card, width))]


def _hints(card: Scorecard, width: int) -> list[Text]:
    """Where to look next."""
    words = labels.WORDS[card.lang]
    scope = "" if card.scope.type == "company" else f" --scope {_for_shell(card.scope.text)}"
    worst = _most_urgent(card)
    period = card.period.label
    hints = []
    if worst:
        hints.append((f"kpi rows {worst.kpi_id} --period {period}{scope}", words["next_rows"]))
        if worst.value is not None and worst.previous_value is not None:
            why = f"kpi explain {worst.kpi_id} --period {period} --vs previous{scope}"
            hints.append((why, words["next_explain"]))
    command = f"kpi scorecard --period {period}{scope} --format html -o scorecard.html"
    hints.append((command, words["next_html"]))
    return [_hint(command, why, width) for command, why in hints]


def _for_shell(text: str) -> str:
    """Quoted where a shell would not take it as one word; Korean needs no quotes."""
    return text if re.fullmatch(r"[\w:.,@%+-]+", text) else shlex.quote(text)


def _hint(command: str, why: str, width: int) -> Text:
    """A command and what it shows; the command alone where both would not fit on one line."""
    hint = Text.assemble(("→ ", _QUIET), command)
    explained = Text.assemble(hint, (f"  {why}", _QUIET))
    return explained if explained.cell_len <= width - 2 else hint


def _most_urgent(card: Scorecard) -> ScorecardRow | None:
    for status in (Status.MISSED, Status.AT_RISK, Status.MET, Status.NO_TARGET):
        found = [row for row in card.rows if row.status is status]
        if found:
            return min(found, key=lambda row: row.attainment if row.attainment is not None else 9)
    return None


def _rule() -> Rule:
    return Rule(style="dim")


def _line(text: str, style: str = "") -> Padding:
    return _padded(Text(text, style=style))


def _padded(text: Text) -> Padding:
    return Padding(text, (0, 1))


def _bulleted(symbol: str, text: str, style: str) -> Padding:
    """A line whose continuation is indented below its text."""
    grid = Table.grid(padding=(0, 1))
    grid.add_row(Text(symbol, style=style), Text(text, style=style))
    return Padding(grid, (0, 1))
