"""Whole nights of a small company through a real Airflow: scheduler, API server, DAG processor.

The same entry point as `make run`, with another company, home and night.
"""

import fcntl
import json
import shutil
import subprocess
import sys
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb
import pytest

from sales_support_kpi.loopback import free_port
from sales_support_kpi.orchestration.airflow_processes import running_airflow
from sales_support_kpi.orchestration.airflow_settings import USER, LocalSettings, read_password
from sales_support_kpi.settings import Home
from sales_support_kpi.warehouse.published import all_manifests, current_manifest, published_file

ROOT = Path(__file__).resolve().parents[2]
FILES = "https://files.example.com/kpi"
LINKS = f"""
links:
  published: {FILES}/published
  data_docs: {FILES}/data_docs
  dbt_docs: {FILES}/dbt_docs/index.html
  dashboards: https://bi.example.com/scorecard
"""
VALUES = "select * exclude (as_of) from kpi_values order by all"

pytestmark = pytest.mark.integration


@dataclass(frozen=True)
class Company:
    config: Path
    files: Path
    home: Home


@dataclass(frozen=True)
class Ended:
    code: int
    said: str


def python(*arguments):
    done = subprocess.run(
        [sys.executable, "-m", *map(str, arguments)], capture_output=True, text=True, check=False
    )
    return Ended(done.returncode, done.stdout + done.stderr)


def airflow_night(company, night):
    options = ("--home", company.home.root, "--config", company.config, "--timeout", 900)
    return python("sales_support_kpi.orchestration.local", "run", *options, "--night", night)


def read(home, query):
    """Rows of the published file, numbers to nine places: parallel sums differ in the last."""
    with duckdb.connect(str(published_file(home, people=True)), read_only=True) as connection:
        rows = connection.execute(query).fetchall()
    return [tuple(round(v, 9) if isinstance(v, float) else v for v in row) for row in rows]


@pytest.fixture(scope="module")
def company(tmp_path_factory):
    """The demo company, ten times smaller, with files and home of its own."""
    folder = tmp_path_factory.mktemp("company")
    files = folder / "files"
    made = python("sales_support_kpi.sandbox", "--out", files, "--factor", "0.1")
    assert made.code == 0, made.said
    example = ROOT / "examples" / "demo_company"
    config = shutil.copytree(example / "config", folder / "config")
    with (config / "company.yml").open("a", encoding="utf-8") as file:
        file.write(LINKS)
    sources = (example / "sources-as-files.yml").read_text(encoding="utf-8")
    assert "../../../var/demo" in sources
    (config / "sources.yml").write_text(
        sources.replace("../../../var/demo", str(files)), encoding="utf-8"
    )
    return Company(config, files, Home(folder / "var"))


@pytest.fixture(scope="module")
def first(company):
    ended = airflow_night(company, "2026-10-31")
    assert ended.code == 0, ended.said
    return ended


@pytest.fixture(scope="module")
def after_first(first, company):
    """What was published and landed by the first run, before anything else runs."""
    return read(company.home, VALUES), sorted(company.home.landing.rglob("part-*.parquet"))


@pytest.fixture(scope="module")
def second(after_first, company):
    ended = airflow_night(company, "2026-10-31")
    assert ended.code == 0, ended.said
    return ended


def test_a_night_is_published_by_the_asset_triggered_warehouse(after_first, company):
    manifest = current_manifest(company.home)
    assert manifest.night == date(2026, 10, 31)
    assert manifest.as_of.isoformat() == "2026-10-31T15:00:00+00:00"
    assert after_first[0]
    assert {load["source"] for load in manifest.loads} >= {"crm", "helpdesk", "surveys", "office"}


def test_the_scorecard_is_printed_and_says_where_to_look(first, company):
    assert "2026-10" in first.said
    assert str(company.home.published) in first.said


def test_the_same_night_without_airflow_has_the_same_values(after_first, company, tmp_path):
    options = ("--config", company.config, "--home", tmp_path / "var", "--as-of", "2026-10-31")
    ended = python("sales_support_kpi", "run", *options)
    assert ended.code == 0, ended.said
    assert read(Home(tmp_path / "var"), VALUES) == after_first[0]


def test_a_second_run_of_the_night_lands_nothing_and_changes_no_value(second, after_first, company):
    values, landed = after_first
    assert read(company.home, VALUES) == values
    entities = [file for file in landed if "/ops/" not in str(file)]
    now = [f for f in company.home.landing.rglob("part-*.parquet") if "/ops/" not in str(f)]
    assert sorted(now) == entities
    assert len(all_manifests(company.home)) == 1


