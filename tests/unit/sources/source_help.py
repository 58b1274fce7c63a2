"""Write small inputs, and read back what they are opened as."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import openpyxl

from sales_support_kpi.landing.load import connect
from sales_support_kpi.landing.typed import staging_query
from sales_support_kpi.sources.tables import ReadRules, Table

HEADER = ["material_id", "title", "created_at"]
GOOD = ["m1", "Guide", "2026-01-01"]


def write_book(path: Path, sheets: Mapping[str, Sequence[Sequence[Any]]]) -> Path:
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(list(row))
    book.save(path)
    return path


def text_of(rows: Sequence[Sequence[str]], delimiter: str = ",") -> str:
    return "".join(delimiter.join(row) + "\n" for row in rows)


def typed(table: Table, rules: ReadRules, spool: Path, columns: str = "*") -> list[Any]:
    """The table's rows as landing would type them."""
    if table.prepare is not None:
        table = table.prepare()
    with connect(rules.timezone, spool) as connection:
        try:
            query = staging_query(table, rules)
            return connection.execute(f"select {columns} from ({query})").fetchall()
        except Exception as error:
            if table.reread is None:
                raise
            query = staging_query(table.reread(error), rules)
            return connection.execute(f"select {columns} from ({query})").fetchall()
