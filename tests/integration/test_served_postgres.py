"""`publish: {to: postgres}` on a real PostgreSQL: the same tables, whose rows, one whole night."""

import json
import re
import secrets
import shutil
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from pathlib import Path

import duckdb
import psycopg2
import pytest
import sqlalchemy as sa

from sales_support_kpi.config.publishing import Publish
from sales_support_kpi.config.readers import Reader
from sales_support_kpi.serving import serve
from sales_support_kpi.serving.postgres import ServingFailed, check_server
from sales_support_kpi.settings import Home
from sales_support_kpi.warehouse.published import current_dir, current_manifest, point_current_at

ROOT = Path(__file__).resolve().parents[2]
EXAMPLE = ROOT / "examples" / "demo_company" / "config"
SERVING = ROOT / "docs" / "serving.md"
NIGHTS = ("2026-10-30", "2026-10-31")
SETTINGS = {"to": "postgres", "connection": "kpi_marts", "schema": "kpi"}
PUBLISH = Publish.model_validate(SETTINGS)
READERS = [Reader("e01", "manager"), Reader("e02", "lead"), Reader("e05", "member")]
LOGINS = ("kpi_publisher", "power_bi", "e01", "e02", "e05", "e06")

pytestmark = pytest.mark.integration


def kpi(*arguments, codes=(0,)):
    command = [sys.executable, "-m", "sales_support_kpi", *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode in codes, done.stderr
    return done.stderr


class Database:
    """The server, as each of its logins sees it."""

    def __init__(self, url):
        self.url = sa.make_url(url)
        self.passwords = {name: secrets.token_urlsafe(12) for name in LOGINS}

    @contextmanager
    def connected(self, login):
        place = {"host": self.url.host, "port": self.url.port, "dbname": "kpi"}
        if login == "admin":
            who = {"user": self.url.username, "password": self.url.password}
        else:
            who = {"user": login, "password": self.passwords[login]}
        connection = psycopg2.connect(**place, **who)
        try:
            yield connection
        finally:
            connection.close()

    def rows(self, login, query):
        with self.connected(login) as connection, connection.cursor() as cursor:
            cursor.execute(query)
            return cursor.fetchall()

    def run(self, *statements):
        with self.connected("admin") as connection, connection.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)
            connection.commit()

    def said(self):
        """The connection as Airflow writes it."""
        return json.dumps(
            {"conn_type": "postgres", "host": self.url.host, "port": self.url.port,
             "schema": "kpi", "login": "kpi_publisher",
             "password": self.passwords["kpi_publisher"]}
        )  # fmt: skip


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """Two published nights of the demo company, ten times smaller."""
    folder = tmp_path_factory.mktemp("served")
    subprocess.run(
        [sys.executable, "-m", "sales_support_kpi.sandbox", "--out", folder / "files",
         "--factor", "0.1", "--layout", "drop"], check=True, capture_output=True,
    )  # fmt: skip
    for night in NIGHTS:
        kpi("run", "--source", folder / "files", "--config", EXAMPLE, "--home", folder / "home",
            "--as-of", night)  # fmt: skip
    return Home(folder / "home")


