"""Every dashboard as a manager opens it: all charts filled, the numbers those of `kpi_values`."""

import json
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import duckdb
import pytest
import yaml
from tests.browser.conftest import ARTEFACTS
from tests.browser.superset_page import Api, Visitor

from sales_support_kpi.report import formatting
from sales_support_kpi.report.labels import STATUS_LABELS, STATUS_SYMBOLS, local_instant
from sales_support_kpi.report.published import current_night
from sales_support_kpi.report.scorecard import load_scorecard
from sales_support_kpi.warehouse.published import published_file

ASSETS = Path(__file__).resolve().parents[2] / "dashboards" / "assets"
DASHBOARDS = sorted(path.stem for path in (ASSETS / "dashboards").glob("*.yaml"))

TEAM = "영업지원1팀"
OF_DOCUMENTS = "kpi_id = 'document_turnaround'"

pytestmark = pytest.mark.browser


def charts_of(slug):
    position = yaml.safe_load((ASSETS / "dashboards" / f"{slug}.yaml").read_text())["position"]
    return {
        part["meta"]["sliceName"]
        for part in position.values()
        if isinstance(part, dict) and part.get("type") == "CHART"
    }


# Superset's guesses at Korean words, and what it says where it has no rows
STRANGE = ("에러", "생성자", "저장된 Query", "No results were returned", "Unexpected error")


@pytest.fixture(scope="module")
def ids(superset):
    """Chart ids by name."""
    return {name: number for number, name in Api(superset, "admin").charts().items()}


@pytest.fixture(scope="module")
def manager(browser, superset):
    with Visitor(browser, superset, "e01") as visitor:
        yield visitor


@dataclass(frozen=True)
class Look:
    """A dashboard as it was on the screen."""

    answers: dict[str, list[dict]]  # rows by chart name
    empty: set[str]
    text: str
    table: list[list[str]]  # of the scorecard


@pytest.fixture(scope="module")
def looks(manager, ids):
    """A dashboard in Korean and in English, opened once."""
    names = {number: name for name, number in ids.items()}

    def look(slug, language):
        manager.picture(ARTEFACTS / f"{slug}-{language}.png")
        found = manager.seen.answers.items()
        return Look(
            {names[number]: results[0]["data"] for number, results in found},
            {
                names[number]
                for number, results in found
                if any(result.get("error") or not result.get("rowcount") for result in results)
            },
            manager.page.locator("body").inner_text(),
            manager.cells("KPI 현황 · Scorecard") if slug == "scorecard" else [],
        )

    @cache
    def both(slug):
        wanted = {ids[name] for name in charts_of(slug)}
        manager.open(slug, wanted)
        korean = look(slug, "ko")
        manager.choose("언어 · Language", "English")
        manager.wait_for(wanted)
        return {"ko": korean, "en": look(slug, "en")}

    return both


def published(home, query, *, people=False):
    with duckdb.connect(str(published_file(home, people=people)), read_only=True) as connection:
        return connection.execute(query).fetchall()


@pytest.mark.parametrize("slug", DASHBOARDS)
def test_every_chart_of_a_dashboard_has_data_in_both_languages(slug, looks):
    for look in looks(slug).values():
        assert charts_of(slug) == set(look.answers)
        assert look.empty == set()
        assert [word for word in STRANGE if word in look.text] == []


@pytest.mark.parametrize("slug", DASHBOARDS)
def test_a_dashboard_says_of_which_night_it_is(slug, home, looks):
    night = current_night(home)
    as_of = local_instant(night.as_of, night.timezone)
    assert f"기준 시각 {as_of} · 발행 {night.publish_id}" in looks(slug)["ko"].text
    assert f"as of {as_of} · publish {night.publish_id}" in looks(slug)["en"].text


@pytest.mark.parametrize("slug", DASHBOARDS)
def test_the_language_filter_changes_what_tables_say(slug, looks):
    words = {
        "scorecard": ("최신 아님|정상", "current|stale"),
        "kpi-detail": ("달성|주의|미달", "met|at risk|missed"),
        "customer-records": ("추출", "drawn"),
        "requests": ("기한 초과", "overdue"),
        "pipeline-health": ("통과", "passed"),
    }
    korean, english = (set(pair.split("|")) for pair in words[slug])
    said = {language: json.dumps(look.answers, ensure_ascii=False)
            for language, look in looks(slug).items()}  # fmt: skip
    assert any(word in said["ko"] for word in korean)
    assert any(word in said["en"] for word in english)
    assert not any(word in said["en"] for word in korean)


