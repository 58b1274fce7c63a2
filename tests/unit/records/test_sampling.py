"""Strata, allocation, the draw and its workbook, on a small population."""

from pathlib import Path

import duckdb
import openpyxl
import pytest

from sales_support_kpi.aliases import Aliases
from sales_support_kpi.errors import UsageError
from sales_support_kpi.records.sample_workbook import sample_workbook
from sales_support_kpi.records.sampling import Sample, Stratum, allocate, draw_from, stratify
from sales_support_kpi.report.periods import parse_period
from sales_support_kpi.sources.tables import ReadRules
from sales_support_kpi.sources.workbook import open_workbook

OCTOBER = parse_period("2026-10")


@pytest.fixture
def build() -> duckdb.DuckDBPyConnection:
    """300 active records of three stewards, one of whom keeps but three."""
    connection = duckdb.connect()
    connection.execute("set timezone = 'UTC'")
    for schema in ("control", "entities", "measures"):
        connection.execute(f"create schema {schema}")
    connection.execute(
        "create table control.night as select timestamptz '2026-10-31 15:00:00+00' as as_of, "
        "'Asia/Seoul' as timezone, date '2026-10-31' as night"
    )
    connection.execute(
        """
        create table entities.customers as
        select
            'crm' as source, 'c' || n as customer_id, '고객 ' || n as name,
            '120-81-45673' as business_registration_no, null as country, '김하나' as contact_name,
            'a@b.kr' as email, '+82-10-2345-6789' as phone, '04524' as postal_code,
            '=1+1' as address, if(n % 2 = 0, 'small', null) as segment, 'e11' as owner_id,
            case when n <= 3 then 'e03' when n % 3 = 0 then 'e02' else 'e01' end as steward_id,
            'active' as status, false as is_tombstone,
            timestamptz '2026-09-01 00:00:00+00' as valid_from, null::timestamptz as exists_until
        from range(1, 301) as numbers (n)
        """
    )
    connection.execute("create view measures.int_current_customers as from entities.customers")
    return connection


def test_a_sample_can_be_drawn_again(build: duckdb.DuckDBPyConnection) -> None:
    one, again = (draw_from(build, OCTOBER, 40, "seed") for _ in range(2))
    other = draw_from(build, OCTOBER, 40, "another")
    assert one == again
    assert len(one.records) == 40
    assert {r.customer_id for r in one.records} != {r.customer_id for r in other.records}


def test_every_stratum_has_its_share_and_at_least_two(build: duckdb.DuckDBPyConnection) -> None:
    sample = draw_from(build, OCTOBER, 40, "seed")
    assert sum(one.population for one in sample.strata) == 300
    for stratum in sample.strata:
        drawn = [record for record in sample.records if record.stratum == stratum.name]
        assert len(drawn) == stratum.drawn >= 2
        assert abs(stratum.drawn - 40 * stratum.population / 300) < 2


def test_what_is_too_small_for_two_joins_the_rest() -> None:
    cells = [("e01", "small", 500), ("e01", "-", 480), ("e02", "small", 9), ("e03", "-", 6)]
    names = stratify(cells, 100)
    assert names["e01", "small"] == "e01 | small"
    assert names["e02", "small"] == names["e03", "-"] == "* | *"
    assert stratify([("e01", "a", 5), ("e01", "b", 400), ("e01", "c", 6)], 100) == {
        ("e01", "a"): "e01 | *",
        ("e01", "c"): "e01 | *",
        ("e01", "b"): "e01 | b",
    }


def test_nobody_draws_more_than_there_is() -> None:
    strata = allocate([Stratum("a", 3), Stratum("b", 5)], 100)
    assert [one.drawn for one in strata] == [3, 5]


def test_allocation_adds_up() -> None:
    strata = [Stratum(f"s{n}", population) for n, population in enumerate((700, 190, 60, 30, 20))]
    drawn = [one.drawn for one in allocate(strata, 50)]
    assert sum(drawn) == 50
    assert drawn[0] in (34, 35)
    assert drawn == sorted(drawn, reverse=True)
    assert drawn[-1] == 2


def test_a_month_that_has_not_begun_is_refused(build: duckdb.DuckDBPyConnection) -> None:
    with pytest.raises(UsageError, match="2026-11 begins after"):
        draw_from(build, parse_period("2026-11"), 10, "seed")


@pytest.fixture
def sample(build: duckdb.DuckDBPyConnection) -> Sample:
    return draw_from(build, OCTOBER, 20, "seed")


@pytest.mark.parametrize("lang", ["ko", "en"])
def test_the_workbook_reads_back_what_was_judged_and_nothing_else(
    sample: Sample, lang: str, tmp_path: Path
) -> None:
    file = tmp_path / "audit.xlsx"
    file.write_bytes(sample_workbook(sample, lang))  # type: ignore[arg-type]
    book = openpyxl.load_workbook(file)
    sheet = book.worksheets[0]
    heads = [cell.value for cell in sheet[1]]
    judged, asked = (heads.index(name) + 1 for name in _names(lang))
    for row in (2, 3, 5):
        sheet.cell(row, judged, "예" if lang == "ko" else "true")
        sheet.cell(row, asked, "2026-11-02 10:00")
    book.save(file)

    spool = tmp_path / "spool"
    spool.mkdir()
    rules = ReadRules(timezone="Asia/Seoul", aliases=Aliases())
    (table,) = open_workbook(file, rules, spool).tables
    assert table.prepare is not None
    table = table.prepare()
    assert not table.extras, "columns in brackets are not read, and not complained about"
    with duckdb.connect() as connection:
        found = connection.execute(
            f"select {table.columns['audit_id'].sql}, {table.columns['customer_id'].sql} "
            f"from {table.relation} order by _row"
        ).fetchall()
    assert found == [
        (record.audit_id, record.customer_id)
        for record in (sample.records[0], sample.records[1], sample.records[3])
    ]


def _names(lang: str) -> tuple[str, str]:
    return ("정확여부", "점검일시") if lang == "ko" else ("is_accurate", "audited_at")


def test_no_cell_of_the_workbook_is_a_formula(sample: Sample, tmp_path: Path) -> None:
    file = tmp_path / "audit.xlsx"
    file.write_bytes(sample_workbook(sample, "ko"))
    book = openpyxl.load_workbook(file)
    formulas = [
        cell.coordinate
        for sheet in book.worksheets
        for row in sheet.iter_rows()
        for cell in row
        if cell.data_type == "f"
    ]
    assert not formulas
    assert any("=1+1" in str(cell.value) for cell in book.worksheets[0][2])
