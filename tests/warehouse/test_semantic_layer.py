"""The KPIs as metrics: MetricFlow computes from leaf rows what the mart says, cell by cell."""

import csv
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import duckdb
import pytest

from sales_support_kpi.config import load_config
from sales_support_kpi.settings import Home, shipped_config_dir

KPIS = {kpi.id: kpi for kpi in load_config(shipped_config_dir()).kpis}
GRAINS = ("day", "week", "month", "quarter", "year")
SCOPES = ("company", "team", "employee")
Cells = dict[tuple[str, str | None], float | None]


class Metrics:
    """One engine of MetricFlow over the build of the awkward company."""

    def __init__(self, home: Home) -> None:
        from metricflow.engine.metricflow_engine import MetricFlowEngine
        from metricflow.protocols.sql_client import SqlEngine
        from metricflow.sql.render.duckdb_renderer import DuckDbSqlPlanRenderer
        from metricflow_semantics.model.dbt_manifest_parser import (
            parse_manifest_from_dbt_generated_manifest,
        )
        from metricflow_semantics.model.semantic_manifest_lookup import SemanticManifestLookup

        parsed = (home.warehouse / "dbt" / "semantic_manifest.json").read_text(encoding="utf-8")
        lookup = SemanticManifestLookup(parse_manifest_from_dbt_generated_manifest(parsed))
        renderer: Any = SimpleNamespace(
            sql_engine_type=SqlEngine.DUCKDB, sql_plan_renderer=DuckDbSqlPlanRenderer()
        )
        self.engine = MetricFlowEngine(lookup, renderer)
        self.reader = duckdb.connect(str(home.build_file), read_only=True)

    def cells(self, metric: str, grain: str, scope: str, where: str | None = None) -> Cells:
        """What MetricFlow says: (period, team, person or `company`) → value."""
        from metricflow.engine.metricflow_engine import MetricFlowQueryRequest

        groups = [f"metric_time__{grain}", *([] if scope == "company" else [scope])]
        request = MetricFlowQueryRequest.create(
            metric_names=[metric], group_by_names=groups, where_constraints=where and [where]
        )
        sql = self.engine.explain(mf_request=request).sql_statement.sql
        rows = self.reader.execute(sql).fetchall()
        names = ("company" if scope == "company" else row[1] for row in rows)
        keys = [(f"{row[0]:%Y-%m-%d}", name) for row, name in zip(rows, names, strict=True)]
        assert len(set(keys)) == len(keys)
        return dict(zip(keys, (row[-1] for row in rows), strict=True))

    def mart(self, kpi_id: str, grain: str, scope: str) -> Cells:
        """What the mart says of the same."""
        rows = self.reader.execute(
            "select period_start, scope_id, value from people.kpi_values "
            "where kpi_id = ? and grain = ? and scope_type = ?",
            [kpi_id, grain, scope],
        ).fetchall()
        return {(f"{start:%Y-%m-%d}", scope_id): value for start, scope_id, value in rows}

    def first_kept_day(self) -> str:
        """The mart keeps the last 92 days at grain day; measure rows go back to the first."""
        found = self.reader.execute(
            "select min(period_start) from people.kpi_values where grain = 'day'"
        ).fetchone()
        assert found
        return f"{found[0]:%Y-%m-%d}"


@pytest.fixture(scope="module")
def metrics(awkward_home: Home) -> Iterator[Metrics]:
    metrics = Metrics(awkward_home)
    yield metrics
    metrics.reader.close()


def test_every_kpi_of_the_catalog_is_a_metric_under_its_two_names(manifest: Any) -> None:
    labels = {metric.name: metric.label for metric in manifest.metrics.values()}
    wanted = {kpi.id: f"{kpi.name.ko} · {kpi.name.en}" for kpi in KPIS.values()}
    assert {name: label for name, label in labels.items() if name in KPIS} == wanted


def test_what_is_no_kpi_is_a_part_of_some_and_hidden(manifest: Any) -> None:
    parts = {name: m for m in manifest.metrics.values() if (name := m.name) not in KPIS}
    assert all(metric.type_params.is_private for metric in parts.values())
    used = {
        dependency.split(".")[-1]
        for metric in manifest.metrics.values()
        for dependency in metric.depends_on.nodes
    }
    assert set(parts) <= used


