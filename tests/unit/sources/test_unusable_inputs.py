"""What cannot be read at all is refused with file, sheet, row, column and what to do."""

import zipfile
from pathlib import Path

import pytest
from source_help import GOOD, HEADER, text_of, typed, write_book

from sales_support_kpi.errors import InputError
from sales_support_kpi.sources.files import open_drop
from sales_support_kpi.sources.tables import ReadRules


def refusal(path: Path, rules: ReadRules, spool: Path) -> str:
    """The message with which the input is refused, at the latest when its rows are read."""

    def read() -> None:
        for table in open_drop(path, rules, spool):
            typed(table, rules, spool)

    with pytest.raises(InputError) as caught:
        read()
    return str(caught.value)


def test_a_path_without_anything(tmp_path: Path, rules: ReadRules, spool: Path) -> None:
    assert "no such file or folder" in refusal(tmp_path / "nope.xlsx", rules, spool)


def test_an_empty_file(tmp_path: Path, rules: ReadRules, spool: Path) -> None:
    for name in ("materials.csv", "materials.parquet", "materials.jsonl", "book.xlsx"):
        (tmp_path / name).write_bytes(b"")
        assert refusal(tmp_path / name, rules, spool).startswith(f"{name}: the file is empty")


def test_a_file_of_blank_lines(tmp_path: Path, rules: ReadRules, spool: Path) -> None:
    (tmp_path / "materials.csv").write_text("\n \n\n")
    assert "empty" in refusal(tmp_path / "materials.csv", rules, spool)


def test_an_empty_workbook(tmp_path: Path, rules: ReadRules, spool: Path) -> None:
    path = write_book(tmp_path / "book.xlsx", {"Sheet": []})
    assert "the workbook is empty" in refusal(path, rules, spool)


def test_an_empty_sheet_of_an_entity(tmp_path: Path, rules: ReadRules, spool: Path) -> None:
    path = write_book(tmp_path / "book.xlsx", {"materials": []})
    assert "sheet 'materials'" in refusal(path, rules, spool)


def test_a_workbook_without_a_known_sheet(tmp_path: Path, rules: ReadRules, spool: Path) -> None:
    path = write_book(tmp_path / "book.xlsx", {"Stuff": [["a"], [1]]})
    message = refusal(path, rules, spool)
    assert "Stuff" in message
    assert "requests" in message


def test_a_folder_without_a_known_file(tmp_path: Path, rules: ReadRules, spool: Path) -> None:
    (tmp_path / "d").mkdir()
    (tmp_path / "d" / "stuff.csv").write_text("a\n1\n")
    assert "stuff.csv" in refusal(tmp_path / "d", rules, spool)


@pytest.mark.parametrize(
    ("sheet", "meant"),
    [
        ("requets", "requests"),
        ("Custommers", "customers"),
        ("설문응딥", "survey"),
        ("요쳥", "요청"),
    ],
)
def test_a_misspelt_sheet_is_named_with_the_right_name(
    tmp_path: Path, rules: ReadRules, spool: Path, sheet: str, meant: str
) -> None:
    path = write_book(tmp_path / "book.xlsx", {"materials": [HEADER], sheet: [["x"]]})
    message = refusal(path, rules, spool)
    assert sheet in message
    assert meant in message or "설문응답" in message


def test_a_misspelt_file(tmp_path: Path, rules: ReadRules, spool: Path) -> None:
    (tmp_path / "d").mkdir()
    (tmp_path / "d" / "materails.csv").write_text(text_of([HEADER, GOOD]))
    assert "Did you mean 'materials'" in refusal(tmp_path / "d", rules, spool)


def test_other_sheets_and_files_are_noted_and_skipped(
    tmp_path: Path, rules: ReadRules, spool: Path
) -> None:
    path = write_book(
        tmp_path / "book.xlsx",
        {"contracts": [["contract_id", "signed_at"]], "contacts": [["x"]], "메모": [["x"]]},
    )
    drop = open_drop(path, rules, spool)
    assert [table.entity.name for table in drop] == ["contracts"]
    assert len(drop.notes) == 2


def test_one_entity_in_two_files(tmp_path: Path, rules: ReadRules, spool: Path) -> None:
    (tmp_path / "d").mkdir()
    for name in ("materials.csv", "자료.csv"):
        (tmp_path / "d" / name).write_text(text_of([HEADER, GOOD]))
    message = refusal(tmp_path / "d", rules, spool)
    assert "materials.csv" in message
    assert "자료.csv" in message


