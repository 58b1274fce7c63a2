"""`kind: sql` on SQLite; the same behaviour is tried on PostgreSQL in the integration tests."""

import json
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import databases
import pytest
import sqlalchemy as sa
from landed_rows import landed_rows
from sql_company import EMPLOYEES, REQUESTS, SOURCE, TICKETS, ticket

from sales_support_kpi.config import Config
from sales_support_kpi.config.check import check
from sales_support_kpi.errors import ConfigError
from sales_support_kpi.landing import Outcome, land
from sales_support_kpi.night import night_ending
from sales_support_kpi.settings import Home

Company = Callable[..., Config]


@pytest.fixture
def engine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> sa.Engine:
    file = tmp_path / "desk.sqlite"
    monkeypatch.setenv("AIRFLOW_CONN_DESK", json.dumps({"conn_type": "sqlite", "host": str(file)}))
    return sa.create_engine(f"sqlite:///{file}")


@pytest.fixture
def config(company: Company) -> Config:
    return company(SOURCE, requests=REQUESTS, employees=EMPLOYEES)


@pytest.fixture
def run(home: Home, config: Config) -> Callable[[int], Outcome]:
    def one(day: int) -> Outcome:
        night = night_ending(date(2026, 10, day), "Asia/Seoul")
        lenient = config.company.model_copy(update={"max_shrink": 1.0})
        return land(home, _with(config, lenient), config.sources[0], night)

    return one


def _with(config: Config, company: Any) -> Config:
    from dataclasses import replace

    return replace(config, company=company)


@pytest.mark.parametrize("behaviour", databases.BEHAVIOURS)
def test_a_database_is_read_by_its_changes_and_whole(
    behaviour: Callable[..., None], engine: sa.Engine, run: Callable[[int], Outcome], home: Home
) -> None:
    behaviour(engine, run, lambda entity, columns: landed_rows(home, entity, columns))


def test_a_growing_number_is_a_cursor_too(engine: sa.Engine, company: Company, home: Home) -> None:
    databases.prepared(engine)
    tables = [{**TICKETS, "cursor": "id"}]
    source = {**SOURCE, "options": {"tables": tables}, "entities": {"requests": "mappings/r.sql"}}
    config = company(source, r=REQUESTS)
    for day in (5, 6):
        outcome = land(
            home, config, config.sources[0], night_ending(date(2026, 10, day), "Asia/Seoul")
        )
        databases.execute(engine, [ticket(100 + day, "2026-10-06 09:00:00")])

    assert [load.rows_read for load in outcome.loads] == [2]
    assert outcome.loads[-1].bookmark["resources"] == {"tickets": {"value": "105"}}


@pytest.mark.parametrize(
    ("cursor", "landed", "said"),
    [
        ("changed", ["1", "2", "3", "6", "7"], "0 records changed later are left out"),
        ("id", ["1", "2", "7"], "nothing is landed of requests"),
    ],
)
def test_a_past_night_is_cut_by_a_time_and_never_by_a_number(
    engine: sa.Engine, company: Company, home: Home, cursor: str, landed: list[str], said: str
) -> None:
    databases.prepared(engine)
    tables = [{**TICKETS, "cursor": cursor}]
    source = {**SOURCE, "options": {"tables": tables}, "entities": {"requests": "mappings/r.sql"}}
    config = company(source, r=REQUESTS)

    def run(day: int) -> Outcome:
        night = night_ending(date(2026, 10, day), "Asia/Seoul")
        return land(home, config, config.sources[0], night)

    run(5)
    databases.execute(engine, [ticket(2, "2026-10-05 09:01:00"), ticket(7, "2026-10-07 09:00:00")])
    run(7)
    databases.execute(
        engine, [ticket(number, f"2026-10-0{number + 3} 09:00:00") for number in (3, 5)]
    )
    databases.execute(engine, [ticket(6, "2026-10-06 23:59:59")])

    outcome = run(6)

    assert sorted(row[0] for row in landed_rows(home, "requests", "request_id")) == landed
    assert any(said in note for note in outcome.notes)


def test_what_is_read_by_its_changes_cannot_be_compared_whole(
    engine: sa.Engine, company: Company, home: Home
) -> None:
    databases.prepared(engine)
    source = {**SOURCE, "mode": "full"}
    config = company(source, requests=REQUESTS, employees=EMPLOYEES)

    outcome = land(home, config, config.sources[0], night_ending(date(2026, 10, 5), "Asia/Seoul"))

    assert outcome.status == "failed"
    assert "requests is mode: full, but of tickets only the changes are read" in outcome.message


@pytest.mark.parametrize(
    ("tables", "said"),
    [
        ([{**TICKETS, "key": ["number"]}], "'number' is not among columns: add it there"),
        ([TICKETS, TICKETS], "tickets is listed twice: keep one"),
        ([{**TICKETS, "columns": []}], "columns"),
    ],
)
def test_a_table_that_cannot_be_read_is_refused_in_words(
    company: Company, tables: list[dict[str, Any]], said: str
) -> None:
    with pytest.raises(ConfigError, match=said):
        company({**SOURCE, "options": {"tables": tables}}, requests=REQUESTS, employees=EMPLOYEES)


def test_kpi_check_names_tables_and_columns_that_do_not_exist(
    engine: sa.Engine, company: Company
) -> None:
    databases.prepared(engine)
    tables = [
        {**TICKETS, "columns": [*TICKETS["columns"], "severity"]},
        {"name": "staff", "columns": ["id"]},
        {"name": "people", "columns": ["id"]},
    ]
    source = {**SOURCE, "options": {"tables": tables}}
    config = company(source, requests=REQUESTS, employees=EMPLOYEES)

    said = [str(line) for line in check(config) if "source desk" in line.subject]

    assert said[0].startswith("problem: source desk: tickets: there is no column severity (there")
    assert said[1].startswith("problem: source desk: staff: there is no such table")
    assert said[2] == "ok: source desk: people: read"