@pytest.mark.parametrize("grain", GRAINS)
@pytest.mark.parametrize("kpi_id", KPIS)
def test_a_metric_is_the_mart_s_value_in_every_cell(
    kpi_id: str, grain: str, metrics: Metrics
) -> None:
    if KPIS[kpi_id].aggregation == "month_end" and grain in ("day", "week"):
        assert not metrics.mart(kpi_id, grain, "company")
        with pytest.raises(Exception, match="does not match any of the available"):
            metrics.cells(kpi_id, grain, "company")
        return
    compared = 0
    for scope in SCOPES:
        said = metrics.mart(kpi_id, grain, scope)
        wanted = {cell: value for cell, value in said.items() if value is not None}
        first = metrics.first_kept_day() if grain == "day" else ""
        found = {
            cell: value
            for cell, value in metrics.cells(kpi_id, grain, scope).items()
            if value is not None and cell[1] is not None and cell[0] >= first
        }
        assert found == pytest.approx(wanted, rel=0, abs=1e-9), scope
        compared += len(found)
    # nobody had an insight in the last 92 days? then there is nothing to compare at this grain
    assert compared or grain == "day"


def test_the_row_without_a_team_is_what_the_company_has_beside_its_teams(metrics: Metrics) -> None:
    rows = metrics.reader.execute(
        "select strftime(date_trunc('month', occurred_date), '%Y-%m-%d'), "
        "sum(numerator) / sum(denominator) from people.measure_rows "
        "where kpi_id = 'inquiry_within_4h' and team is null group by 1"
    ).fetchall()
    found = metrics.cells("inquiry_within_4h", "month", "team")
    without = {month: value for (month, team), value in found.items() if team is None}
    assert without == pytest.approx(dict(rows))
    assert without


def test_a_team_that_holds_nothing_any_more_has_no_value_even_when_asked_for_alone(
    metrics: Metrics,
) -> None:
    asked = "{{ Entity('team') }} = 'North'"  # its only steward has moved on 10 October
    found = metrics.cells("customer_record_accuracy", "month", "team", asked)
    said = metrics.mart("customer_record_accuracy", "month", "team")
    wanted = {cell: value for cell, value in said.items() if cell[1] == "North"}
    assert found == wanted
    assert found["2026-10-01", "North"] is None
    assert found["2026-09-01", "North"] is not None


def test_the_issue_s_command_answers_from_the_published_file_and_asks_no_other_host(
    awkward_home: Home, metrics: Metrics, tmp_path: Path
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as proxy:
        address = f"http://127.0.0.1:{proxy.getsockname()[1]}"
        environment = os.environ | {
            "XDG_CACHE_HOME": str(tmp_path / "cache"), "KPI_HOME": str(awkward_home.root),
            "HTTPS_PROXY": address, "HTTP_PROXY": address, "NO_PROXY": "",
        }  # fmt: skip
        command = (
            "-m sales_support_kpi mf query --metrics inquiry_within_4h "
            f"--group-by metric_time__month,team --quiet --csv {tmp_path / 'out.csv'}"
        )
        run = subprocess.run(
            [sys.executable, *command.split()],
            env=environment, cwd=tmp_path, capture_output=True, text=True, timeout=120,
        )  # fmt: skip
        assert run.returncode == 0, run.stdout + run.stderr
        proxy.setblocking(False)
        with pytest.raises(BlockingIOError):  # nobody knocked
            proxy.accept()
    with (tmp_path / "out.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    found = {
        (row["metric_time__month"][:10], row["team"]): float(row["inquiry_within_4h"])
        for row in rows
        if row["team"]
    }
    said = metrics.mart("inquiry_within_4h", "month", "team")
    assert found == {cell: value for cell, value in said.items() if value is not None}
    assert {path.name for path in tmp_path.iterdir()} == {"cache", "out.csv"}


def test_who_may_not_read_about_persons_is_told_so(tmp_path: Path) -> None:
    from sales_support_kpi.errors import InputError
    from sales_support_kpi.metricflow import run_metricflow

    with pytest.raises(InputError, match="its owner has to grant it"):
        run_metricflow(["list", "metrics"], tmp_path / "kpi_people.duckdb")
