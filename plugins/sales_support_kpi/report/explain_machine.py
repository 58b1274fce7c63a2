"""Why a value differs → csv, json, Excel: every number in full."""

import io
import json
from dataclasses import asdict
from typing import Any, Final

from sales_support_kpi.report import labels
from sales_support_kpi.report.cells import neutral_cell
from sales_support_kpi.report.explain_figures import figures
from sales_support_kpi.report.explain_model import DimensionSplit, Explanation, Record
from sales_support_kpi.report.explain_split import Effect, Sums
from sales_support_kpi.report.explain_words import WORDS, group_name, sentence
from sales_support_kpi.report.machine import csv_text, json_value
from sales_support_kpi.report.xlsx import number_format

_EFFECT_FIELDS: Final = (
    "dimension", "group", "is_target", "numerator", "denominator", "share", "rate",
    "base_numerator", "base_denominator", "base_share", "base_rate", "rate_effect", "mix_effect",
    "total_effect",
)  # fmt: skip
_RECORD_FIELDS: Final = (
    "group", "source", "entity", "record_id", "numerator", "denominator", "occurred_at",
    "is_of_base",
)  # fmt: skip


def explanation_json(explanation: Explanation) -> str:
    """One object: what is compared, the split shown, the other ones, the records."""
    content = {
        **_head(explanation),
        "sentence": sentence(explanation, figures(explanation)),
        "dimension": explanation.chosen.dimension,
        "concentration": explanation.chosen.concentration,
        "effects": [_effect(explanation.chosen, each) for each in explanation.chosen.effects],
        "others": [
            {
                "dimension": other.dimension,
                "concentration": other.concentration,
                "effects": [_effect(other, each) for each in other.effects],
            }
            for other in explanation.others
        ],
        "records": [_record(record) for record in explanation.records],
        **asdict(explanation.beside),
        "equals_published": explanation.is_published,
    }
    return json.dumps(content, ensure_ascii=False, indent=2, allow_nan=False) + "\n"


def explanation_csv(explanation: Explanation) -> str:
    """One line per group; every line says what is compared. The effects sum to the difference."""
    head = _head(explanation)
    records = [{**head, **_effect(explanation.chosen, each)} for each in explanation.chosen.effects]
    return csv_text(records, [*head, *_EFFECT_FIELDS])


def explanation_xlsx(explanation: Explanation) -> bytes:
    """A sheet with the split and its sum, a sheet with the records."""
    from openpyxl import Workbook
    from openpyxl.styles import Font
    from openpyxl.utils import get_column_letter

    words, bold = WORDS[explanation.lang], Font(bold=True)
    book = Workbook()
    sheet = book.active or book.create_sheet()
    sheet.title = words["sheet"]
    for line in _introduction(explanation):
        sheet.append([neutral_cell(cell) for cell in line])
    sheet["A1"].font = bold
    sheet.append([])
    sheet.append([_header(explanation, name) for name in _EFFECT_FIELDS[1:]])
    for cell in sheet[sheet.max_row]:
        cell.font = bold
    first = sheet.max_row + 1
    for effect in explanation.chosen.effects:
        fields = _effect(explanation.chosen, effect)
        fields["group"] = _name(explanation, effect)
        sheet.append([neutral_cell(fields[name]) for name in _EFFECT_FIELDS[1:]])
    last = sheet.max_row
    sheet.append([words["total"]])
    for column, name in enumerate(_EFFECT_FIELDS[1:], start=1):
        letter = get_column_letter(column)
        sheet.column_dimensions[letter].width = 24 if column == 1 else 15
        if name.endswith("_effect") and (explanation.unit != "count" or name == "total_effect"):
            sheet.cell(last + 1, column).value = f"=SUM({letter}{first}:{letter}{last})"
            sheet.cell(last + 1, column).font = bold
        number_format = _number_format(explanation, name)
        for row in range(first, last + 2):
            sheet.cell(row, column).number_format = number_format
    _records_sheet(book, explanation)
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def _records_sheet(book: Any, explanation: Explanation) -> None:  # noqa: ANN401
    from openpyxl.styles import Font

    sheet = book.create_sheet(WORDS[explanation.lang]["sheet_records"])
    sheet.append(list(_RECORD_FIELDS))
    for cell in sheet[1]:
        cell.font = Font(bold=True)
    for record in explanation.records:
        fields = {**_record(record), "group": group_name(explanation, record.group)}
        sheet.append([neutral_cell(fields[name]) for name in _RECORD_FIELDS])
    for letter in "ABCDEFGH":
        sheet.column_dimensions[letter].width = 20


