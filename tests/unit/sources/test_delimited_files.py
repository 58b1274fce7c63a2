"""CSV files: encodings, delimiters, irregular lines, and their numbers."""

import gzip
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from source_help import GOOD, HEADER, text_of, typed

from sales_support_kpi.entities import ENTITIES
from sales_support_kpi.sources.files import open_drop
from sales_support_kpi.sources.records import records, split_record
from sales_support_kpi.sources.tables import ReadRules

KOREAN = ["자료번호", "제목", "등록일시"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp949", "utf-16", "utf-16-le"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_encoding_and_delimiter_are_found(
    tmp_path: Path, rules: ReadRules, spool: Path, encoding: str, delimiter: str
) -> None:
    text = text_of([KOREAN, ["m1", "영업 가이드", "2026-01-01"]], delimiter)
    (tmp_path / "자료.csv").write_bytes(text.encode(encoding))
    (table,) = open_drop(tmp_path / "자료.csv", rules, spool)
    assert typed(table, rules, spool, "material_id, title, _code") == [("m1", "영업 가이드", None)]
    assert table.language == "ko"


def test_cp949_far_into_the_file(tmp_path: Path, rules: ReadRules, spool: Path) -> None:
    rows = [[f"m{at}", "x" * 40, "2026-01-01"] for at in range(40_000)]
    text = text_of([HEADER, *rows, ["last", "가이드", "2026-01-01"]])
    (tmp_path / "materials.csv").write_bytes(text.encode("cp949"))
    (table,) = open_drop(tmp_path / "materials.csv", rules, spool)
    found = typed(table, rules, spool, "title, _row")
    assert ("가이드", 40_002) in found
    assert len(found) == 40_001


def test_packed_files_and_korean_names_in_decomposed_form(
    tmp_path: Path, rules: ReadRules, spool: Path
) -> None:
    import unicodedata

    name = unicodedata.normalize("NFD", "자료") + ".csv.gz"
    (tmp_path / name).write_bytes(gzip.compress(text_of([HEADER, GOOD]).encode()))
    (table,) = open_drop(tmp_path, rules, spool)
    assert typed(table, rules, spool, "material_id") == [("m1",)]


def test_hidden_files_and_locks_are_no_files(tmp_path: Path, rules: ReadRules, spool: Path) -> None:
    (tmp_path / "materials.csv").write_text(text_of([HEADER, GOOD]))
    for name in ("~$materials.xlsx", ".materials.csv"):
        (tmp_path / name).write_bytes(b"x")
    drop = open_drop(tmp_path, rules, spool)
    assert len(drop.tables) == 1
    assert drop.notes == ()


def test_blank_lines_count_as_rows(tmp_path: Path, rules: ReadRules, spool: Path) -> None:
    text = "material_id,title,created_at\n\nm1,Guide,2026-01-01\n  \nm2,Guide,2026-01-01\n\n\n"
    (tmp_path / "materials.csv").write_text(text)
    (table,) = open_drop(tmp_path / "materials.csv", rules, spool)
    assert typed(table, rules, spool, "material_id, _row") == [("m1", 3), ("m2", 5)]


def test_malformed_lines_keep_their_number_and_reason(
    tmp_path: Path, rules: ReadRules, spool: Path
) -> None:
    lines = ["material_id,title,created_at", "m1,Guide,2026-01-01", "m2,Guide",
             "m3,a,b,2026-01-01", 'm4,"x"y,2026-01-01', 'm5,"a\nb",2026-01-01',
             "m6,Guide,2026-01-01,,", 'm7,"open,2026-01-01', "m8,Guide,2026-01-01"]  # fmt: skip
    (tmp_path / "materials.csv").write_text("\n".join(lines) + "\n")
    (table,) = open_drop(tmp_path / "materials.csv", rules, spool)
    assert table.reread is not None
    careful = table.reread(ValueError())
    assert typed(careful, rules, spool, "material_id, _row") == [
        ("m1", 2), ("m5", 6), ("m6", 7), ("m8", 9),
    ]  # fmt: skip
    assert careful.malformed is not None
    import duckdb

    found = duckdb.sql(f"select _row, code, keys[1] from {careful.malformed.relation}").fetchall()
    assert found == [(3, "too_few_columns", "m2"), (4, "too_many_columns", "m3"),
                     (5, "bad_quotes", "m4"), (8, "bad_quotes", "m7")]  # fmt: skip


def test_nulls_and_date_format_of_the_source(tmp_path: Path, rules: ReadRules, spool: Path) -> None:
    own = replace(rules, nulls=("", "?", "N/A"), date_format="%d/%m/%Y %H:%M")
    rows = [["m1", "?", "29/2/2016 01:16"], ["m2", "N/A", "1/3/2016"], ["m3", "x", "2/30/2016"]]
    (tmp_path / "materials.csv").write_text(text_of([HEADER, *rows]))
    (table,) = open_drop(tmp_path / "materials.csv", own, spool)
    columns = "material_id, title, created_at at time zone 'Asia/Seoul', _code"
    found = [(key, title, str(at)[:16], code) for key, title, at, code in
             typed(table, own, spool, columns)]  # fmt: skip
    assert found == [
        ("m1", None, "2016-02-29 01:16", None),
        ("m2", None, "2016-03-01 00:00", None),
        ("m3", "x", "None", "not_an_instant"),
    ]


def test_lines_of_json_that_are_no_objects_are_kept_back(
    tmp_path: Path, rules: ReadRules, spool: Path
) -> None:
    lines = ['{"material_id": 7, "title": null, "created_at": "2026-01-01"}', "[1]", "{broken",
             '{"material_id": "8", "created_at": "2026-01-01", "more": {"a": 1}}']  # fmt: skip
    (tmp_path / "materials.jsonl").write_text("\n".join(lines) + "\n")
    (table,) = open_drop(tmp_path / "materials.jsonl", rules, spool)
    assert typed(table, rules, spool, "material_id, _row") == [("7", 1), ("8", 4)]
    assert list(table.extras) == ["more"]
    assert table.malformed is not None
    import duckdb

    found = duckdb.sql(f"select _row, code from {table.malformed.relation}").fetchall()
    assert sorted(found) == [(2, "bad_json"), (3, "bad_json")]


FIELD = st.text(st.sampled_from('ab ,"\n;'), max_size=5)


@given(rows=st.lists(st.lists(FIELD, min_size=2, max_size=3), min_size=1, max_size=5))
def test_what_a_csv_writer_writes_is_read_back(rows: list[list[str]]) -> None:
    import csv
    import io

    text = io.StringIO()
    csv.writer(text, lineterminator="\n", quoting=csv.QUOTE_ALL).writerows(rows)
    found = [fields for _, fields, _ in records(io.StringIO(text.getvalue(), newline=""), ",")]
    assert found == rows


@given(st.text(st.sampled_from('a,"\n'), max_size=20))
def test_no_line_makes_the_careful_reader_give_up(text: str) -> None:
    import io

    numbers = [number for number, _, _ in records(io.StringIO(text, newline=""), ",")]
    assert numbers == sorted(set(numbers))


def test_a_quote_within_a_word_is_a_letter() -> None:
    assert split_record('5" pipe,x\n', ",") == ['5" pipe', "x"]
    assert ENTITIES["materials"].key == ("material_id",)
