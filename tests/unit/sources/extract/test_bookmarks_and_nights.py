"""Bookmarks move only with what was landed; a night read again finds the same records."""

from collections.abc import Callable
from copy import deepcopy
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from desk_api import CASES, REQUESTS, SOURCE, Desk
from landed_rows import landed_rows

from sales_support_kpi import pipeline
from sales_support_kpi.config import Config
from sales_support_kpi.landing import Outcome, accepted_loads, inputs, land
from sales_support_kpi.landing.extracted import pulled
from sales_support_kpi.night import Night, night_ending
from sales_support_kpi.pipeline.announcements import source_states
from sales_support_kpi.sandbox.servers.faults import answer, rewritten
from sales_support_kpi.settings import Home

Company = Callable[..., Config]
TWO = {"requests": "mappings/requests.sql", "request_events": "mappings/events.sql"}
EVENTS = """
select id || ':' || changed as event_id, id as request_id, 'open' as to_status,
       changed as occurred_at
from cases
"""


def night(day: int) -> Night:
    return night_ending(date(2026, 10, day), "Asia/Seoul")


def bookmark(home: Home) -> Any:
    return [load.bookmark["resources"] for load in accepted_loads(home) if load.bookmark][-1:]


def ids(home: Home) -> list[str]:
    return [row[0] for row in landed_rows(home, "requests", "request_id")]


@pytest.fixture
def config(company: Company) -> Config:
    return company({**SOURCE, "entities": TWO}, requests=REQUESTS, events=EVENTS)


@pytest.fixture
def run(home: Home, config: Config) -> Callable[..., Outcome]:
    def one(day: int, since: datetime | None = None, with_config: Config = config) -> Outcome:
        source = with_config.sources[0]
        with pulled(home, with_config, source, night(day), since) as reading:
            return land(home, with_config, source, night(day), reading=reading)

    return one


def test_only_the_last_load_of_a_pull_carries_its_bookmark(
    desk: Desk, home: Home, run: Callable[..., Outcome]
) -> None:
    desk.add(1, "2026-10-05T09:00:00Z")

    first, last = run(5).loads

    assert first.bookmark is None
    assert last.bookmark["resources"] == {"cases": {"until": "2026-10-05T09:00:00+00:00"}}


