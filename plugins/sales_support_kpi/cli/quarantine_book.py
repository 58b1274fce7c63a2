"""Quarantined rows as a workbook to correct, and what was corrected in it.

`kpi quarantine show -o rows.xlsx` → a person → `kpi quarantine release --from rows.xlsx`
"""

import io
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from sales_support_kpi.entities import ENTITIES
from sales_support_kpi.errors import UsageError

BESIDE = (
    "id", "state", "night", "reason", "message", "column_name", "file", "sheet", "row", "raw",
)  # fmt: skip
_SHEET, _AS_EXPORTED = "rows", "as_exported"
_WIDEST = 40


def corrections_book(rows: Sequence[dict[str, Any]]) -> bytes:
    """One sheet to correct; a hidden one remembers what was exported."""
    from openpyxl import Workbook
    from openpyxl.styles import Font, PatternFill
    from openpyxl.utils import get_column_letter

    names = list(dict.fromkeys(name for row in rows for name in row))
    book = Workbook()
    sheet = book.active or book.create_sheet()
    sheet.title = _SHEET
    memory = book.create_sheet(_AS_EXPORTED)
    memory.sheet_state = "hidden"
    grey = PatternFill("solid", fgColor="EEEEEE")
    for one in (sheet, memory):
        one.append(names)
        for row in rows:
            one.append([None if row.get(name) is None else str(row.get(name)) for name in names])
        for line in one.iter_rows():
            for cell in line:
                cell.number_format = "@"  # as text: 007 stays 007
                if cell.data_type == "f":
                    cell.data_type = "s"
    for cell in sheet[1]:
        cell.font = Font(bold=True)
        if cell.value in BESIDE:
            cell.fill = grey
    sheet.freeze_panes = "B2"
    for at, name in enumerate(names, 1):
        letter = get_column_letter(at)
        sheet.column_dimensions[letter].width = min(_WIDEST, max(10, len(name) + 2))
        if name == "raw":
            sheet.column_dimensions[letter].hidden = True
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def read_corrections(file: Path) -> dict[str, dict[str, str | None]]:
    """Row id → column → corrected value, of the rows in which any cell was changed.

    Raises:
        UsageError: it is no workbook that was exported for this.
    """
    from zipfile import BadZipFile

    from openpyxl import load_workbook
    from openpyxl.utils.exceptions import InvalidFileException

    try:
        book = load_workbook(file, data_only=True)
        now, before = (_rows(book[name]) for name in (_SHEET, _AS_EXPORTED))
    except (OSError, BadZipFile, InvalidFileException, KeyError) as error:
        raise UsageError(
            f"{file} is no workbook of `kpi quarantine show -o`; export it again"
        ) from error
    columns = {column.name for entity in ENTITIES.values() for column in entity}
    changes = {}
    for key, row in now.items():
        if key not in before:
            raise UsageError(f"{file}: row {key} was not exported; do not change the column id")
        changed = {
            name: value
            for name, value in row.items()
            if name in columns and value != before[key].get(name)
        }
        if changed:
            changes[key] = changed
    return changes


def _rows(sheet: Any) -> dict[str, dict[str, str | None]]:  # noqa: ANN401 - openpyxl's sheet
    lines = list(sheet.iter_rows(values_only=True))
    names = [str(name) for name in lines[0]] if lines else []
    found = {}
    for line in lines[1:]:
        row = dict(zip(names, (_text(value) for value in line), strict=False))
        if row.get("id"):
            found[str(row["id"])] = row
    return found


def _text(value: object) -> str | None:
    if value is None or (isinstance(value, str) and not value.strip()):
        return None
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return value if isinstance(value, str) else _plain(value)


def _plain(value: object) -> str:
    if hasattr(value, "isoformat"):
        return str(value.isoformat(sep=" ") if hasattr(value, "hour") else value.isoformat())
    return json.dumps(value) if isinstance(value, bool) else str(value)