@pytest.fixture(scope="module")
def server(postgres_url):
    """A database `kpi`, made ready by the statements of the guide."""
    engine = sa.create_engine(postgres_url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.exec_driver_sql("create database kpi")
    engine.dispose()
    database = Database(postgres_url)
    setup, logins = re.findall(r"```sql\n(.*?)```", SERVING.read_text(encoding="utf-8"), re.DOTALL)
    database.run(setup, logins)
    for name in ("e01", "e05", "e06"):
        database.run(f'create role "{name}" login in role kpi_people_readers')
    for name, password in database.passwords.items():
        database.run(f"alter role \"{name}\" password '{password}'")
    return database


@pytest.fixture
def connection(server, monkeypatch):
    monkeypatch.setenv("AIRFLOW_CONN_KPI_MARTS", server.said())


@pytest.fixture
def served(server, home, connection):
    serve(home, PUBLISH, READERS)
    return server


def tables(home, side):
    return sorted(file.stem for file in (current_dir(home) / "parquet" / side).glob("*.parquet"))


@pytest.mark.parametrize("side", ["company", "people"])
def test_every_table_is_the_published_one(served, home, side):
    schema = {"company": "kpi", "people": "kpi_people"}[side]
    names = tables(home, side)
    found = served.rows(
        "admin", f"select tablename from pg_tables where schemaname = '{schema}' order by 1"
    )
    own = {"readers", "seen_people"} if side == "people" else set()
    assert {name for (name,) in found} == {*names, *own}
    for name in names:
        file = current_dir(home) / "parquet" / side / f"{name}.parquet"
        with duckdb.connect() as reader:
            reader.execute("set timezone = 'UTC'")
            published = reader.execute(f"select * from '{file}'")
            columns = [column[0] for column in published.description]
            expected = published.fetchall()
        with served.connected("admin") as open_one, open_one.cursor() as cursor:
            cursor.execute("set timezone = 'UTC'")
            cursor.execute(f'select * from {schema}."{name}"')
            assert [column.name for column in cursor.description] == columns, name
            got = cursor.fetchall()
        assert sorted(map(repr, got)) == sorted(map(repr, map(plain, expected))), name


def plain(row):
    """DuckDB's UTC as psycopg2 gives it."""
    import datetime

    return tuple(
        value.astimezone(datetime.UTC) if isinstance(value, datetime.datetime) else value
        for value in row
    )


def test_serving_again_changes_nothing_until_the_night_or_the_readers_change(served, home):
    before = served.rows("admin", "select 'kpi'::regnamespace::oid")
    assert not serve(home, PUBLISH, READERS).is_new
    assert served.rows("admin", "select 'kpi'::regnamespace::oid") == before
    assert serve(home, PUBLISH, READERS[:2]).is_new
    assert served.rows("e05", "select * from kpi_people.measure_rows") == []


def test_readers_of_the_company_see_no_person_and_change_nothing(served):
    assert served.rows("power_bi", "select count(*) from kpi.kpi_values") > [(0,)]
    for statement in (
        "select * from kpi_people.kpi_values",
        "delete from kpi.kpi_values",
        "create table kpi.mine (a int)",
        "create schema mine",
    ):
        with pytest.raises(psycopg2.errors.InsufficientPrivilege):
            served.rows("power_bi", statement)


def persons(database, login, table, column):
    return {
        value
        for (value,) in database.rows(login, f"select distinct {column} from kpi_people.{table}")
    }


def test_each_reader_sees_the_rows_of_her_role(served, home):
    with duckdb.connect(str(current_dir(home) / "kpi_people.duckdb"), read_only=True) as published:
        team = {
            row[0]
            for row in published.execute(
                "select employee_id from dim_employees where valid_to is null and team = (select "
                "team from dim_employees where employee_id = 'e02' and valid_to is null)"
            ).fetchall()
        }
        everybody = {
            row[0]
            for row in published.execute("select distinct employee_id from measure_rows").fetchall()
        }
    assert {"e02"} < team < everybody
    assert persons(served, "e01", "measure_rows", "employee_id") == everybody  # nobody's rows too
    assert None in everybody
    assert persons(served, "e02", "measure_rows", "employee_id") == team & everybody
    assert persons(served, "e05", "measure_rows", "employee_id") == {"e05"}
    assert persons(served, "e06", "measure_rows", "employee_id") == set()  # in no list
    assert persons(served, "e05", "fct_requests", "assignee_id") == {"e05"}
    assert persons(served, "e02", "customer_record_issues", "steward_id") <= team
    for login, seen in (("e02", team), ("e05", {"e05"}), ("e06", set())):
        query = "select distinct scope_type, scope_id from kpi_people.kpi_values"
        values = served.rows(login, query)
        assert {one for kind, one in values if kind == "employee"} <= seen, login
        assert {kind for kind, _ in values} >= {"company", "team"}, login
        assert served.rows(login, "select * from kpi_people.source_records") == [], login
    assert served.rows("e01", "select count(*) from kpi_people.source_records") > [(0,)]


def test_no_table_about_persons_is_without_a_policy(served):
    query = """
        select relname from pg_class
        where relnamespace = 'kpi_people'::regnamespace and relkind = 'r' and not (
            relrowsecurity and exists (select from pg_policy where polrelid = pg_class.oid))
    """
    found = served.rows("admin", query)
    assert found == []


def test_a_reader_cannot_become_another(served):
    with pytest.raises(psycopg2.errors.InsufficientPrivilege):
        served.rows("e05", 'set role "e01"; select * from kpi_people.measure_rows')
    assert persons(served, "e05", "readers", "login") == {"e05"}


def test_every_query_sees_one_whole_night_while_nights_change(served, home):
    stop, errors, seen = threading.Event(), [], set()

    def read():
        query = (
            "select (select max(as_of) from kpi.kpi_values),"
            " (select max(as_of) from kpi.customer_record_progress),"
            " (select count(*) from kpi.kpi_drivers)"
        )
        try:
            with served.connected("power_bi") as connection, connection.cursor() as cursor:
                connection.autocommit = True
                while not stop.is_set():
                    cursor.execute(query)
                    seen.add(cursor.fetchone())
                    time.sleep(0.05)
        except Exception as error:
            errors.append(error)

    threads = [threading.Thread(target=read) for _ in range(10)]
    for thread in threads:
        thread.start()
    for turn in range(8):
        point_current_at(home, f"{NIGHTS[turn % 2]}.01")
        assert serve(home, PUBLISH, READERS).is_new
    time.sleep(0.2)
    now = served.rows("power_bi", "select max(as_of) from kpi.kpi_values")
    stop.set()
    for thread in threads:
        thread.join()
    assert errors == []
    assert len(seen) == 2, seen  # the two nights, and nothing of both
    assert all(values == progress for values, progress, _ in seen)
    assert now == [(current_manifest(home).as_of,)]
    assert leftovers(served) == []


def leftovers(database):
    query = r"select nspname from pg_namespace where nspname like 'kpi%\_\_%'"
    return database.rows("admin", query)


def test_who_reads_on_keeps_the_night_and_the_next_copy_clears_it_away(served, home):
    old = current_manifest(home)
    other = next(name for name in NIGHTS if name != old.night.isoformat())
    with served.connected("power_bi") as reader, reader.cursor() as cursor:
        cursor.execute("declare slow cursor for select as_of from kpi.kpi_values")
        cursor.execute("fetch 1 from slow")
        assert cursor.fetchall() == [(old.as_of,)]
        point_current_at(home, f"{other}.01")
        assert serve(home, PUBLISH, READERS).is_new
        cursor.execute("fetch all from slow")
        assert {as_of for (as_of,) in cursor.fetchall()} == {old.as_of}
    assert served.rows("power_bi", "select max(as_of) from kpi.kpi_values") != [(old.as_of,)]
    assert len(leftovers(served)) == 2
    point_current_at(home, old.publish_id)
    serve(home, PUBLISH, READERS)
    assert leftovers(served) == []


def test_a_copy_that_breaks_off_leaves_the_night_before(served, home, monkeypatch):
    before = served.rows("power_bi", "select count(*), max(as_of) from kpi.kpi_values")
    other = next(name for name in NIGHTS if name != current_manifest(home).night.isoformat())
    point_current_at(home, f"{other}.01")

    def broken(*arguments):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("sales_support_kpi.serving.postgres._swap", broken)
        with pytest.raises(KeyboardInterrupt):
            serve(home, PUBLISH, READERS)
    assert served.rows("power_bi", "select count(*), max(as_of) from kpi.kpi_values") == before
    assert leftovers(served) == []
    assert serve(home, PUBLISH, READERS).is_new


def test_the_server_follows_later_when_it_could_not_at_once(server, home, connection, tmp_path):
    point_current_at(home, f"{NIGHTS[1]}.01")
    config = shutil.copytree(EXAMPLE, tmp_path / "config")
    with (config / "company.yml").open("a", encoding="utf-8") as file:
        file.write("publish: {to: postgres, connection: kpi_marts, schema: elsewhere}\n")
    run = ("run", "--source", home.root.parent / "files", "--home", home.root)
    run += ("--config", config, "--as-of", NIGHTS[1])
    said = kpi(*run, codes=(4,))
    assert "lacks elsewhere_readers, elsewhere_people_readers" in said
    assert "docs/serving.md" in said
    assert current_manifest(home).night.isoformat() == NIGHTS[1]
    server.run(
        "create role elsewhere_readers",
        "create role elsewhere_people_readers in role elsewhere_readers",
    )
    kpi(*run)  # nothing new to publish, but to serve
    count = "select count(*) > 0 from elsewhere.kpi_values"
    assert server.rows("admin", count) == [(True,)]
    kpi("rollback", "--home", home.root, "--config", config)
    comment = "select obj_description('elsewhere'::regnamespace)"
    assert f"night {NIGHTS[0]}.01" in server.rows("admin", comment)[0][0]


def test_kpi_check_tries_the_server(served, monkeypatch):
    assert check_server(PUBLISH).startswith("schema kpi: night 2026-10-3")
    wrong = json.loads(served.said()) | {"password": "not-the-password"}
    monkeypatch.setenv("AIRFLOW_CONN_KPI_MARTS", json.dumps(wrong))
    with pytest.raises(ServingFailed) as caught:
        check_server(PUBLISH)
    assert "not-the-password" not in str(caught.value)
    assert "authentication failed" in str(caught.value)
