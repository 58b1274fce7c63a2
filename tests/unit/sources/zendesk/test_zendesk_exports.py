"""How Zendesk's exports are read: ties, duplicates, end flags, cursors, the last minute, nights."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from random import Random

import pytest
from zendesk_help import AGENT, EVENTS, TICKETS, HelpDesk, at

from sales_support_kpi.sandbox.servers import zendesk_objects as zd
from sales_support_kpi.sandbox.servers.faults import answer, cut, rewritten, truncated
from sales_support_kpi.sources.extract.vendors.zendesk import crowded

ALL_AT_ONCE = 25


def test_the_same_ticket_on_two_pages_is_one_request(desk: HelpDesk) -> None:
    for number in range(1, 6):
        desk.add(number, number)
    first = desk.store.tickets.get(1)
    desk.account.page = 2
    desk.script.add(rewritten(lambda page: page["tickets"].insert(0, first)), path=TICKETS, skip=1)
    desk.good()
    assert desk.ids() == ["1", "2", "3", "4", "5"]


def test_the_same_audit_on_two_pages_is_one_event(desk: HelpDesk) -> None:
    """Time-based pages begin with the last second of the one before."""
    for number in range(1, 6):
        desk.add(number, number // 2)
    desk.account.page = 2
    desk.good()
    assert len(desk.asked(EVENTS)) > 1
    events = desk.ids("request_events", "event_id")
    assert len(events) == len(set(events)) == 5


@pytest.mark.parametrize("page", [10, 25, 100])
def test_more_tickets_in_one_second_than_a_page_holds_are_read_once_each(
    desk: HelpDesk, page: int
) -> None:
    for number in range(ALL_AT_ONCE):
        desk.add(number + 1, 0)
    desk.account.page = page
    desk.good()
    assert sorted(map(int, desk.ids())) == list(range(1, ALL_AT_ONCE + 1))
    assert len(desk.ids("request_events", "event_id")) == ALL_AT_ONCE


@pytest.mark.parametrize("whole_seconds", [True, False])
def test_a_bulk_update_of_more_tickets_than_a_page_holds_is_read(
    desk: HelpDesk, whole_seconds: bool
) -> None:
    """By the vendor's own numbers: 2,500 in one second, 1,000 a page."""
    for number in range(1, 2501):
        desk.add(number, 0)
    desk.account.whole_seconds = whole_seconds
    desk.good(events=whole_seconds)
    assert len(set(desk.ids())) == 2500
    assert len(desk.ids("request_events", "event_id")) == (2500 if whole_seconds else 0)


def test_a_second_of_changes_that_repeats_itself_is_asked_for_ticket_by_ticket(
    desk: HelpDesk,
) -> None:
    """Where seconds are split, a page of one second leads to itself for ever."""
    for number in range(ALL_AT_ONCE):
        desk.add(number + 1, 0)
    for number in range(ALL_AT_ONCE):
        desk.move(number + 1, "solved", 30)
    desk.move(1, "open", 40)
    desk.add(99, 50)
    desk.add(98, 0)
    desk.store.delete_ticket(98, at(60), AGENT)  # its audits answer 404
    desk.account.page, desk.account.whole_seconds = 10, False
    desk.good()
    events = desk.landed("request_events", "request_id, to_status")
    assert len(events) == len(desk.ids("request_events", "event_id"))
    for number in range(2, ALL_AT_ONCE + 1):
        assert [e[1] for e in events if e[0] == str(number)] == ["done", "open"]
    assert [e[1] for e in events if e[0] == "1"] == ["done", "open", "open"]
    assert ("99", "open") in events


