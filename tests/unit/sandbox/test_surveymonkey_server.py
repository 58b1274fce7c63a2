"""The sandbox's SurveyMonkey: pages, filters, quota and refusals as the vendor's notes say."""

from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from sales_support_kpi.sandbox.servers import surveymonkey_objects as sm
from sales_support_kpi.sandbox.servers.serving import Served, serve
from sales_support_kpi.sandbox.servers.surveymonkey import (
    Quota,
    SurveyMonkeyStore,
    surveymonkey_app,
)

T0 = datetime(2026, 10, 1, tzinfo=UTC)
AUTH = {"Authorization": f"Bearer {Quota().token}"}


def _store(count: int = 5) -> SurveyMonkeyStore:
    store = SurveyMonkeyStore()
    question = sm.rating("11", "How was it?", {"21": 1, "22": 2, "23": 3, "24": None})
    store.surveys["100"] = sm.survey("100", "Materials", [sm.page("1", [question])], modified=T0)
    for number in range(count):
        submitted = T0 + timedelta(minutes=number)
        store.put_response(sm.response(f"90{number}", "100", submitted, {"11": sm.choice("23")}))
    return store


def _get(server: Served, path: str, **query: object) -> Any:
    return httpx.get(f"{server.url}{path}", params=query, headers=AUTH)


def test_bulk_pages_link_to_the_next_one_until_the_last() -> None:
    with serve(surveymonkey_app(_store())) as server:
        url: str | None = f"{server.url}/v3/surveys/100/responses/bulk?per_page=2"
        seen: list[str] = []
        while url:
            page = httpx.get(url, headers=AUTH).json()
            seen += [row["id"] for row in page["data"]]
            assert (page["per_page"], page["total"]) == (2, 5)
            url = page["links"].get("next")
    assert seen == ["900", "901", "902", "903", "904"]


def test_bulk_takes_at_most_a_hundred_and_lists_a_thousand() -> None:
    with serve(surveymonkey_app(_store())) as server:
        assert _get(server, "/v3/surveys/100/responses/bulk", per_page=101).status_code == 400
        assert _get(server, "/v3/surveys/100/responses/bulk", per_page=100).status_code == 200
        assert _get(server, "/v3/surveys", per_page=1000).json()["data"][0]["id"] == "100"


def test_responses_are_filtered_by_change_and_status_and_sorted() -> None:
    store = _store()
    store.responses["100"]["900"]["date_modified"] = sm.stamp(T0 + timedelta(hours=1))
    store.responses["100"]["901"]["response_status"] = "partial"
    with serve(surveymonkey_app(store)) as server:
        path = "/v3/surveys/100/responses/bulk"
        late = _get(server, path, start_modified_at=sm.stamp(T0 + timedelta(minutes=4))).json()
        partial = _get(server, path, status="partial").json()
    assert [row["id"] for row in late["data"]] == ["904", "900"]
    assert [row["id"] for row in partial["data"]] == ["901"]


def test_details_hold_the_weights_and_are_cut_after_a_hundred_pages() -> None:
    store = _store()
    pages = [sm.page(str(n), [sm.open_ended(f"q{n}", "?")]) for n in range(120)]
    store.surveys["200"] = sm.survey("200", "Long", pages, modified=T0)
    with serve(surveymonkey_app(store)) as server:
        whole = _get(server, "/v3/surveys/100/details").json()
        cut = _get(server, "/v3/surveys/200/details").json()
        rest = _get(server, "/v3/surveys/200/pages/119/questions").json()
    choices = whole["pages"][0]["questions"][0]["answers"]["choices"]
    assert [one["weight"] for one in choices] == [1, 2, 3, None]
    assert (len(cut["pages"]), cut["page_count"]) == (100, 120)
    assert [one["id"] for one in rest["data"]] == ["q119"]


def test_details_of_a_very_large_survey_are_refused() -> None:
    store = _store()
    questions = [sm.open_ended(f"q{n}", "?") for n in range(1001)]
    store.surveys["200"] = sm.survey("200", "Long", [sm.page("1", questions)], modified=T0)
    with serve(surveymonkey_app(store)) as server:
        assert _get(server, "/v3/surveys/200/details").status_code == 413


def test_a_spent_quota_is_told_in_headers_and_comes_back_the_next_day() -> None:
    now = [86400.0 * 20000 + 80000]
    quota = Quota(per_day=2, clock=lambda: now[0])
    with serve(surveymonkey_app(_store(), quota)) as server:
        told = [_get(server, "/v3/surveys") for _ in range(3)]
        assert [one.status_code for one in told] == [200, 200, 429]
        assert [one.headers["X-Ratelimit-App-Global-Day-Remaining"] for one in told] == [
            "1", "0", "0",
        ]  # fmt: skip
        assert told[2].json()["error"]["id"] == "1040"
        now[0] += int(told[2].headers["x-ratelimit-app-global-day-reset"])
        assert _get(server, "/v3/surveys").status_code == 200


@pytest.mark.parametrize(("token", "code"), [("", "1010"), ("Bearer wrong", "1011")])
def test_a_wrong_token_is_refused(token: str, code: str) -> None:
    with serve(surveymonkey_app(_store())) as server:
        headers = {"Authorization": token} if token else {}
        told = httpx.get(f"{server.url}/v3/users/me", headers=headers)
    assert (told.status_code, told.json()["error"]["id"]) == (401, code)


def test_a_revoked_grant_is_told_in_its_own_words() -> None:
    with serve(surveymonkey_app(_store(), Quota(is_revoked=True))) as server:
        told = _get(server, "/v3/users/me")
    assert told.json() == {"status": 1, "errmsg": "Client revoked access grant"}