def test_airflow_is_gone_when_the_run_is_over_and_keeps_its_folder_private(second, company):
    folder = company.home.root / "airflow"
    assert folder.stat().st_mode & 0o777 == 0o700
    with (folder / ".running").open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)  # held as long as a component lives


def test_the_password_is_in_its_file_and_in_no_log(second, company):
    folder = company.home.root / "airflow"
    password = json.loads((folder / "password.json").read_text())["admin"]
    logs = [file for file in folder.rglob("*.log") if password in file.read_text(errors="replace")]
    assert logs == []
    assert password not in second.said


def test_airflow_links_to_the_nights_pages_as_readers_open_them(second, company):
    settings = LocalSettings(company.home, company.config, free_port(), is_clock_on=False)
    (publish_id,) = (manifest.publish_id for manifest in all_manifests(company.home))
    with running_airflow(settings) as airflow:
        airflow.start()
        rest = airflow.connect()
        run = rest.newest_runs("build_warehouse")[-1]["dag_run_id"]
        publish = f"/dags/build_warehouse/dagRuns/{run}/taskInstances/publish"
        (plugin,) = rest.get("/plugins")["plugins"]
        buttons = rest.get(f"{publish}/links")["extra_links"]
        (event,) = rest.get("/assets/events", name_pattern="kpi_marts")["asset_events"]
        shown = menu_of(settings)
        rest.close()
    docs = f"{FILES}/data_docs/2026-10-31/index.html"
    night = f"{FILES}/published/nights/{publish_id}/scorecard.html"
    menu = {
        "KPI scorecard": f"{FILES}/published/current/scorecard.html",
        "Data Docs": docs,
        "dbt docs": f"{FILES}/dbt_docs/index.html",
        "KPI dashboards": "https://bi.example.com/scorecard",
    }
    assert {view["name"]: view["href"] for view in plugin["external_views"]} == menu
    assert plugin["fastapi_apps"] == []  # no endpoint of its own
    assert buttons == menu | {"KPI scorecard": night}
    assert event["extra"]["links"]["scorecard"] == night
    page = company.home.published / "nights" / publish_id / "scorecard.html"
    assert event["extra"]["scorecard"] == page.as_uri()
    assert "영업지원 KPI 성과표" in page.read_text(encoding="utf-8")
    assert event["extra"]["dbt_docs"] == (company.home.dbt_docs / "2026-10-31/index.html").as_uri()
    if shown is not None:
        assert menu.items() <= shown.items()


def menu_of(settings):
    """What the menu "Browse" holds in a browser; None where there is none."""
    chromium = next(
        (p for name in ("chromium", "google-chrome") if (p := shutil.which(name))), None
    )
    if chromium is None:
        return None
    from playwright.sync_api import sync_playwright

    flags = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking"]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=flags)
        page = browser.new_page(locale="en-US")
        page.goto(settings.base_url)
        page.fill("input[name=username]", USER)
        page.fill("input[name=password]", read_password(settings))
        page.keyboard.press("Enter")
        page.get_by_role("button", name="Browse").click()
        page.get_by_text("KPI scorecard").wait_for()
        found = page.get_by_role("menu").filter(has_text="KPI scorecard").locator("a").all()
        shown = {link.inner_text().strip(): link.get_attribute("href") for link in found}
        browser.close()
    return shown


def test_a_source_that_is_down_is_named_and_the_night_is_published_without_it(second, company):
    (company.files / "surveys").rename(company.files / "surveys.away")
    try:
        ended = airflow_night(company, "2026-11-01")
    finally:
        (company.files / "surveys.away").rename(company.files / "surveys")
    assert ended.code == 4, ended.said
    assert "ingest_surveys: the task land failed" in ended.said
    assert current_manifest(company.home).night == date(2026, 11, 1)
    stale = read(company.home, "select source from source_freshness where is_stale order by all")
    assert ("surveys",) in stale
    assert ("crm",) not in stale
    kpis = read(company.home, "select distinct kpi_id from kpi_values where is_stale order by all")
    assert [kpi for (kpi,) in kpis] == [
        "complaint_support_satisfaction",
        "material_request_satisfaction",
        "onboarding_satisfaction",
    ]
