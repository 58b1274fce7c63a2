"""The template lands as it is, in both languages."""

from pathlib import Path

import openpyxl
import pytest
from source_help import typed

from sales_support_kpi.entities import ENTITIES
from sales_support_kpi.sources.files import open_drop
from sales_support_kpi.sources.tables import ReadRules
from sales_support_kpi.sources.template import write_template


@pytest.mark.parametrize("lang", ["ko", "en"])
def test_every_sheet_lands_its_example_cleanly(
    tmp_path: Path, rules: ReadRules, spool: Path, lang: str
) -> None:
    path = write_template(tmp_path / "t.xlsx", list(ENTITIES), lang)
    drop = open_drop(path, rules, spool)
    assert [table.entity.name for table in drop] == list(ENTITIES)
    assert drop.notes == ()
    for table in drop:
        rows = [code for (code,) in typed(table, rules, spool, "_code") if code != "blank"]
        assert rows == [None], table.entity.name


def test_a_korean_template_speaks_korean(tmp_path: Path) -> None:
    path = write_template(tmp_path / "t.xlsx", ["requests"], "ko")
    sheet = openpyxl.load_workbook(path)["요청"]
    assert [cell.value for cell in sheet[1]][:3] == ["요청번호", "요청유형", "제목"]
    assert sheet["B2"].value == "제안서"
    lists = [rule.formula1 for rule in sheet.data_validations.dataValidation]
    assert '"제안서,계약서,자료,문의,불만,기타"' in lists
    assert "필수" in sheet["A1"].comment.text
    assert "지어낸 예시" in sheet["A2"].comment.text


def test_ids_are_text_and_times_are_times(tmp_path: Path) -> None:
    path = write_template(tmp_path / "t.xlsx", ["requests"], "en")
    sheet = openpyxl.load_workbook(path)["requests"]
    assert sheet["A9"].number_format == "@"
    assert sheet["J9"].number_format == "yyyy-mm-dd hh:mm"