@pytest.mark.parametrize("language", ["ko", "en"])
def test_the_scorecard_says_what_the_page_of_the_night_says(language, home, looks):
    page = {row.kpi_id: row for row in load_scorecard(home, grain="month", lang=language).rows}
    quarter = {row.kpi_id: row for row in load_scorecard(home, grain="quarter", lang=language).rows}
    rows = looks("scorecard")[language].answers["KPI 현황 · Scorecard"]
    shown = [list(row.values()) for row in rows]
    meant = []
    for kpi_id in sorted(page, key=list(page).index):
        of = [page[kpi_id]]
        if page[kpi_id].target is None and quarter[kpi_id].target is not None:
            of.append(quarter[kpi_id])
        meant += [
            [
                formatting.format_row_value(row, language),
                formatting.format_target(row, language),
                formatting.format_attainment(row, language),
                f"{STATUS_SYMBOLS[row.status]} {STATUS_LABELS[language][row.status]}",
                formatting.format_change(row, language),
                formatting.format_interval(row, language),
                row.sample_size,
            ]
            for row in of
        ]
    assert len(shown) == len(meant) > len(page)
    assert [row[2:9] for row in shown] == meant
    on_screen = looks("scorecard")[language].table
    assert [row[:8] for row in on_screen] == [[f"{cell}" for cell in row[:8]] for row in shown]


@pytest.mark.parametrize("language", ["ko", "en"])
def test_the_attainment_bars_stand_in_the_order_of_the_scorecard(language, looks):
    """They are drawn from below."""
    answers = looks("scorecard")[language].answers
    bars = answers["달성률 · Attainment (100 % = 목표 target)"]
    rows = answers["KPI 현황 · Scorecard"]
    judged = [row["kpi"] for row in rows if row["attainment_text"] != formatting.NOTHING]
    assert [bar["kpi_axis"].strip() for bar in reversed(bars)] == judged
    assert len(judged) > 10


def test_another_month_and_another_team_show_their_own_numbers(home, manager, ids):
    table = ids["KPI 현황 · Scorecard"]
    manager.open("scorecard", {ids[name] for name in charts_of("scorecard")})
    manager.choose("월 · Month", "2026-06")
    manager.wait_for({table})
    june = manager.seen.rows(table)
    manager.choose("범위·팀 · Scope", TEAM)
    manager.wait_for({table})
    for scope, rows in (("company", june), (f"team:{TEAM}", manager.seen.rows(table))):
        page = load_scorecard(home, period="2026-06", scope=scope, lang="ko").rows
        meant = {row.number: formatting.format_row_value(row, "ko") for row in page}
        shown = {row["kpi"].split(" ")[0]: row["value_text"] for row in rows
                 if row["span"] == "2026-06"}  # fmt: skip
        assert shown == {number: meant[number] for number in shown}
        assert {row.number for row in page if row.value is not None} <= set(shown)


def records_in(bars):
    """How many records a chart of bars shows."""
    return sum(v for bar in bars for name, v in bar.items() if name != "half_hours" and v)


