"""From a value to its rows, and from each row to the line it was read from: every KPI."""

import csv
from pathlib import Path
from typing import Any

import duckdb
import pytest

from sales_support_kpi.config import load_config
from sales_support_kpi.entities import ENTITIES
from sales_support_kpi.report import rows_output
from sales_support_kpi.report.published import current_night
from sales_support_kpi.report.rows import open_rows
from sales_support_kpi.settings import Home, shipped_config_dir

pytestmark = pytest.mark.integration

KPI_IDS = [kpi.id for kpi in load_config(shipped_config_dir()).kpis]
UNDELIVERED = "pipeline 2026-10-05"  # a due report that nobody delivered has no source record


@pytest.fixture(scope="module")
def drop(awkward_home: Home) -> Path:
    return awkward_home.root.parent / "drop"


def listed(home: Home, kpi_id: str, **wanted: str) -> list[dict[str, Any]]:
    with open_rows(home, kpi_id, **wanted) as rows:  # type: ignore[arg-type]
        return list(rows.stream())


def line_of(drop: Path, row: dict[str, Any]) -> dict[str, str]:
    """The line of the file that the row names, as a spreadsheet numbers lines."""
    with (drop / row["file_name"]).open(encoding="utf-8", newline="") as file:
        lines = list(csv.reader(file))
    return dict(zip(lines[0], lines[row["row_number"] - 1], strict=True))


@pytest.mark.parametrize("kpi_id", KPI_IDS)
def test_every_row_leads_to_the_line_of_the_file_it_was_read_from(
    kpi_id: str, awkward_home: Home, drop: Path
) -> None:
    found = listed(awkward_home, kpi_id, period="2026-Q4")
    assert found
    for row in found:
        if kpi_id == "report_on_time" and not row["numerator"]:
            continue  # nobody delivered anything
        assert row["source"] == "drop", row
        assert row["landed_at"] is not None, row
        key = ENTITIES[row["entity"]].key[0]
        assert row["file_name"] == f"{row['entity']}.csv"
        assert line_of(drop, row)[key] == row["record_id"]


def test_every_record_is_found_also_those_that_only_decide_another_one(
    awkward_home: Home, drop: Path
) -> None:
    with current_night(awkward_home).open(people=True) as reader:
        rows = reader.table("source_records")
    for entity in ENTITIES.values():
        own = [row for row in rows if row["entity"] == entity.name]
        with (drop / f"{entity.name}.csv").open(encoding="utf-8", newline="") as file:
            keys = {"/".join(line[name] for name in entity.key) for line in csv.DictReader(file)}
        assert {row["record_id"] for row in own} == keys, entity.name
        for row in own:
            if row["whole_entity"]:
                key = ENTITIES[row["whole_entity"]].key[0]
                assert line_of(drop, row)[key] == row["whole_id"], row
    assert {row["whole_entity"] for row in rows if row["entity"] == "contract_steps"} == {
        "contracts"
    }


def test_a_kpi_measures_the_requests_that_it_is_said_to_be_about(awkward_home: Home) -> None:
    with duckdb.connect(str(awkward_home.build_file), read_only=True) as build:
        measured = build.execute(
            "select distinct kpi_id, kind from people.measure_rows where entity = 'requests'"
        ).fetchall()
        listed = build.execute("select kpi_id, kind from measures.int_request_kpis").fetchall()
    about = {kpi_id for kpi_id, _ in measured}
    assert len(about) == 4
    assert {(kpi_id, kind) for kpi_id, kind in listed if kpi_id in about} >= set(measured)


@pytest.mark.parametrize("kpi_id", KPI_IDS)
@pytest.mark.parametrize("period", ["2026-10", "2026-Q3"])
def test_the_rows_sum_to_the_published_value_in_every_scope(
    kpi_id: str, period: str, awkward_home: Home
) -> None:
    with current_night(awkward_home).open(people=True) as reader:
        scopes = reader.select(
            "select distinct scope_type, scope_id from kpi_values where kpi_id = ?", [kpi_id]
        )
    for scope in scopes:
        text = f"{scope['scope_type']}:{scope['scope_id']}"
        with open_rows(awkward_home, kpi_id, period=period, scope=text) as rows:
            assert rows.total.is_published, (text, rows.total)


def test_a_stock_record_is_the_version_that_counted_then(awkward_home: Home, drop: Path) -> None:
    def segment(period: str) -> str:
        rows = listed(awkward_home, "customer_record_accuracy", period=period)
        (row,) = (row for row in rows if row["record_id"] == "c1")
        assert row["segment"] == line_of(drop, row)["segment"]
        return str(row["segment"])

    assert (segment("2026-09"), segment("2026-10")) == ("small", "mid")


def test_a_report_that_was_not_delivered_has_no_source_record(awkward_home: Home) -> None:
    rows = listed(awkward_home, "report_on_time", period="2026-10")
    missed = [row for row in rows if not row["numerator"]]
    assert UNDELIVERED in [row["record_id"] for row in missed]
    assert {(row["source"], row["file_name"], row["landed_at"]) for row in missed} == {
        ("", None, None)
    }
    assert {row["employee_id"] for row in missed} == {"e1", "e2"}


def test_where_the_records_were_read_is_shown(awkward_home: Home) -> None:
    with open_rows(awkward_home, "report_usage", period="2026-10", lang="en") as rows:
        text = rows_output.rows_text(rows, limit=3)
        records = "".join(rows_output.rows_csv(rows))
    assert "drop.meetings" in text
    assert "landed 20" in text
    assert "Read from" in text
    assert "meetings.csv:" in text
    assert "file_name,sheet_name,row_number,landed_at" in records.splitlines()[0]
