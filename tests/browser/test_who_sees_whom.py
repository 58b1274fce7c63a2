"""Row-level security on the real server: managers all, leads their team, members themselves."""

import duckdb
import pytest
from tests.browser.superset_page import Api

from sales_support_kpi.warehouse.published import published_file

PEOPLE = ("people_values", "people_records", "people_issues", "people_fixes", "people_requests")

pytestmark = pytest.mark.browser


def employees(api, dataset):
    rows = api.rows(api.datasets()[dataset], ["employee_id"], is_timeseries=False)
    return {row["employee_id"] for row in rows}


@pytest.fixture(scope="module")
def team_of_lead(home):
    with duckdb.connect(str(published_file(home, people=True)), read_only=True) as connection:
        rows = connection.execute(
            """select employee_id from dim_employees where valid_to is null and team =
            (select team from dim_employees where employee_id = 'e02' and valid_to is null)"""
        ).fetchall()
    return {row[0] for row in rows}


@pytest.mark.parametrize("dataset", PEOPLE)
def test_a_member_sees_no_colleague(superset, dataset):
    assert employees(Api(superset, "e05"), dataset) == {"e05"}


@pytest.mark.parametrize("dataset", PEOPLE)
def test_a_lead_sees_the_own_team_and_nobody_else(superset, dataset, team_of_lead):
    seen = employees(Api(superset, "e02"), dataset)
    assert "e02" in seen
    assert len(seen) > 1
    assert seen <= team_of_lead


@pytest.mark.parametrize("dataset", PEOPLE)
def test_a_manager_sees_everybody(superset, dataset, team_of_lead):
    assert len(employees(Api(superset, "e01"), dataset) - team_of_lead) > 1


def test_a_filter_does_not_widen_what_a_member_sees(superset):
    api = Api(superset, "e05")
    rows = api.rows(api.datasets()["people_values"], ["employee_id"], [("employee_id", ["e02"])])
    assert rows == []


def test_readers_have_no_way_to_write_sql(superset):
    for user in ("e01", "e02", "e05"):
        client = Api(superset, user).client
        body = {"database_id": 1, "sql": "select * from kpi_values", "schema": "main"}
        assert client.post("/api/v1/sqllab/execute/", json=body).status_code in (401, 403)
        assert client.get("/api/v1/database/").json().get("count", 0) == 0


def test_nobody_sees_anything_without_logging_in(superset):
    import httpx

    for path in ("/api/v1/chart/", "/api/v1/dataset/", "/api/v1/dashboard/"):
        answer = httpx.get(f"{superset.base_url}{path}")
        assert answer.status_code == 401 or answer.json()["count"] == 0


def test_nothing_that_the_login_page_loads_can_undo_a_login(browser, superset):
    """A cookie that came after that of a login would."""
    import httpx

    page, asked = browser.new_page(locale="ko-KR"), []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"{superset.base_url}/login/")
    page.get_by_role("button", name="Sign in").wait_for()
    page.wait_for_load_state("networkidle")
    page.close()
    own = [url for url in asked if url.startswith(superset.base_url) and "/static/" not in url]
    assert own[0] == f"{superset.base_url}/login/"
    assert len(own) > 1
    with httpx.Client() as client:
        assert "set-cookie" in client.get(own[0]).headers
        for url in own[1:]:
            assert "set-cookie" not in client.get(url).headers, url


def test_leaving_a_dashboard_stores_no_colours_and_is_no_error(superset):
    api = Api(superset, "e05")
    answer = api.client.get("/api/v1/dashboard/").json()["result"][0]
    before = answer["changed_on_utc"]
    body = {"map_label_colors": {"x": "#000000"}, "shared_label_colors": ["x"]}
    path = f"/api/v1/dashboard/{answer['id']}/colors?mark_updated=false"
    assert api.client.put(path, json=body).json() == {"result": []}
    (after,) = [
        d for d in api.client.get("/api/v1/dashboard/").json()["result"] if d["id"] == answer["id"]
    ]
    assert after["changed_on_utc"] == before
    kept = api.client.get(f"/api/v1/dashboard/{answer['id']}").json()["result"]["json_metadata"]
    assert "#000000" not in kept


def test_the_passwords_are_readable_by_the_owner_alone(home, superset):
    file = home.root / "superset" / "passwords.json"
    assert file.stat().st_mode & 0o077 == 0
    log = (home.root / "superset" / "provision.log").read_text(encoding="utf-8")
    assert not any(password in log for password in superset.passwords.values())
