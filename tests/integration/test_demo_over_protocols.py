"""The demo company served by its systems over real HTTP and SQL has the KPIs of its files.

Of three nights: the later ones bring what is new, changed and deleted.
"""

import gzip
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path
from typing import Any

import duckdb
import httpx
import pytest

from sales_support_kpi import pipeline
from sales_support_kpi.config import Config, load_config
from sales_support_kpi.landing import accepted_loads
from sales_support_kpi.night import night_ending
from sales_support_kpi.sandbox import generate
from sales_support_kpi.sandbox.servers.salesforce_org import Org
from sales_support_kpi.sandbox.servers.zendesk_store import ZendeskStore
from sales_support_kpi.sandbox.shapes import salesforce, zendesk
from sales_support_kpi.sandbox.shapes.company import Company, read_company
from sales_support_kpi.sandbox.shapes.ids import salesforce_id, ticket_id, user_id
from sales_support_kpi.sandbox.systems import connections, serving
from sales_support_kpi.settings import Home, repo_root
from sales_support_kpi.warehouse.published import published_file

ORG_OF, STORE_OF = salesforce.org_of, zendesk.store_of
FACTOR = 0.1
EXAMPLE = repo_root() / "examples" / "demo_company"
NIGHTS = [date(2026, 10, day) for day in (29, 30, 31)]
DELETED = datetime(2026, 10, 30, 3, tzinfo=UTC)  # before the second night; of files one says so
# when it is over, so that the third one is the first to be without

pytestmark = pytest.mark.integration


@dataclass(frozen=True)
class Results:
    """The third night of the same company, from files and from its systems."""

    as_files: pipeline.RunResult
    served: pipeline.RunResult
    deleted: tuple[str, str]

    @property
    def numbers(self) -> tuple[str, str]:
        """What was deleted, as the systems number it."""
        request, contract = self.deleted
        return str(ticket_id(request)), str(salesforce_id(contract))


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Results]:
    """Two nights are landed and the third one published; with the second, two records are gone."""
    folder = tmp_path_factory.mktemp("demo")
    configs = {
        "as_files": _config(folder, "files", EXAMPLE / "sources-as-files.yml"),
        "served": _config(folder, "served", EXAMPLE / "config" / "sources.yml"),
    }
    environment, found = connections(folder), {}
    with pytest.MonkeyPatch.context() as patch:
        for name, value in environment.items():
            patch.setenv(name, value)
        for night in NIGHTS:
            generate(folder / "files", factor=FACTOR, until=night, layout="sources")
            if night > NIGHTS[0]:
                deleted = _delete(patch, folder / "files")
            with serving(environment, factor=FACTOR, until=night):
                for name, config in configs.items():
                    found[name] = _night(Home(folder / name), config, night)
        yield Results(**found, deleted=deleted)


def _night(home: Home, config: Config, day: date) -> Any:
    """Land a night; publish the last one."""
    night = night_ending(day, config.company.timezone)
    if day == NIGHTS[-1]:
        return pipeline.run_night(home=home, config=config, night=night)
    for source in config.sources:
        landed = pipeline.ingest(home, config, source.id, night)
        assert landed.status in ("landed", "unchanged"), landed.message
    return None


def _delete(patch: pytest.MonkeyPatch, files: Path) -> tuple[str, str]:
    """A request and a contract of the month: out of the files, and deleted in the systems."""
    rows = read_company(factor=FACTOR, until=NIGHTS[0]).rows
    request = _old(rows["requests"], "request_id", "opened_at")
    contract = _old(rows["contracts"], "contract_id", "signed_at")
    for file in (*files.glob("helpdesk/*"), *files.glob("crm/contract*")):
        _leave_out(file, (request, contract))
    patch.setattr(salesforce, "org_of", partial(_org, contract))
    patch.setattr(zendesk, "store_of", partial(_store, request))
    return request, contract


def _org(contract: str, company: Company) -> Org:
    made = ORG_OF(company)
    made.delete("Contract", str(salesforce_id(contract)), DELETED)
    return made


def _store(request: str, company: Company) -> ZendeskStore:
    made = STORE_OF(company)
    made.delete_ticket(ticket_id(request), DELETED, user_id("e01"))
    return made


