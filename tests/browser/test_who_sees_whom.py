"""Row-level security on the real server: managers all, leads their team, members themselves."""

import duckdb
import pytest

from sales_support_kpi.warehouse.published import published_file

PEOPLE = (
    "people_values",
    "people_records",
    "people_hours",
    "people_issues",
    "people_fixes",
    "people_requests",
)

pytestmark = pytest.mark.browser


def employees(api, dataset):
    rows = api.rows(api.datasets()[dataset], ["employee_id"], is_timeseries=False)
    return {row["employee_id"] for row in rows}


@pytest.fixture(scope="module")
def team_of(home):
    """Employee ids of somebody's team."""

    def found(employee_id):
        with duckdb.connect(str(published_file(home, people=True)), read_only=True) as connection:
            rows = connection.execute(
                """select employee_id from dim_employees where valid_to is null and team =
                (select team from dim_employees where employee_id = ? and valid_to is null)""",
                [employee_id],
            ).fetchall()
        return {row[0] for row in rows}

    return found


@pytest.fixture(scope="module")
def names(home):
    """Names by employee id."""
    with duckdb.connect(str(published_file(home, people=True)), read_only=True) as connection:
        return dict(
            connection.execute(
                "select employee_id, name from dim_employees where valid_to is null"
            ).fetchall()
        )


@pytest.mark.parametrize("dataset", PEOPLE)
def test_two_members_who_ask_the_same_each_see_no_colleague(api, dataset):
    """One after the other: an answer that is kept for one must not be the other's."""
    for member in ("e05", "e06", "e05"):
        assert employees(api(member), dataset) <= {member}
    assert employees(api("e05"), dataset) == {"e05"}


@pytest.mark.parametrize("dataset", PEOPLE)
def test_two_leads_who_ask_the_same_see_the_own_team_and_nobody_else(api, dataset, team_of):
    for lead in ("e02", "e07"):
        assert employees(api(lead), dataset) <= team_of(lead)
    assert len(employees(api("e02"), dataset)) > 1


@pytest.mark.parametrize("dataset", PEOPLE)
def test_a_manager_sees_everybody(api, dataset, team_of):
    assert len(employees(api("e01"), dataset) - team_of("e02")) > 1


def test_a_filter_does_not_widen_what_a_member_sees(api):
    member = api("e05")
    rows = member.rows(
        member.datasets()["people_values"], ["employee_id"], [("employee_id", ["e02"])]
    )
    assert rows == []


def expression(sql):
    """A column that somebody writes herself."""
    return {"expressionType": "SQL", "sqlExpression": sql, "label": "x"}


TRICKS = {
    "a sub-query": {"columns": [expression("(select string_agg(name, ',') from dim_employees)")]},
    "DuckDB's other sub-query": {
        "columns": [expression("(from dim_employees select string_agg(name, ','))")]
    },
    "a summary": {"columns": [expression("exists(summarize dim_employees)")]},
    "a sub-query by a helper": {
        "columns": [expression("{{ local('(select string_agg(name) from dim_employees)') }}")]
    },
    "a file": {"columns": [expression("(select content from read_text('/etc/hostname'))")]},
    "brackets": {"columns": ["person"], "extras": {"where": "1 = 1) or (1 = 1"}},
    "brackets behind": {"columns": ["person"], "extras": {"having": "1 = 1) or (1 = 1"}},
    "another dataset": {
        "columns": ["person"],
        "extras": {"where": "person in (select person from {{ dataset(1) }})"},
    },
    "a quote in a filter": {
        "columns": ["person"],
        "filters": [("scope", ["x') or (1 = 1) --"])],
    },
}


@pytest.mark.parametrize("trick", TRICKS)
def test_no_question_of_a_member_is_answered_with_a_colleague(trick, api, names):
    member = api("e05")
    asked = dict(TRICKS[trick])
    answer = member.ask(member.datasets()["people_values"], asked.pop("columns"), **asked)
    assert [name for name in names.values() if name in answer.text and name != names["e05"]] == []
    assert answer.status_code >= 400 or answer.json()["result"][0]["data"] == []


def test_nothing_but_charts_answers_a_member(api):
    member = api("e05")
    dataset = member.datasets()["people_values"]
    values = member.client.get(f"/api/v1/datasource/table/{dataset}/column/person/values/")
    samples = member.client.post(
        f"/datasource/samples?datasource_type=table&datasource_id={dataset}", json={}
    )
    assert {values.status_code, samples.status_code} <= {401, 403}


def test_readers_have_no_way_to_write_sql(api):
    for user in ("e01", "e02", "e05"):
        client = api(user).client
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


def test_leaving_a_dashboard_stores_no_colours_and_is_no_error(api):
    member = api("e05")
    answer = member.client.get("/api/v1/dashboard/").json()["result"][0]
    before = answer["changed_on_utc"]
    body = {"map_label_colors": {"x": "#000000"}, "shared_label_colors": ["x"]}
    path = f"/api/v1/dashboard/{answer['id']}/colors?mark_updated=false"
    assert member.client.put(path, json=body).json() == {"result": []}
    (after,) = [
        d
        for d in member.client.get("/api/v1/dashboard/").json()["result"]
        if d["id"] == answer["id"]
    ]
    assert after["changed_on_utc"] == before
    kept = member.client.get(f"/api/v1/dashboard/{answer['id']}").json()["result"]["json_metadata"]
    assert "#000000" not in kept


def test_the_passwords_are_readable_by_the_owner_alone(home, superset):
    file = home.root / "superset" / "passwords.json"
    assert file.stat().st_mode & 0o077 == 0
    log = (home.root / "superset" / "provision.log").read_text(encoding="utf-8")
    assert not any(password in log for password in superset.passwords.values())
