"""Contact data is found by a column's name and by what stands in it."""

from pathlib import Path

import duckdb
import pytest

from sales_support_kpi.quality.contact import privacy_frame
from sales_support_kpi.settings import Home


def contact_data(file: Path, **options: int) -> list[tuple[str, str]]:
    """The columns that are contact data, and what was seen."""
    with duckdb.connect(str(file), read_only=True) as connection:
        frame = privacy_frame(connection, ["main"], **options)
    return [(row["subject"], row["observed"]) for row in frame if row["is_contact_data"]]


def file_with(folder: Path, text: str, column: str = "note") -> Path:
    file = folder / "some.duckdb"
    with duckdb.connect(str(file)) as connection:
        connection.execute(f'create table t ("{column}" text, hours double)')
        connection.execute("insert into t values (?, 1.0), (null, 2.0)", [text])
    return file


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("kim@example.co.kr", "email"),
        ("please write to kim.lee+1@mail.example.com today", "email"),
        ("010-1234-5678", "phone"),
        ("01012345678", "phone"),
        ("전화 010 1234 5678.", "phone"),
        ("+82 10-1234-5678", "phone"),
        ("02-123-4567", "phone"),
        ("(031) 123-4567", "phone"),
        ("070-1234-5678", "phone"),
        ("+44 20 7946 0958", "phone"),
    ],
)
def test_contact_data_is_found_in_text(tmp_path: Path, text: str, kind: str) -> None:
    assert contact_data(file_with(tmp_path, text)) == [("main.t.note", f"{kind} (1)")]


@pytest.mark.parametrize(
    "text",
    [
        "영업지원1팀",
        "2026-10-31 09:00:00+09:00",
        "2026-10-31T00:00:00.010123Z",
        "124-81-00998",
        "REQ-2026-01012345678",
        "e01",
        "a@b",
        "0a1b2c3d4e5f60718293a4b5c6d7e8f9",
        "550e8400-e29b-41d4-a716-446655440000",
        "landing/crm/customers/load=20261031T010000Z-00000001/part-0.parquet",
        "0.01012345678",
        "email",
    ],
)
def test_ordinary_text_is_not_taken_for_contact_data(tmp_path: Path, text: str) -> None:
    assert contact_data(file_with(tmp_path, text)) == []


@pytest.mark.parametrize("column", ["email", "owner_e_mail", "phone", "mobile", "postal_code"])
def test_a_column_for_contact_data_is_found_by_its_name(tmp_path: Path, column: str) -> None:
    file = file_with(tmp_path, "nothing yet", column)

    assert contact_data(file) == [(f"main.t.{column}", "its name")]


def test_the_values_themselves_are_not_repeated(tmp_path: Path) -> None:
    findings = contact_data(file_with(tmp_path, "kim@example.com"))

    assert "kim" not in repr(findings)


def test_one_value_in_many_is_found_but_in_a_key(tmp_path: Path) -> None:
    """Keys grow with the rows: of a large table's only a sample is looked at."""
    file = tmp_path / "large.duckdb"
    with duckdb.connect(str(file)) as connection:
        connection.execute(
            "create table t as select if(i = 77_777, 'kim@example.com', i::text) as name, "
            "if(i % 3 = 0, i || '@example.com', i::text) as customer_id, "
            "if(i = 77_777, 'lee@example.com', 'e' || i % 100) as employee_id "
            "from range(1_000_000) r(i)"
        )

    found = dict(contact_data(file, sample_rows=50_000))

    assert found.pop("main.t.name") == "email (1)"
    assert found.pop("main.t.employee_id") == "email (1)", "few keys are all looked at"
    (sampled,) = found.values()
    assert 0 < int(sampled.removeprefix("email (").removesuffix(")")) < 300_000


def test_lists_and_structures_are_looked_into(tmp_path: Path) -> None:
    file = tmp_path / "nested.duckdb"
    with duckdb.connect(str(file)) as connection:
        connection.execute("create table t as select ['a', 'kim@example.com'] as names")

    assert contact_data(file) == [("main.t.names", "email (1)")]


def test_a_published_night_holds_none(home: Home) -> None:
    from handmade_build import make_build, make_config

    from sales_support_kpi.quality.results import Verdict
    from sales_support_kpi.warehouse.publish import publish
    from sales_support_kpi.warehouse.published import published_file

    publish(home, make_config(), make_build(home.warehouse), Verdict(()))

    assert contact_data(published_file(home)) == []
    assert contact_data(published_file(home, people=True)) == []
