"""The workbook of `kpi template`: the sheets some KPIs need, typed, with lists and an example.

By hand: `kpi template FILE.xlsx --kpis inquiry_within_4h --lang ko`.
"""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sales_support_kpi.aliases import bool_label, column_label, sheet_label, word_label
from sales_support_kpi.entities import ENTITIES, Column, ColumnType, Entity
from sales_support_kpi.sources.examples import EXAMPLES

if TYPE_CHECKING:
    from openpyxl import Workbook
    from openpyxl.worksheet.worksheet import Worksheet

    from sales_support_kpi.config import Config

ROWS = 2000  # rows that get number formats and lists

_FORMATS = {
    ColumnType.TEXT: "@",
    ColumnType.INT: "0",
    ColumnType.DECIMAL: "General",
    ColumnType.BOOL: "General",
    ColumnType.DATE: "yyyy-mm-dd",
    ColumnType.INSTANT: "yyyy-mm-dd hh:mm",
}
_TYPE_NOTES = {
    ColumnType.TEXT: ("글자", "text"),
    ColumnType.INT: ("정수", "whole number"),
    ColumnType.DECIMAL: ("숫자", "number"),
    ColumnType.BOOL: ("예/아니오", "true/false"),
    ColumnType.DATE: ("날짜 (예: 2026-10-31)", "date (like 2026-10-31)"),
    ColumnType.INSTANT: (
        "날짜와 시각 (예: 2026-10-31 09:00)",
        "date and time (like 2026-10-31 09:00)",
    ),
}
_EXAMPLE_NOTE = (
    "이 행은 지어낸 예시입니다. 실제 데이터를 넣기 전에 지워 주세요.",
    "This row is an invented example. Delete it before you fill in your own.",
)


def entities_for(config: "Config", kpi_ids: Iterable[str] | None = None) -> tuple[str, ...]:
    """The entities that KPIs need, in the order of the contract; all enabled KPIs by default."""
    from sales_support_kpi.config import enabled_kpis, kpi

    chosen = enabled_kpis(config) if kpi_ids is None else [kpi(config, one) for one in kpi_ids]
    needed = {entity for one in chosen for entity in one.entities}
    return tuple(name for name in ENTITIES if name in needed)


def write_template(path: Path, entities: Sequence[str], lang: str = "en") -> Path:
    """Write an empty workbook that `kpi run --source` takes as it is, example rows included."""
    from openpyxl import Workbook

    book = Workbook()
    for sheet in list(book.worksheets):
        book.remove(sheet)
    for name in entities:
        _add_sheet(book, ENTITIES[name], lang)
    path.parent.mkdir(parents=True, exist_ok=True)
    book.save(path)
    return path


def _add_sheet(book: "Workbook", entity: Entity, lang: str) -> None:
    from openpyxl.comments import Comment
    from openpyxl.styles import Alignment, Font, PatternFill
    from openpyxl.utils import get_column_letter

    sheet = book.create_sheet(sheet_label(entity.name, lang))
    sheet.freeze_panes = "A2"
    example = EXAMPLES[entity.name]
    for at, column in enumerate(entity.columns, 1):
        head = sheet.cell(1, at, column_label(entity.name, column.name, lang))
        head.font = Font(bold=True, color="FFFFFF")
        head.fill = PatternFill("solid", fgColor="1F4E78" if column.is_required else "7F7F7F")
        head.alignment = Alignment(horizontal="center")
        head.comment = Comment(_note(entity, column, lang), "kpi", width=320, height=120)
        letter = get_column_letter(at)
        sheet.column_dimensions[letter].width = max(14, len(str(head.value)) * 2)
        _add_list(sheet, entity, column, letter, lang)
        cell = sheet.cell(2, at, _shown(entity, column, example.get(column.name), lang))
        cell.font = Font(italic=True, color="808080")
        for row in range(2, ROWS + 1):
            sheet.cell(row, at).number_format = _FORMATS[column.type]
    sheet.cell(2, 1).comment = Comment(_EXAMPLE_NOTE[lang != "ko"], "kpi", width=320, height=60)


def _note(entity: Entity, column: Column, lang: str) -> str:
    is_korean = lang == "ko"
    lines = [column.name, _TYPE_NOTES[column.type][not is_korean]]
    if column.is_required:
        lines.append("필수" if is_korean else "required")
    if column.is_key:
        lines.append("행을 구분하는 키" if is_korean else "identifies the row")
    if column.vocabulary:
        lines.append(", ".join(_words(entity, column, lang)))
    return "\n".join(lines)


def _words(entity: Entity, column: Column, lang: str) -> list[str]:
    vocabulary = column.vocabulary or ()
    return [word_label(entity.name, column.name, word, lang) for word in vocabulary]


def _add_list(sheet: "Worksheet", entity: Entity, column: Column, letter: str, lang: str) -> None:
    """A drop-down list for a vocabulary; only advice where other words are allowed."""
    from openpyxl.worksheet.datavalidation import DataValidation

    words = _words(entity, column, lang)
    if column.type is ColumnType.BOOL:
        words = [bool_label(True, lang), bool_label(False, lang)]
    if not words:
        return
    rule = DataValidation("list", formula1=f'"{",".join(words)}"', allow_blank=True)
    rule.showErrorMessage = not column.is_open
    rule.add(f"{letter}2:{letter}{ROWS}")
    sheet.add_data_validation(rule)


def _shown(entity: Entity, column: Column, value: Any, lang: str) -> Any:  # noqa: ANN401 - a cell
    if isinstance(value, tuple):
        value = value[lang != "ko"]
    if isinstance(value, bool):
        return bool_label(value, lang)
    if isinstance(value, str) and value in (column.vocabulary or ()):
        return word_label(entity.name, column.name, value, lang)
    return value
