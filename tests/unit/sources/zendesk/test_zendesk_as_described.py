"""What the client asks and what the sandbox answers, held against the vendor's own description.

Every request of whole readings is looked at, and asked once more to look at its answer.
"""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from vendor_company import open_the_door
from zendesk_help import AGENT, CUSTOMER, T0, HelpDesk, at, open_help_desk

import zendesk_description as vendor
from sales_support_kpi.sandbox.servers import zendesk_objects as zd
from sales_support_kpi.sandbox.servers.faults import Seen

OPTIONS = {
    "kinds": {
        "proposal": {"forms": ["Proposal"]},
        "material": {"groups": ["Team 0"]},
        "inquiry": {"brands": ["Main"], "tags": ["vip"]},
        "complaint": {"fields": {36001: ["C-1"]}},
    },
    "waiting": ["pending", "With the factory"],
    "customer": {"organization": "external_id", "registration_no": "brn"},
    "teams": True,
    "ratings": {"survey": "complaint_support"},
}
SERVED = {
    *(f"/api/v2/incremental/{name}/cursor" for name in ("tickets", "users")),
    *(f"/api/v2/incremental/{name}" for name in ("ticket_events", "organizations")),
    "/api/v2/groups", "/api/v2/brands", "/api/v2/ticket_forms", "/api/v2/ticket_fields",
    "/api/v2/custom_statuses", "/api/v2/organization_fields", "/api/v2/deleted_tickets",
    "/api/v2/satisfaction_ratings", "/api/v2/tags", "/api/v2/users/me",
    "/api/v2/tickets/{ticket_id}/audits",
}  # fmt: skip
ALSO_SERVED = {"/api/v2/incremental/tickets": {"start_time": str(zd.seconds(T0))}}

# What only the vendor's prose describes.
IN_PROSE = {
    "page[size]": "lists: cursor pagination",
    "page[after]": "lists: cursor pagination",
    "page": "lists: offset pagination",
    "per_page": "lists: offset pagination",
    "include": "side-loading: metric_sets with the export of tickets",
    "start_time": "satisfaction ratings: only those given since",
}
EMPTY = (
    "brand_id", "external_id", "group_id", "organization_id", "priority", "recipient",
    "submitter_id", "type",
)  # fmt: skip
EVENT = (
    "child_events", "created_at", "event_type", "metadata", "system", "timestamp", "updater_id",
    "via",
)  # fmt: skip
# What real answers have and the file does not know.
BEYOND = {
    "tickets[].generated_timestamp": "what the export of tickets goes by",
    "tickets[].metric_set": "include=metric_sets",
    "tickets[].fields": "custom_fields once more",
    "meta": "lists: cursor pagination",
    "links": "lists: cursor pagination",
    **{f"ticket_events[].{one}": "the file takes the events of metrics for them" for one in EVENT},
}
# Where real answers are not as the file says.
OTHERWISE = {
    'tickets[].status: "deleted"': "the export holds deleted tickets",
    "tickets[].custom_fields[].value: null": "a field that nobody filled in",
    "tickets[].custom_fields[].value: true": "a checkbox",
    "end_time: null": "an export without news",
    **{f"tickets[].{one}: null": "made never empty in the file, or by omission" for one in EMPTY},
}


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[tuple[Seen, Any]]]:
    """Every different request of two readings and a check, with its answer."""
    with pytest.MonkeyPatch.context() as patch:
        open_the_door(patch)
        with open_help_desk(tmp_path_factory.mktemp("desk"), patch) as desk:
            _fill(desk)
            desk.good(**OPTIONS)
            desk.move(2, "solved", 90)
            desk.store.delete_ticket(3, datetime.now(UTC) - timedelta(hours=1), AGENT)
            desk.good()
            _crowd(desk)
            desk.good()
            assert [line for line in desk.check() if not line.is_ok] == []
            yield list(_asked_again(desk))


