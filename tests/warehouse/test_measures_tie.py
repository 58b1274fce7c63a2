"""A record that a KPI has to measure and a model loses stops the night, whatever the values say."""

import shutil
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import duckdb
import pytest

from sales_support_kpi.config import load_config
from sales_support_kpi.night import night_ending
from sales_support_kpi.quality.outdoor import check_build
from sales_support_kpi.quality.populations import POPULATIONS
from sales_support_kpi.quality.reconciliation import reconcile, ties_by_stage
from sales_support_kpi.settings import Home, shipped_config_dir
from sales_support_kpi.warehouse.build import Build

pytestmark = pytest.mark.integration

MEASURED = [(one.kpi_id, one.entity) for one in POPULATIONS]


@pytest.fixture(scope="module")
def copy(awkward_home: Home, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The awkward company's build, with rows that can be taken away."""
    file = tmp_path_factory.mktemp("ties") / "build.duckdb"
    shutil.copy(awkward_home.build_file, file)
    with duckdb.connect(str(file)) as connection:
        connection.execute("create table rows_now as from people.measure_rows")
        connection.execute("drop view people.measure_rows")
        connection.execute("create table people.measure_rows as from rows_now")
    return file


@pytest.fixture
def build(copy: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """Whatever a test does to it is undone."""
    with duckdb.connect(str(copy)) as connection:
        connection.execute("set timezone = 'UTC'")
        connection.execute("begin")
        yield connection
        connection.execute("rollback")


def apart(home: Home, build: duckdb.DuckDBPyConnection) -> list[str]:
    return [row["subject"] for row in ties_by_stage(reconcile(home, build)) if row["apart_count"]]


def test_every_kpi_says_which_records_it_has_to_measure(
    awkward_home: Home, build: duckdb.DuckDBPyConnection
) -> None:
    kpis = build.execute("select kpi_id from marts.measured_kpis where is_measured").fetchall()

    assert {kpi_id for kpi_id, _ in MEASURED} == {kpi_id for (kpi_id,) in kpis}
    assert apart(awkward_home, build) == []


@pytest.mark.parametrize(("kpi_id", "entity"), MEASURED)
def test_a_record_that_a_model_loses_is_missed(
    awkward_home: Home, build: duckdb.DuckDBPyConnection, kpi_id: str, entity: str
) -> None:
    build.execute(
        "delete from people.measure_rows where kpi_id = ? and record_id = (select max(record_id) "
        "from people.measure_rows where kpi_id = ? and entity = ?)",
        [kpi_id, kpi_id, entity],
    )

    source = "config" if kpi_id == "report_on_time" else "drop"
    assert apart(awkward_home, build) == [f"{source}__{entity}.measures"]


@pytest.mark.parametrize(
    ("change", "subject"),
    [
        ("numerator = numerator - 0.5 where kpi_id = 'onboarding_satisfaction'",
         "drop__survey_responses.measures"),
        ("numerator = 1 - numerator where kpi_id = 'inquiry_completion_rate'",
         "drop__requests.measures"),
        ("record_id = 'nobody' where kpi_id = 'customer_record_accuracy' and record_id = 'c1'",
         "drop__customers.measures"),
    ],
)  # fmt: skip
def test_a_score_a_yes_or_a_record_that_is_another_does_not_tie(
    awkward_home: Home, build: duckdb.DuckDBPyConnection, change: str, subject: str
) -> None:
    build.execute(f"update people.measure_rows set {change}")

    assert apart(awkward_home, build) == [subject]


def test_the_night_stops_although_values_and_rows_tie(
    awkward_home: Home, copy: Path, tmp_path: Path
) -> None:
    file = tmp_path / "build.duckdb"
    shutil.copy(copy, file)
    october = "kpi_id = 'insights_delivered' and grain = 'month' and period_start = '2026-10-01'"
    with duckdb.connect(str(file)) as connection:
        connection.execute("delete from people.measure_rows where record_id = 'i6'")
        connection.execute(
            "update people.kpi_values set value = value - 1, numerator = numerator - 1 "
            f"where scope_type = 'company' and {october}"
        )
    night = night_ending(date(2026, 10, 31), "Asia/Seoul")

    results = check_build(
        awkward_home,
        load_config(shipped_config_dir()),
        file,
        Build(file, night, None, "lossy", is_full_refresh=False, seconds=0),
    )

    about = [one for one in results if one.kpi_id == "insights_delivered" and one.is_breach]
    (tie,) = [one for one in results if one.check == "every_stage_ties" and one.is_critical_breach]
    assert about == []
    assert tie.subject == "drop__insights.measures"
    assert tie.observed == (
        "measures: records that insights_delivered counts; those of them measured or rejected: "
        "7 and 6, sums 7 and 6"
    )
