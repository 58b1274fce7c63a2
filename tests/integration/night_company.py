"""The demo company, ten times smaller, for whole nights through a real Airflow.

Its helpdesk is served over HTTP and its personnel database is an SQLite file; the other systems
leave files. `made_company(folder)` → a `Company` whose systems a test may change or break.
"""

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

import duckdb
import pytest
import yaml

from sales_support_kpi.orchestration.airflow_rest import FINISHED, AirflowRest, Json
from sales_support_kpi.orchestration.airflow_settings import LocalSettings
from sales_support_kpi.sandbox.rhythm import LAST_NIGHT
from sales_support_kpi.sandbox.servers.serving import Served, serve
from sales_support_kpi.sandbox.servers.zendesk import zendesk_app
from sales_support_kpi.sandbox.servers.zendesk_account import Account
from sales_support_kpi.sandbox.servers.zendesk_objects import (
    changed_to,
    seconds,
    stamp,
    ticket_event,
)
from sales_support_kpi.sandbox.servers.zendesk_store import Stream, ZendeskStore
from sales_support_kpi.sandbox.shapes import database, zendesk
from sales_support_kpi.sandbox.shapes.company import read_company
from sales_support_kpi.settings import Home
from sales_support_kpi.warehouse.published import published_file

EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "demo_company"
FILES = "https://files.example.com/kpi"
LINKS = f"""
links:
  published: {FILES}/published
  data_docs: {FILES}/data_docs
  dbt_docs: {FILES}/dbt_docs/index.html
  dashboards: https://bi.example.com/scorecard
"""
VALUES = "select * exclude (as_of) from kpi_values order by all"
FACTOR = 0.1
SEOUL = ZoneInfo("Asia/Seoul")
SOURCES = ("crm", "hr", "helpdesk", "surveys", "office")
# Nights that are over by the real clock, since Airflow backfills no others; due in one month.
FIRST = min(LAST_NIGHT, datetime.now(SEOUL).date() - timedelta(days=3))
FIRST -= timedelta(days=(FIRST + timedelta(days=2)).day == 1)
SECOND, AFTER = FIRST + timedelta(days=1), FIRST + timedelta(days=2)
PATIENCE = 900
T = TypeVar("T")


@dataclass(frozen=True)
class Company:
    config: Path
    files: Path
    people: Path
    home: Home
    store: ZendeskStore
    account: Account
    desk: Served

    def change(self, day: date) -> list[int]:
        """At noon of a day a ticket is solved, another reopened, and an agent renamed; tickets."""
        at = datetime(day.year, day.month, day.day, 12, tzinfo=SEOUL)
        open_one, done = (self._ticket(status, before=at) for status in ("open", "solved"))
        for one, status in ((open_one, "solved"), (done, "open")):
            told = ticket_event(
                seconds(at) * 1000 + one["id"] % 1000, one["id"], at, one["requester_id"],
                changed_to(status, one["status"]),
            )  # fmt: skip
            moved = {"updated_at": stamp(at), "generated_timestamp": seconds(at)}
            solved = {"solved_at": stamp(at) if status == "solved" else None, "reopens": 0}
            self.store.put_ticket({**one, **moved, "status": status}, [told], solved)
        agent = next(row for row in _all(self.store.people) if row["role"] == "agent")
        self.store.put_user({**agent, "name": f"이름 {day}", "updated_at": stamp(at)})
        return [open_one["id"], done["id"]]

    def correct_silently(self) -> int:
        """An old ticket gets another priority, and no stamp says so; its number."""
        one = self._ticket("solved", before=datetime(FIRST.year, FIRST.month, 1, tzinfo=SEOUL))
        self.store.put_ticket(
            {**one, "priority": "urgent" if one["priority"] != "urgent" else "low"}
        )
        return int(one["id"])

    def _ticket(self, status: str, before: datetime) -> Json:
        """The latest ticket of that status whose last change lies before a moment."""
        rows = [row for row in _all(self.store.tickets) if row["status"] == status]
        return [row for row in rows if row["generated_timestamp"] < seconds(before)][-1]


def _all(stream: Stream) -> list[Json]:
    return [row for _, row in stream.after((0, 0), 2**40, len(stream))]


@dataclass(frozen=True)
class Ended:
    code: int
    said: str