def _fill(desk: HelpDesk) -> None:
    store = desk.store
    store.groups += [{"id": 5 + n, "name": f"Team {n}", "deleted": False} for n in range(101)]
    store.brands.append({"id": 6, "name": "Main", "subdomain": "main", "active": True})
    store.ticket_forms.append(zd.ticket_form(47, "Proposal"))
    store.ticket_fields.append(zd.ticket_field(36001, "text", "CRM customer"))
    store.custom_statuses.append(zd.custom_status(9001, "hold", "With the factory"))
    store.organization_fields.append(
        {"id": 1, "key": "brn", "title": "Registration number", "type": "text"}
    )
    store.put_organization(
        zd.organization(90, "Example", T0, external_id="C-1", organization_fields={"brn": "1"})
    )
    store.put_user(zd.user(9, "Kim", "kim@example.com", "agent", T0, default_group_id=5))
    store.satisfaction_ratings.append(
        {
            "id": 1, "ticket_id": 1, "requester_id": CUSTOMER, "assignee_id": AGENT, "group_id": 5,
            "score": "good", "comment": "", "created_at": zd.stamp(T0), "updated_at": zd.stamp(T0),
        }
    )  # fmt: skip
    for number in range(1, 6):
        desk.add(
            number, number, ticket_form_id=47, brand_id=6, group_id=5, organization_id=90,
            custom_fields={36001: "C-1", 36002: None, 36003: True}, tags=["vip"],
        )  # fmt: skip
    desk.move(1, "pending", 20, custom_status_id=9001)
    desk.store.delete_ticket(4, at(30), AGENT)


def _crowd(desk: HelpDesk) -> None:
    """More changes in one second than a page of an export holds."""
    desk.account.page, desk.account.whole_seconds = 3, False
    for number in range(20, 26):
        desk.add(number, 100)


def _asked_again(desk: HelpDesk) -> Iterator[tuple[Seen, Any]]:
    auth = (f"{desk.account.email}/token", desk.account.api_token)
    different = {(one.path, str(one.query)): one for one in desk.asked("/api/v2")}
    for path, query in ALSO_SERVED.items():
        different[path, ""] = Seen("GET", path, query, {})
    for one in different.values():
        answer = httpx.get(f"{desk.server.url}{one.path}", params=one.query, auth=auth)
        yield one, answer.json() if answer.status_code == 200 else None


def test_every_endpoint_is_described_and_answers(told) -> None:
    answered = {vendor.described_path(one.path) for one, body in told if body}
    assert answered == SERVED | {vendor.described_path(one) for one in ALSO_SERVED}
    assert {vendor.described_path(one.path) for one, _ in told} == answered


def test_the_client_sends_parameters_as_described(told) -> None:
    in_prose = set()
    for one, _ in told:
        known = vendor.parameters(one.path)
        in_prose |= one.query.keys() - known.keys()
        for name in one.query.keys() & known.keys():
            allowed = known[name].get("enum", [one.query[name]])
            assert one.query[name] in allowed
            assert known[name]["type"] == "string" or one.query[name].isdigit()
    assert in_prose == IN_PROSE.keys()


@pytest.mark.parametrize(
    ("look", "known"),
    [(vendor.unknown, BEYOND), (vendor.problems, OTHERWISE)],
    ids=["names at any depth", "types and words"],
)
def test_answers_are_as_described_but_for_what_is_said_here(
    told, look: Callable[[str, Any], Iterator[str]], known: dict[str, str]
) -> None:
    found = {what for one, body in told if body is not None for what in look(one.path, body)}
    assert found == known.keys()


@pytest.mark.parametrize(
    ("body", "look", "what"),
    [
        ({"groups": [{"id": 5, "nome": "x"}]}, vendor.unknown, "groups[].nome"),
        ({"gruppen": []}, vendor.unknown, "gruppen"),
        ({"groups": [{"id": "5", "name": "x"}]}, vendor.problems, 'groups[].id: "5"'),
        ({"groups": [{"id": 5}]}, vendor.problems, "groups[]: 'name' is a required property"),
    ],
)
def test_what_is_not_described_is_noticed(body: Any, look: Any, what: str) -> None:
    assert list(look("/api/v2/groups", body)) == [what]
