"""`kpi worklist`: one workbook per steward, of that steward's records alone."""

import stat
from pathlib import Path

import duckdb
import openpyxl
import pytest
from publishing import PublishedFixture

from sales_support_kpi.cli import main
from sales_support_kpi.settings import Home

_TABLES = """
create table customer_record_issues as
select * from (values
    ('crm', 'c1', 'e01', 'unique', timestamptz '2026-10-01 00:00:00+00', true, 1, 2.0, 1, 'c2'),
    ('crm', 'c3', 'e01', 'email', timestamptz '2026-10-30 00:00:00+00', true, 2, 0.5, 2, null),
    ('crm', 'c3', 'e01', 'role_address', timestamptz '2026-10-01 00:00:00+00', false, 0, 0.0, 3,
        null),
    ('crm', 'c2', 'e02', 'unique', timestamptz '2026-10-01 00:00:00+00', true, 1, 2.0, 1, 'c1'),
    ('crm', '=c9', null, 'name', timestamptz '2026-10-01 00:00:00+00', true, 1, 1.0, 1, null)
) as issues (source, customer_id, steward_id, rule, since, is_critical, fix_count, lift, place,
    other_customer_ids);
create table customer_record_fixes as
select 'crm' as source, 'c7' as customer_id, 'e01' as steward_id, 'phone' as rule,
    timestamptz '2026-09-01 00:00:00+00' as since, timestamptz '2026-10-11 00:00:00+00' as fixed_at;
create table customer_record_progress as
select * from (values ('company', 'company', 0.984, 0.99, 12), ('employee', 'e01', 0.9, 0.99, 3))
    as progress (scope_type, scope_id, value, target, fixes_needed);
alter table customer_record_progress add column as_of timestamptz;
create table record_rules as
select 'unique' as rule, '번호 중복' as name_ko, 'Number shared' as name_en, '왜' as why_ko,
    'why' as why_en, '할 일' as todo_ko, 'do' as todo_en;
create table dim_customers as
select 'e07' as steward_id, 'active' as status;
"""


@pytest.fixture(scope="module")
def listed(tmp_path_factory: pytest.TempPathFactory) -> Home:
    home = PublishedFixture(tmp_path_factory.mktemp("worklist") / "var").write()
    file = home.published / "current" / "kpi_people.duckdb"
    file.chmod(0o600)
    with duckdb.connect(str(file)) as connection:
        connection.execute(_TABLES)
    return home


def rows_of(file: Path, sheet: int = 0) -> list[tuple[object, ...]]:
    found = openpyxl.load_workbook(file).worksheets[sheet].iter_rows(values_only=True)
    return [tuple(cell for cell in row if cell is not None) for row in found]


def test_a_steward_sees_their_own_records_best_first(listed: Home, tmp_path: Path) -> None:
    file = tmp_path / "e01.xlsx"
    told = ["worklist", "--steward", "e01", "-o", str(file), "--home", str(listed.root)]
    assert main([*told, "--lang", "en"]) == 0
    rows = rows_of(file)
    assert [row[1] for row in rows[6:]] == ["c1", "c3", "c3"]
    text = str(rows)
    assert "3 fixes to reach 99.0%" in text
    assert "12 fixes to reach 99.0%" in text
    assert "critical 2 · advice 1 · new within 7 days 1 · put right in 92 days 1" in text
    assert rows_of(file, 1)[6][1:3] == ("c7", "phone")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_everybody_gets_a_file_of_their_own(listed: Home, tmp_path: Path) -> None:
    folder = tmp_path / "lists"
    assert main(["worklist", "--all", str(folder), "--home", str(listed.root)]) == 0
    files = sorted(folder.iterdir())
    assert [file.name for file in files] == [
        "worklist--.xlsx", "worklist-e01.xlsx", "worklist-e02.xlsx",
    ]  # fmt: skip
    assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}
    assert [row[1] for row in rows_of(files[2])[6:]] == ["c2"]
    assert [row[1] for row in rows_of(files[0])[6:]] == ["'=c9"], "no formula comes out of an id"


def test_a_steward_without_anything_to_do_gets_an_empty_list(listed: Home, tmp_path: Path) -> None:
    file = tmp_path / "e07.xlsx"
    told = ["worklist", "--steward", "e07", "-o", str(file), "--home", str(listed.root)]
    assert main(told) == 0
    assert rows_of(file)[6:] == [] or rows_of(file)[6:] == [()]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--steward", "e0l"], "keeps no customer records; did you mean"),
        ([], "name one steward with --steward ID, or a folder for all with --all DIR"),
        (["--all", "x", "-o", "y.xlsx"], "-o is for one steward"),
        (["--steward", "e01", "-o", "y.csv"], "a worklist is a workbook"),
    ],
)
def test_what_cannot_be_written_is_said(
    listed: Home, arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["worklist", *arguments, "--home", str(listed.root)]) == 2
    assert said in " ".join(capsys.readouterr().err.split())


def test_a_night_from_before_the_worklist_is_named(
    home: Home, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    told = ["worklist", "--steward", "e01", "-o", str(tmp_path / "x.xlsx")]
    assert main([*told, "--home", str(home.root)]) == 1
    assert "has no worklist; publish it again" in " ".join(capsys.readouterr().err.split())
