"""Workbooks: ids, dates, formulas and positions as the spreadsheet shows them."""

from datetime import date, datetime, time
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from source_help import HEADER, typed, write_book

from sales_support_kpi.sources.cell_texts import shown_number
from sales_support_kpi.sources.files import open_drop
from sales_support_kpi.sources.tables import ReadRules
from sales_support_kpi.sources.workbook_parts import padded_tokens

COLUMNS = "material_id, title, epoch(created_at), _code, _row"


def read(path: Path, rules: ReadRules, spool: Path, columns: str = COLUMNS) -> list[Any]:
    (table,) = open_drop(path, rules, spool)
    return typed(table, rules, spool, columns)


def test_an_id_stored_as_a_number_keeps_the_zeros_its_format_shows(
    tmp_path: Path, rules: ReadRules, spool: Path
) -> None:
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    sheet.title = "materials"
    sheet.append(HEADER)
    for value, pattern in [(7, "000"), (8, "General"), (12345, "000"), ("007", "@"), (7.0, "0"),
                           (45, '"M-"0000'), (9, "00-00"), (1.5, "000")]:  # fmt: skip
        sheet.append([value, None, datetime(2026, 1, 1)])  # noqa: DTZ001
        sheet.cell(sheet.max_row, 1).number_format = pattern
    book.save(tmp_path / "b.xlsx")
    found = [row[0] for row in read(tmp_path / "b.xlsx", rules, spool)]
    assert found == ["007", "8", "12345", "007", "7", "M-0045", "00-09", "1.5"]


def test_dates_are_real_ones_serial_numbers_or_text(
    tmp_path: Path, rules: ReadRules, spool: Path
) -> None:
    moments = [datetime(2026, 1, 1, 9), date(2026, 1, 1), 46023, 46023.375, "2026-01-01 09:00",  # noqa: DTZ001
               time(9), True]  # fmt: skip
    rows = [[f"m{at}", "x", value] for at, value in enumerate(moments)]
    path = write_book(tmp_path / "b.xlsx", {"materials": [HEADER, *rows]})
    nine, midnight = 1767225600.0, 1767193200.0
    found = [(row[2], row[3]) for row in read(path, rules, spool)]
    assert found == [
        (nine, None), (midnight, None), (midnight, None), (nine, None), (nine, None),
        (None, "not_an_instant"), (None, "not_an_instant"),
    ]  # fmt: skip


def test_a_workbook_that_counts_from_1904(tmp_path: Path, rules: ReadRules, spool: Path) -> None:
    book = openpyxl.Workbook()
    book.epoch = openpyxl.utils.datetime.CALENDAR_MAC_1904
    sheet = book.worksheets[0]
    sheet.title = "materials"
    sheet.append(HEADER)
    sheet.append(["m1", "x", 46023 - 1462])
    book.save(tmp_path / "b.xlsx")
    assert read(tmp_path / "b.xlsx", rules, spool)[0][2] == 1767193200.0


def test_a_formula_without_a_value_is_no_empty_cell(
    tmp_path: Path, rules: ReadRules, spool: Path
) -> None:
    path = write_book(
        tmp_path / "b.xlsx",
        {"materials": [HEADER, ["m1", '="a"&"b"', "2026-01-01"], ["m2", "x", "2026-01-01"]]},
    )
    assert [row[3] for row in read(path, rules, spool)] == ["formula_error", None]


def test_rows_are_numbered_as_shown_wherever_the_table_begins(
    tmp_path: Path, rules: ReadRules, spool: Path
) -> None:
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    sheet.title = "자료"
    for at, name in enumerate(["자료번호", "제목", "등록일시"]):
        sheet.cell(3, 3 + at, name)
        sheet.cell(6, 3 + at, ["m1", "x", "2026-01-01"][at])
    book.save(tmp_path / "b.xlsx")
    found = [row for row in read(tmp_path / "b.xlsx", rules, spool) if row[3] != "blank"]
    assert [(row[0], row[4]) for row in found] == [("m1", 6)]


def test_a_korean_workbook_is_read_by_its_korean_names(
    tmp_path: Path, rules: ReadRules, spool: Path
) -> None:
    rows = [["접수 번호", "요청유형", "상태", "접수일시", "담당자"],
            [1, "제안서", "완료", "2026-10-01 09:00", 3]]  # fmt: skip
    path = write_book(tmp_path / "요청.xlsx", {"요청 ": rows})
    assert read(path, rules, spool, "request_id, kind, status, assignee_id") == [
        ("1", "proposal", "done", "3")
    ]


@pytest.mark.parametrize(
    ("digits", "pattern", "shown"),
    [("7", "000", "007"), ("1234", "000", "1234"), ("7", '"A"00', "A07"),
     ("1012345678", "000-0000-0000", "010-1234-5678"), ("5", "0#", "05")],
)  # fmt: skip
def test_number_formats_that_pad(digits: str, pattern: str, shown: str) -> None:
    assert shown_number(digits, pattern) == shown


@pytest.mark.parametrize("pattern", ["General", "0", "#,##0", "0.00", "0%", "yyyy-mm-dd", "@"])
def test_other_number_formats_change_nothing(pattern: str) -> None:
    assert padded_tokens(pattern) is None
