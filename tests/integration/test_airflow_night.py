"""Whole nights of a small company through a real Airflow: scheduler, API server, DAG processor.

The same entry point as `make run`, with another company, home and night.
"""

import base64
import fcntl
import json
import re
import shutil
from dataclasses import dataclass
from datetime import timedelta

import pytest
from night_company import (
    AFTER,
    FILES,
    FIRST,
    SECOND,
    SOURCES,
    VALUES,
    Clockwork,
    airflow_night,
    landed,
    landed_rows,
    made_company,
    python,
    read,
    wait_for,
)

from sales_support_kpi.landing import accepted_loads
from sales_support_kpi.loopback import free_port
from sales_support_kpi.orchestration.airflow_processes import running_airflow
from sales_support_kpi.orchestration.airflow_settings import USER, LocalSettings, read_password
from sales_support_kpi.settings import Home
from sales_support_kpi.warehouse.published import all_manifests, current_manifest

pytestmark = pytest.mark.integration


@pytest.fixture(scope="module")
def company(tmp_path_factory):
    with made_company(tmp_path_factory.mktemp("company")) as made:
        yield made


@pytest.fixture(scope="module")
def first(company):
    ended = airflow_night(company, FIRST)
    assert ended.code == 0, ended.said
    return ended


@pytest.fixture(scope="module")
def after_first(first, company):
    """What was published and landed by the first run, before anything else runs."""
    return read(company.home, VALUES), sorted(company.home.landing.rglob("part-*.parquet"))


@pytest.fixture(scope="module")
def second(after_first, company):
    ended = airflow_night(company, FIRST)
    assert ended.code == 0, ended.said
    return ended


def test_a_night_is_published_by_the_asset_triggered_warehouse(after_first, company):
    manifest = current_manifest(company.home)
    assert manifest.night == FIRST
    assert manifest.as_of.isoformat() == f"{FIRST}T15:00:00+00:00"
    assert after_first[0]
    assert {load["source"] for load in manifest.loads} >= set(SOURCES)


def test_the_scorecard_is_printed_and_says_where_to_look(first, company):
    assert f"{FIRST:%Y-%m}" in first.said
    assert str(company.home.published) in first.said


def test_the_same_night_without_airflow_has_the_same_values(after_first, company, tmp_path):
    options = ("--config", company.config, "--home", tmp_path / "var", "--as-of", FIRST)
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
    docs = f"{FILES}/data_docs/{FIRST}/index.html"
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
    assert event["extra"]["dbt_docs"] == (company.home.dbt_docs / f"{FIRST}/index.html").as_uri()
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


@pytest.fixture(scope="module")
def after_down(second, company):
    """The second night: a ticket was solved, another reopened, and no surveys came."""
    company.change(SECOND)
    (company.files / "surveys").rename(company.files / "surveys.away")
    ended = airflow_night(company, SECOND)
    (company.files / "surveys.away").rename(company.files / "surveys")
    return ended


def test_a_source_that_is_down_is_named_and_the_night_is_published_without_it(after_down, company):
    assert after_down.code == 4, after_down.said
    assert "ingest_surveys: the task land failed" in after_down.said
    assert current_manifest(company.home).night == SECOND
    stale = read(company.home, "select source from source_freshness where is_stale order by all")
    assert ("surveys",) in stale
    assert ("crm",) not in stale
    kpis = read(company.home, "select distinct kpi_id from kpi_values where is_stale order by all")
    assert [kpi for (kpi,) in kpis] == [
        "complaint_support_satisfaction",
        "material_request_satisfaction",
        "onboarding_satisfaction",
    ]


@dataclass(frozen=True)
class Again:
    """What past nights that were run again have landed and said.

    Attributes:
        before: every landed file, after all systems had changed.
        after: the same when every source's first night had been run again.
        lost: rows of the helpdesk with, without and again with its first night's loads.
        corrected: priorities found of a ticket that was corrected without a stamp: before, after
            a run as usual, after one with `since`.
    """

    before: dict[str, bytes]
    after: dict[str, bytes]
    said: dict[str, str]
    states: set[str]
    repeated: list[dict]
    lost: tuple[dict, dict, dict]
    corrected: tuple[set, set, set]


