"""Why a value differs → the terminal: the sentence, the table that adds up, the records."""

import io
import re
from typing import Final

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from sales_support_kpi.report import beside, labels
from sales_support_kpi.report.explain_figures import Figures, Line, figures
from sales_support_kpi.report.explain_model import Explanation, Record
from sales_support_kpi.report.explain_split import Effect
from sales_support_kpi.report.explain_words import (
    WORDS,
    amount,
    group_name,
    heading,
    line_name,
    number,
    others,
    percent,
    sentence,
    short_period,
    value_text,
)
from sales_support_kpi.report.formatting import format_value
from sales_support_kpi.report.text import PLAIN_WIDTH

_BETTER, _WORSE, _QUIET, _WARNING = "#56b4e9", "#e69f00", "dim", "#e69f00"
_BAR: Final = 8
_WIDE: Final = 92


def render_explanation(explanation: Explanation, console: Console) -> None:
    """Print why the value differs."""
    shown = figures(explanation)
    for part in (*_head(explanation, shown), Text("")):
        console.print(Padding(part, (0, 1)))
    console.print(_table(explanation, shown, console.width))
    console.print()
    for part in (*_beside(explanation), *_foot(explanation)):
        console.print(Padding(part, (0, 1)))
    if explanation.records:
        console.print()
        console.print(Padding(_records_title(explanation), (0, 1)))
        console.print(_records(explanation))


def explanation_text(explanation: Explanation, width: int = PLAIN_WIDTH) -> str:
    """The same as plain text."""
    target = io.StringIO()
    render_explanation(explanation, Console(file=target, width=width, color_system=None))
    return "\n".join(line.rstrip() for line in target.getvalue().splitlines()) + "\n"


def _head(explanation: Explanation, shown: Figures) -> list[Text]:
    lang, words = explanation.lang, WORDS[explanation.lang]
    unit, base = explanation.unit, explanation.base_period
    period = labels.period_title(explanation.period, lang)
    against = words["target"] if base is None else labels.period_title(base, lang)
    facts = (
        labels.scope_title(explanation.scope, lang),
        f"{period} ↔ {against}",
        f"{labels.WORDS[lang]['publish']} {explanation.night.publish_id}",
    )
    before = value_text(shown, unit, shown.base_units, lang)
    now = value_text(shown, unit, shown.value_units, lang)
    base_name = words["target"] if base is None else short_period(base, explanation.period, lang)
    own_name = short_period(explanation.period, base or explanation.period, lang)
    figures_line = Text.assemble(
        (f"{base_name} ", _QUIET), (before, "bold"), (f"  →  {own_name} ", _QUIET), (now, "bold"),
        "   ", _change(explanation, shown),
    )  # fmt: skip
    lines = [
        Text.assemble((explanation.name, "bold"), (f"  {explanation.kpi_id}", _QUIET)),
        Text(" · ".join(facts), style=_QUIET),
    ]
    for each in filter(None, (explanation.period, base)):
        if explanation.is_open(each):
            title = labels.period_title(each, lang)
            lines.append(Text(f"⚠ {words['still_open'].format(period=title)}", style=_WARNING))
    lines += [Text(""), figures_line]
    said = _unbroken(sentence(explanation, shown))
    start = len(heading(explanation, shown))
    lines.append(Text.assemble((said[:start], "bold"), said[start:]))
    return lines


def _beside(explanation: Explanation) -> list[Text]:
    lang = explanation.lang
    said = beside.sentences(explanation.beside, explanation.unit, lang)
    lines = [Text.assemble(("· ", _QUIET), _unbroken(sentence)) for sentence in said]
    return [Text(beside.title(lang), style="bold"), *lines, Text("")] if lines else []


def _unbroken(text: str) -> str:
    """A number and its unit stay on one line."""
    return re.sub(r"(?<=\d) (?=pp|%|h\b)", "\u00a0", text)


def _change(explanation: Explanation, shown: Figures) -> Text:
    words, units = WORDS[explanation.lang], shown.difference_units
    text = amount(shown, explanation.unit, units, explanation.lang)
    if explanation.is_improvement is None or not units:
        return Text(text, style=_QUIET)
    arrow = "▲" if units > 0 else "▼"
    if explanation.base_period is None:
        return Text(f"{arrow} {text}", style=_style(explanation, units))
    judged = words["better" if explanation.is_improvement else "worse"]
    return Text(f"{arrow} {text} {judged}", style=_style(explanation, units))


def _table(explanation: Explanation, shown: Figures, width: int) -> Table:
    words = WORDS[explanation.lang]
    table = Table(box=None, pad_edge=True, padding=(0, 1), header_style=_QUIET, show_footer=True)
    total = amount(shown, explanation.unit, shown.difference_units, explanation.lang)
    dimension = words[explanation.chosen.dimension]
    name = dimension if explanation.lang == "ko" else dimension.capitalize()
    table.add_column(name, words["total"], overflow="fold", min_width=12, footer_style="bold")
    for header, footer in _columns(explanation, shown):
        table.add_column(header, footer, justify="right", no_wrap=True, footer_style=_QUIET)
    table.add_column(
        words["effect"], total, justify="right", no_wrap=True, style="bold", footer_style="bold"
    )
    has_bars = width >= _WIDE
    if has_bars:
        table.add_column("", "", no_wrap=True, min_width=_BAR)
    largest = max((abs(line.total_units) for line in shown.lines), default=0)
    for line in shown.lines:
        cells = [Text(line_name(explanation, line)), *_cells(explanation, shown, line)]
        cells.append(
            Text(number(shown, line.total_units), style=_style(explanation, line.total_units))
        )
        if has_bars and not (line.effect and line.effect.is_target):
            cells.append(_bar(explanation, line.total_units, largest))
        table.add_row(*cells)
    return table


