"""The demo company served by its systems over real HTTP and SQL has the KPIs of its files."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import httpx
import pytest

from sales_support_kpi import pipeline
from sales_support_kpi.config import load_config
from sales_support_kpi.night import parse_as_of
from sales_support_kpi.sandbox import generate
from sales_support_kpi.sandbox.systems import connections, serving
from sales_support_kpi.settings import Home, repo_root
from sales_support_kpi.warehouse.published import published_file

FACTOR = 0.1
EXAMPLE = repo_root() / "examples" / "demo_company"
NIGHT = "2026-10-31"

pytestmark = pytest.mark.integration


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("demo")
    generate(made / "files", factor=FACTOR, layout="sources")
    return made


def run(folder: Path, name: str, sources: Path) -> pipeline.RunResult:
    """One night of the company with these sources, in a home of its own."""
    directory = shutil.copytree(EXAMPLE / "config", folder / f"config-{name}")
    text = sources.read_text(encoding="utf-8")
    assert "../../../var/demo" in text
    text = text.replace("../../../var/demo", str(folder / "files"))
    (directory / "sources.yml").write_text(text, encoding="utf-8")
    config = load_config(directory)
    night = parse_as_of(NIGHT, config.company.timezone)
    return pipeline.run_night(home=Home(folder / name), config=config, night=night)


@pytest.fixture(scope="module")
def as_files(folder: Path) -> pipeline.RunResult:
    return run(folder, "files", EXAMPLE / "sources-as-files.yml")


@pytest.fixture(scope="module")
def served(folder: Path) -> Iterator[pipeline.RunResult]:
    environment = connections(folder)
    with pytest.MonkeyPatch.context() as patch, serving(environment, factor=FACTOR):
        for name, value in environment.items():
            patch.setenv(name, value)
        yield run(folder, "served", EXAMPLE / "config" / "sources.yml")


def read(result: pipeline.RunResult, query: str) -> list[Any]:
    file = published_file(result.home, people=True)
    with duckdb.connect(str(file), read_only=True) as connection:
        rows = connection.execute(query).fetchall()
    # sums of a parallel engine differ in the last place
    return [tuple(round(v, 9) if isinstance(v, float) else v for v in row) for row in rows]


def test_every_system_is_read_whole(served: pipeline.RunResult) -> None:
    assert served.exit_code == 0, served.message
    landed = {load.entity for one in served.outcomes for load in one.loads if load.is_accepted}
    assert len(landed) == 16
    assert [one.status for one in served.outcomes] == ["landed"] * 5


def test_the_kpis_are_those_of_the_files_cell_for_cell(
    as_files: pipeline.RunResult, served: pipeline.RunResult
) -> None:
    assert as_files.exit_code == 0, as_files.message
    query = "select * from kpi_values order by all"
    expected, found = read(as_files, query), read(served, query)
    assert len(expected) > 5000
    differing = [pair for pair in zip(expected, found, strict=False) if pair[0] != pair[1]]
    assert differing[:3] == []
    assert len(found) == len(expected)


def test_whom_no_other_system_knows_is_listed(served: pipeline.RunResult) -> None:
    query = "select entity, reason, source, id_count from unmatched_summary order by all"
    assert read(served, query) == [("employees", "matches_nobody", "helpdesk", 1)]


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
