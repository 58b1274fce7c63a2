"""A pulled source that is down, has no more to give, or whose load is refused: exit code 4."""

import json
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest
import yaml

from sales_support_kpi import pipeline
from sales_support_kpi.config import load_config
from sales_support_kpi.landing import accepted_loads
from sales_support_kpi.night import night_ending
from sales_support_kpi.sandbox.servers.faults import answer
from sales_support_kpi.settings import Home
from sales_support_kpi.warehouse.published import published_file

sys.path.append(str(Path(__file__).resolve().parents[1] / "unit" / "sources" / "extract"))

from desk_api import SOURCE, Desk

pytestmark = pytest.mark.integration

SELECTS = {
    "down": {"insights": "id as insight_id, opened as provided_at"},
    "spent": {
        "materials": "id as material_id, opened as created_at",
        "material_updates": "id as update_id, id as material_id, changed as updated_at",
    },
    "refused": {
        "requests": "id as request_id, 'inquiry' as kind, 'open' as status, opened as opened_at, "
        "changed as updated_at",
        "request_events": "id as event_id, id as request_id, 'open' as to_status, "
        "changed as occurred_at",
    },
    "well": {
        "employees": "id as employee_id, topic as name, 'support' as role",
        "survey_responses": "id as response_id, 'onboarding' as survey, 5 as score, "
        "opened as submitted_at",
    },
}
KPIS = {
    "insights_delivered": "down",
    "material_freshness": "spent",
    "inquiry_completion_rate": "refused",
    "onboarding_satisfaction": "well",
}


@dataclass(frozen=True)
class Night:
    code: int
    said: str
    home: Home

    def read(self, query: str) -> dict[str, Any]:
        """Name → value, from the published file."""
        file = published_file(self.home, people=True)
        with duckdb.connect(str(file), read_only=True) as connection:
            return dict(connection.execute(query).fetchall())


@pytest.fixture(scope="module")
def night(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Night]:
    """After a night on which all went well, one that three of four systems spoil."""
    folder = tmp_path_factory.mktemp("company")
    home, config = Home(folder / "var"), _config(folder / "config")
    desks = {name: Desk() for name in SELECTS}
    with ExitStack() as stack:
        patch = stack.enter_context(pytest.MonkeyPatch.context())
        for name, desk in desks.items():
            url = stack.enter_context(desk.serve())
            said = {"conn_type": "http", "host": url, "password": desk.token}
            patch.setenv(f"AIRFLOW_CONN_{name.upper()}", json.dumps(said))
            for number in range(4):
                desk.add(number, f"2026-10-05T09:00:0{number}Z")
            at = night_ending(date(2026, 10, 5), "Asia/Seoul")
            assert pipeline.ingest(home, load_config(config), name, at).status == "landed"
            for number in range(4, 8):
                desk.add(number, f"2026-10-06T09:00:0{number}Z")
        desks["down"].script.add(answer(500, "down", {"Retry-After": "0"}), times=None)
        spent = answer(429, "daily limit", {"Retry-After": "80000"})
        desks["spent"].script.add(spent, skip=3, times=None)
        for case in desks["refused"].cases[4:]:
            case["opened"] = "long ago"
        command = [sys.executable, "-m", "sales_support_kpi", "run", "--as-of", "2026-10-06"]
        done = subprocess.run(
            [*command, "--home", home.root, "--config", config],
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        yield Night(done.returncode, done.stderr, home)


def _config(folder: Path) -> Path:
    (folder / "mappings").mkdir(parents=True)
    sources = []
    for name, selects in SELECTS.items():
        for entity, columns in selects.items():
            (folder / "mappings" / f"{entity}.sql").write_text(f"select {columns} from cases")
        entities = {entity: f"mappings/{entity}.sql" for entity in selects}
        sources.append({**SOURCE, "id": name, "connection": name, "entities": entities})
    (folder / "sources.yml").write_text(yaml.safe_dump(sources), encoding="utf-8")
    (folder / "kpis.yml").write_text(yaml.safe_dump([{"id": one} for one in KPIS]))
    return folder


def test_the_night_is_published_with_exit_code_4_and_says_why(night: Night) -> None:
    assert night.code == 4, night.said
    assert "published 2026-10-06.01" in night.said
    for said in (
        "given up after 8 attempts: 500 down",
        "spent failed: ",
        "the system gives no more for now: 429 daily limit",
        "refused rejected: ",
    ):
        assert said in night.said


def test_the_kpis_of_those_sources_are_stale_and_no_others(night: Night) -> None:
    query = "select kpi_id, list_sort(list(distinct is_stale)) from kpi_values group by all"
    assert night.read(query) == {kpi: [source != "well"] for kpi, source in KPIS.items()}


def test_the_sources_say_what_became_of_them(night: Night) -> None:
    query = "select source, last_outcome from source_freshness"
    assert night.read(query) == {
        "down": "failed", "spent": "failed", "refused": "rejected", "well": "landed",
    }  # fmt: skip


def test_what_was_read_before_the_quota_was_spent_is_landed_and_nothing_that_was_refused(
    night: Night,
) -> None:
    rows = Counter[tuple[str, str]]()
    for load in accepted_loads(night.home):
        rows[load.source, load.entity] += load.rows_landed
    assert rows["down", "insights"] == 4
    assert 4 < rows["spent", "materials"] < 8
    assert rows["refused", "requests"] == 4
    assert rows["well", "survey_responses"] == 8
