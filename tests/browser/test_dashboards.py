"""Every dashboard as a manager opens it: all charts filled, the numbers those of `kpi_values`."""

from pathlib import Path

import duckdb
import pytest
import yaml
from tests.browser.conftest import ARTEFACTS
from tests.browser.superset_page import Api, Visitor

from sales_support_kpi.report import formatting
from sales_support_kpi.report.scorecard import load_scorecard
from sales_support_kpi.warehouse.published import published_file

ASSETS = Path(__file__).resolve().parents[2] / "dashboards" / "assets"
DASHBOARDS = sorted(path.stem for path in (ASSETS / "dashboards").glob("*.yaml"))

pytestmark = pytest.mark.browser


def charts_of(slug):
    position = yaml.safe_load((ASSETS / "dashboards" / f"{slug}.yaml").read_text())["position"]
    return {
        part["meta"]["sliceName"]
        for part in position.values()
        if isinstance(part, dict) and part.get("type") == "CHART"
    }


@pytest.fixture(scope="module")
def ids(superset):
    """Chart ids by name."""
    return {name: number for number, name in Api(superset, "admin").charts().items()}


@pytest.fixture(scope="module")
def manager(browser, superset):
    with Visitor(browser, superset, "e01") as visitor:
        yield visitor


def published(home, query):
    with duckdb.connect(str(published_file(home)), read_only=True) as connection:
        return connection.execute(query).fetchall()


@pytest.mark.parametrize("slug", DASHBOARDS)
def test_every_chart_of_a_dashboard_has_data_in_both_languages(slug, manager, ids):
    wanted = {ids[name] for name in charts_of(slug)}
    for language in ("한국어", "English"):
        if language == "한국어":
            manager.open(slug, wanted)
        else:
            manager.choose("언어 · Language", language)
            manager.wait_for(wanted)
        manager.page.screenshot(path=ARTEFACTS / f"{slug}-{language}.png", full_page=True)
        empty = {
            chart
            for chart, results in manager.seen.answers.items()
            if any(result.get("error") or not result.get("rowcount") for result in results)
        }
        assert not empty, {name for name, number in ids.items() if number in empty}
        assert manager.seen.complaints == []
        assert manager.page.get_by_text("No results were returned").count() == 0
        if language == "한국어":
            assert wanted <= set(manager.seen.answers)


def test_the_numbers_on_the_scorecard_are_the_published_ones(home, manager, ids):
    manager.open("scorecard", {ids[name] for name in charts_of("scorecard")})
    shown = {row[0].split(" ", 1)[0]: row for row in manager.cells("KPI 현황 · Scorecard")}
    expected = published(
        home,
        """select k.number, k.unit, v.value, v.target, v.sample_size, k.kpi_id from kpi_values as v
        join kpi_catalog as k using (kpi_id)
        where v.grain = 'month' and v.scope_type = 'company' and v.period_start = '2026-10-01'""",
    )
    assert len(shown) == len(expected) >= 14
    page = {row.kpi_id: row for row in load_scorecard(home, lang="en").rows}
    for number, unit, value, target, sample, kpi_id in expected:
        row = shown[number]
        assert row[1] == text_of(unit, value), number
        assert row[2] == text_of(unit, target), number
        assert row[7] == f"{sample}", number
        assert row[3] == formatting.format_attainment(page[kpi_id], "en"), number
        if unit == "ratio":  # the page has fewer digits for the others
            interval = formatting.format_interval(page[kpi_id], "en")
            assert row[6].replace(" % … ", "–") == interval, number


def text_of(unit, value):
    if value is None:
        return "–"
    return {
        "ratio": f"{value * 100:.1f} %",
        "hours": f"{value:.2f} h",
        "score": f"{value:.2f}",
    }.get(unit, f"{value:.0f}")


def test_another_month_and_another_team_show_their_own_numbers(home, manager, ids):
    table = ids["KPI 현황 · Scorecard"]
    manager.open("scorecard", {ids[name] for name in charts_of("scorecard")})
    manager.choose("월 · Month", "2026-06")
    manager.wait_for({table})
    june = {row["kpi"].split(" ", 1)[0]: row for row in manager.seen.answers[table][0]["data"]}
    manager.choose("범위·팀 · Scope", "영업지원1팀")
    manager.wait_for({table})
    team = {row["kpi"].split(" ", 1)[0]: row for row in manager.seen.answers[table][0]["data"]}
    for scope, answer in (("company", june), ("영업지원1팀", team)):
        expected = published(
            home,
            f"""select k.number, k.unit, v.value from kpi_values as v
            join kpi_catalog as k using (kpi_id)
            where v.grain = 'month' and v.scope_id = '{scope}' and v.period_start = '2026-06-01'""",
        )
        assert {number: text_of(unit, value) for number, unit, value in expected} == {
            number: row["value_text"] for number, row in answer.items()
        }


def test_no_data_is_a_dash_and_never_zero(home, superset):
    api = Api(superset, "e01")
    rows = api.rows(
        api.datasets()["scorecard"], ["kpi", "period", "value", "value_text", "status_text"],
        [("status", ["no_data"])],
    )  # fmt: skip
    assert rows, "the demo company has months without data"
    assert {(row["value"], row["value_text"]) for row in rows} == {(None, "–")}


OF_MARTS = {
    "people_fixes": """source, customer_id, rule,
        date_diff('second', since, fixed_at) / 86400 as days_to_fix from customer_record_fixes""",
    "audits": """sample_id as sample, judged_count, 100 * estimate as estimate_percent
        from audit_estimates""",
    "quality_trends": """night::text as check_night, "check", coalesce(subject, kpi_id) as subject,
        value, threshold from data_quality_trends""",
    "reconciliations": """night::text as check_night, entity, compared, expected_count,
        actual_count, is_tied::int as is_tied from reconciliation""",
}


@pytest.mark.parametrize("dataset", OF_MARTS)
def test_fixes_audits_thresholds_and_ties_are_those_of_the_marts(dataset, home, superset):
    with duckdb.connect(str(published_file(home, people=True)), read_only=True) as connection:
        result = connection.execute(f"select distinct {OF_MARTS[dataset]}")
        columns = [column[0] for column in result.description]
        meant = result.fetchall()
    api = Api(superset, "e01")
    shown = [tuple(row.values()) for row in api.rows(api.datasets()[dataset], columns)]
    assert meant
    assert {rounded(row) for row in shown} == {rounded(row) for row in meant}


def rounded(row):
    """A row to be compared: numbers to six places, nothing as a text."""
    return tuple(f"{v:.6f}" if isinstance(v, float) else f"{v}" for v in row)


def test_every_chart_says_what_it_shows_and_of_which_night():
    for path in (ASSETS / "charts").glob("*.yaml"):
        chart = yaml.safe_load(path.read_text(encoding="utf-8"))
        assert len(chart["description"]) > 20, path.name
    for path in (ASSETS / "datasets").rglob("*.yaml"):
        dataset = yaml.safe_load(path.read_text(encoding="utf-8"))
        assert "cache_key_wrapper(night())" in dataset["sql"], path.name
        assert path.stem == "languages" or "night" in {c["column_name"] for c in dataset["columns"]}
