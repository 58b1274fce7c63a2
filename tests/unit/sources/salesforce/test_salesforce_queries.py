"""What a server can do to a REST query: every record is landed, and none twice."""

import tracemalloc

import pytest
from salesforce_help import Shop, at
from starlette.applications import Starlette

from sales_support_kpi.landing import accepted_loads
from sales_support_kpi.sandbox.servers.faults import (
    answer,
    cut,
    redirect,
    rewritten,
    truncated,
    with_headers,
)
from sales_support_kpi.sandbox.servers.serving import serve
from sales_support_kpi.sources.extract.credentials import credentials_of
from sales_support_kpi.sources.extract.http import Http
from sales_support_kpi.sources.extract.vendors.salesforce.client import Client, classify
from sales_support_kpi.sources.extract.vendors.salesforce.session import Session
from sales_support_kpi.sources.extract.waits import Waits

READ = {"read": ["activities"], "activities": {"tasks": False}}


def add_events(
    shop: Shop, number: int, *, minute: float | None = None, start: int = 0
) -> list[str]:
    """Events one second apart, or all of one instant."""
    return [
        shop.org.put(
            "Event", Subject=f"visit {one}", StartDateTime=at(0),
            CreatedDate=at(minute if minute is not None else one / 60),
        )
        for one in range(start, start + number)
    ]  # fmt: skip


def test_pages_are_as_long_as_the_server_likes(shop: Shop):
    wanted = add_events(shop, 2600)
    shop.behaviour.page_sizes = (250, 2000, 1)
    shop.good(**READ)
    assert shop.ids("activities", "activity_id") == sorted(wanted)


def test_the_next_page_may_be_of_another_version_of_the_api(shop: Shop):
    wanted = add_events(shop, 5)
    shop.behaviour.page_sizes, shop.behaviour.next_version = (2,), "v60.0"
    shop.good(**READ)
    assert shop.ids("activities", "activity_id") == sorted(wanted)
    assert len(shop.server.seen("/v60.0/query/")) == 2


@pytest.mark.parametrize("minute", [None, 3], ids=["one by one", "all of one instant"])
def test_a_query_whose_place_is_lost_goes_on_from_the_last_record(shop: Shop, minute: float | None):
    wanted = add_events(shop, 100, minute=minute)
    shop.behaviour.page_sizes = (10,)
    shop.behaviour.locator_dies_after = 2
    shop.good(**READ)
    assert shop.ids("activities", "activity_id") == sorted(wanted)
    (load,) = [one for one in _loads(shop) if one.entity == "activities"]
    assert load.rows_read == 100


def test_a_query_whose_place_is_always_lost_at_once_still_comes_to_its_end(shop: Shop):
    wanted = add_events(shop, 25)
    shop.behaviour.page_sizes, shop.behaviour.locator_dies_after = (10,), 0
    shop.good(**READ)
    assert shop.ids("activities", "activity_id") == sorted(wanted)


def test_an_answer_that_ends_before_its_total_is_not_taken_for_the_end(shop: Shop):
    wanted = add_events(shop, 30)
    shop.behaviour.page_sizes = (10,)

    def ended(content: dict) -> None:
        content["done"] = True
        content.pop("nextRecordsUrl", None)

    is_list = {"when": lambda seen: "count()" not in seen.query.get("q", "")}
    shop.script.add(rewritten(ended), path="/queryAll", **is_list)
    shop.good(**READ)
    assert shop.ids("activities", "activity_id") == sorted(wanted)


def test_a_query_that_does_not_advance_is_an_error(shop: Shop):
    add_events(shop, 30)
    shop.behaviour.page_sizes = (10,)
    path = "/services/data/v62.0/query/again-10"
    shop.script.add(
        rewritten(lambda content: {**content, "done": False, "nextRecordsUrl": path}),
        path="/queryAll",
        when=lambda seen: "count()" not in seen.query.get("q", ""),
        times=None,
    )
    records = {"totalSize": 30, "done": False, "nextRecordsUrl": path, "records": []}
    shop.script.add(answer(200, records), path="/query/again-10", times=None)
    outcome = shop.pull(**READ)
    assert outcome.status == "failed"
    assert "does not advance" in outcome.message


