"""What Zendesk's server does when it does not answer: limits, faults, keys, other hosts."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from functools import partial
from pathlib import Path

import pytest
from zendesk_help import EVENTS, TICKETS, HelpDesk, at, open_help_desk

from sales_support_kpi.sandbox.servers import zendesk_objects as zd
from sales_support_kpi.sandbox.servers.faults import (
    Fault,
    Script,
    answer,
    cut,
    redirect,
    rewritten,
    truncated,
    with_headers,
)
from sales_support_kpi.sandbox.servers.serving import serve
from sales_support_kpi.sandbox.servers.zendesk import zendesk_app
from sales_support_kpi.sources.extract import http
from sales_support_kpi.sources.extract.waits import Waits

JSON_429 = {"error": "APIRateLimitExceeded", "description": "Number of allowed API requests"}
EDGE_429 = {"detail": "Rate limited by Zendesk edge protection", "status": "429"}


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        (JSON_429, {"Retry-After": "0"}), (JSON_429, {}),
        (EDGE_429, {"Retry-After": "0"}), (EDGE_429, {}),
        ("Too Many Requests", {}), ("Too Many Requests", {"retry-after": "0"}),
    ],
)  # fmt: skip
def test_each_of_the_three_429_answers_is_waited_out(
    desk: HelpDesk, body: object, headers: dict[str, str]
) -> None:
    desk.add(1)
    desk.script.add(answer(429, body, headers), path=TICKETS, times=2)
    desk.good()
    assert desk.ids() == ["1"]
    assert len(desk.asked("tickets/cursor")) == 3


def test_a_pause_given_as_a_date_is_kept(desk: HelpDesk) -> None:
    desk.add(1)
    until = format_datetime(datetime.now(UTC) + timedelta(seconds=1), usegmt=True)
    desk.script.add(answer(429, JSON_429, {"Retry-After": until}), path=TICKETS)
    desk.good()
    assert desk.ids() == ["1"]


@pytest.mark.parametrize(
    ("path", "a_minute"),
    [("incremental/tickets", 3), ("incremental/ticket_events", 3), ("incremental/users", 3),
     ("deleted_tickets", 1), ("groups", 1)],
)  # fmt: skip
def test_the_limits_of_the_endpoints_are_kept_by_waiting(
    desk: HelpDesk, monkeypatch: pytest.MonkeyPatch, path: str, a_minute: int
) -> None:
    """The account counts and says when to come back; its clock moves only while that is waited."""
    now = datetime.now(UTC)
    clock, pauses = [now.timestamp()], []

    def pause(seconds: float) -> None:
        clock[0] += seconds
        pauses.append(seconds)

    monkeypatch.setattr(http, "Waits", partial(Waits, pause=pause))
    for number in range(1, 6):
        desk.add(number, number)
        desk.store.put_user(zd.user(100 + number, "A", f"a{number}@x.example", "agent", at(number)))
    deleted = {"subject": "", "actor": {}, "previous_state": "open"}
    for number in range(150):
        desk.store.groups.append({"id": number, "name": f"Group {number}"})
        desk.store.deleted_tickets.append(
            {"id": 9000 + number, "deleted_at": zd.stamp(now), **deleted}
        )
    desk.store.delete_ticket(5, now - timedelta(days=1), 7)
    desk.account.page, desk.account.clock = 1, lambda: clock[0]
    desk.account.limits = {f"/api/v2/{path}": a_minute}
    desk.options["teams"] = True
    desk.good()
    assert pauses, "a 429 was sent"
    assert all(0 < one <= 61 for one in pauses)
    assert desk.ids() == ["1", "2", "3", "4", "5"]
    assert len(desk.ids("request_events", "event_id")) == 5
    assert len(desk.ids("employees", "employee_id")) == 6


@pytest.mark.parametrize(
    "spelling", ["x-rate-limit", "ratelimit-limit", "rate-limit", "X-RATE-LIMIT"]
)
def test_no_spelling_of_limit_headers_matters(desk: HelpDesk, spelling: str) -> None:
    desk.add(1)
    told = with_headers({spelling: "0", "x-rate-limit-remaining": "0"})
    desk.script.add(told, path=TICKETS, times=None)
    desk.good()
    assert desk.ids() == ["1"]


def test_too_deep_a_page_is_answered_like_a_limit_but_not_waited_for(desk: HelpDesk) -> None:
    desk.add(1)
    said = {"error": "Pagination limit reached for offset model"}
    desk.script.add(answer(429, said), path="groups", times=None)
    outcome = desk.pull(teams=True)
    assert outcome.status == "failed"
    assert "Pagination limit" in outcome.message
    assert len(desk.asked("groups")) == 1


def test_a_limit_of_hours_keeps_what_was_read_and_goes_on_the_next_night(desk: HelpDesk) -> None:
    for number in range(1, 7):
        desk.add(number, number * 60)
    desk.account.page = 2
    desk.script.add(answer(429, JSON_429, {"Retry-After": "7200"}), path=TICKETS, skip=2)
    outcome = desk.pull()
    assert outcome.status == "failed"
    assert "may be asked again at" in outcome.message
    assert desk.ids() == ["1", "2", "3", "4"]
    before = len(desk.asked("tickets/cursor"))
    desk.good()
    assert desk.ids() == ["1", "2", "3", "4", "5", "6"]
    assert "cursor" in desk.asked("tickets/cursor")[before].query, "not from the beginning"
    assert len(desk.ids("request_events", "event_id")) == 6


@pytest.mark.parametrize(
    ("path", "fault"),
    [
        (TICKETS, answer(500, "oops")),
        (TICKETS, cut(60)),
        (TICKETS, truncated(60)),
        (EVENTS, answer(502, "<html>Bad gateway</html>")),
        (EVENTS, cut(60)),
        ("users/cursor", answer(503, {"error": "x"})),
        ("users/cursor", truncated(60)),
    ],
)
def test_a_fault_in_the_middle_loses_and_doubles_nothing(
    desk: HelpDesk, fault: Fault, path: str
) -> None:
    for number in range(1, 6):
        desk.add(number, number)
        desk.store.put_user(zd.user(100 + number, "A", f"a{number}@x.example", "agent", at(number)))
    desk.account.page = 2
    desk.script.add(fault, path=path, skip=1, times=2)
    desk.good()
    assert desk.ids() == ["1", "2", "3", "4", "5"]
    assert len(desk.ids("request_events", "event_id")) == 5
    assert len(desk.ids("employees", "employee_id")) == 6


def test_a_reading_that_fails_half_way_lands_nothing_and_the_next_one_everything(
    desk: HelpDesk,
) -> None:
    for number in range(1, 6):
        desk.add(number, number)
    desk.account.page = 2
    desk.script.add(answer(500, "down"), path=TICKETS, skip=1, times=None)
    assert desk.pull().status == "failed"
    assert desk.ids() == []
    desk.script.clear()
    desk.good()
    assert desk.ids() == ["1", "2", "3", "4", "5"]


def test_a_next_link_on_another_host_is_not_followed(desk: HelpDesk) -> None:
    """Accounts that were renamed still link to the old address."""
    for number in range(1, 6):
        desk.add(number, number)
    desk.account.page = 2
    with serve(zendesk_app(desk.store, desk.account), host="localhost") as old:

        def moved(page: dict[str, str | None]) -> None:
            for name in ("after_url", "next_page"):
                if page.get(name):
                    page[name] = old.url + "/api/v2/elsewhere"

        desk.script.add(rewritten(moved), path="incremental/(tickets|ticket_events)", times=None)
        desk.good()
        assert old.seen() == []
    assert desk.ids() == ["1", "2", "3", "4", "5"]
    assert len(desk.ids("request_events", "event_id")) == 5


def test_a_redirect_to_another_host_gets_no_credentials(desk: HelpDesk) -> None:
    desk.add(1)
    script = Script()
    with serve(zendesk_app(desk.store, desk.account), script, host="localhost") as other:
        desk.script.add(redirect(f"{other.url}/api/v2/incremental/tickets/cursor"), path=TICKETS)
        outcome = desk.pull()
        assert outcome.status == "failed"
        assert "localhost" in outcome.message
        assert other.seen() == []


def test_a_token_that_expires_is_renewed_also_while_a_pause_is_waited_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with open_help_desk(tmp_path, monkeypatch) as desk:
        place = desk.server.url.removeprefix("http://")
        monkeypatch.setenv("AIRFLOW_CONN_HELPDESK", f"http://kpi-client:{'client-secret'}@{place}")
        desk.account.clients["kpi-client"] = "client-secret"
        for number in range(1, 6):
            desk.add(number, number)
        desk.account.page = 1

        def slow(*_: object) -> object:
            desk.account.tokens.clear()  # the token dies while the client sleeps
            return answer(429, JSON_429, {"Retry-After": "0"})(*_)  # type: ignore[arg-type]

        desk.script.add(slow, path=TICKETS, skip=1)  # type: ignore[arg-type]
        desk.good()
        assert len(desk.ids()) == 5
        assert len(desk.asked("/oauth/tokens")) == 2


def test_a_wrong_key_is_said_in_one_sentence_without_the_key(desk: HelpDesk) -> None:
    desk.account.api_token = "rotated"  # noqa: S105 - invented
    outcome = desk.pull()
    assert outcome.status == "failed"
    assert "Couldn't authenticate you" in outcome.message
    assert "sandbox-token" not in outcome.message


def test_a_child_that_is_gone_is_never_asked_for(desk: HelpDesk) -> None:
    """Deleted and archived tickets answer 404 below /tickets: the exports have what is needed."""
    desk.add(1)
    desk.store.delete_ticket(1, at(5), 7)
    desk.script.add(answer(404, {"error": "RecordNotFound"}), path="/api/v2/tickets/", times=None)
    desk.good()
    assert desk.ids() == ["1"]
    assert desk.asked("/api/v2/ticket_metrics") == []


def test_no_end_time_is_asked_for(desk: HelpDesk) -> None:
    """Exports know none: what lies after a past night is left out on this side."""
    desk.add(1)
    desk.good()
    assert all("end_time" not in seen.query for seen in desk.asked(""))


def test_fields_that_come_new_go_away_or_change_type_in_one_ticket_do_no_harm(
    desk: HelpDesk,
) -> None:
    desk.add(1)

    def drift(page: dict[str, list[dict[str, object]]]) -> None:
        for one in page["tickets"]:
            one["brand_new"] = {"a": [1, 2]}
            one["assignee_id"] = "7"
            one["priority"] = None
            for name in ("organization_id", "custom_fields", "tags", "metric_set"):
                one.pop(name, None)

    desk.script.add(rewritten(drift), path=TICKETS, times=None)
    (load, *_) = [
        one for one in desk.good(kinds={"inquiry": {"tags": ["x"]}}).loads if one.bookmark
    ]
    assert desk.request(1, "assignee_id, priority, kind") == ("7", None, "other")
    # but noted, for the nights to come: tests/unit/landing/test_usual.py
    noted = load.bookmark["columns"]["tickets"]
    assert "brand_new" in noted["others"]
    assert noted["kinds"]["assignee_id"] == "text"
    assert "organization_id" not in noted["kinds"]


def test_a_time_that_is_none_is_quarantined_and_the_rest_is_landed(desk: HelpDesk) -> None:
    for number in range(1, 40):
        desk.add(number, number)
    broken = rewritten(lambda page: page["tickets"][3].update(created_at="yesterday"))
    desk.script.add(broken, path=TICKETS)
    outcome = desk.good()
    assert sum(load.rows_quarantined for load in outcome.loads) == 1
    assert len(desk.ids()) == 38


def test_lists_that_nothing_is_named_of_are_not_asked_for(desk: HelpDesk) -> None:
    """Small plans have no ticket forms, brands or custom statuses, and answer 403 or 404."""
    desk.add(1)
    lists = "ticket_forms|groups|brands|custom_statuses|organizations|satisfaction_ratings"
    desk.script.add(answer(403, {"error": "Forbidden"}), path=lists, times=None)
    desk.good(kinds={"inquiry": {"tags": ["x"]}})
    assert desk.asked(lists) == []
