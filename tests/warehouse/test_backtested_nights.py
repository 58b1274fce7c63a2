"""A night as the back-test lays it, against the same night as it is built."""

from datetime import datetime
from pathlib import Path

import duckdb
import pytest
from awkward_company import COMPANY, company
from drops import write_drop

from sales_support_kpi import pipeline
from sales_support_kpi.config import load_config
from sales_support_kpi.night import parse_as_of
from sales_support_kpi.settings import Home
from sales_support_kpi.warehouse.backtest_nights import KEY, lay_night, lay_rows

THEN, LATER = "2026-10-14", "2026-10-31"  # e1 moved on the 10th
Cells = dict[tuple[object, ...], tuple[float | None, ...]]


@pytest.fixture(scope="module")
def nights(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path, datetime]:
    """The build of the later night, that of the earlier one, and the instant of this one."""
    folder = tmp_path_factory.mktemp("nights")
    (folder / "config").mkdir()
    (folder / "config" / "company.yml").write_text(COMPANY, encoding="utf-8")
    home, config = Home(folder / "home"), load_config(folder / "config")
    rows = company()
    # whom nobody knew on the 14th, though the first version reaches back for later nights
    rows["employees"].append(
        {"employee_id": "ghost", "team": "North", "role": "support", "updated_at": "2026-10-20"}
    )
    later, then = (parse_as_of(day, config.company.timezone) for day in (LATER, THEN))
    drop = write_drop(folder / "drop", rows)
    assert pipeline.ingest_drop(home, config, drop, later).status == "landed"
    built = pipeline.build(home, config, later)
    looked = pipeline.build(home, config, then, into=Home(folder / "look"))
    return built.file, looked.file, then.as_of


def cells(connection: duckdb.DuckDBPyConnection, table: str) -> Cells:
    found = connection.execute(
        f"select {KEY}, is_complete, numerator, denominator from {table} "
        "where grain in ('week', 'month', 'quarter') and scope_type in ('company', 'team') "
        "and (numerator <> 0 or denominator <> 0)"  # a build says 0 of 0 where nothing was
    ).fetchall()
    return {tuple(row[:6]): tuple(row[6:]) for row in found}


def test_every_cell_of_the_night_is_what_a_build_of_it_says(
    nights: tuple[Path, Path, datetime],
) -> None:
    later, then, as_of = nights
    with duckdb.connect() as connection:
        connection.execute("set timezone = 'Asia/Seoul'")
        connection.execute(f"attach '{later}' as build (read_only)")
        connection.execute(f"attach '{then}' as looked (read_only)")
        lay_rows(connection)
        lay_night(connection, as_of)
        laid = cells(connection, "people.kpi_values")
        built = cells(connection, "looked.people.kpi_values")
    assert laid.keys() == built.keys()
    assert {key[0] for key in laid} >= {"customer_record_accuracy", "material_freshness"}
    for key, sums in built.items():
        assert laid[key] == pytest.approx(sums), key