def test_a_query_that_takes_too_long_is_halved_until_it_is_answered(shop: Shop):
    wanted = add_events(shop, 50)
    shop.behaviour.timeout_above = 8
    shop.good(**READ)
    assert shop.ids("activities", "activity_id") == sorted(wanted)


def test_a_query_that_takes_too_long_however_narrow_fails_and_loses_nothing(shop: Shop):
    wanted = add_events(shop, 4, minute=1)
    shop.good(**READ)
    more = add_events(shop, 20, minute=60)
    shop.behaviour.timeout_above = 8
    outcome = shop.pull()
    assert (outcome.status, "too long" in outcome.message) == ("failed", True)
    shop.behaviour.timeout_above = None
    shop.good()
    assert shop.ids("activities", "activity_id") == sorted(wanted + more)


def test_children_that_take_too_long_are_asked_for_in_parts(shop: Shop):
    """The deals' own history: of all deals at first, then of those that have changed."""
    deals = [
        shop.org.put("Opportunity", StageName="Open", CreatedDate=at(number))
        for number in range(12)
    ]
    wanted = {(deal, at(number)) for number, deal in enumerate(deals)}

    def change(minute: float) -> None:
        for number, deal in enumerate(deals):
            moments = [at(minute + number + part / 10) for part in range(3)]
            for moment in moments[:2]:
                shop.org.put("OpportunityHistory", OpportunityId=deal, CreatedDate=moment)
            shop.org.put("Opportunity", Id=deal, LastModifiedDate=moments[2])
            wanted.update((deal, moment) for moment in moments)

    shop.behaviour.timeout_above = 5
    for minute in (60, 120):
        change(minute)
        shop.good(read=["opportunities"])
    assert set(shop.landed("opportunities", "opportunity_id, updated_at")) == wanted


def test_children_of_many_records_come_in_several_queries_of_several_pages(shop: Shop):
    deals = [shop.org.put("Opportunity", StageName="Open", CreatedDate=at(0)) for _ in range(310)]
    shop.good(read=["opportunities"])
    for deal in deals:
        shop.org.put("Opportunity", Id=deal, LastModifiedDate=at(90))
        shop.org.put("OpportunityHistory", OpportunityId=deal, CreatedDate=at(60))
    shop.behaviour.page_sizes = (100,)
    shop.script.clear()
    shop.good()
    asked = [seen.query.get("q", "") for seen in shop.server.seen("/query")]
    assert sum("from OpportunityHistory" in one for one in asked) == 2, "300 ids, and 10"
    told = shop.landed("opportunities", "opportunity_id", f"updated_at = '{at(60)}'")
    assert told == [(deal,) for deal in sorted(deals)]


def test_a_child_that_takes_too_long_by_itself_is_said_in_words(shop: Shop):
    deal = shop.org.put("Opportunity", StageName="Open", CreatedDate=at(0))
    for number in range(5):
        shop.org.put("OpportunityHistory", OpportunityId=deal, CreatedDate=at(number))
    shop.good(read=["opportunities"])
    shop.org.put("Opportunity", Id=deal, LastModifiedDate=at(60))
    slow = [{"errorCode": "QUERY_TIMEOUT", "message": "Your query request was running too long."}]
    is_history = {"when": lambda seen: "from OpportunityHistory" in seen.query.get("q", "")}
    shop.script.add(answer(400, slow), path="/queryAll", times=None, **is_history)
    outcome = shop.pull()
    assert outcome.status == "failed"
    assert "OpportunityHistory: Salesforce takes too long, however little" in outcome.message


def test_records_of_one_instant_on_both_sides_of_a_pull_are_all_landed(shop: Shop):
    wanted = add_events(shop, 3, minute=5)
    shop.good(**READ)
    wanted += add_events(shop, 3, minute=5)
    shop.good()
    assert shop.ids("activities", "activity_id") == sorted(wanted)


def test_a_record_that_becomes_visible_late_is_landed(shop: Shop):
    wanted = add_events(shop, 2, minute=60)
    shop.good(**READ)
    wanted += add_events(shop, 1, minute=54)
    shop.good()
    assert shop.ids("activities", "activity_id") == sorted(wanted)


