"""The sandbox's Zendesk has the vendor's edges.

That its answers are as the vendor describes them is tested with the client that asks for them.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from sales_support_kpi.sandbox.servers import zendesk_objects as zd
from sales_support_kpi.sandbox.servers.serving import Served, serve
from sales_support_kpi.sandbox.servers.zendesk import zendesk_app
from sales_support_kpi.sandbox.servers.zendesk_account import Account
from sales_support_kpi.sandbox.servers.zendesk_store import ZendeskStore

T0 = datetime(2026, 10, 1, tzinfo=UTC)
SINCE = str(zd.seconds(T0 - timedelta(days=1)))
ACCOUNT = Account()
AUTH = (f"{ACCOUNT.email}/token", ACCOUNT.api_token)


def _store() -> ZendeskStore:
    store = ZendeskStore()
    store.put_user(zd.user(7, "Jane", "jane@example.com", "agent", T0))
    store.put_user(zd.user(8, "Min", None, "end-user", T0, organization_id=90))
    store.put_organization(zd.organization(90, "Example Trading", T0, external_id="C-1"))
    store.groups.append({"id": 5, "name": "Sales support", "deleted": False})
    store.brands.append({"id": 6, "name": "Main", "subdomain": "main", "active": True})
    store.ticket_fields.append(zd.ticket_field(36001, "text", "CRM customer"))
    store.ticket_forms.append(zd.ticket_form(47, "Proposal"))
    store.custom_statuses.append(zd.custom_status(9001, "hold", "With the factory"))
    for number in range(1, 6):
        at = T0 + timedelta(seconds=number // 2)
        one = zd.ticket(
            number, at, requester_id=8, assignee_id=7, ticket_form_id=47, brand_id=6,
            custom_fields={36001: "C-1"}, tags=["vip"],
        )  # fmt: skip
        events = [zd.ticket_event(100 + number, number, at, 8, zd.created_with("new"))]
        store.put_ticket(one, events, {"id": number, "solved_at": None, "reopens": 0})
    store.delete_ticket(5, T0 + timedelta(hours=1), 7)
    store.satisfaction_ratings.append(
        {
            "id": 1, "ticket_id": 1, "requester_id": 8, "assignee_id": 7, "group_id": 5,
            "score": "good", "comment": "", "created_at": zd.stamp(T0), "updated_at": zd.stamp(T0),
        }
    )  # fmt: skip
    return store


@pytest.fixture(scope="module")
def server() -> Iterator[Served]:
    with serve(zendesk_app(_store(), Account(page=2))) as served:
        yield served


def _get(server: Served, path: str, **query: str) -> Any:
    told = httpx.get(f"{server.url}{path}", params=query, auth=AUTH)
    assert told.status_code == 200, told.text
    return told.json()


def _walk(server: Served, path: str, **query: str) -> list[Any]:
    pages, url = [], f"{server.url}{path}?" + "&".join(f"{k}={v}" for k, v in query.items())
    for _ in range(20):
        page = httpx.get(url, auth=AUTH).json()
        pages.append(page)
        if page["end_of_stream"]:
            return pages
        url = page.get("after_url") or page["next_page"]
    raise AssertionError("the export does not end")


def test_the_cursor_export_gives_every_ticket_once_over_ties(server: Served) -> None:
    pages = _walk(server, "/api/v2/incremental/tickets/cursor", start_time=SINCE)
    assert [row["id"] for page in pages for row in page["tickets"]] == [1, 2, 3, 4, 5]
    assert [page["end_of_stream"] for page in pages] == [False, False, True]
    assert pages[-1]["after_cursor"], "the last page still has a cursor"


def test_a_cursor_at_the_end_stays_good_and_gives_what_comes_later(server: Served) -> None:
    last = _walk(server, "/api/v2/incremental/tickets/cursor", start_time=SINCE)[-1]
    again = _get(server, "/api/v2/incremental/tickets/cursor", cursor=last["after_cursor"])
    assert (again["tickets"], again["end_of_stream"]) == ([], True)
    assert again["after_cursor"] == last["after_cursor"]


def test_time_based_pages_hold_whole_seconds_and_begin_with_the_last_one_again(
    server: Served,
) -> None:
    pages = _walk(server, "/api/v2/incremental/ticket_events", start_time=SINCE)
    ids = [[row["id"] for row in page["ticket_events"]] for page in pages]
    assert ids == [[101, 102, 103], [102, 103, 104, 105]]


def test_a_second_that_a_page_cannot_hold_repeats_itself() -> None:
    store = ZendeskStore()
    for number in range(1, 6):
        event = zd.ticket_event(number, 1, T0, 7, zd.created_with("new"))
        store.ticket_events.put(event["timestamp"], event)
    with serve(zendesk_app(store, Account(page=2, whole_seconds=False))) as served:
        first = _get(served, "/api/v2/incremental/ticket_events", start_time=SINCE)
        second = httpx.get(first["next_page"], auth=AUTH).json()
        third = httpx.get(second["next_page"], auth=AUTH).json()
    assert second == third
    assert not third["end_of_stream"]


@pytest.mark.parametrize("path", ["tickets/cursor", "ticket_events", "users/cursor"])
def test_the_last_minute_is_neither_asked_for_nor_told(path: str) -> None:
    now = T0.timestamp() + 100
    store = _store()
    store.put_ticket(zd.ticket(77, T0 + timedelta(seconds=90)))
    with serve(zendesk_app(store, Account(clock=lambda: now))) as served:
        url = f"{served.url}/api/v2/incremental/{path}"
        recent = httpx.get(url, params={"start_time": int(now) - 59}, auth=AUTH)
        told = httpx.get(url, params={"start_time": int(now) - 61}, auth=AUTH).json()
    assert recent.status_code == 400
    assert recent.json()["error"] == "StartTimeTooRecent"
    assert 77 not in [row["id"] for row in told.get("tickets", [])]


def test_metrics_come_beside_the_ticket_when_asked_for_and_not_for_deleted_ones(
    server: Served,
) -> None:
    path = "/api/v2/incremental/tickets/cursor"
    pages = _walk(server, path, start_time=SINCE, include="metric_sets")
    sets = {row["id"]: row["metric_set"] for page in pages for row in page["tickets"]}
    assert sets[1] == {"id": 1, "solved_at": None, "reopens": 0}
    assert sets[5] is None
    assert "metric_set" not in _get(server, path, start_time=SINCE)["tickets"][0]


def test_deleted_tickets_stay_in_the_export_and_their_children_are_gone(server: Served) -> None:
    pages = _walk(server, "/api/v2/incremental/tickets/cursor", start_time=SINCE)
    assert pages[-1]["tickets"][-1]["status"] == "deleted"
    gone = httpx.get(f"{server.url}/api/v2/tickets/5/audits", auth=AUTH)
    assert gone.status_code == 404
    (told,) = _get(server, "/api/v2/deleted_tickets")["deleted_tickets"]
    assert (told["id"], told["deleted_at"]) == (5, "2026-10-01T01:00:00Z")


def test_lists_are_paged_by_cursor(server: Served) -> None:
    first = _get(server, "/api/v2/tickets/1/audits", **{"page[size]": "1"})
    assert first["meta"]["has_more"] is False
    store = ZendeskStore()
    store.ticket_fields.extend(zd.ticket_field(n, "text", f"F{n}") for n in range(5))
    with serve(zendesk_app(store)) as served:
        url: str | None = f"{served.url}/api/v2/ticket_fields?page[size]=2"
        seen: list[int] = []
        while url:
            page = httpx.get(url, auth=AUTH).json()
            seen += [row["id"] for row in page["ticket_fields"]]
            url = page["links"]["next"]
    assert seen == [0, 1, 2, 3, 4]


def test_limits_are_per_endpoint_and_say_when_to_come_back() -> None:
    now = [T0.timestamp() + 9999]
    account = Account(limits={"/api/v2/incremental/": 2}, clock=lambda: now[0])
    with serve(zendesk_app(_store(), account)) as served:
        url = f"{served.url}/api/v2/incremental/tickets/cursor?start_time={SINCE}"
        told = [httpx.get(url, auth=AUTH) for _ in range(3)]
        assert [one.status_code for one in told] == [200, 200, 429]
        assert _get(served, "/api/v2/groups")
        now[0] += int(told[2].headers["retry-after"])
        assert httpx.get(url, auth=AUTH).status_code == 200


def test_only_the_right_key_or_a_fresh_token_is_let_in() -> None:
    now = [1_000_000.0]
    account = Account(clients={"kpi": "secret"}, token_seconds=100, clock=lambda: now[0])
    with serve(zendesk_app(_store(), account)) as served:
        me = f"{served.url}/api/v2/users/me"
        assert httpx.get(me).status_code == 401
        assert httpx.get(me, auth=(AUTH[0], "wrong")).status_code == 401
        form = {"grant_type": "client_credentials", "client_id": "kpi", "client_secret": "secret"}
        wrong = httpx.post(f"{served.url}/oauth/tokens", data={**form, "client_secret": "x"})
        assert wrong.status_code == 401
        token = httpx.post(f"{served.url}/oauth/tokens", data=form).json()["access_token"]
        bearer = {"Authorization": f"Bearer {token}"}
        assert httpx.get(me, headers=bearer).status_code == 200
        now[0] += 101
        late = httpx.get(me, headers=bearer)
    assert (late.status_code, late.json()["error"]) == (401, "invalid_token")


def test_an_agent_who_is_no_admin_cannot_export() -> None:
    with serve(zendesk_app(_store(), Account(is_admin=False))) as served:
        url = f"{served.url}/api/v2/incremental/tickets/cursor?start_time={SINCE}"
        assert httpx.get(url, auth=AUTH).status_code == 403
        assert _get(served, "/api/v2/users/me")["user"]["role"] == "agent"