def test_a_missing_required_column_in_the_files_language(
    tmp_path: Path, rules: ReadRules, spool: Path
) -> None:
    (tmp_path / "materials.csv").write_text("material_id,title\nm1,x\n")
    assert refusal(tmp_path / "materials.csv", rules, spool) == (
        "materials.csv, row 1: required columns are missing: created_at. Add them, or correct "
        "their names (there are: material_id, title)."
    )
    path = write_book(tmp_path / "b.xlsx", {"자료": [["자료번호", "제목"], ["m1", "x"]]})
    message = refusal(path, rules, spool)
    assert message.startswith("b.xlsx, '자료' 시트, 1행: 꼭 필요한 열이 없습니다: 등록일시.")


def test_two_columns_that_mean_the_same(tmp_path: Path, rules: ReadRules, spool: Path) -> None:
    (tmp_path / "materials.csv").write_text("material_id,Material ID,created_at\n1,2,2026-01-01\n")
    message = refusal(tmp_path / "materials.csv", rules, spool)
    assert "'material_id', 'Material ID' all mean material_id" in message


def test_a_protected_workbook(tmp_path: Path, rules: ReadRules, spool: Path) -> None:
    path = tmp_path / "book.xlsx"
    path.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600))
    assert "password" in refusal(path, rules, spool)


@pytest.mark.parametrize("name", ["book.xlsx", "materials.parquet", "materials.csv.gz"])
def test_a_damaged_file(tmp_path: Path, rules: ReadRules, spool: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b"PK\x03\x04 this is no such file")
    message = refusal(tmp_path / name, rules, spool)
    assert message.startswith(name)
    assert "damaged" in message


def test_a_workbook_cut_off_in_the_middle(tmp_path: Path, rules: ReadRules, spool: Path) -> None:
    whole = write_book(tmp_path / "whole.xlsx", {"materials": [HEADER, GOOD] * 50}).read_bytes()
    (tmp_path / "cut.xlsx").write_bytes(whole[: len(whole) // 2])
    assert "damaged" in refusal(tmp_path / "cut.xlsx", rules, spool)


def test_a_workbook_whose_sheet_is_no_xml(tmp_path: Path, rules: ReadRules, spool: Path) -> None:
    good = write_book(tmp_path / "good.xlsx", {"materials": [HEADER, GOOD]})
    bad = tmp_path / "bad.xlsx"
    with zipfile.ZipFile(good) as source, zipfile.ZipFile(bad, "w") as target:
        for part in source.namelist():
            is_sheet = part.startswith("xl/worksheets/sheet")
            target.writestr(part, b"<worksheet><oops" if is_sheet else source.read(part))
    refusal(bad, rules, spool)


def test_a_sheet_with_one_cell_in_its_far_corner(
    tmp_path: Path, rules: ReadRules, spool: Path
) -> None:
    import openpyxl

    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    sheet.title = "materials"
    sheet.append(HEADER)
    sheet["XFD1048576"] = 1
    book.save(tmp_path / "far.xlsx")
    assert "holds more than" in refusal(tmp_path / "far.xlsx", rules, spool)


def test_an_old_spreadsheet_and_other_formats(
    tmp_path: Path, rules: ReadRules, spool: Path
) -> None:
    for name in ("book.xls", "requests.pdf"):
        (tmp_path / name).write_bytes(b"x")
        assert ".xlsx" in refusal(tmp_path / name, rules, spool)


def test_bytes_that_are_no_text_name_their_line(
    tmp_path: Path, rules: ReadRules, spool: Path
) -> None:
    text = text_of([HEADER, GOOD]).encode()
    (tmp_path / "materials.csv").write_bytes(text + b"m2,\xff\xff\xfe,2026-01-01\n")
    message = refusal(tmp_path / "materials.csv", rules, spool)
    assert message.startswith("materials.csv, line 3")


@pytest.mark.parametrize("part", ["xl/worksheets/sheet1.xml", "xl/workbook.xml", "xl/styles.xml"])
@pytest.mark.parametrize("content", [None, b"", b"<a>", b"\xff\xfe\x00", b"<a/>"])
def test_a_workbook_with_a_broken_part_never_makes_a_traceback(
    tmp_path: Path, rules: ReadRules, spool: Path, part: str, content: bytes | None
) -> None:
    good = write_book(tmp_path / "good.xlsx", {"materials": [HEADER, GOOD]})
    bad = tmp_path / "bad.xlsx"
    with zipfile.ZipFile(good) as source, zipfile.ZipFile(bad, "w") as target:
        for name in source.namelist():
            if name != part:
                target.writestr(name, source.read(name))
            elif content is not None:
                target.writestr(name, content)
    said = "bad.xlsx"  # a part that is not needed may be broken without harm
    try:
        for table in open_drop(bad, rules, spool):
            typed(table, rules, spool)
    except InputError as error:
        said = str(error)
    assert "bad.xlsx" in said
