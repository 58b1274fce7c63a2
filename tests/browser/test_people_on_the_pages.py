"""What a member's browser gets, page and answers alike, and what the person filter does."""

import json

import duckdb
import pytest
from tests.browser.conftest import ARTEFACTS
from tests.browser.superset_page import Api, Visitor
from tests.browser.test_dashboards import charts_of

from sales_support_kpi.warehouse.published import published_file

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def names(home):
    """Names by employee id."""
    with duckdb.connect(str(published_file(home, people=True)), read_only=True) as connection:
        return dict(
            connection.execute(
                "select employee_id, name from dim_employees where valid_to is null"
            ).fetchall()
        )


@pytest.fixture(scope="module")
def teams(home):
    """Teams by employee id."""
    with duckdb.connect(str(published_file(home, people=True)), read_only=True) as connection:
        return dict(
            connection.execute(
                "select employee_id, team from dim_employees where valid_to is null"
            ).fetchall()
        )


@pytest.fixture(scope="module")
def ids(superset):
    return {name: number for number, name in Api(superset, "admin").charts().items()}


def seen_by(visitor):
    """All that a page got and shows, the options of its filters too."""
    got = [visitor.seen.answers, visitor.seen.options]
    return visitor.page.content() + json.dumps(got, ensure_ascii=False)


@pytest.mark.parametrize("slug", ["kpi-detail", "customer-records", "requests"])
def test_no_page_of_a_member_carries_a_colleague(slug, browser, superset, ids, names):
    with Visitor(browser, superset, "e05") as member:
        wanted = {ids[name] for name in charts_of(slug)}
        member.open(slug, wanted)
        member.picture(ARTEFACTS / f"{slug}-member.png")
        got = seen_by(member)
        assert wanted <= set(member.seen.answers), "the page stays empty"
        offered = json.dumps(member.seen.options, ensure_ascii=False)
    assert names["e05"] in offered, "the filter of people is not looked at"
    colleagues = set(names.items()) - {("e05", names["e05"])}
    assert {pair for pair in colleagues if pair[1] in got or f"({pair[0]})" in got} == set()


def test_no_page_of_a_lead_carries_another_team(browser, superset, ids, names, teams):
    with Visitor(browser, superset, "e02") as lead:
        lead.open("kpi-detail", {ids[name] for name in charts_of("kpi-detail")})
        got = seen_by(lead)
    seen = {employee for employee, name in names.items() if name in got}
    assert len(seen) > 1
    assert {teams[employee] for employee in seen} == {teams["e02"]}


def test_a_manager_chooses_one_person(browser, superset, ids, names):
    with Visitor(browser, superset, "e01") as manager:
        wanted = {ids[name] for name in charts_of("kpi-detail")}
        of_people = {ids[name] for name in charts_of("kpi-detail") if "as you may see" in name}
        manager.open("kpi-detail", wanted)
        before = json.dumps(manager.seen.answers, ensure_ascii=False)
        manager.choose("사람", names["e05"])
        manager.wait_for(of_people)
        after = json.dumps(manager.seen.answers, ensure_ascii=False)
    assert len([name for name in names.values() if name in before]) > 3
    assert [name for name in names.values() if name in after] == [names["e05"]]
