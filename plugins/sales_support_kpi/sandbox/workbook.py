"""One Excel workbook in Korean, as an office keeps it: sheets, headers and words from the aliases.

Instants are real spreadsheet dates in local time, yes and no are 예/아니오. Its bytes depend on its
cells alone. Two lines that nobody can read stand among the rest, as they do in real workbooks.
"""

import zipfile
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa

from sales_support_kpi import aliases
from sales_support_kpi.entities import ENTITIES
from sales_support_kpi.sandbox.worktime import ZONE_OFFSET

_STAMP = datetime(2026, 1, 2, 9, 0)  # noqa: DTZ001 - a spreadsheet knows no zones
_ZIP_STAMP = (2026, 1, 2, 9, 0, 0)

# entity → a row that landing has to quarantine: a date that is none, a line without its key
UNREADABLE: dict[str, dict[str, Any]] = {
    "report_deliveries": {
        "delivery_id": "DEL-9999",
        "report": "weekly_sales_trend",
        "delivered_at": "미정",
    },
    "material_updates": {"material_id": "MAT-0001", "updated_at": _STAMP, "author_id": "e01"},
}


class WorkbookSink:
    """Gathers small entities and writes them as sheets."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.unreadable: list[str] = []
        self._tables: dict[str, list[pa.Table]] = {}

    def write(self, entity: str, table: pa.Table) -> None:
        """Add rows to an entity's sheet."""
        self._tables.setdefault(entity, []).append(table)

    def close(self) -> None:
        """Write the workbook."""
        import openpyxl

        book = openpyxl.Workbook(write_only=True)
        book.properties.creator = "sales-support-kpi sandbox"
        for entity, tables in self._tables.items():
            table = pa.concat_tables(tables)
            names = table.column_names
            sheet = book.create_sheet(aliases.sheet_label(entity, "ko"))
            sheet.append([aliases.column_label(entity, name, "ko") for name in names])
            rows = table.to_pylist()
            if entity in UNREADABLE and rows:
                rows.insert(len(rows) // 2, UNREADABLE[entity])
                self.unreadable.append(entity)
            for row in rows:
                sheet.append([_cell(entity, name, row.get(name)) for name in names])
        aside = self.path.with_suffix(".writing")
        book.save(aside)
        _with_fixed_times(aside, self.path)
        aside.unlink()


def _cell(entity: str, column: str, value: Any) -> Any:  # noqa: ANN401 - whatever a cell may hold
    if isinstance(value, bool):
        return aliases.bool_label(value, "ko")
    if isinstance(value, datetime) and value.tzinfo is not None:
        return value.replace(tzinfo=None) + timedelta(seconds=ZONE_OFFSET)
    vocabulary = ENTITIES[entity].column(column).vocabulary or ()
    if value in vocabulary:
        return aliases.word_label(entity, column, value, "ko")
    return value


def _with_fixed_times(source: Path, target: Path) -> None:
    """Copy a workbook without the moment at which it was written."""
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w") as new:
        for name in sorted(old.namelist(), key=lambda name: (name != "[Content_Types].xml", name)):
            content = old.read(name)
            if name == "docProps/core.xml":
                content = _without_times(content)
            entry = zipfile.ZipInfo(name, _ZIP_STAMP)
            entry.compress_type = zipfile.ZIP_DEFLATED
            new.writestr(entry, content)


def _without_times(core: bytes) -> bytes:
    import re

    stamp = _STAMP.isoformat().encode() + b"Z"
    return re.sub(rb"(<dcterms:(?:created|modified)[^>]*>)[^<]*", rb"\g<1>" + stamp, core)
