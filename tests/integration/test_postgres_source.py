"""`kind: sql` against a real PostgreSQL, over its own protocol: behaviour and memory."""

import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
import yaml

from sales_support_kpi.config import load_config
from sales_support_kpi.landing import land
from sales_support_kpi.night import night_ending
from sales_support_kpi.settings import Home

sys.path.append(str(Path(__file__).resolve().parents[1] / "unit" / "sources" / "extract"))

import databases
from landed_rows import landed_rows
from measured_pull import measured_pull
from sql_company import EMPLOYEES, REQUESTS, SOURCE, TICKETS

pytestmark = pytest.mark.integration

PASSWORD = "only:for@this/test"  # noqa: S105 - with every sign an URI has to quote


@pytest.fixture(scope="module")
def port(postgres_url: str) -> int:
    """Of a server with a reader."""
    server = sa.create_engine(postgres_url)
    databases.execute(server, [f"create role reader superuser login password '{PASSWORD}'"])
    server.dispose()
    return int(server.url.port or 0)


@pytest.fixture
def engine(port: int, monkeypatch: pytest.MonkeyPatch) -> Iterator[sa.Engine]:
    """An empty database, and a connection to it as Airflow writes one."""
    from urllib.parse import quote

    url = sa.URL.create("postgresql+psycopg2", "reader", PASSWORD, "127.0.0.1", port, "postgres")
    one = sa.create_engine(url)
    databases.execute(one, ["drop schema public cascade", "create schema public"])
    said = f"postgres://reader:{quote(PASSWORD, safe='')}@127.0.0.1:{port}/postgres"
    monkeypatch.setenv("AIRFLOW_CONN_DESK", said)
    yield one
    one.dispose()


@pytest.fixture
def config(tmp_path: Path) -> Any:
    return configured(tmp_path, SOURCE)


def configured(tmp_path: Path, source: dict[str, Any]) -> Any:
    (tmp_path / "config" / "mappings").mkdir(parents=True)
    for name, sql in (("requests", REQUESTS), ("employees", EMPLOYEES)):
        (tmp_path / "config" / "mappings" / f"{name}.sql").write_text(sql, encoding="utf-8")
    (tmp_path / "config" / "sources.yml").write_text(yaml.safe_dump([source]), encoding="utf-8")
    config = load_config(tmp_path / "config")
    return replace(config, company=config.company.model_copy(update={"max_shrink": 1.0}))


@pytest.mark.parametrize("behaviour", databases.BEHAVIOURS)
def test_postgresql_is_read_by_its_changes_and_whole(behaviour, engine, config, tmp_path) -> None:
    home = Home(tmp_path / "home")

    def run(day: int) -> Any:
        return land(
            home, config, config.sources[0], night_ending(date(2026, 10, day), "Asia/Seoul")
        )

    behaviour(engine, run, lambda entity, columns: landed_rows(home, entity, columns))


def test_values_of_postgresql_keep_their_meaning(engine, tmp_path) -> None:
    databases.execute(
        engine,
        [
            'create schema "Desk"',
            (
                'create table "Desk".cases (id uuid, subject text, amount numeric(20, 4), '
                "opened timestamptz, day date, tags text[], more jsonb, is_done boolean)"
            ),
            (
                "insert into \"Desk\".cases values ('6f9619ff-8b86-d011-b42d-00cf4fc964ff', "
                "'요청 ①', "
                "12345678901234.5678, '2026-10-05 09:00:00.123456+09', '2026-10-05', '{a,b}', "
                "'{\"이름\": 1}', true)"
            ),
        ],
    )
    columns = ["id", "subject", "amount", "opened", "day", "tags", "more", "is_done"]
    source = {
        **SOURCE,
        "keep_extra": True,
        "options": {"tables": [{"name": "cases", "table": "Desk.cases", "columns": columns}]},
        "entities": {"requests": "mappings/cases.sql"},
    }
    (tmp_path / "config" / "mappings").mkdir(parents=True)
    sql = "select id as request_id, 'inquiry' as kind, 'open' as status, subject, "
    sql += "opened as opened_at, amount, day, tags, more, is_done from cases"
    (tmp_path / "config" / "mappings" / "cases.sql").write_text(sql)
    (tmp_path / "config" / "sources.yml").write_text(yaml.safe_dump([source]))
    config = load_config(tmp_path / "config")
    home = Home(tmp_path / "home")

    outcome = land(home, config, config.sources[0], night_ending(date(2026, 10, 5), "Asia/Seoul"))

    assert (outcome.status, outcome.message) == ("landed", "")
    (row,) = landed_rows(
        home, "requests",
        "request_id, subject, epoch_us(opened_at), amount, day, tags, more, is_done",
    )  # fmt: skip
    assert row == (
        "6f9619ff-8b86-d011-b42d-00cf4fc964ff", "요청 ①", 1791158400123456,
        "12345678901234.5678", "2026-10-05", '["a","b"]', '{"이름":1}', "true",
    )  # fmt: skip


def test_a_wrong_password_is_said_without_the_password(
    engine, config, tmp_path, monkeypatch
) -> None:
    port = engine.url.port
    monkeypatch.setenv(
        "AIRFLOW_CONN_DESK", f"postgres://reader:{'wr0ng-one'}@127.0.0.1:{port}/postgres"
    )

    outcome = land(
        Home(tmp_path / "home"), config, config.sources[0],
        night_ending(date(2026, 10, 5), "Asia/Seoul"),
    )  # fmt: skip

    assert outcome.status == "failed"
    assert "password authentication failed" in outcome.message
    assert "wr0ng-one" not in repr(outcome)


def test_memory_stays_flat_however_many_rows_there_are(engine, tmp_path) -> None:
    databases.execute(engine, databases.SCHEMA)
    source = {
        **SOURCE,
        "options": {"tables": [TICKETS]},
        "entities": {"requests": "mappings/requests.sql"},
    }
    configured(tmp_path, source)
    peaks = []
    for rows in (20_000, 400_000):
        databases.execute(
            engine,
            [
                "truncate tickets",
                (
                    "insert into tickets select n, repeat('subject ', 9), 'open', "
                    "'2026-10-01 09:00:00', null, '2026-10-05 09:00:00', null "
                    f"from generate_series(1, {rows}) n"
                ),
            ],
        )
        found, peak = measured_pull(tmp_path / "config", tmp_path / f"spool{rows}")
        assert found == rows
        peaks.append(peak)

    assert peaks[1] < peaks[0] + 60, f"{peaks} MiB"
