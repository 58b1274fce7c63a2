"""dbt's exposures name what people look at, and depend on exactly what that reads."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest
import yaml
from jinja2 import Environment

from sales_support_kpi.dashboard_sql import HELPERS
from sales_support_kpi.records.worklist import open_worklists
from sales_support_kpi.report.published import Parameters, Reader
from sales_support_kpi.report.scorecard import load_scorecards
from sales_support_kpi.settings import Home, repo_root
from sales_support_kpi.warehouse.published import published_file

ASSETS = repo_root() / "dashboards" / "assets"
READ = re.compile(r"\b(?:from|join)\s+\"?(\w+)", re.IGNORECASE)
Reads = set[tuple[str, str]]
"""(company or people, table)"""


def assets(kind: str) -> Iterator[tuple[Path, dict[str, Any]]]:
    for file in sorted((ASSETS / kind).rglob("*.yaml")):
        yield file, yaml.safe_load(file.read_text(encoding="utf-8"))


def reads_of_dataset(file: Path, dataset: dict[str, Any]) -> Reads:
    """Of the SQL as Superset makes it, for somebody who filters nothing."""
    said = dict.fromkeys(("night", "zone", "cache_key_wrapper", "local"), lambda *_: "night")
    sql = Environment(autoescape=False).from_string(dataset["sql"])  # noqa: S701 - SQL
    text = sql.render(
        HELPERS | said,
        as_of=lambda: "(select 1 from kpi_values)",
        filter_values=lambda *_, **__: [],
    )
    return {(file.parent.name, table.lower()) for table in READ.findall(text)}


def dashboard_reads() -> dict[str, Reads]:
    """Dashboard → the tables behind its charts and its filters."""
    datasets = {asset["uuid"]: reads_of_dataset(f, asset) for f, asset in assets("datasets")}
    charts = {chart["uuid"]: chart["dataset_uuid"] for _, chart in assets("charts")}
    found = {}
    for file, dashboard in assets("dashboards"):
        cells = (part for part in dashboard["position"].values() if isinstance(part, dict))
        used = {charts[cell["meta"]["uuid"]] for cell in cells if cell.get("type") == "CHART"}
        filters = dashboard["metadata"].get("native_filter_configuration", [])
        used |= {
            target["datasetUuid"]
            for native in filters
            for target in native["targets"]
            if "datasetUuid" in target
        }
        name = f"dashboard_{file.stem.replace('-', '_')}"
        found[name] = {read for uuid in used for read in datasets[uuid]}
    return found


@pytest.fixture
def reads_while(awkward_home: Home, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Reads]:
    """Which tables are read while something is done with the published night."""

    def watch(*, people: bool, do: Callable[[], object]) -> Reads:
        seen: set[str] = set()
        stream = Reader.stream

        def watched(
            self: Reader, sql: str, parameters: Parameters = (), *, chunk: int = 10_000
        ) -> Iterator[dict[str, Any]]:
            seen.update(name.lower() for name in READ.findall(sql))
            return stream(self, sql, parameters, chunk=chunk)

        with monkeypatch.context() as patch:
            patch.setattr(Reader, "stream", watched)
            do()
        return {("people" if people else "company", name) for name in seen}

    return watch


@pytest.fixture(scope="module")
def published(awkward_home: Home) -> dict[str, set[str]]:
    """Side → the tables of its file."""
    found = {}
    for side in ("company", "people"):
        file = published_file(awkward_home, people=side == "people")
        with duckdb.connect(str(file), read_only=True) as reader:
            found[side] = {name for (name,) in reader.execute("show tables").fetchall()}
    return found


def node_of(manifest: Any, side: str, table: str) -> str:
    """What makes a table of one of the two files."""
    models = {
        (node.schema, node.alias): node.unique_id
        for node in manifest.nodes.values()
        if node.resource_type == "model" and node.schema in ("company", "people")
    }
    beside = {
        s.name: s.unique_id for s in manifest.sources.values() if s.source_name == "published"
    }
    return models.get((side, table)) or models.get(("company", table)) or beside[table]


def declared(manifest: Any) -> dict[str, set[str]]:
    return {e.name: set(e.depends_on.nodes) for e in manifest.exposures.values()}


def wanted(manifest: Any, published: dict[str, set[str]], reads: Reads) -> set[str]:
    known = {(side, table) for side, table in reads if table in published[side]}
    assert known
    return {node_of(manifest, side, table) for side, table in known}


def test_each_dashboard_depends_on_what_its_datasets_read(
    manifest: Any, published: dict[str, set[str]]
) -> None:
    boards = {n: on for n, on in declared(manifest).items() if n.startswith("dashboard_")}
    assert boards == {
        name: wanted(manifest, published, reads) for name, reads in dashboard_reads().items()
    }


def test_each_dashboard_bears_its_own_title(manifest: Any) -> None:
    labels = {exposure.name: exposure.label for exposure in manifest.exposures.values()}
    for file, dashboard in assets("dashboards"):
        name = f"dashboard_{file.stem.replace('-', '_')}"
        assert labels[name] == dashboard["dashboard_title"]


def test_the_scorecard_depends_on_what_it_reads(
    manifest: Any,
    published: dict[str, set[str]],
    awkward_home: Home,
    reads_while: Callable[..., Reads],
) -> None:
    reads = reads_while(people=False, do=lambda: load_scorecards(awkward_home))
    reads |= reads_while(people=True, do=lambda: load_scorecards(awkward_home, scope="employee:e1"))
    assert declared(manifest)["scorecard"] == wanted(manifest, published, reads)


def test_the_worklist_depends_on_what_it_reads(
    manifest: Any,
    published: dict[str, set[str]],
    awkward_home: Home,
    reads_while: Callable[..., Reads],
) -> None:
    def write_all() -> None:
        with open_worklists(awkward_home) as found:
            for steward in found.stewards():
                found.of(steward)

    reads = reads_while(people=True, do=write_all)
    assert declared(manifest)["customer_record_worklist"] == wanted(manifest, published, reads)


def test_every_exposure_has_an_owner_and_says_in_both_languages_what_it_is(manifest: Any) -> None:
    assert len(manifest.exposures) >= 7
    for exposure in manifest.exposures.values():
        assert exposure.owner.name, exposure.name
        assert re.search(r"[가-힣]", exposure.label or ""), exposure.name
        assert re.search(r"[A-Za-z]", exposure.label or ""), exposure.name
        assert exposure.description, exposure.name