def python(*arguments: object, **environment: str) -> Ended:
    """Run a module of ours to its end."""
    done = subprocess.run(
        [sys.executable, "-m", *map(str, arguments)],
        env={**os.environ, **environment}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    return Ended(done.returncode, done.stdout + done.stderr)


def airflow_night(company: Company, night: date) -> Ended:
    """One night through an Airflow that is started for it, as `make run` does."""
    options = ("--home", company.home.root, "--config", company.config, "--timeout", PATIENCE)
    return python("sales_support_kpi.orchestration.local", "run", *options, "--night", night)


def read(home: Home, query: str) -> list[Any]:
    """Rows of the published file, numbers to nine places: parallel sums differ in the last."""
    with duckdb.connect(str(published_file(home, people=True)), read_only=True) as connection:
        rows = connection.execute(query).fetchall()
    return [tuple(round(v, 9) if isinstance(v, float) else v for v in row) for row in rows]


def landed(home: Home) -> dict[str, bytes]:
    """Every file of the accepted loads, bookmarks included, but for what the product notes."""
    return {
        str(file.relative_to(home.landing)): file.read_bytes()
        for source in SOURCES
        for file in sorted((home.landing / source).rglob("*"))
        if file.is_file()
    }


def landed_rows(home: Home, entity: str, columns: str) -> list[Any]:
    """What all loads of the helpdesk hold of an entity."""
    parts = home.landing / "helpdesk" / entity / "**" / "part-*.parquet"
    query = f"select {columns} from read_parquet(?, union_by_name = true) order by all"
    return duckdb.execute(query, [str(parts)]).fetchall()


@contextmanager
def made_company(folder: Path) -> Iterator[Company]:
    """Write its files, serve its helpdesk, and put both connections into the environment.

    The schedules know two instants a year, those at which the two nights are due: an Airflow that
    is started later runs the second night by itself, and nothing else.
    """
    files = folder / "files"
    options = ("--out", files, "--factor", FACTOR, "--until", FIRST)
    made = python("sales_support_kpi.sandbox", *options)
    assert made.code == 0, made.said
    rows = read_company(factor=FACTOR, until=FIRST)
    store, account = zendesk.store_of(rows), Account(api_token="a/planted+token:of-the-test")  # noqa: S106
    people = folder / "people.sqlite"
    database.write(rows, f"sqlite:///{people}")
    with serve(zendesk_app(store, account)) as desk, pytest.MonkeyPatch.context() as patch:
        said = {"conn_type": "http", "login": account.email, "password": account.api_token}
        patch.setenv("AIRFLOW_CONN_DEMO_HELPDESK", json.dumps(said | {"host": desk.url}))
        patch.setenv("AIRFLOW_CONN_DEMO_HR", f"sqlite:///{people}")
        home = Home(folder / "var")
        yield Company(_config(folder), files, people, home, store, account, desk)


def _config(folder: Path) -> Path:
    config = Path(shutil.copytree(EXAMPLE / "config", folder / "config"))
    with (config / "company.yml").open("a", encoding="utf-8") as file:
        file.write(LINKS)
    served = _sources(EXAMPLE / "config" / "sources.yml")
    files = _sources(EXAMPLE / "sources-as-files.yml")
    people, _ = served["hr"]["options"]["tables"]
    served["hr"]["options"]["tables"] = [people]  # audits come with the CRM's files
    del served["hr"]["entities"]["record_audits"]
    sources = [files["crm"], served["hr"], served["helpdesk"], files["surveys"], files["office"]]
    for source in sources:
        if "path" in source:
            source["path"] = source["path"].replace("../../../var/demo", str(folder / "files"))
        source["schedule"] = f"30 1 {SECOND.day},{AFTER.day} {AFTER.month} *"
    (config / "sources.yml").write_text(yaml.safe_dump(sources), encoding="utf-8")
    return config


def _sources(file: Path) -> Mapping[str, dict[str, Any]]:
    return {one["id"]: one for one in yaml.safe_load(file.read_text(encoding="utf-8"))}


class Clockwork:
    """A running Airflow, as a test watches it."""

    def __init__(self, settings: LocalSettings, rest: AirflowRest) -> None:
        self.settings, self.rest = settings, rest

    def ended(self, dag_id: str) -> list[Json]:
        """A DAG's runs, the newest first, once they have all ended."""

        def found() -> list[Json]:
            runs = self.rest.newest_runs(dag_id)
            return runs if all(run["state"] in FINISHED for run in runs) else []

        return wait_for(found, f"the end of {dag_id}")

    def run(self, dag_id: str, **conf: str) -> Json:
        """Run a DAG by hand, to its end."""
        run_id = self.rest.trigger(dag_id, conf)
        return next(run for run in self.ended(dag_id) if run["dag_run_id"] == run_id)

    def scheduled(self, dag_id: str) -> list[Json]:
        """A DAG's runs that the clock has started."""
        return [run for run in self.rest.newest_runs(dag_id) if run["run_type"] == "scheduled"]

    def backfill(self, night: date, *source_ids: str, reprocess: str = "none") -> list[Json]:
        """A past night of sources by Airflow's own command; the runs that came of it."""
        began = datetime.now(UTC)
        due = night + timedelta(days=1)  # a night is over when the next day begins
        for source_id in source_ids:  # one after the other: SQLite has one writer
            self.come_to_rest()
            wait_for(lambda name=source_id: self._is_free(name), "the end of the backfill before")
            ended = python(
                "airflow", "backfill", "create", "--dag-id", f"ingest_{source_id}",
                "--reprocess-behavior", reprocess,
                "--from-date", f"{due}T00:00+09:00", "--to-date", f"{due}T23:59+09:00",
                **self.settings.environment(),
            )  # fmt: skip
            assert ended.code == 0, ended.said
        runs = [run for one in source_ids for run in self.ended(f"ingest_{one}")]
        return [run for run in runs if _began(run) > began]

    def come_to_rest(self) -> None:
        """Wait until no run is under way: Airflow's SQLite refuses a second writer."""
        wait_for(lambda: not self.rest.unfinished_runs(), "the end of all runs")

    def _is_free(self, source_id: str) -> bool:
        """Whether Airflow has put the last backfill of a source away, which may take it 30 s."""
        found = self.rest.get("/backfills", dag_id=f"ingest_{source_id}")["backfills"]
        return all(one["completed_at"] for one in found)

    def log(self, run: Json) -> str:
        """What the landing of a run wrote."""
        tasks = self.rest.tasks(run["dag_id"], run["dag_run_id"])
        (land,) = (task for task in tasks if task["task_id"] == "land")
        return self.rest.log_tail(run["dag_id"], run["dag_run_id"], land, lines=200)


def wait_for(look: Callable[[], T], what: str) -> T:
    """Look until there is something to see."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        if found := look():
            return found
        time.sleep(0.3)
    raise AssertionError(f"{what} did not come in time")


def _began(run: Json) -> datetime:
    """When a run began; one that never did is older than everything."""
    return datetime.fromisoformat(run["start_date"] or "1970-01-01T00:00:00+00:00")