def test_the_first_reading_begins_with_the_oldest_record(shop: Shop):
    old = at(-60 * 24 * 365 * 12)
    wanted = [shop.org.put("Event", StartDateTime=old, CreatedDate=old)]
    shop.good(**READ)
    assert shop.ids("activities", "activity_id") == wanted


def test_later_readings_ask_only_for_what_has_changed(shop: Shop):
    add_events(shop, 3, minute=60)
    shop.good(**READ)
    shop.script.clear()
    shop.good()
    asked = [
        seen.query["q"] for seen in shop.server.seen("/queryAll") if "Event" in seen.query["q"]
    ]
    assert asked
    assert all("SystemModstamp >= 2026-01-05T00:50:00Z" in one for one in asked)


def test_a_night_that_is_over_is_read_up_to_its_end_and_finds_the_same(shop: Shop):
    wanted = add_events(shop, 3)
    shop.good(**READ)
    wanted += add_events(shop, 2, minute=60 * 24 * 301.9)  # between the first night and the second
    shop.good()
    shop.script.clear()
    shop.nights = 0
    outcome = shop.good()
    assert sum(load.rows_landed for load in outcome.loads) == 0
    asked = [
        seen.query["q"] for seen in shop.server.seen("/queryAll") if "Event" in seen.query["q"]
    ]
    assert asked
    assert all("SystemModstamp < 2026-11-02T15:00:00Z" in one for one in asked)
    assert shop.ids("activities", "activity_id") == sorted(wanted)


def test_a_field_that_is_taken_away_during_the_pull_fails_it(shop: Shop):
    add_events(shop, 3)

    def taken_away(content: dict) -> None:
        shop.org.hide("Event", "Type")

    shop.script.add(rewritten(taken_away), path="/sobjects/Event/describe")
    outcome = shop.pull(**READ)
    assert outcome.status == "failed"
    assert "INVALID_FIELD" in outcome.message
    assert "No such column 'Type'" in outcome.message


def test_archived_activities_are_read(shop: Shop):
    number = shop.org.put("Event", StartDateTime=at(0), CreatedDate=at(0), IsArchived=True)
    shop.good(**READ)
    assert shop.ids("activities", "activity_id") == [number]


@pytest.mark.parametrize(
    "fault",
    [
        answer(503, "", {"Retry-After": "0"}),
        answer(429, [{"errorCode": "X", "message": "slow down"}], {"retry-after": "0"}),
        cut(60),
        truncated(80),
        with_headers({"sforce-limit-info": "api-usage=18/100"}, drop=("Sforce-Limit-Info",)),
    ],
    ids=["503", "429", "cut", "truncated", "header spelling"],
)
def test_a_page_that_comes_to_harm_is_asked_for_again(shop: Shop, fault):
    wanted = add_events(shop, 30)
    shop.behaviour.page_sizes = (10,)
    shop.script.add(fault, path="/query/", skip=1)
    shop.good(**READ)
    assert shop.ids("activities", "activity_id") == sorted(wanted)


def test_a_redirect_to_another_host_is_refused_and_not_told_the_token(shop: Shop):
    add_events(shop, 3)
    with serve(Starlette()) as stranger:
        shop.script.add(redirect(f"{stranger.url}/stolen"), path="/queryAll")
        outcome = shop.pull(**READ)
        assert outcome.status == "failed"
        assert stranger.seen() == []


def _loads(shop: Shop):
    return accepted_loads(shop.home)


def test_memory_does_not_grow_with_what_is_read(shop: Shop):
    def peak() -> int:
        tracemalloc.start()
        for batch in client.query("select Id, Subject, SystemModstamp from Event"):
            assert len(batch.records) <= 200
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return most

    shop.behaviour.page_sizes = (200,)
    session = Session(credentials_of("crm", "crm"), (), Waits())
    with Http(session.instance_url, auth=session, classify=classify) as http:
        client = Client(session, http, "62.0")
        add_events(shop, 400)
        peak()
        small = peak()
        add_events(shop, 3600, start=400)
        assert peak() < small * 2
