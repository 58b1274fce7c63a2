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
def ids(superset):
    return {name: number for number, name in Api(superset, "admin").charts().items()}


@pytest.mark.parametrize("slug", ["kpi-detail", "customer-records", "requests"])
def test_no_page_of_a_member_carries_a_colleague(slug, browser, superset, ids, names):
    with Visitor(browser, superset, "e05") as member:
        wanted = {ids[name] for name in charts_of(slug)}
        member.open(slug, wanted)
        member.page.screenshot(path=ARTEFACTS / f"{slug}-member.png", full_page=True)
        got = member.page.content() + json.dumps(member.seen.answers, ensure_ascii=False)
    assert wanted <= set(member.seen.answers), "the page stays empty"
    colleagues = set(names.values()) - {names["e05"]}
    assert {name for name in colleagues if name in got} == set()


def test_a_manager_chooses_one_person(browser, superset, ids, names):
    with Visitor(browser, superset, "e01") as manager:
        wanted = {ids[name] for name in charts_of("kpi-detail")}
        manager.open("kpi-detail", wanted)
        before = json.dumps(manager.seen.answers, ensure_ascii=False)
        manager.choose("사람", names["e05"])
        manager.wait_for(wanted)
        after = json.dumps(manager.seen.answers, ensure_ascii=False)
    assert len([name for name in names.values() if name in before]) > 3
    assert [name for name in names.values() if name in after] == [names["e05"]]