ROWS = {
    "requests": "request_id, status, updated_at",
    "request_events": "event_id, to_status, occurred_at",
}


@pytest.fixture(scope="module")
def again(after_down, company):
    """An Airflow whose clock is on, in which past nights are run again by its own command."""
    company.change(AFTER)
    settings = LocalSettings(company.home, company.config, free_port(), is_clock_on=True)
    with running_airflow(settings) as running:
        running.start()
        rest = running.connect()
        clockwork = Clockwork(settings, rest)
        for source in SOURCES:  # the last due night of each, which has been landed before
            wait_for(lambda name=source: clockwork.scheduled(f"ingest_{name}"), source)
            clockwork.ended(f"ingest_{source}")
        before = landed(company.home)
        runs = clockwork.backfill(FIRST, *SOURCES)
        after = landed(company.home)
        said = {run["dag_id"].removeprefix("ingest_"): clockwork.log(run) for run in runs}
        repeated = clockwork.backfill(FIRST, "office")
        lost = _lose_and_refill(clockwork, company)
        corrected = _correct(clockwork, company)
        rest.close()
    states = {run["state"] for run in runs}
    return Again(before, after, said, states, repeated, lost, corrected)


def _lose_and_refill(clockwork, company):
    def rows():
        return {name: set(landed_rows(company.home, name, cols)) for name, cols in ROWS.items()}

    whole = rows()
    for load in accepted_loads(company.home):
        if load.source == "helpdesk" and load.night == FIRST:
            shutil.rmtree(load.directory)
    gone = rows()
    (run,) = clockwork.backfill(FIRST, "helpdesk", reprocess="completed")
    assert run["state"] == "success"
    return whole, gone, rows()


def _correct(clockwork, company):
    number = company.correct_silently()

    def priorities():
        rows = landed_rows(company.home, "requests", "request_id, priority")
        return {priority for request, priority in rows if request == str(number)}

    found = [priorities()]
    for conf in ({}, {"since": (FIRST - timedelta(days=60)).isoformat()}):
        run = clockwork.run("ingest_helpdesk", night=AFTER.isoformat(), **conf)
        assert run["state"] == "success"
        found.append(priorities())
    return tuple(found)


def test_a_past_night_run_again_lands_nothing_of_what_changed_since(again):
    assert again.states == {"success"}
    assert again.said.keys() == set(SOURCES)
    assert again.after == again.before
    for source in SOURCES:
        assert f"{source}: unchanged, for the night {FIRST}" in again.said[source]
    left_out = re.search(
        rf"night {FIRST} is over: (\d+) records changed later", again.said["helpdesk"]
    )
    assert left_out is not None
    assert int(left_out[1]) >= 5  # two tickets, two events, an agent
    assert "nothing is landed of employees: what is read whole" in again.said["hr"]
    for source in ("crm", "surveys", "office"):
        assert f"night {FIRST} is over: files say what is there today" in again.said[source]


def test_a_night_that_was_backfilled_is_not_run_again_unless_it_is_asked_for(again):
    assert again.repeated == []


def test_a_past_night_whose_loads_were_lost_comes_back_with_the_same_events(again):
    whole, gone, refilled = again.lost
    assert len(gone["request_events"]) < len(whole["request_events"])
    assert refilled["request_events"] == whole["request_events"]
    numbers = [{row[0] for row in rows["requests"]} for rows in (whole, refilled)]
    assert numbers[0] == numbers[1]


def test_since_in_the_conf_finds_a_correction_that_no_stamp_tells(again):
    before, plain, since = again.corrected
    assert plain == before
    assert len(since - plain) == 1


def test_the_token_of_a_system_stands_in_no_file(again, company):
    pair = f"{company.account.email}/token:{company.account.api_token}"
    coded = base64.b64encode(pair.encode())
    sent = {one.headers.get("authorization", "") for one in company.desk.script.seen()}
    assert f"Basic {coded.decode()}" in sent
    files = [file for file in company.home.root.rglob("*") if file.is_file()]
    assert {"airflow", "landing", "published"} <= {
        file.relative_to(company.home.root).parts[0] for file in files
    }
    traces = (company.account.api_token.encode(), coded)
    assert [f for f in files if any(trace in f.read_bytes() for trace in traces)] == []