def _columns(explanation: Explanation, shown: Figures) -> list[tuple[str, str]]:
    """Header and footer of the columns between the group and its effect."""
    words, lang, unit = WORDS[explanation.lang], explanation.lang, explanation.unit
    now = value_text(shown, unit, shown.value_units, lang)
    base = value_text(shown, unit, shown.base_units, lang)
    is_target = explanation.base_period is None
    if unit == "count":
        return [(words["count"], now if is_target else f"{base} → {now}")]
    if is_target:
        return [(words["share"], percent(1.0, lang)), (words["rate"], now)]
    rates = sum(line.rate_units or 0 for line in shown.lines)
    mixes = sum(line.mix_units or 0 for line in shown.lines)
    return [
        (words["share"], ""),
        (words["rate"], f"{base} → {now}"),
        (words["rate_effect"], number(shown, rates)),
        (words["mix_effect"], number(shown, mixes)),
    ]


def _cells(explanation: Explanation, shown: Figures, line: Line) -> list[Text]:
    effect, lang, unit = line.effect, explanation.lang, explanation.unit
    is_target = explanation.base_period is None
    if unit == "count":
        return [Text("" if effect is None else _count(effect, is_target=is_target), style=_QUIET)]
    if effect is None:
        blank = [Text(""), Text("")]
    else:
        blank = [Text(_share(effect, explanation), style=_QUIET)]
        texts = [format_value(effect.rate, unit, lang, min(shown.digits, 2))]
        if not is_target:
            texts.insert(0, format_value(effect.base_rate, unit, lang, min(shown.digits, 2)))
        blank.append(Text(" → ".join(texts), style=_QUIET))
    if is_target:
        return blank
    return [
        *blank,
        Text(number(shown, line.rate_units or 0)),
        Text(number(shown, line.mix_units or 0)),
    ]


def _count(effect: Effect, *, is_target: bool) -> str:
    if effect.now is None:
        return ""
    now = f"{effect.now.numerator:,.10g}"
    if is_target or effect.base is None:
        return now
    return f"{effect.base.numerator:,.10g} → {now}"


def _share(effect: Effect, explanation: Explanation) -> str:
    now = percent(effect.share or 0.0, explanation.lang)
    if effect.base_share is None:
        return now
    return f"{percent(effect.base_share, explanation.lang)} → {now}"


def _bar(explanation: Explanation, units: int, largest: int) -> Text:
    length = round(_BAR * abs(units) / largest) if largest else 0
    return Text("█" * (length or (1 if units else 0)), style=_style(explanation, units))


def _style(explanation: Explanation, units: int) -> str:
    if not units:
        return _QUIET
    return _BETTER if (units > 0) == (explanation.better == "higher") else _WORSE


def _foot(explanation: Explanation) -> list[Text]:
    lang, words = explanation.lang, WORDS[explanation.lang]
    chosen = explanation.chosen
    lines = []
    if explanation.base_period is not None and explanation.unit != "count":
        lines.append(Text(words["legend"], style=_QUIET))
    if explanation.is_chosen_by_rule and explanation.others:
        said = words["chosen"].format(
            dimension=words[chosen.dimension], share=percent(chosen.concentration, lang)
        )
        lines.append(Text(f"{said}", style=_QUIET))
    if explanation.others:
        lines.append(Text(words["others_are"].format(list=others(explanation)), style=_QUIET))
    if not explanation.is_published:
        lines.append(Text(f"✗ {words['differs']}", style="bold #e0632a"))
    return lines


def _records_title(explanation: Explanation) -> Text:
    scope = explanation.scope
    command = f"{explanation.kpi_id} --period {explanation.period.label}"
    command += "" if scope.type == "company" else f" --scope {scope.text}"
    return Text(WORDS[explanation.lang]["records"].format(command=command), style=_QUIET)


def _records(explanation: Explanation) -> Table:
    table = Table(box=None, pad_edge=True, padding=(0, 1), show_header=False)
    table.add_column(overflow="fold")
    table.add_column(no_wrap=True)
    table.add_column(style=_QUIET)
    table.add_column(justify="right", no_wrap=True)
    table.add_column(style=_QUIET, no_wrap=True)
    before: object = table  # no group is the table
    for record in explanation.records:
        is_first = record.group != before
        name = group_name(explanation, record.group) if is_first else ""
        table.add_row(
            Text(name),
            Text(record.record_id or ""),
            Text(".".join(filter(None, (record.source, record.entity)))),
            Text(_record_value(explanation, record)),
            Text(_record_instant(explanation, record)),
        )
        before = record.group
    return table


def _record_value(explanation: Explanation, record: Record) -> str:
    if explanation.unit == "ratio":
        return "✓" if record.numerator >= (record.denominator or 1) else "✗"
    return format_value(record.numerator, explanation.unit, explanation.lang)


def _record_instant(explanation: Explanation, record: Record) -> str:
    if record.occurred_at is None:
        return ""
    return labels.local_instant(record.occurred_at, explanation.night.timezone)[:16]
