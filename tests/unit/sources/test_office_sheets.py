"""Sheets and lists as offices make them: titles, merged cells, hidden parts, odd characters."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from openpyxl.worksheet.worksheet import Worksheet
from source_help import GOOD, HEADER, text_of, typed, write_book

from sales_support_kpi.errors import InputError
from sales_support_kpi.sources.files import open_drop
from sales_support_kpi.sources.tables import ReadRules
from sales_support_kpi.sources.workbook import spool_sheet

KOREAN = ["자료번호", "제목", "등록일시"]
TITLE = "영업 자료 목록 (2026년 10월)"
Reader = Callable[..., list[Any]]


@pytest.fixture
def read(tmp_path: Path, rules: ReadRules, spool: Path) -> Reader:
    """Fill one sheet as told, and read it as the entity that its name says."""

    def run(name: str, fill: Callable[[Worksheet], None], columns: str) -> list[Any]:
        book = openpyxl.Workbook()
        sheet = book.worksheets[0]
        sheet.title = name
        fill(sheet)
        book.save(tmp_path / "b.xlsx")
        (table,) = open_drop(tmp_path / "b.xlsx", rules, spool)
        return typed(table, rules, spool, columns)

    return run


def test_titles_above_the_header_are_no_rows(read: Reader) -> None:
    def fill(sheet: Worksheet) -> None:
        sheet["A1"] = TITLE
        sheet.merge_cells("A1:C1")
        sheet["C2"] = "작성자: 제목 담당"
        for row in ([], KOREAN, ["m1", "가이드", "2026-01-01"]):
            sheet.append(row)

    assert read("자료", fill, "material_id, title, _code, _row") == [("m1", "가이드", None, 5)]


def test_a_header_in_two_rows_with_merged_cells(read: Reader) -> None:
    def fill(sheet: Worksheet) -> None:
        sheet.append(["문의 대장"])
        sheet.append(["접수", None, "요청유형", "상태", "완료"])
        sheet.append(["번호", "일시", None, None, "일시"])
        sheet.append(["r1", "2026-10-01 09:00", "문의", "완료", "2026-10-01 10:00"])
        for merged in ("A1:E1", "A2:B2", "C2:C3", "D2:D3"):
            sheet.merge_cells(merged)

    columns = "request_id, kind, epoch(completed_at) - epoch(opened_at), _code, _row"
    assert read("요청", fill, columns) == [("r1", "inquiry", 3600.0, None, 4)]


def test_a_header_merged_over_two_rows_ends_where_its_cells_end(read: Reader) -> None:
    def fill(sheet: Worksheet) -> None:
        sheet.append(KOREAN)
        sheet.append([])
        sheet.append(["m1", "가이드", "2026-01-01"])
        for merged in ("A1:A2", "B1:B2", "C1:C2"):
            sheet.merge_cells(merged)

    assert read("자료", fill, "material_id, _code, _row") == [("m1", None, 3)]


def test_a_value_merged_over_several_rows_stands_in_each(read: Reader) -> None:
    def fill(sheet: Worksheet) -> None:
        sheet.append(["계약번호", "단계", "완료일시"])
        for row in (["c1", "계약서 발행", "2026-10-01"], [None, "시스템 등록", "2026-10-02"],
                    [None, "정산", None], ["c2", "정산", "2026-10-03"]):  # fmt: skip
            sheet.append(row)
        sheet.merge_cells("A2:A4")

    found = read("계약후속", fill, "contract_id, step, _code")
    assert [row[0] for row in found] == ["c1", "c1", "c1", "c2"]
    assert [row[2] for row in found] == [None] * 4


def test_hidden_rows_and_columns_count_and_trailing_empty_rows_do_not(read: Reader) -> None:
    def fill(sheet: Worksheet) -> None:
        for row in (HEADER, GOOD, ["m2", "x", "2026-01-02"]):
            sheet.append(row)
        sheet.row_dimensions[3].hidden = True  # what a filter leaves out
        sheet.column_dimensions["B"].hidden = True
        for at in range(4, 400):
            sheet.cell(at, 1).number_format = "000"
            sheet.cell(at, 3, "" if at % 2 else " ")

    found = read("materials", fill, "material_id, title, _code")
    assert [row[:2] for row in found if row[2] != "blank"] == [("m1", "Guide"), ("m2", "x")]


def test_a_hidden_sheet_counts_unless_a_shown_one_says_the_same(
    tmp_path: Path, rules: ReadRules, spool: Path
) -> None:
    old = [HEADER, ["old", "x", "2020-01-01"]]
    path = write_book(tmp_path / "b.xlsx", {"자료": old, "materials": [HEADER, GOOD]})
    book = openpyxl.load_workbook(path)
    book["자료"].sheet_state = "hidden"
    book.save(path)
    drop = open_drop(path, rules, spool)
    (table,) = drop
    assert typed(table, rules, spool, "material_id") == [("m1",)]
    assert drop.notes == ("b.xlsx: sheet '자료' skipped, it is hidden",)
    del book["materials"]
    book.create_sheet("메모").append(["x"])
    book.save(path)
    drop = open_drop(path, rules, spool)
    (table,) = drop
    assert typed(table, rules, spool, "material_id") == [("old",)]
    assert drop.notes[0] == "b.xlsx: the hidden sheet '자료' is read too"


def test_formulas_count_with_the_value_that_was_saved(
    tmp_path: Path, rules: ReadRules, spool: Path
) -> None:
    import zipfile

    path = write_book(tmp_path / "a.xlsx", {"materials": [HEADER, ["m1", "x", "=1+1"]]})
    saved = tmp_path / "b.xlsx"
    with zipfile.ZipFile(path) as source, zipfile.ZipFile(saved, "w") as target:
        for part in source.namelist():
            data = source.read(part).replace(b"<v></v>", b"<v>46023.375</v>")
            target.writestr(part, data.replace(b"<v />", b"<v>46023.375</v>"))
    (table,) = open_drop(saved, rules, spool)
    nine = datetime.fromisoformat("2026-01-01T09:00+09:00").timestamp()
    assert typed(table, rules, spool, "epoch(created_at), _code") == [(nine, None)]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "cp949", "utf-16"])
def test_titles_above_the_header_of_a_csv(
    tmp_path: Path, rules: ReadRules, spool: Path, encoding: str
) -> None:
    lines = [f"{TITLE},,\r\n", ",,\r\n", "\r\n", ",".join(KOREAN) + "\r\n",
             'm1,"가이드, 새것",2026-01-01\r\n', ",,\r\n"]  # fmt: skip
    (tmp_path / "자료.csv").write_bytes("".join(lines).encode(encoding))
    (table,) = open_drop(tmp_path / "자료.csv", rules, spool)
    found = typed(table, rules, spool, "material_id, title, _code, _row")
    assert [row for row in found if row[2] != "blank"] == [("m1", "가이드, 새것", None, 5)]


def test_tabbed_text_as_spreadsheets_save_it(tmp_path: Path, rules: ReadRules, spool: Path) -> None:
    text = text_of([KOREAN, ["m1", "가이드", "2026-01-01"]], "\t")
    (tmp_path / "자료.tsv").write_bytes(text.encode("utf-16"))
    (table,) = open_drop(tmp_path / "자료.tsv", rules, spool)
    assert typed(table, rules, spool, "title") == [("가이드",)]


def test_a_message_names_the_row_of_the_header(
    tmp_path: Path, rules: ReadRules, spool: Path
) -> None:
    path = write_book(tmp_path / "b.xlsx", {"자료": [[TITLE], [], KOREAN[:2], ["m1", "x"]]})
    (table,) = open_drop(path, rules, spool)
    with pytest.raises(InputError, match="3행: 꼭 필요한 열이 없습니다: 등록일시"):
        typed(table, rules, spool)


def test_the_raw_sheet_of_a_mapping_begins_below_its_titles(tmp_path: Path) -> None:
    import duckdb

    rows: list[list[Any]] = [
        ["월간 보고", None, "2026-10"],
        [],
        ["No", "담당", "접수 시각", "비고"],
        [1, "김하나", 46023.5, None],
    ]
    path = write_book(tmp_path / "b.xlsx", {"Sheet1": rows})
    names, target = spool_sheet(path, None, tmp_path / "raw.parquet")
    assert names == ("No", "담당", "접수 시각", "비고")
    with duckdb.connect() as connection:
        found = connection.execute(f"select c1, c2, _row from '{target}'").fetchall()
    assert found == [("김하나", "46023.5", 4)]
