"""Hand-worked examples of the KPIs of requests: a person computed these numbers."""

from datetime import date, datetime

import pytest
from tests.oracle.worked import COMPANY, END_OF_JANUARY, EVENTS, REQUESTS, SEOUL, Case, Table, parts


def test_turnaround_counts_only_working_hours_and_only_documents(case: Case) -> None:
    case.night(
        requests=Table(
            REQUESTS,
            # Friday 17:00 → Monday 10:00: 1 h + 1 h
            "r1 proposal done e1 2026-01-09T17:00 _ 2026-01-12T10:00",
            # received at 10:00, so from then: 2 h
            "r2 contract done e1 2026-01-05T09:00 2026-01-05T10:00 2026-01-05T12:00",
            "r3 proposal cancelled e1 2026-01-05T09:00 _ 2026-01-05T12:00",
            "r4 inquiry done e1 2026-01-05T09:00 _ 2026-01-05T12:00",
            # completed exactly at as_of: still open
            "r5 contract done e1 2026-01-30T09:00 _ 2026-02-01T00:00",
        )
    )
    cell = case.cell("document_turnaround")
    assert parts(cell) == (4.0, 2.0)
    assert (cell.value, cell.median, cell.p90, cell.status) == (2.0, 2.0, 2.0, "met")


def test_turnaround_stands_still_while_the_request_waits(case: Case) -> None:
    case.night(
        requests=Table(
            REQUESTS,
            "r1 proposal done e1 2026-01-05T09:00 _ 2026-01-05T17:00",
        ),
        request_events=Table(
            EVENTS,
            "v0 r1 waiting 2026-01-05T08:59:59",  # before the start: ignored
            "v1 r1 waiting 2026-01-05T10:00",  # ran 1 h
            "v2 r1 open 2026-01-05T12:00",  # runs again
            "v3 r1 done 2026-01-05T13:00",  # ran 1 h
            "v4 r1 open 2026-01-05T16:30",  # reopened: ran 0.5 h
            "v5 r1 waiting 2026-01-05T17:00",  # at the end: ignored
        ),
    )
    assert case.cell("document_turnaround").numerator == 2.5


def test_events_of_one_instant_go_by_their_id_as_text(case: Case) -> None:
    case.night(
        requests=Table(REQUESTS, "r1 proposal done e1 2026-01-05T09:00 _ 2026-01-05T12:00"),
        request_events=Table(
            EVENTS,
            "v9 r1 waiting 2026-01-05T10:00",  # the last of both: "v10" < "v9"
            "v10 r1 open 2026-01-05T10:00",
        ),
    )
    assert case.cell("document_turnaround").numerator == 1.0


def test_done_without_completion_takes_the_last_done_event_or_is_left_out(case: Case) -> None:
    case.night(
        requests=Table(
            REQUESTS,
            "r1 proposal done e1 2026-01-05T09:00 _ _",
            "r2 proposal done e1 2026-01-05T09:00 _ _",
        ),
        request_events=Table(
            EVENTS,
            "v1 r1 done 2026-01-05T10:00",  # not running until reopened
            "v2 r1 open 2026-01-05T11:00",
            "v3 r1 done 2026-01-05T11:30",  # the end: 1 h + 0.5 h
        ),
    )
    assert parts(case.cell("document_turnaround")) == (1.5, 1.0)


def test_four_hours_are_inclusive_and_an_open_inquiry_misses_once_they_are_used(case: Case) -> None:
    case.night(
        as_of=datetime(2026, 1, 6, 18, tzinfo=SEOUL),
        requests=Table(
            REQUESTS,
            "r1 inquiry done e1 2026-01-05T09:00 _ 2026-01-05T13:00",  # exactly 4 h
            "r2 inquiry done e1 2026-01-05T09:00 _ 2026-01-05T13:00:00.000001",
            "r3 inquiry open e1 2026-01-06T14:00 _ _",  # 4 h used, not more: undecided
            "r4 inquiry open e1 2026-01-06T13:59:59 _ _",
            "r5 inquiry cancelled e1 2026-01-05T09:00 _ _",
            "r6 inquiry waiting e1 2026-01-05T17:00 _ _",  # 1 h on Monday, then waits: undecided
        ),
        request_events=Table(EVENTS, "v1 r6 waiting 2026-01-05T18:00"),
    )
    as_of = datetime(2026, 1, 6, 18, tzinfo=SEOUL)
    assert parts(case.cell("inquiry_within_4h", as_of=as_of)) == (1.0, 3.0)
    assert parts(case.cell("inquiry_completion_rate", as_of=as_of)) == (2.0, 5.0)
    handling = case.cell("inquiry_handling_time", as_of=as_of)
    assert handling.numerator == pytest.approx(8.0, abs=1e-6)
    assert handling.denominator == 2.0


def test_completion_belongs_to_the_opening_handling_to_the_completion(case: Case) -> None:
    case.night(
        as_of=datetime(2026, 2, 5, tzinfo=SEOUL),
        requests=Table(
            REQUESTS,
            # Friday Jan 30, 17:00 → Monday Feb 2, 12:00: 4 h
            "r1 inquiry done e1 2026-01-30T17:00 _ 2026-02-02T12:00",
        ),
    )
    as_of = datetime(2026, 2, 5, tzinfo=SEOUL)
    assert parts(case.cell("inquiry_within_4h", as_of=as_of)) == (1.0, 1.0)
    assert parts(case.cell("inquiry_completion_rate", as_of=as_of)) == (1.0, 1.0)
    assert parts(case.cell("inquiry_handling_time", "2026-02-01", as_of=as_of)) == (4.0, 1.0)
    # seen from the end of January it was open, with one hour used
    cells = case.cells(END_OF_JANUARY)
    month = ("month", date(2026, 1, 1), *COMPANY)
    assert cells["inquiry_completion_rate", *month].value == 0.0
    assert cells["inquiry_handling_time", *month].status == "no_data"
    assert cells["inquiry_within_4h", *month].status == "no_data"


def test_done_again_later_is_open_until_then(case: Case) -> None:
    case.night(
        requests=Table(REQUESTS, "r1 inquiry done e1 2026-01-05T09:00 _ _"),
        request_events=Table(
            EVENTS,
            "v1 r1 done 2026-01-06T09:00",
            "v2 r1 open 2026-01-20T09:00",
            "v3 r1 done 2026-01-21T09:00",
        ),
    )
    kpi = "inquiry_completion_rate"
    assert case.cell(kpi, as_of=datetime(2026, 1, 10, tzinfo=SEOUL)).numerator == 0.0
    assert case.cell(kpi).numerator == 1.0