def _old(rows: Sequence[Any], key: str, moment: str) -> str:
    """A record of the month that is a month old."""
    return str(next(row[key] for row in rows if row[moment].date() >= date(2026, 10, 1)))


def _leave_out(file: Path, ids: tuple[str, ...]) -> None:
    """Take every line that names one of the records out of a file."""
    opened = gzip.open if file.suffix == ".gz" else open
    with opened(file, "rb") as lines:
        kept = [line for line in lines if not any(one.encode() in line for one in ids)]
    with opened(file, "wb") as rewritten:
        rewritten.writelines(kept)


def _config(folder: Path, name: str, sources: Path) -> Config:
    directory = shutil.copytree(EXAMPLE / "config", folder / f"config-{name}")
    text = sources.read_text(encoding="utf-8")
    assert "../../../var/demo" in text
    text = text.replace("../../../var/demo", str(folder / "files"))
    (directory / "sources.yml").write_text(text, encoding="utf-8")
    return load_config(directory)


def read(result: pipeline.RunResult, query: str) -> list[Any]:
    file = published_file(result.home, people=True)
    with duckdb.connect(str(file), read_only=True) as connection:
        rows = connection.execute(query).fetchall()
    # sums of a parallel engine differ in the last place
    return [tuple(round(v, 9) if isinstance(v, float) else v for v in row) for row in rows]


def test_every_system_is_read_whole_and_then_by_its_news(results: Results) -> None:
    served = results.served
    assert served.exit_code == 0, served.message
    loads = [load for load in accepted_loads(served.home) if load.source != "ops"]
    first, second, third = ([one for one in loads if one.night == at] for at in NIGHTS)
    assert len({load.entity for load in first}) == 16
    assert {load.source for load in first} == {"hr", "crm", "helpdesk", "surveys", "office"}
    assert {load.source for load in second} >= {"crm", "helpdesk", "surveys"}
    rows = [sum(load.rows_landed for load in one) for one in (first, second, third)]
    assert all(0 < news < rows[0] / 10 for news in rows[1:])


def test_what_was_deleted_counts_nowhere(results: Results) -> None:
    for result, ids in ((results.as_files, results.deleted), (results.served, results.numbers)):
        for one in ids:
            query = f"select count(*) from measure_rows where starts_with(record_id, '{one}')"
            assert read(result, query) == [(0,)]


def test_the_kpis_are_those_of_the_files_cell_for_cell(results: Results) -> None:
    assert results.as_files.exit_code == 0, results.as_files.message
    query = "select * from kpi_values order by all"
    expected, found = read(results.as_files, query), read(results.served, query)
    assert len(expected) > 5000
    differing = [pair for pair in zip(expected, found, strict=False) if pair[0] != pair[1]]
    assert differing[:3] == []
    assert len(found) == len(expected)


def test_whom_no_other_system_knows_is_listed(results: Results) -> None:
    query = "select entity, reason, source, id_count from unmatched_summary order by all"
    assert read(results.served, query) == [("employees", "matches_nobody", "helpdesk", 1)]


def test_the_systems_are_served_until_they_are_stopped_and_to_nobody_else(tmp_path: Path) -> None:
    environment = connections(tmp_path)
    server = subprocess.Popen(
        [sys.executable, "-m", "sales_support_kpi.sandbox.systems", "--factor", "0.02"],
        env={**os.environ, **environment},
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert server.stdout is not None
        places = json.loads(server.stdout.readline())["ready"]
        assert set(places) == {"HR", "CRM", "HELPDESK", "SURVEYS"}
        asked = {
            "CRM": "/services/data/v62.0/sobjects",
            "HELPDESK": "/api/v2/users/me",
            "SURVEYS": "/v3/surveys",
        }
        ports = {
            name: json.loads(environment[f"AIRFLOW_CONN_DEMO_{name}"])["port"] for name in asked
        }
        for name, path in asked.items():
            assert httpx.get(f"http://127.0.0.1:{ports[name]}{path}").status_code == 401, name
        server.terminate()
        assert server.wait(30) == 0
        for port in ports.values():
            with pytest.raises(httpx.ConnectError):
                httpx.get(f"http://127.0.0.1:{port}/")
    finally:
        server.kill()
