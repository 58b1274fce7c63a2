"""`kind: rest`: an API that nobody has programmed for is read by declaration alone."""

import re
from collections.abc import Callable
from copy import deepcopy
from datetime import date
from pathlib import Path

import pytest
from desk_api import REQUESTS, SOURCE, Desk
from landed_rows import landed_rows

from sales_support_kpi.config import Config, load_config
from sales_support_kpi.config.check import check
from sales_support_kpi.errors import ConfigError
from sales_support_kpi.landing import land
from sales_support_kpi.night import night_ending
from sales_support_kpi.sandbox.servers.faults import answer
from sales_support_kpi.settings import Home

Company = Callable[..., Config]
FIRST, SECOND = (night_ending(date(2026, 10, day), "Asia/Seoul") for day in (5, 6))


def test_an_invented_api_is_landed_without_python(home: Home, desk: Desk, company: Company) -> None:
    for number in range(5):
        desk.add(number, f"2026-10-0{number + 1}T09:00:00Z")
    desk.cases[4] |= {"state": "closed", "closed": "2026-10-05T09:00:00Z"}
    config = company(SOURCE, requests=REQUESTS)

    outcome = land(home, config, config.sources[0], FIRST)

    assert (outcome.status, outcome.message) == ("landed", "")
    assert landed_rows(home, "requests", "request_id, status, channel") == [
        ("0", "open", "web"), ("1", "open", "web"), ("2", "open", "web"), ("3", "open", "web"),
        ("4", "done", "web"),
    ]  # fmt: skip


def test_the_next_night_asks_only_for_what_has_changed(
    home: Home, desk: Desk, company: Company
) -> None:
    desk.add(1, "2026-10-05T09:00:00Z")
    config = company(SOURCE, requests=REQUESTS)
    land(home, config, config.sources[0], FIRST)
    desk.add(2, "2026-10-05T09:00:00Z")  # of the very instant that was the latest one
    desk.add(3, "2026-10-06T09:00:00Z")

    outcome = land(home, config, config.sources[0], SECOND)

    assert [load.rows_landed for load in outcome.loads] == [2]
    assert [row[0] for row in landed_rows(home, "requests", "request_id, status, channel")] == [
        "1",
        "2",
        "3",
    ]
    asked = [seen.query.get("changed_since") for seen in desk.script.seen()]
    assert asked == [None, "2026-10-05T08:55:00Z", "2026-10-05T08:55:00Z"]


def test_a_row_says_which_endpoint_it_was_read_from(
    home: Home, desk: Desk, company: Company
) -> None:
    desk.add(1, "2026-10-05T09:00:00Z")
    config = company(SOURCE, requests=REQUESTS)

    land(home, config, config.sources[0], FIRST)

    source = config.sources[0].id
    assert landed_rows(home, "requests", "_source, _file, request_id") == [(source, "cases", "1")]


EXAMPLE = Path(__file__).resolve().parents[4] / "examples" / "rest_api" / "config"


def test_the_example_is_read_with_its_very_files(home: Home, desk: Desk) -> None:
    desk.add(1, "2026-10-05T09:00:00Z", state="new", agent_id="a2", topic="Proposal for B")
    desk.add(2, "2026-10-05T09:00:00Z", state="dropped", agent_id="a3")
    config = load_config(EXAMPLE)

    outcome = land(home, config, config.sources[0], FIRST)

    assert (outcome.status, outcome.message) == ("landed", "")
    assert landed_rows(home, "employees", "employee_id, email") == [
        ("a1", "a1@acme.test"), ("a2", "a2@acme.test"), ("a3", "a3@acme.test"),
    ]  # fmt: skip
    assert landed_rows(home, "requests", "request_id, kind, status, assignee_id") == [
        ("1", "proposal", "open", "a2"), ("2", "inquiry", "cancelled", "a3"),
    ]  # fmt: skip
    events = landed_rows(home, "request_events", "request_id, to_status")
    assert events == [(case, said) for case in "12" for said in ("open", "waiting", "done")]
    assert desk.script.seen("/v1/cases$")[0].query["changed_since"] == "2025-01-01T00:00:00Z"


def test_a_child_whose_parent_is_gone_is_left_out(home: Home, desk: Desk) -> None:
    for number in (1, 2):
        desk.add(number, "2026-10-05T09:00:00Z", state="new")
    desk.script.add(answer(404, {"error": "no such case"}), path="/v1/cases/1/moves", times=None)
    config = load_config(EXAMPLE)

    outcome = land(home, config, config.sources[0], FIRST)

    assert (outcome.status, outcome.message) == ("landed", "")
    assert set(landed_rows(home, "request_events", "request_id")) == {("2",)}