def test_the_filters_of_one_kpi_reach_every_chart_of_it(home, manager, ids):
    """KPI, team, grain and comparison: course, split, people and records follow them."""
    names = ("정의 · Definition", "추이와 관리 한계 · Course with control limits",
             "왜? · Why (전월·목표와의 차이 · difference split)")  # fmt: skip
    definition, course, why = (ids[name] for name in names)
    distribution, people, records = (
        next(number for name, number in ids.items() if name.startswith(start))
        for start in ("처리 시간 분포", "사람별 · By person", "기록 · Records")
    )
    wanted = {ids[name] for name in charts_of("kpi-detail")}
    manager.open("kpi-detail", wanted)
    whole = records_in(manager.seen.rows(distribution))
    manager.choose("KPI", "1 제안서/계약서")
    manager.wait_for({definition, course, why, people, records})
    assert all(row["kpi"].startswith("1 ") for row in manager.seen.rows(definition))
    month = manager.seen.rows(course)
    assert {row["span"]: row["값 · Value"] for row in manager.seen.answers[course][1]["data"]} == (
        dict(published(home, f"""select strftime(period_start, '%Y-%m'), value from kpi_values
        where grain = 'month' and scope_type = 'company' and {OF_DOCUMENTS}"""))
    )  # fmt: skip
    manager.choose("비교", "목표 대비")
    manager.wait_for({why})
    (effect,) = published(home, f"""select sum(total_effect) from kpi_drivers where grain = 'month'
        and scope_type = 'company' and comparison = 'target' and dimension = 'team'
        and period_start = '2026-10-01' and {OF_DOCUMENTS}""")  # fmt: skip
    assert sum(row["효과 · Effect"] for row in manager.seen.rows(why)) == pytest.approx(*effect)
    manager.choose("범위", TEAM)
    manager.wait_for({distribution, people, records})
    assert 0 < records_in(manager.seen.rows(distribution)) < whole
    assert {row["team"] for row in manager.seen.rows(records)} == {TEAM}
    (count,) = published(
        home,
        f"""select count(*) from kpi_values join (select employee_id as scope_id,
        last(team order by valid_from) as team from dim_employees group by all) using (scope_id)
        where grain = 'month' and scope_type = 'employee' and period_start = '2026-10-01'
        and value is not null and team = '{TEAM}' and {OF_DOCUMENTS}""",
        people=True,
    )
    assert len(manager.seen.rows(people)) == count[0] > 0
    manager.choose("주기", "주 · Week")
    manager.wait_for({course})
    assert {"W" in row["span"] for row in manager.seen.rows(course)} == {True}
    assert len(manager.seen.rows(course)) > len(month)


def test_a_failed_check_is_looked_at_before_all_others(home, looks):
    failed = published(
        home,
        """select "check", subject from data_quality where
        outcome in ('failed', 'error') and night = (select max(night) from data_quality)""",
    )
    rows = looks("pipeline-health")["ko"].answers["눈여겨볼 검사 · Checks to look at"]
    assert sorted((row["check"], row["subject"]) for row in rows) == sorted(failed)
    assert {row["severity_text"] for row in rows} <= {"치명", "경고"}


def test_overdue_inquiries_come_first_and_none_is_left_out(home, looks):
    meant = published(
        home,
        """select request_id from fct_requests
        where status in ('open', 'waiting') and business_hours_left is not null""",
        people=True,
    )
    (rows,) = (
        rows for name, rows in looks("requests")["en"].answers.items() if "문의 기한" in name
    )
    assert sorted(row["request_id"] for row in rows) == sorted(request for (request,) in meant)
    assert rows[0]["due_text"] == "✗ overdue"


def test_every_hour_of_the_week_and_every_age_is_on_its_axis(looks):
    answers = looks("requests")["en"].answers
    load = answers["요일·시간별 접수 · Load by weekday and hour"]
    assert len({(row["hour"], row["weekday_text"]) for row in load}) == 7 * 24
    assert len({row["age_text"] for row in answers["미완료 나이 · Ageing of open requests"]}) == 5


def test_every_chart_says_what_it_shows_at_which_grain_and_of_which_night():
    for path in (ASSETS / "charts").glob("*.yaml"):
        chart = yaml.safe_load(path.read_text(encoding="utf-8"))
        assert re.fullmatch(r".{6,}[가-힣].{15,}; grain: [a-z ,()]+\.", chart["description"]), (
            path.name
        )
    for path in (ASSETS / "dashboards").glob("*.yaml"):
        assert "기준 · As of" in charts_of(path.stem), path.name
    for path in (ASSETS / "datasets").rglob("*.yaml"):
        dataset = yaml.safe_load(path.read_text(encoding="utf-8"))
        assert "cache_key_wrapper(night())" in dataset["sql"], path.name
        assert path.stem == "languages" or "night" in {c["column_name"] for c in dataset["columns"]}