def test_a_crowded_second_with_too_much_behind_it_ends_the_reading(
    desk: HelpDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(crowded, "MOST_TICKETS", 20)
    for number in range(ALL_AT_ONCE):
        desk.add(number + 1, 0)
    desk.account.page, desk.account.whole_seconds = 10, False
    outcome = desk.pull()
    assert outcome.status == "failed"
    assert "more changes in the second of 2026-10-05T00:00:00+00:00" in outcome.message
    assert desk.ids() == [], "nothing of this reading is landed"
    desk.good(events=False)
    assert len(desk.ids()) == ALL_AT_ONCE


def test_a_ticket_stamped_with_the_bookmark_s_own_second_is_found_the_next_night(
    desk: HelpDesk,
) -> None:
    desk.add(5, 0)
    desk.good()
    desk.add(2, 0)  # the same second, a smaller id, seen only now
    desk.add(9, 0)
    desk.good()
    assert desk.ids() == ["2", "5", "9"]
    assert len(desk.ids("request_events", "event_id")) == 3


def test_a_ticket_that_becomes_visible_late_is_found_within_the_look_back(desk: HelpDesk) -> None:
    desk.account.page = 2
    for number in range(1, 12):
        desk.add(number, number)
    desk.good()
    desk.add(50, 7)  # four minutes before the newest ticket
    desk.good()
    assert "50" in desk.ids()
    assert len(desk.ids()) == len(set(desk.ids()))


def test_nothing_depends_on_the_size_of_pages(desk: HelpDesk) -> None:
    for number in range(1, 8):
        desk.add(number, number)
    desk.account.page = 1
    desk.good()
    assert len(desk.ids()) == 7
    assert len(desk.asked("tickets/cursor")) == 7


def test_the_end_flag_ends_it_although_there_still_is_a_cursor(desk: HelpDesk) -> None:
    desk.add(1)
    desk.good()
    assert len(desk.asked("tickets/cursor")) == 1


def test_a_full_page_is_not_the_end_and_a_short_one_is_not_either(desk: HelpDesk) -> None:
    for number in range(1, 5):
        desk.add(number, number)
    desk.account.page = 2
    desk.script.add(
        rewritten(lambda page: page["tickets"].remove(page["tickets"][1])), path=TICKETS
    )
    desk.good()
    assert len(desk.asked("tickets/cursor")) == 2, "the short first page is followed"
    assert desk.ids() == ["1", "3", "4"]


def test_a_cursor_that_does_not_advance_ends_the_reading_in_an_error(desk: HelpDesk) -> None:
    for number in range(1, 7):
        desk.add(number, number)
    desk.account.page = 2
    kept: list[str] = []

    def stuck(page: dict[str, object]) -> None:
        kept.append(str(page["after_cursor"]))
        page.update(after_cursor=kept[0], end_of_stream=False)

    desk.script.add(rewritten(stuck), path=TICKETS, times=None)
    outcome = desk.pull()
    assert outcome.status == "failed"
    assert "does not advance" in outcome.message
    assert len(desk.asked("tickets/cursor")) == 2
    assert desk.ids() == []


def test_there_is_more_but_no_word_where_is_an_error(desk: HelpDesk) -> None:
    desk.add(1)
    lost = rewritten(lambda page: page.update(after_cursor=None, end_of_stream=False))
    desk.script.add(lost, path=TICKETS)
    assert "not where" in desk.pull().message


def test_the_start_time_is_said_once_and_the_cursor_from_then_on(desk: HelpDesk) -> None:
    for number in range(1, 6):
        desk.add(number, number * 60)
    desk.account.page = 2
    desk.good()
    desk.good()
    asked = [seen.query for seen in desk.asked("tickets/cursor")]
    assert "start_time" in asked[0]
    assert "cursor" not in asked[0]
    assert all("cursor" in query and "start_time" not in query for query in asked[1:])


def test_the_next_night_goes_on_from_a_stored_cursor_and_reads_no_more_than_it_must(
    desk: HelpDesk,
) -> None:
    """Also after a restart: the cursor comes from the manifests alone."""
    for number in range(1, 101):
        desk.add(number, number * 10)
    desk.account.page = 10
    desk.good()
    before = len(desk.asked("tickets/cursor"))
    outcome = desk.good()
    assert len(desk.asked("tickets/cursor")) == before + 1
    assert outcome.status == "unchanged"


def test_a_system_update_is_taken_over_although_updated_at_is_old(desk: HelpDesk) -> None:
    """The export goes by `generated_timestamp`, which moves alone when the system changes a tag."""
    desk.add(1, 0)
    desk.add(2, 500)
    desk.good()
    old = desk.store.tickets.get(1)
    assert old is not None
    desk.store.put_ticket(
        {**old, "tags": ["beschwerde"], "generated_timestamp": zd.seconds(at(1000))}
    )
    desk.good(kinds={"complaint": {"tags": ["beschwerde"]}})
    assert desk.request(1, "kind, updated_at") == ("complaint", at(0))


def test_a_ticket_without_the_undescribed_timestamp_is_read_too(desk: HelpDesk) -> None:
    desk.add(1)
    strict = rewritten(
        lambda page: [one.pop("generated_timestamp") for one in page["tickets"]] and None
    )
    desk.script.add(strict, path=TICKETS, times=None)
    desk.good()
    assert desk.ids() == ["1"]


def test_two_runs_within_a_minute_are_a_clean_no_op(desk: HelpDesk) -> None:
    now = datetime.now(UTC)
    desk.store.put_ticket(zd.ticket(1, now - timedelta(seconds=90), assignee_id=AGENT))
    desk.good()
    outcome = desk.good()
    assert (outcome.status, outcome.message) == ("unchanged", "")
    assert desk.ids() == ["1"]


def test_a_vendor_whose_clock_is_behind_says_too_recent_and_nothing_is_lost(desk: HelpDesk) -> None:
    desk.add(1)
    desk.good()
    too_recent = answer(400, {"error": "StartTimeTooRecent", "description": "Too recent"})
    desk.script.add(too_recent, path=EVENTS)
    desk.add(2, 10)
    desk.good()
    desk.good()
    assert desk.ids() == ["1", "2"]
    assert len(desk.ids("request_events", "event_id")) == 2


def test_what_changed_in_the_last_minute_comes_with_the_next_night(desk: HelpDesk) -> None:
    now = datetime.now(UTC)
    desk.account.clock = lambda: now.timestamp()
    desk.store.put_ticket(zd.ticket(1, now - timedelta(hours=1), assignee_id=AGENT))
    desk.store.put_ticket(zd.ticket(2, now - timedelta(seconds=20), assignee_id=AGENT))
    desk.good()
    assert desk.ids() == ["1"]
    desk.account.clock = lambda: now.timestamp() + 3600
    desk.good()
    assert desk.ids() == ["1", "2"]


def test_more_than_thirty_days_without_a_run_lose_no_deletion(desk: HelpDesk) -> None:
    desk.add(1)
    desk.add(2)
    desk.good()
    desk.store.delete_ticket(1, at(60), AGENT)
    desk.store.deleted_tickets.clear()
    scrubbed = {**(desk.store.tickets.get(1) or {}), "subject": "SCRUBBED", "requester_id": None}
    desk.store.put_ticket({**scrubbed, "generated_timestamp": zd.seconds(at(50000))})
    desk.good()
    assert desk.request(1, "deleted_at is not null") == (True,)
    assert desk.request(2, "deleted_at") == (None,)


def test_a_ticket_that_is_no_longer_told_is_not_taken_for_deleted(desk: HelpDesk) -> None:
    """Archived tickets leave every list: absence says nothing."""
    desk.add(1)
    desk.add(2)
    desk.good()
    desk.store.tickets = type(desk.store.tickets)()
    desk.good()
    assert [
        row for row in desk.landed("requests", "_op, deleted_at") if row != ("upsert", None)
    ] == []


def test_reading_in_full_is_refused(desk: HelpDesk) -> None:
    desk.add(1)
    desk.source |= {"mode": "full"}
    outcome = desk.pull()
    assert outcome.status == "failed"
    assert "is mode: full, but of tickets" in outcome.message
    assert desk.asked("incremental") == [], "before anything is read"


def test_a_restored_ticket_is_there_again(desk: HelpDesk) -> None:
    desk.add(1)
    desk.good()
    desk.store.delete_ticket(1, at(60), AGENT)
    desk.good()
    desk.move(1, "open", 90)
    desk.good()
    assert desk.request(1, "status, deleted_at") == ("open", None)


def test_the_first_reading_begins_with_the_oldest_ticket_there_is(desk: HelpDesk) -> None:
    desk.store.put_ticket(zd.ticket(1, datetime(2009, 7, 20, tzinfo=UTC), assignee_id=AGENT))
    desk.good()
    assert desk.ids() == ["1"]
    assert desk.asked("tickets/cursor")[0].query["start_time"] == "0"


def test_a_past_night_is_read_as_far_as_it_goes(desk: HelpDesk) -> None:
    """A re-run finds what the night found, and does not read on to today."""
    for number in range(1, 6):
        desk.add(number, number)
    desk.account.page = 2
    desk.good()
    days = 29 * 24 * 60
    for number in range(6, 16):
        desk.add(number, days + number)
    desk.nights += 1
    desk.account.clock = lambda: datetime(2026, 11, 20, tzinfo=UTC).timestamp()
    desk.good()
    desk.add(16, days + 16)
    desk.script.clear()
    desk.nights = 0
    outcome = desk.good()
    assert outcome.status == "unchanged"
    assert len(desk.asked("tickets/cursor")) <= 4
    assert len(desk.asked("ticket_events")) <= 5
    assert desk.ids() == sorted(map(str, range(1, 16)))


def test_an_organisation_that_changed_later_is_no_customer_of_a_past_night(desk: HelpDesk) -> None:
    """Organisations are read whole every night."""
    options = {"customer": {"registration_no": "brn"}}
    old = zd.organization(90, "Old", at(0), organization_fields={"brn": "1"})
    desk.store.put_organization(old)
    desk.good(**options)
    desk.add(1)
    desk.good()
    new = datetime(2026, 11, 3, 10, tzinfo=UTC)
    desk.store.put_organization({**old, "name": "Renamed without a stamp"})
    desk.store.put_organization(zd.organization(91, "New", new, organization_fields={"brn": "2"}))
    desk.nights = 0
    desk.good()
    assert desk.landed("customers", "customer_id, name") == [("90", "Old")]


def test_a_company_s_own_select_stands_for_ours(desk: HelpDesk) -> None:
    own = desk.folder / "mine.sql"
    own.write_text(
        "select id as request_id, 'inquiry' as kind, 'open' as status, created_at as opened_at, "
        "lower(channel) as channel from tickets where status <> 'closed'",
        encoding="utf-8",
    )
    desk.source |= {"entities": {"requests": "mine.sql"}}
    desk.add(1, channel="EMAIL")
    desk.add(2, status="closed")
    desk.good()
    assert desk.landed("requests", "request_id, kind, channel") == [("1", "inquiry", "email")]
    assert len(desk.landed("request_events")) == 2


@pytest.mark.parametrize("seed", range(4))
def test_nights_full_of_faults_end_with_what_the_account_holds(desk: HelpDesk, seed: int) -> None:
    """Random changes, random faults, several nights: nothing lost, nothing doubled."""
    chance = Random(seed)  # noqa: S311 - a story, not a secret
    desk.account.page = chance.choice([2, 3, 7])
    minute, count = 0.0, 0
    for _ in range(4):
        for _ in range(chance.randint(1, 8)):
            minute += chance.choice([0, 0, 0.01, 1, 30])
            if count < 3 or chance.random() < 0.5:
                count += 1
                desk.add(count, minute)
            else:
                status = chance.choice(["open", "pending", "solved", "closed"])
                desk.move(chance.randint(1, count), status, minute)
        desk.script.rules.clear()
        for _ in range(3):
            fault = chance.choice(
                [cut(50), truncated(50), answer(500), answer(429, "slow"), answer(429, {}, LONG)]
            )
            desk.script.add(fault, path=chance.choice([TICKETS, EVENTS]), skip=chance.randint(0, 3))
        desk.pull()
    desk.script.rules.clear()
    desk.good()
    for number in range(1, count + 1):
        held = desk.store.tickets.get(number)
        assert held is not None
        words = {"new": "open", "pending": "waiting", "solved": "done", "closed": "done"}
        said = words.get(held["status"], "open")
        assert desk.request(number, "status") == (said,)
    events = desk.ids("request_events", "event_id")
    assert len(events) == len(set(events))
    steps = desk.landed("request_events", "request_id, occurred_at, event_id, to_status")
    for number in range(1, count + 1):
        told = [row[3] for row in steps if row[0] == str(number)]
        assert told[0] == "open"
        (latest,) = desk.request(number, "status")
        assert told[-1] == latest
        assert all(a != b for a, b in pairwise(told))


LONG = {"Retry-After": "7200"}
