"""The dbt docs of a night: everything a reader asks for, nothing of this machine."""

import json
import shutil
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any

import duckdb
import pytest

from sales_support_kpi.night import Night
from sales_support_kpi.report.dbt_docs import build_dbt_docs, dbt_docs_page
from sales_support_kpi.settings import Home, repo_root
from sales_support_kpi.warehouse.build import Build

NIGHT = date(2026, 10, 31)


@pytest.fixture(scope="module")
def page(awkward_home: Home) -> str:
    return (awkward_home.dbt_docs / "index.html").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def documents(page: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Manifest and catalog, as the page holds them."""
    decoder = json.JSONDecoder()
    manifest, end = decoder.raw_decode(page, page.index('{"metadata": {"dbt_schema_version"'))
    catalog, _ = decoder.raw_decode(page, page.index('{"metadata": {"generated_at"', end))
    return manifest, catalog


@pytest.fixture
def copy(awkward_home: Home, tmp_path: Path) -> tuple[Home, Build]:
    """A home of its own with what the build left, and the build."""
    home = Home(tmp_path / "home")
    (home.warehouse / "dbt").mkdir(parents=True)
    shutil.copy(awkward_home.build_file, home.build_file)
    shutil.copy(
        awkward_home.warehouse / "dbt" / "manifest.json", home.warehouse / "dbt" / "manifest.json"
    )
    return home, build_of(home, NIGHT)


def build_of(home: Home, night: date) -> Build:
    as_of = datetime.combine(night, time(15), UTC)
    return Build(home.build_file, Night(night, as_of), None, "", False, 0.0)


def test_one_address_leads_to_the_page_of_the_last_night(awkward_home: Home) -> None:
    stable = awkward_home.dbt_docs / "index.html"
    assert stable.resolve() == dbt_docs_page(awkward_home, NIGHT)
    assert dbt_docs_page(awkward_home, date(2026, 10, 30)) is None


def test_it_holds_every_model_metric_and_exposure(
    documents: tuple[dict[str, Any], dict[str, Any]], manifest: Any
) -> None:
    shown, _ = documents
    assert set(shown["nodes"]) == set(manifest.nodes)
    assert set(shown["metrics"]) == set(manifest.metrics)
    assert set(shown["exposures"]) == set(manifest.exposures)
    values = shown["nodes"]["model.sales_support_kpi.kpi_values"]
    assert "select" in values["compiled_code"]


def test_the_columns_are_those_of_the_build(
    documents: tuple[dict[str, Any], dict[str, Any]], awkward_home: Home
) -> None:
    _, catalog = documents
    with duckdb.connect(str(awkward_home.build_file), read_only=True) as reader:
        wanted = reader.execute(
            "select column_name, data_type from information_schema.columns "
            "where table_schema = 'people' and table_name = 'kpi_values' order by ordinal_position"
        ).fetchall()
    shown = catalog["nodes"]["model.sales_support_kpi.kpi_values"]["columns"]
    assert [(name, column["type"]) for name, column in shown.items()] == wanted
    assert "source.sales_support_kpi.control.night" in catalog["sources"]


def test_it_tells_nothing_of_the_machine_and_nobody_of_its_readers(
    page: str, documents: tuple[dict[str, Any], dict[str, Any]], awkward_home: Home
) -> None:
    shown, _ = documents
    for place in (awkward_home.root, repo_root(), Path.home(), Path("/tmp")):  # noqa: S108
        assert f"{place}/" not in page.replace("http://", "").replace("https://", ""), place
    assert shown["metadata"]["send_anonymous_usage_stats"] is False
    assert shown["metadata"]["user_id"] is None
    assert shown["metadata"]["env"] == {}
    assert {macro["package_name"] for macro in shown["macros"].values()} == {"sales_support_kpi"}


def test_only_the_last_nights_are_kept_and_the_one_that_is_shown(copy: tuple[Home, Build]) -> None:
    home, build = copy
    for day in (1, 2, 3):
        (home.dbt_docs / f"2026-10-0{day}").mkdir(parents=True)
    assert build_dbt_docs(home, build, keep=2) == home.dbt_docs / "2026-10-31" / "index.html"
    assert sorted(path.name for path in home.dbt_docs.iterdir()) == [
        "2026-10-03", "2026-10-31", "index.html",
    ]  # fmt: skip
    old = build_of(home, date(2026, 9, 30))  # a look back is shown, whatever its date
    build_dbt_docs(home, old, keep=1)
    assert (home.dbt_docs / "index.html").resolve().parent.name == "2026-09-30"


def test_what_dbt_left_unreadable_stops_no_night(
    copy: tuple[Home, Build], caplog: pytest.LogCaptureFixture
) -> None:
    home, build = copy
    (home.warehouse / "dbt" / "manifest.json").write_text("no json")
    assert build_dbt_docs(home, build, keep=2) is None
    assert "the dbt docs of 2026-10-31 were not written" in caplog.text


def test_nothing_in_a_description_ends_the_script(copy: tuple[Home, Build]) -> None:
    home, build = copy
    left = home.warehouse / "dbt" / "manifest.json"
    manifest = json.loads(left.read_text(encoding="utf-8"))
    manifest["nodes"]["model.sales_support_kpi.kpi_values"]["description"] = "</script><b>"
    left.write_text(json.dumps(manifest), encoding="utf-8")
    page = build_dbt_docs(home, build, keep=2)
    assert page is not None
    assert "</script><b>" not in page.read_text(encoding="utf-8")
    assert "<\\/script><b>" in page.read_text(encoding="utf-8")