def _introduction(explanation: Explanation) -> list[tuple[object, ...]]:
    lang, words = explanation.lang, WORDS[explanation.lang]
    base = explanation.base_period
    return [
        (explanation.name, explanation.kpi_id),
        (sentence(explanation, figures(explanation)),),
        (labels.scope_title(explanation.scope, lang),),
        (labels.period_title(explanation.period, lang), explanation.value),
        (words["target"] if base is None else labels.period_title(base, lang),
         explanation.base_value),
        (labels.WORDS[lang]["publish"], explanation.night.publish_id),
    ]  # fmt: skip


def _header(explanation: Explanation, name: str) -> str:
    words = WORDS[explanation.lang]
    if name == "group":
        return words[explanation.chosen.dimension]
    known = {
        "rate_effect": "rate_effect", "mix_effect": "mix_effect", "total_effect": "effect",
        "share": "share", "rate": "rate",
    }  # fmt: skip
    return words[known[name]] if name in known else name


def _name(explanation: Explanation, effect: Effect) -> str:
    if effect.is_target:
        return WORDS[explanation.lang]["target_line"]
    return group_name(explanation, effect.group)


def _number_format(explanation: Explanation, name: str) -> str:
    if name.endswith("share"):
        return "0.0%"
    if name.endswith("rate"):
        return number_format(
            0 if explanation.unit == "count" else 1, explanation.unit, explanation.lang
        )
    if name.endswith("_effect"):
        return "+0.00%;-0.00%;0.00%" if explanation.unit == "ratio" else "+0.00;-0.00;0.00"
    return "General"


def _head(explanation: Explanation) -> dict[str, object]:
    base = explanation.base_period
    return {
        "publish_id": explanation.night.publish_id,
        "as_of": json_value(explanation.night.as_of),
        "kpi_id": explanation.kpi_id,
        "name": explanation.name,
        "unit": explanation.unit,
        "better": explanation.better,
        "grain": str(explanation.period.grain),
        "period": explanation.period.label,
        "versus": "target" if base is None else base.label,
        "scope_type": explanation.scope.type,
        "scope_id": explanation.scope.id,
        "value": explanation.value,
        "base_value": explanation.base_value,
        "difference": explanation.difference,
    }


def _effect(of: DimensionSplit, effect: Effect) -> dict[str, object]:
    has_denominator = effect.rate_effect is not None
    return {
        "dimension": of.dimension,
        "group": effect.group,
        "is_target": effect.is_target,
        **_sums(effect.now, "", has_denominator=has_denominator),
        "share": effect.share,
        "rate": effect.rate,
        **_sums(effect.base, "base_", has_denominator=has_denominator),
        "base_share": effect.base_share,
        "base_rate": effect.base_rate,
        "rate_effect": effect.rate_effect,
        "mix_effect": effect.mix_effect,
        "total_effect": effect.total_effect,
    }


def _sums(sums: Sums | None, prefix: str, *, has_denominator: bool) -> dict[str, object]:
    return {
        f"{prefix}numerator": sums.numerator if sums else None,
        f"{prefix}denominator": sums.denominator if sums and has_denominator else None,
    }


def _record(record: Record) -> dict[str, object]:
    return {name: json_value(getattr(record, name)) for name in _RECORD_FIELDS}
