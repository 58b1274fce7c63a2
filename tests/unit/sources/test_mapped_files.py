"""Foreign files become entities by one select each."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from source_help import typed, write_book

from sales_support_kpi.errors import InputError
from sales_support_kpi.sources.mapped import open_mapped
from sales_support_kpi.sources.tables import ReadRules

SELECT = "select no as material_id, name as title, made as created_at, _row from raw"


def source(**mappings: str) -> Any:
    return SimpleNamespace(
        read=SimpleNamespace(sheet=None),
        entities={
            name: SimpleNamespace(text=text, sql=Path(f"mappings/{name}.sql"))
            for name, text in mappings.items()
        },
    )


def test_a_select_makes_the_rows(tmp_path: Path, spool: Path) -> None:
    rules = ReadRules("Asia/Seoul", nulls=("", "?"), date_format="%d/%m/%Y %H:%M")
    (tmp_path / "a.csv").write_text("no,name,made\n7,?,29/2/2016 01:16\n8,B,1/3/2016 9:05\n")
    (table,) = open_mapped(tmp_path / "*.csv", source(materials=SELECT + ";"), rules, spool)
    found = typed(table, rules, spool, "material_id, title, epoch(created_at), _row, _code")
    assert found == [("7", None, 1456676160.0, 2, None), ("8", "B", 1456790700.0, 3, None)]


def test_several_files_are_one_raw(tmp_path: Path, rules: ReadRules, spool: Path) -> None:
    (tmp_path / "a.csv").write_text("no,name,made\n7,A,2026-01-01\n")
    (tmp_path / "b.csv").write_text("name;no;made;more\nB;8;2026-01-01;x\n")
    write_book(tmp_path / "c.xlsx", {"Any": [["no", "name", "made"], [9, "C", "2026-01-01"]]})
    sql = "select no || '@' || _file as material_id, made as created_at from raw order by no"
    (table,) = open_mapped(tmp_path, source(materials=sql), rules, spool)
    assert typed(table, rules, spool, "material_id, _row") == [
        ("7@a.csv", 1), ("8@b.csv", 2), ("9@c.xlsx", 3),
    ]  # fmt: skip


def test_a_wrong_column_is_refused_by_the_mappings_name(
    tmp_path: Path, rules: ReadRules, spool: Path
) -> None:
    (tmp_path / "a.csv").write_text("no,name,made\n7,A,2026-01-01\n")
    wrong = SELECT.replace("made", "mode")
    (table,) = open_mapped(tmp_path, source(materials=wrong), rules, spool)
    with pytest.raises(InputError, match=r"mappings/materials\.sql.*mode.*no, name, made"):
        typed(table, rules, spool)


def test_a_result_without_a_required_column_is_refused(
    tmp_path: Path, rules: ReadRules, spool: Path
) -> None:
    (tmp_path / "a.csv").write_text("no\n7\n")
    select = "select no as material_id from raw"
    (table,) = open_mapped(tmp_path, source(materials=select), rules, spool)
    with pytest.raises(InputError, match="created_at"):
        typed(table, rules, spool)


def test_malformed_lines_are_kept_back_with_the_first_entity(
    tmp_path: Path, rules: ReadRules, spool: Path
) -> None:
    (tmp_path / "a.csv").write_text("no,name,made\n7,A,2026-01-01\n8\n")
    (table,) = open_mapped(tmp_path, source(materials=SELECT), rules, spool)
    assert table.prepare is not None
    ready = table.prepare()
    assert ready.malformed is not None
    assert typed(ready, rules, spool, "material_id") == [("7",)]