def test_children_of_which_none_is_found_mean_that_the_path_is_wrong(
    home: Home, desk: Desk
) -> None:
    for number in range(12):
        desk.add(number, "2026-10-05T09:00:00Z", state="new")
    desk.script.add(answer(404, {"error": "no such path"}), path="/moves", times=None)
    config = load_config(EXAMPLE)

    outcome = land(home, config, config.sources[0], FIRST)

    assert outcome.status == "failed"
    assert "of the first 10 none was found: correct the path of moves" in outcome.message
    desk.cases[0]["changed"] = "2099-01-01T00:00:00Z"
    said = [str(line) for line in check(config) if line.subject == "source desk"]
    assert any("moves: GET" in line and "404" in line for line in said)


def test_the_examples_check_names_a_field_that_is_not_there(home: Home, desk: Desk) -> None:
    desk.add(1, "2026-11-23T09:00:00Z", state="new")
    desk.cases[0]["changed"] = "2099-01-01T00:00:00Z"

    said = [str(line) for line in check(load_config(EXAMPLE)) if line.subject == "source desk"]

    assert said == [
        "ok: source desk: agents: 1 records on its first page",
        (
            "problem: source desk: cases: no record has agent_id; there are: changed, closed, id, "
            "opened, phone, state, topic, via"
        ),
        "ok: source desk: moves: 3 records on its first page",
    ]


ASKED = {"page_size": 2, "changed_since": "{since}"}
AS_BODY = {"type": "cursor", "cursor_path": "next", "cursor_body_path": "cursor"}


@pytest.mark.parametrize(
    "declared",
    [
        {"paginator": {"type": "offset", "limit": 2, "offset_param": "cursor",
                       "limit_param": "page_size", "total_path": "total"}},
        {"paginator": {"type": "cursor", "cursor_path": "next", "cursor_param": "cursor",
                       "stop_after_empty_page": True}},
        {"paginator": {"type": "json_link", "next_url_path": "next_url"}},
        {"paginator": "header_link"},
        {"paginator": {"type": "header_cursor", "cursor_key": "X-Next", "cursor_param": "cursor"}},
        {"method": "POST", "params": {}, "json": ASKED, "paginator": AS_BODY},
    ],
    ids=["offset", "cursor", "json_link", "header_link", "header_cursor", "POST"],
)  # fmt: skip
def test_pages_follow_each_other_in_many_ways(
    home: Home, desk: Desk, company: Company, declared: dict[str, object]
) -> None:
    for number in range(5):
        desk.add(number, "2026-10-05T09:00:00Z")
    source = deepcopy(SOURCE)
    source["options"]["resources"][0] |= declared
    config = company(source, requests=REQUESTS)

    land(home, config, config.sources[0], FIRST)

    assert len(landed_rows(home, "requests", "request_id")) == 5
    assert len(desk.script.seen()) == 3
    land(home, config, config.sources[0], SECOND)
    again = desk.script.seen()[3]
    assert "2026-10-05T08:55:00Z" in (again.query.get("changed_since") or again.body.decode())


def test_both_ends_of_a_reading_are_asked_for_as_the_api_wants_them(
    home: Home, desk: Desk, company: Company
) -> None:
    """In epoch seconds here; a night that is not over has no end."""
    source = deepcopy(SOURCE)
    params = {"changed_since": "{since}", "changed_until": "{until}"}
    source["options"]["resources"][0] |= {"params": params, "since_format": "epoch"}
    mapped = REQUESTS.replace("changed as updated", "to_timestamp(changed::bigint) as updated")
    config = company(source, requests=mapped)
    for day in (1, 2, 3):
        desk.add(day, str(1790812800 + day * 86400))  # days since 2026-10-01T00:00:00Z
        night = night_ending(date(2026, 10, day + 1), "UTC")
        land(home, config, config.sources[0], night)
    desk.script.clear()

    land(home, config, config.sources[0], night_ending(date(2026, 10, 3), "UTC"))

    assert desk.script.seen()[0].query == {
        "changed_since": str(1790812800 + 86400 - 300),
        "changed_until": str(1790812800 + 3 * 86400),
    }


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"paginator": "pages"}, "paginator"),
        ({"cursor": "modified"}, "'modified' is not among columns"),
        ({"path": "v1/{resources.people.id}"}, "list people before it, with id among its columns"),
        ({"colums": ["id"]}, "colums: unknown key"),
    ],
)
def test_a_declaration_that_cannot_work_is_refused_in_words(
    company: Company, change: dict[str, object], said: str
) -> None:
    source = deepcopy(SOURCE)
    source["options"]["resources"][0] |= change

    with pytest.raises(ConfigError, match=re.escape(said)):
        company(source, requests=REQUESTS)