def test_a_reading_killed_between_two_loads_is_repeated_with_the_same_rows(
    desk: Desk, home: Home, run: Callable[..., Outcome], monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.add(1, "2026-10-05T09:00:00Z")
    place, placed = inputs.place, []

    def killed(*args: Any) -> Any:
        if placed:
            raise KeyboardInterrupt
        placed.append(args)
        return place(*args)

    monkeypatch.setattr(inputs, "place", killed)
    with pytest.raises(KeyboardInterrupt):
        run(5)
    assert len(accepted_loads(home)) == 1
    assert bookmark(home) == []
    monkeypatch.setattr(inputs, "place", place)

    run(5)

    assert ids(home) == ["1"]
    assert len(landed_rows(home, "request_events", "event_id")) == 1
    assert bookmark(home) == [{"cases": {"until": "2026-10-05T09:00:00+00:00"}}]
    assert not list((home.landing / "_spool").glob("*/*"))


def test_a_pull_without_news_moves_the_bookmark_with_an_empty_load(
    desk: Desk, home: Home, run: Callable[..., Outcome], company: Company
) -> None:
    desk.add(1, "2026-10-05T09:00:00Z")
    run(5)
    desk.cases[0]["changed"] = "2026-10-06T09:00:00Z"
    mapped = REQUESTS.replace("changed as updated_at", "null as updated_at")
    quiet = company({**SOURCE, "entities": TWO}, requests=mapped, events=EVENTS + " where false")
    run(6, with_config=quiet)
    desk.cases[0]["changed"] = "2026-10-07T09:00:00Z"

    outcome = run(7, with_config=quiet)

    assert outcome.status == "unchanged"
    assert [load.rows_landed for load in outcome.loads] == [0]
    assert bookmark(home) == [{"cases": {"until": "2026-10-07T09:00:00+00:00"}}]
    assert run(7, with_config=quiet).loads == ()


def test_a_load_that_is_rejected_leaves_the_bookmark_where_it_was(
    desk: Desk, home: Home, run: Callable[..., Outcome]
) -> None:
    desk.add(1, "2026-10-05T09:00:00Z")
    run(5)
    desk.add(2, "2026-10-06T09:00:00Z", opened="long ago")
    assert run(6).status == "rejected"
    assert bookmark(home) == [{"cases": {"until": "2026-10-05T09:00:00+00:00"}}]
    desk.cases[1]["opened"] = "2026-10-06T08:00:00Z"

    run(7)

    assert ids(home) == ["1", "2"]


def test_a_reading_that_fails_lands_nothing_and_the_next_one_lands_all(
    desk: Desk, home: Home, run: Callable[..., Outcome]
) -> None:
    for number in range(5):
        desk.add(number, "2026-10-05T09:00:00Z")
    desk.script.add(answer(403, "no"), skip=2)

    failed = run(5)
    assert (failed.status, failed.loads, failed.is_final) == ("failed", (), True)
    assert accepted_loads(home) == []

    run(5)
    assert ids(home) == ["0", "1", "2", "3", "4"]


def test_a_quota_that_is_used_up_keeps_what_was_read_and_marks_the_source(
    desk: Desk, home: Home, run: Callable[..., Outcome]
) -> None:
    for number in range(5):
        desk.add(number, f"2026-10-05T09:00:0{number}Z")
    desk.script.add(answer(429, "daily limit", {"Retry-After": "80000"}), skip=1)

    outcome = run(5)
    assert (outcome.status, outcome.is_final) == ("failed", True)
    assert "the system gives no more for now: 429 daily limit" in outcome.message
    assert ids(home) == ["0", "1"]

    assert run(6).status == "landed"
    assert ids(home) == ["0", "1", "2", "3", "4"]


def test_since_reads_again_what_was_read_before(
    desk: Desk, home: Home, run: Callable[..., Outcome]
) -> None:
    desk.add(1, "2026-09-01T09:00:00Z")
    desk.add(2, "2026-10-05T09:00:00Z")
    run(5)
    desk.cases[0]["topic"] = "corrected without a new stamp"

    assert run(6).loads == ()
    outcome = run(6, since=datetime(2026, 8, 1, tzinfo=UTC))

    assert [load.rows_landed for load in outcome.loads] == [1]
    assert bookmark(home) == [{"cases": {"until": "2026-10-05T09:00:00+00:00"}}]


def test_rows_that_become_visible_late_are_found_by_looking_back(
    desk: Desk, home: Home, run: Callable[..., Outcome]
) -> None:
    desk.add(1, "2026-10-05T09:00:00Z")
    run(5)
    desk.add(2, "2026-10-05T08:56:00Z")

    run(6)

    assert ids(home) == ["1", "2"]


def test_a_stamp_in_the_far_future_does_not_hide_what_follows(
    desk: Desk, home: Home, run: Callable[..., Outcome]
) -> None:
    desk.add(1, "2099-01-01T00:00:00Z")
    run(5)
    desk.add(2, datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"))

    run(6)

    assert ids(home) == ["1", "2"]


def test_nights_read_again_or_out_of_order_yield_the_same_entities(
    desk: Desk, home: Home, run: Callable[..., Outcome]
) -> None:
    for day in (5, 6, 7):
        desk.add(day, f"2026-10-0{day}T09:00:00Z")
        run(day)
    before, at = landed_rows(home, "requests", "*"), bookmark(home)
    desk.add(8, "2026-10-08T09:00:00Z")

    outcomes = [run(day) for day in (5, 6, 5)]

    assert [outcome.status for outcome in outcomes] == ["unchanged"] * 3
    assert "night 2026-10-06 is over: " in outcomes[1].notes[0]
    assert landed_rows(home, "requests", "*") == before
    assert bookmark(home) == at
    run(8)
    assert ids(home) == ["5", "6", "7", "8"]


def test_a_night_whose_loads_are_lost_is_read_from_its_own_beginning(
    desk: Desk, home: Home, run: Callable[..., Outcome]
) -> None:
    import shutil

    for day in (5, 6, 7):
        desk.add(day, f"2026-10-0{day}T09:00:00Z")
        run(day)
    for load in accepted_loads(home):
        if load.night == date(2026, 10, 6):
            shutil.rmtree(load.directory)

    outcome = run(6)

    assert [load.rows_landed for load in outcome.loads] == [1, 1]
    assert sorted(ids(home)) == ["5", "6", "7"]


@pytest.mark.parametrize("mode", ["full", "changes"])
def test_what_is_read_whole_is_not_taken_for_a_past_night(
    desk: Desk, home: Home, company: Company, mode: str
) -> None:
    whole = deepcopy(SOURCE)
    whole["options"]["resources"] = [
        {name: value for name, value in CASES.items() if name != "cursor"}
    ]
    config = company({**whole, "mode": mode}, requests=REQUESTS)
    config = replace(config, company=config.company.model_copy(update={"max_shrink": 1.0}))
    desk.add(1, "2026-10-05T09:00:00Z")
    desk.add(2, "2026-10-05T09:00:00Z")
    for day in (5, 7):
        pipeline.ingest(home, config, "desk", night(day))
    desk.cases.pop()
    desk.add(3, "2026-10-08T09:00:00Z")

    outcome = pipeline.ingest(home, config, "desk", night(6))

    assert (outcome.status, outcome.loads) == ("unchanged", ())
    assert "nothing is landed of requests: what is read whole" in outcome.notes[1]


def test_a_night_read_again_leaves_what_is_landed_as_it_is_unless_since_asks_for_more(
    desk: Desk, home: Home, run: Callable[..., Outcome]
) -> None:
    for day in (5, 6, 7):
        desk.add(day, f"2026-10-0{day}T09:00:00Z")
        run(day)
    desk.cases[0]["topic"] = "renamed without a new stamp"

    assert run(5).loads == ()
    (load,) = run(5, since=datetime(2026, 10, 1, tzinfo=UTC)).loads

    assert (load.entity, load.rows_landed) == ("requests", 1)


def test_a_changed_mapping_says_what_it_does_not_reach(
    desk: Desk, home: Home, run: Callable[..., Outcome], company: Company
) -> None:
    desk.add(1, "2026-10-05T09:00:00Z")
    run(5)
    other = REQUESTS.replace("'inquiry'", "'complaint'")

    outcome = run(
        6, with_config=company({**SOURCE, "entities": TWO}, requests=other, events=EVENTS)
    )

    assert "kpi run --since" in outcome.notes[0]


def test_one_source_that_fails_leaves_the_others_alone(
    desk: Desk, home: Home, company: Company
) -> None:
    desk.add(1, "2026-10-05T09:00:00Z")
    lost = {**SOURCE, "id": "lost", "connection": "nowhere"}
    config = company(lost, SOURCE, requests=REQUESTS)

    outcomes = [pipeline.ingest(home, config, one.id, night(5)) for one in config.sources]

    assert [outcome.status for outcome in outcomes] == ["failed", "landed"]
    assert outcomes[0].message == (
        "source lost: the connection 'nowhere' is not there: add it to Airflow's connections, or "
        "set AIRFLOW_CONN_NOWHERE in the environment"
    )
    states = {
        state.source: state
        for state in source_states(home, config, accepted_loads(home), night(5), None)
    }
    assert (states["lost"].is_stale, states["desk"].is_stale) == (True, False)
    # it has landed nothing, and what it was to bring is known all the same
    assert states["lost"].declared == {"requests"}


@pytest.mark.parametrize(
    ("page", "changed"), [(0, "2026-10-05T09:00:00Z"), (1, "2026-10-05T08:59:00+00:00")]
)
def test_records_that_come_twice_over_pages_are_landed_once_as_they_are_now(
    desk: Desk, home: Home, run: Callable[..., Outcome], page: int, changed: str
) -> None:
    """The older state may come first, or from a replica that lags behind on a later page."""
    for number in range(4):
        desk.add(number, "2026-10-05T09:00:00Z")
    stale = desk.cases[1] | {"topic": "as it was before", "changed": changed}

    def twice(body: Any) -> Any:
        return body | {"data": [stale, *body["data"]]}

    desk.script.add(rewritten(twice), skip=page, times=1)

    run(5)

    assert ids(home) == ["0", "1", "2", "3"]
    assert landed_rows(home, "requests", "subject")[1] == ("case 1",)
    (load,) = (one for one in accepted_loads(home) if one.bookmark)
    read = load.bookmark["columns"]["cases"]
    counted = [read[name] for name in ("rows", "spooled", "different", "handed")]
    assert counted == [5, 5, 4, 4]


def test_a_record_of_another_type_is_quarantined_and_the_rest_landed(
    desk: Desk, home: Home, run: Callable[..., Outcome]
) -> None:
    for number in range(60):
        desk.add(number, "2026-10-05T09:00:00Z")
    desk.cases[7] |= {"opened": {"at": "2026-10-01"}}
    desk.cases[9] |= {"id": "00123456789012345678"}
    desk.cases[11] |= {"id": 9007199254740993}

    outcome = run(5)

    assert outcome.status == "landed"
    (requests,) = (load for load in outcome.loads if load.entity == "requests")
    assert (requests.rows_landed, requests.rows_quarantined) == (59, 1)
    assert landed_rows(home, "requests", "_file, _sheet")[0] == ("cases", "requests")
    assert {"00123456789012345678", "9007199254740993"} <= set(ids(home))


def test_files_are_not_taken_for_a_past_night(home: Home, company: Company, tmp_path: Path) -> None:
    file = tmp_path / "insights.csv"
    file.write_text("insight_id,provided_at\n1,2026-10-01\n2,2026-10-02\n")
    config = company({"id": "office", "kind": "files", "path": str(file)})
    for day in (5, 6):
        pipeline.ingest(home, config, "office", night(day))
    file.write_text("insight_id,provided_at\n1,2026-10-01\n")

    outcome = pipeline.ingest(home, config, "office", night(5))

    assert (outcome.status, outcome.loads) == ("unchanged", ())
    assert "night 2026-10-05 is over" in outcome.notes[0]
