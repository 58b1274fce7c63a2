"""Hand-worked examples: the oracle is trusted because a person computed these numbers.

Calendar used below: January to March 2026 in Seoul. 2026-01-05 and 2026-01-12 are Mondays;
2026-02-16, -17 and -18 (Mon, Tue, Wed) are Seollal.
"""

from dataclasses import asdict
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from tests.oracle.catalog import catalog, write_config
from tests.oracle.cells import HOUR, Untypable, micros, read_cell, read_instant
from tests.oracle.companies import random_company
from tests.oracle.company_config import Company
from tests.oracle.compare import KEY, compare
from tests.oracle.judging import interval_of, judge, quantile, target_of, wilson
from tests.oracle.loads import Drop
from tests.oracle.oracle import Cell, evaluate

SEOUL = ZoneInfo("Asia/Seoul")
END_OF_JANUARY = datetime(2026, 2, 1, tzinfo=SEOUL)
COMPANY = ("company", "company")


class Table:
    """Writes `a b c | 1 2 3` style rows as dicts of text; `_` is an empty cell."""

    def __init__(self, header: str, *rows: str) -> None:
        names = header.split()
        self.rows = [
            {n: "" if v == "_" else v for n, v in zip(names, row.split(), strict=True)}
            for row in rows
        ]


class Case:
    """One company, its nights, and a way to ask for a cell."""

    def __init__(self, tmp_path: Path) -> None:
        self.directory = tmp_path / "config"
        self.company: dict = {"max_quarantine": 1.0}
        self.kpis = catalog()
        self.drops: list[Drop] = []

    def night(self, as_of: datetime = END_OF_JANUARY, mode: str = "full", **tables: Table) -> None:
        local = (as_of - timedelta(microseconds=1)).astimezone(SEOUL)
        rows = {entity: table.rows for entity, table in tables.items()}
        self.drops.append(Drop(as_of, local.date(), mode, rows))

    def entry(self, kpi_id: str) -> dict:
        return next(entry for entry in self.kpis if entry["id"] == kpi_id)

    def cells(self, as_of: datetime = END_OF_JANUARY, known_at: date | None = None) -> dict:
        return evaluate(
            self.drops, write_config(self.directory, self.company, self.kpis), as_of, known_at
        )

    def cell(
        self,
        kpi_id: str,
        start: str = "2026-01-01",
        grain: str = "month",
        scope: tuple[str, str] = COMPANY,
        as_of: datetime = END_OF_JANUARY,
    ) -> Cell:
        return self.cells(as_of)[kpi_id, grain, date.fromisoformat(start), *scope]


@pytest.fixture
def case(tmp_path: Path) -> Case:
    return Case(tmp_path)


def parts(cell: Cell) -> tuple[float, float | None]:
    return cell.numerator, cell.denominator


REQUESTS = "request_id kind status assignee_id opened_at received_at completed_at"
EVENTS = "event_id request_id to_status occurred_at"
PEOPLE = "employee_id team role hired_on left_on onboarding_owner_id updated_at"


# -- 1 document_turnaround ---------------------------------------------------------------------


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


# -- 2 customer_record_accuracy ----------------------------------------------------------------

CUSTOMERS = (
    "customer_id name business_registration_no email phone postal_code owner_id steward_id status"
    " deleted_at updated_at"
)
GOOD = "124-81-00998 a@b.kr 02-123-4567 06236 e1 e2 active"
OTHER = "116-82-00276 a@b.kr +82-10-1234-5678 06236 e1 e2 active"


def people(*rows: str) -> Table:
    return Table(PEOPLE, *rows)


def test_a_record_is_accurate_while_every_rule_holds(case: Case) -> None:
    case.night(
        employees=people("e1 _ sales _ _ _ 2026-01-01T00:00", "e2 _ _ _ _ _ 2026-01-01T00:00"),
        customers=Table(
            CUSTOMERS,
            f"c1 A {GOOD} _ 2026-01-05T00:00",
            f"c2 B {OTHER} _ 2026-01-05T00:00",
            # from January 20 on without a name
            f"c2 _ {OTHER} _ 2026-01-20T00:00",
            # wrong check digit; never accurate; no longer there from January 15 on
            "c3 C 124-81-00999 a@b.kr 0212345678 06236 e1 e2 active 2026-01-15T00:00"
            " 2026-01-05T00:00",
            # no customer that counts
            f"c4 D {GOOD.replace('active', 'churned')} _ 2026-01-05T00:00",
        ),
    )
    day = "day"
    kpi = "customer_record_accuracy"
    assert parts(case.cell(kpi, "2026-01-05", day)) == (2.0, 3.0)
    assert parts(case.cell(kpi, "2026-01-14", day)) == (2.0, 3.0)  # c3 ends at this day's end
    assert parts(case.cell(kpi, "2026-01-15", day)) == (2.0, 2.0)
    assert parts(case.cell(kpi, "2026-01-19", day)) == (2.0, 2.0)
    assert parts(case.cell(kpi, "2026-01-20", day)) == (1.0, 2.0)
    assert parts(case.cell(kpi, scope=("employee", "e2"))) == (1.0, 2.0)
    # 50 % against 99 %, and a full census has no interval
    cell = case.cell(kpi)
    assert (cell.value, cell.status, cell.ci_low) == (0.5, "missed", None)


def test_a_shared_number_spoils_both_records_while_both_are_active(case: Case) -> None:
    shared = "1248100998 a@b.kr 0212345678 06236 e1 e2"
    case.night(
        employees=people("e1 _ sales _ _ _ _"),
        customers=Table(
            CUSTOMERS,
            f"c1 A {GOOD} _ 2026-01-05T00:00",
            f"c2 B {shared} active _ 2026-01-07T00:00",
            f"c2 B {shared} prospect _ 2026-01-09T00:00",
        ),
    )
    kpi = "customer_record_accuracy"
    assert parts(case.cell(kpi, "2026-01-06", "day")) == (1.0, 1.0)
    assert parts(case.cell(kpi, "2026-01-07", "day")) == (0.0, 2.0)
    assert parts(case.cell(kpi, "2026-01-09", "day")) == (1.0, 1.0)


def test_the_owner_leaves_after_the_last_day_but_not_before_it_is_said(case: Case) -> None:
    case.night(
        employees=people(
            "e1 _ sales _ _ _ 2026-01-01T00:00",
            "e1 _ sales _ 2026-01-08 _ 2026-01-06T00:00",  # leaves with the end of January 8
            "e3 _ sales _ _ _ 2026-01-01T00:00",
            "e3 _ sales _ 2026-01-08 _ 2026-01-12T00:00",  # said only on the 12th
        ),
        customers=Table(
            CUSTOMERS,
            f"c1 A {GOOD} _ 2026-01-05T00:00",
            f"c2 B {OTHER.replace('e1', 'e3')} _ 2026-01-05T00:00",
            "c3 C 2208162517 a@b.kr 0212345678 06236 e9 e2 active _ 2026-01-05T00:00",
        ),
    )
    kpi = "customer_record_accuracy"
    # 220-81-62517: 2+6+0+8+3+42+2+15+5 = 83, + 5·1/10 = 0 → 83 → 10−3 = 7: valid, but e9 unknown
    assert parts(case.cell(kpi, "2026-01-08", "day")) == (2.0, 3.0)
    assert parts(case.cell(kpi, "2026-01-09", "day")) == (1.0, 3.0)
    assert parts(case.cell(kpi, "2026-01-11", "day")) == (1.0, 3.0)
    assert parts(case.cell(kpi, "2026-01-12", "day")) == (0.0, 3.0)


def test_an_audit_that_found_it_wrong_holds_until_a_later_edit_or_audit(case: Case) -> None:
    case.night(
        employees=people("e1 _ sales _ _ _ _"),
        customers=Table(
            CUSTOMERS,
            f"c1 A {GOOD} _ 2026-01-05T00:00",
            f"c1 A2 {GOOD} _ 2026-01-07T12:00",
            f"c2 B {OTHER} _ 2026-01-05T00:00",
        ),
        record_audits=Table(
            "audit_id customer_id audited_at is_accurate",
            "a1 c1 2026-01-06T00:00 no",  # until the edit of the 7th
            "a2 c1 2026-01-07T12:00 no",  # at the edit's own instant: not cleared by it
            "a3 c2 2026-01-08T00:00 no",
            "a4 c2 2026-01-09T00:00 yes",  # right again
            "a5 c2 2026-01-10T00:00 yes",  # of two at once the larger id decides
            "a6 c2 2026-01-10T00:00 no",
        ),
    )
    kpi = "customer_record_accuracy"
    by_day = {d: case.cell(kpi, f"2026-01-{d:02d}", "day").numerator for d in range(5, 11)}
    assert by_day == {5: 2.0, 6: 1.0, 7: 1.0, 8: 0.0, 9: 1.0, 10: 0.0}


# -- 3, 9, 10 surveys --------------------------------------------------------------------------

SURVEYS = "response_id survey request_id respondent_id score scale_min scale_max submitted_at"


def test_scores_are_normalised_and_the_latest_answer_replaces(case: Case) -> None:
    case.night(
        employees=people("e1 T1 support _ _ _ _"),
        requests=Table(REQUESTS, "r1 material open e1 2026-01-05T09:00 _ _"),
        survey_responses=Table(
            SURVEYS,
            "s1 material_request r1 p1 5 _ _ 2026-01-06T09:00",  # replaced by s2
            "s2 material_request r1 p1 3 _ _ 2026-02-01T08:00+09:00",
            "s3 material_request r1 p2 10 0 10 2026-01-07T09:00",  # → 5
            "s4 material_request _ p2 3 1 3 2026-01-07T09:00",  # → 5
            "s5 material_request _ p2 0 0 10 2026-01-07T10:00",  # its own, → 1
            "s6 material_request r1 p3 6 _ _ 2026-01-07T10:00",  # outside its scale
        ),
    )
    kpi = "material_request_satisfaction"
    later = datetime(2026, 2, 2, tzinfo=SEOUL)
    assert parts(case.cell(kpi, as_of=later)) == (11.0, 3.0)
    assert parts(case.cell(kpi, "2026-02-01", as_of=later)) == (3.0, 1.0)
    # seen from January's end the replacing answer has not come yet
    assert parts(case.cell(kpi)) == (16.0, 4.0)
    assert parts(case.cell(kpi, scope=("employee", "e1"))) == (10.0, 2.0)
    assert parts(case.cell(kpi, scope=("team", "T1"))) == (10.0, 2.0)


def test_equal_submission_times_go_by_the_larger_response_id(case: Case) -> None:
    case.night(
        survey_responses=Table(
            SURVEYS,
            "s10 material_request r1 p1 5 _ _ 2026-01-06T09:00",
            "s9 material_request r1 p1 2 _ _ 2026-01-06T09:00",
        ),
    )
    assert parts(case.cell("material_request_satisfaction")) == (2.0, 1.0)


def test_one_person_is_one_respondent_by_id_or_by_address(case: Case) -> None:
    case.night(
        employees=Table("employee_id email role", "p1 P1@x.kr sales", "q@x.kr q@x.kr _"),
        survey_responses=Table(
            SURVEYS,
            "s1 material_request r1 p1 5 _ _ 2026-01-06T09:00",
            "s2 material_request r1 p1@x.kr 2 _ _ 2026-01-07T09:00",
            "s3 material_request r1 q@x.kr 4 _ _ 2026-01-07T09:00",  # an address alone: nobody
            "s4 material_request r1 q@x.kr 3 _ _ 2026-01-08T09:00",
        ),
    )
    assert parts(case.cell("material_request_satisfaction")) == (5.0, 2.0)


def test_an_address_is_nobodys_id(case: Case) -> None:
    case.night(
        employees=Table("employee_id email role", "q@x.kr q@x.kr _", "r@x.kr R@x.kr sales"),
        requests=Table(
            REQUESTS,
            "r1 inquiry open q@x.kr 2026-01-05T09:00 _ _",
            "r2 inquiry open r@x.kr 2026-01-05T09:00 _ _",
        ),
    )
    cells = case.cells()
    assert {k[4] for k in cells if k[0] == "inquiry_completion_rate"} == {"company", "r@x.kr"}


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


def test_complaint_answers_count_only_from_sales_at_that_moment(case: Case) -> None:
    case.night(
        employees=people(
            "p1 _ sales _ _ _ 2026-01-01T00:00",
            "p1 _ support _ _ _ 2026-01-10T00:00",
            "p2 _ support _ _ _ _",
        ),
        survey_responses=Table(
            SURVEYS,
            "s1 complaint_support r1 p1 4 _ _ 2026-01-09T23:59:59",
            "s2 complaint_support r1 p1 1 _ _ 2026-01-10T00:00",  # no longer in sales: rejected
            "s3 complaint_support r1 p2 1 _ _ 2026-01-09T00:00",
            "s4 complaint_support r1 p9 1 _ _ 2026-01-09T00:00",
            "s5 complaint_support r1 _ 1 _ _ 2026-01-09T00:00",
        ),
    )
    assert parts(case.cell("complaint_support_satisfaction")) == (4.0, 1.0)


def test_onboarding_answers_count_from_the_day_of_hire_to_day_180(case: Case) -> None:
    case.night(
        employees=people(
            "p1 _ sales 2025-07-10 _ e1 _",  # day 180 is January 6
            "p2 _ sales 2025-07-10 _ e1 _",
            "p3 _ sales 2026-01-06 _ e1 _",
            "p4 _ support 2026-01-06 _ e1 _",
            "e1 T1 support _ _ _ _",
        ),
        survey_responses=Table(
            SURVEYS,
            "s1 onboarding _ p1 5 _ _ 2026-01-06T23:59",
            "s2 onboarding _ p2 5 _ _ 2026-01-07T00:00",  # day 181
            "s3 onboarding _ p3 3 _ _ 2026-01-06T00:00",  # day 0, replaced
            "s4 onboarding r7 p3 4 _ _ 2026-01-08T00:00",
            "s5 onboarding _ p4 1 _ _ 2026-01-08T00:00",
        ),
    )
    kpi = "onboarding_satisfaction"
    assert parts(case.cell(kpi)) == (9.0, 2.0)
    assert case.cell(kpi).status == "met"
    assert parts(case.cell(kpi, scope=("team", "T1"))) == (9.0, 2.0)


# -- 4 contract_followup_completion ------------------------------------------------------------


def test_all_three_steps_within_24_hours_to_the_instant(case: Case) -> None:
    steps = [
        f"{contract} {step} 2026-01-05T10:00"
        for contract in ("k1", "k2", "k5")
        for step in ("issue_contract", "register_system")
    ]
    case.night(
        contracts=Table(
            "contract_id support_owner_id signed_at status",
            "k1 e1 2026-01-05T09:00 signed",
            "k2 e1 2026-01-05T09:00 _",
            "k3 e1 2026-01-05T09:00 signed",
            "k4 e1 2026-01-05T09:00 cancelled",
            "k5 e1 2026-01-31T00:00 signed",  # deadline = as_of: not yet
        ),
        contract_steps=Table(
            "contract_id step completed_at",
            *steps,
            "k1 settle 2026-01-06T09:00",  # exactly 24 h
            "k2 settle 2026-01-06T09:00:00.000001",
            "k3 settle _",
        ),
    )
    kpi = "contract_followup_completion"
    assert parts(case.cell(kpi)) == (1.0, 3.0)
    # a row stands at its deadline, a day after the signing
    assert parts(case.cell(kpi, "2026-01-06", "day")) == (1.0, 3.0)
    a_moment_later = END_OF_JANUARY + timedelta(microseconds=1)
    assert parts(case.cell(kpi, "2026-02-01", as_of=a_moment_later)) == (0.0, 1.0)


# -- 5 crm_entry_rate --------------------------------------------------------------------------

NO_OPPORTUNITIES = Table("opportunity_id updated_at")


def test_activities_count_once_it_is_decided(case: Case) -> None:
    case.night(
        opportunities=NO_OPPORTUNITIES,
        activities=Table(
            "activity_id owner_id occurred_at recorded_at",
            "a1 e1 2026-01-05T09:00 2026-01-07T09:00",  # exactly 48 h: in time
            "a2 e1 2026-01-05T09:00 2026-01-07T09:00:01",
            "a3 e1 2026-01-05T09:00 _",
            "a4 e1 2026-01-30T00:00 _",  # its 48 h end at as_of: undecided
            "a5 e1 2026-01-30T00:00 2026-02-01T00:00",  # recorded at as_of: undecided
            "a6 e1 2026-01-31T12:00 2026-01-31T13:00",
        ),
    )
    assert parts(case.cell("crm_entry_rate")) == (2.0, 4.0)
    assert case.cell("crm_entry_rate", grain="quarter").status == "no_target"


def test_open_opportunities_go_stale_after_exactly_30_days(case: Case) -> None:
    case.night(
        activities=Table("activity_id occurred_at"),
        opportunities=Table(
            "opportunity_id owner_id stage amount close_date next_step is_closed updated_at",
            "o1 e1 offer 100 2026-03-01 call _ 2026-01-02T00:00",  # stale from February 1, 00:00
            "o2 e1 offer 100 2026-03-01 call no 2026-01-01T12:00",  # stale from January 31, 12:00
            "o3 e1 offer _ 2026-03-01 call no 2026-01-05T00:00",
            "o4 e1 offer 100 2026-03-01 call no 2026-01-05T00:00",
            "o4 e1 offer 100 2026-03-01 call yes 2026-01-20T00:00",  # closed
        ),
    )
    kpi = "crm_entry_rate"
    assert parts(case.cell(kpi, "2026-01-19", "day")) == (3.0, 4.0)
    assert parts(case.cell(kpi, "2026-01-20", "day")) == (2.0, 3.0)
    assert parts(case.cell(kpi, "2026-01-30", "day")) == (2.0, 3.0)
    assert parts(case.cell(kpi)) == (1.0, 3.0)  # o1 just before February
    a_moment_later = END_OF_JANUARY + timedelta(microseconds=1)
    assert parts(case.cell(kpi, "2026-02-01", as_of=a_moment_later)) == (0.0, 3.0)


# -- 6 reports ---------------------------------------------------------------------------------

WEEKLY = {
    "id": "trend",
    "name": {"ko": "추이", "en": "Trend"},
    "owner_id": "e1",
    "weekday": "mon",
    "starts_on": date(2026, 2, 9),
}


def test_a_report_is_due_on_the_next_open_day_and_a_silent_week_is_missed(case: Case) -> None:
    case.company["reports"] = [WEEKLY]
    case.night(
        report_deliveries=Table(
            "delivery_id report delivered_at",
            "d0 trend 2026-02-08T23:59:59",  # the Sunday before
            "d1 trend 2026-02-10T00:00",  # after Monday the 9th
            "d2 trend 2026-02-16T06:00",  # week of Seollal: due on Thursday the 19th
            "d3 other 2026-02-23T06:00",
        ),
    )
    as_of = datetime(2026, 3, 1, tzinfo=SEOUL)
    kpi = "report_on_time"
    assert parts(case.cell(kpi, "2026-02-01", as_of=as_of)) == (1.0, 3.0)
    assert parts(case.cell(kpi, "2026-02-09", "day", as_of=as_of)) == (0.0, 1.0)
    assert parts(case.cell(kpi, "2026-02-16", "day", as_of=as_of)) == (0.0, 0.0)
    assert parts(case.cell(kpi, "2026-02-19", "day", as_of=as_of)) == (1.0, 1.0)
    # the due day has to have ended
    before = datetime(2026, 2, 23, 23, tzinfo=SEOUL)
    assert parts(case.cell(kpi, "2026-02-01", as_of=before)) == (1.0, 2.0)


def test_usage_asks_every_weekly_meeting_for_every_report_of_its_day(case: Case) -> None:
    case.company["reports"] = [WEEKLY, {**WEEKLY, "id": "pipeline", "starts_on": date(2026, 2, 17)}]
    case.night(
        meetings=Table(
            "meeting_id kind held_at",
            "m0 weekly_sales 2026-02-08T23:59",  # before any report
            "m1 weekly_sales 2026-02-09T00:00",
            "m2 weekly_sales 2026-02-17T10:00",
            "m3 other 2026-02-17T10:00",
        ),
        report_uses=Table(
            "meeting_id report used", "m1 trend yes", "m2 trend no", "m2 pipeline O", "m0 trend y"
        ),
    )
    as_of = datetime(2026, 3, 1, tzinfo=SEOUL)
    assert parts(case.cell("report_usage", "2026-02-01", as_of=as_of)) == (2.0, 3.0)


# -- 7 insights_delivered ----------------------------------------------------------------------


def test_insights_are_judged_by_quarter_for_the_company(case: Case) -> None:
    case.night(
        employees=people("e1 T1 support _ _ _ _"),
        insights=Table(
            "insight_id author_id provided_at accepted",
            "i1 e1 2026-01-05T09:00 true",
            "i2 e1 2026-01-31T23:59:59.999999 1",
            "i3 e1 2026-01-06T09:00 false",
            "i4 e1 2026-01-06T09:00 _",
            "i5 e1 2026-02-01T00:00 true",  # at as_of
        ),
    )
    kpi = "insights_delivered"
    quarter = case.cell(kpi, grain="quarter")
    assert (quarter.numerator, quarter.denominator, quarter.value) == (2.0, None, 2.0)
    assert (quarter.status, quarter.sample_size, quarter.ci_low) == ("met", 2, None)
    assert case.cell(kpi).status == "no_target"
    assert case.cell(kpi, grain="quarter", scope=("team", "T1")).status == "no_target"
    empty = case.cell(kpi, "2026-01-06", "day")
    assert (empty.numerator, empty.value, empty.status) == (0.0, None, "no_data")


# -- 8 inquiries -------------------------------------------------------------------------------


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


# -- 11 material_freshness ---------------------------------------------------------------------


def test_a_material_is_fresh_when_it_was_updated_in_the_month(case: Case) -> None:
    case.night(
        employees=people("e1 T1 support _ _ _ _"),
        materials=Table(
            "material_id owner_id created_at retired_at",
            "m1 e1 2025-12-15T09:00 _",
            "m2 e1 2025-12-31T23:59:59 2026-02-01T00:00",  # still there just before February
            "m3 e1 2025-12-15T09:00 2026-01-31T23:59:59",  # retired
            "m4 e1 2026-01-01T00:00 _",  # created in the month
        ),
        material_updates=Table(
            "update_id material_id updated_at",
            "u1 m1 2026-01-01T00:00",
            "u2 m2 2025-12-31T23:59:59",
            "u3 m4 2026-01-10T00:00",
        ),
    )
    kpi = "material_freshness"
    assert parts(case.cell(kpi)) == (1.0, 2.0)
    assert parts(case.cell(kpi, scope=("team", "T1"))) == (1.0, 2.0)
    later = datetime(2026, 2, 10, tzinfo=SEOUL)
    # a quarter takes its last started month: m1 and m4 in February, none updated
    assert parts(case.cell(kpi, "2026-01-01", "quarter", as_of=later)) == (0.0, 2.0)
    assert not any(key[1] in ("day", "week") for key in case.cells() if key[0] == kpi)


# -- everything around the rules ---------------------------------------------------------------


def test_a_missing_entity_says_no_data_and_a_header_counts_as_landed(case: Case) -> None:
    case.night(survey_responses=Table(SURVEYS))
    cells = case.cells()
    month = ("month", date(2026, 1, 1), *COMPANY)
    assert len([key for key in cells if key[0] == "document_turnaround"]) == 5
    assert cells["document_turnaround", *month].status == "no_data"
    assert cells["document_turnaround", *month].denominator == 0
    assert cells["insights_delivered", *month].denominator is None


def test_rows_of_strangers_count_for_the_company_only(case: Case) -> None:
    case.night(
        employees=people("e1 T1 support _ _ _ 2026-01-20T00:00"),  # reaches back
        requests=Table(
            REQUESTS,
            "r1 inquiry open e1 2026-01-05T09:00 _ _",
            "r2 inquiry open e9 2026-01-05T09:00 _ _",
            "r3 inquiry open _ 2026-01-05T09:00 _ _",
        ),
    )
    kpi = "inquiry_completion_rate"
    assert case.cell(kpi).denominator == 3.0
    assert case.cell(kpi, scope=("team", "T1")).denominator == 1.0
    assert {key[4] for key in case.cells() if key[0] == kpi} == {"company", "T1", "e1"}


def test_what_is_absent_from_a_full_load_is_deleted_from_that_night_on(case: Case) -> None:
    first, second = datetime(2026, 1, 10, tzinfo=SEOUL), datetime(2026, 1, 20, tzinfo=SEOUL)
    opened = "2026-01-05T09:00"
    rows = (f"r1 inquiry open e1 {opened} _ _", f"r2 inquiry open e1 {opened} _ _")
    case.night(first, requests=Table(REQUESTS, *rows))
    case.night(second, requests=Table(REQUESTS, rows[0]))
    kpi = "inquiry_completion_rate"
    assert case.cell(kpi, as_of=second).denominator == 2.0
    assert case.cell(kpi, as_of=second + timedelta(hours=1)).denominator == 1.0
    month = (kpi, "month", date(2026, 1, 1), *COMPANY)
    later = second + timedelta(hours=1)
    assert case.cells(later, known_at=date(2026, 1, 9))[month].denominator == 2.0
    case.night(second + timedelta(days=1), requests=Table(REQUESTS, *rows))
    assert case.cell(kpi, as_of=second + timedelta(days=2)).denominator == 2.0


def test_a_later_load_wins_a_version_and_an_undated_one_starts_with_its_night(case: Case) -> None:
    first, second = datetime(2026, 1, 10, tzinfo=SEOUL), datetime(2026, 1, 20, tzinfo=SEOUL)
    employees = people("e1 _ sales _ _ _ _")
    case.night(
        first,
        employees=employees,
        customers=Table(
            CUSTOMERS,
            f"c1 _ {GOOD} _ 2026-01-05T00:00",
            f"c2 B {OTHER} _ _",
        ),
    )
    case.night(
        second,
        employees=employees,
        customers=Table(
            CUSTOMERS,
            f"c1 A {GOOD} _ 2026-01-05T00:00",  # a silent change: it always had a name
            f"c2 _ {OTHER} _ _",  # no name from the second night on
        ),
    )
    kpi = "customer_record_accuracy"
    assert parts(case.cell(kpi, "2026-01-05", "day")) == (2.0, 2.0)
    assert parts(case.cell(kpi, "2026-01-19", "day")) == (2.0, 2.0)
    assert parts(case.cell(kpi, "2026-01-20", "day")) == (1.0, 2.0)


def test_a_target_is_dated_scoped_and_may_be_for_one_grain() -> None:
    entry = {
        "unit": "ratio",
        "targets": [
            {"from": date(2025, 1, 1), "value": 0.8},
            {"from": date(2026, 1, 31), "value": 0.9},
            {"from": date(2025, 1, 1), "value": 0.7, "scope": "role:sales"},
            {"from": date(2025, 1, 1), "value": 0.6, "scope": "employee:e1", "grain": "week"},
            {"from": date(2025, 1, 1), "value": 0.5, "grain": "week"},
        ],
    }
    end = date(2026, 1, 31)
    assert target_of(entry, "month", end, COMPANY, None) == 0.9
    assert target_of(entry, "month", date(2026, 1, 30), COMPANY, None) == 0.8
    assert target_of(entry, "week", end, COMPANY, None) == 0.5
    assert target_of(entry, "month", end, ("employee", "e1"), "sales") == 0.7
    assert target_of(entry, "week", end, ("employee", "e1"), "sales") == 0.6
    assert target_of(entry, "week", end, ("employee", "e2"), "support") == 0.5


def test_status_is_inclusive_at_the_target_and_at_the_tolerance() -> None:
    higher = {"better": "higher", "tolerance": 0.05, "min_sample": 2}
    lower = {"better": "lower"}
    assert judge(higher, 0.8, 0.8, 2) == ("met", 1.0)
    assert judge(higher, 0.76, 0.8, 2)[0] == "at_risk"
    assert judge(higher, 0.7599, 0.8, 2)[0] == "missed"
    assert judge(higher, 0.9, 0.8, 1)[0] == "insufficient"
    assert judge(lower, 2.1, 2.0, 1)[0] == "at_risk"
    assert judge(lower, 0.0, 2.0, 1) == ("met", 2.0)
    assert judge(lower, None, 2.0, 0) == ("no_data", None)


def test_intervals_and_quantiles_as_in_the_books() -> None:
    low, high = wilson(990, 1000)
    assert (round(low, 4), round(high, 4)) == (0.9817, 0.9946)
    # mean 3, s = 1, t(2) = 4.302653: 3 ± 4.302653 / √3
    low, high = interval_of({"unit": "score", "id": "x"}, [2.0, 3.0, 4.0], 3)
    assert (low, high) == pytest.approx((3 - 2.484138, 3 + 2.484138), abs=1e-6)
    assert interval_of({"unit": "score", "id": "x"}, [2.0], 1) == (None, None)
    assert quantile([1.0, 2.0, 4.0], 0.9) == pytest.approx(3.6)


def test_working_time_knows_holidays_open_days_and_changing_hours(tmp_path: Path) -> None:
    company = {
        "closed_days": [date(2026, 1, 6)],
        "open_days": [date(2026, 2, 16), date(2026, 1, 10)],
        "working_hours": [
            {
                "from": date(2020, 1, 1),
                "mon": ["09:00-12:00", "13:00-18:00"],
                "tue": ["00:00-24:00"],
            },
            {"from": date(2026, 2, 1), "mon": ["10:00-12:00"]},
        ],
    }
    it = Company(write_config(tmp_path, company, []))

    def between(start: str, end: str) -> float:
        return it.working_time(read_instant(start, it.zone), read_instant(end, it.zone)) / HOUR

    assert between("2026-01-05T11:00", "2026-01-05T14:00") == 2.0
    assert between("2026-01-06T00:00", "2026-01-07T00:00") == 0.0  # closed
    assert between("2026-01-13T00:00", "2026-01-14T00:00") == 24.0
    assert between("2026-01-10T00:00", "2026-01-11T00:00") == 8.0  # an open Saturday
    assert between("2026-02-16T00:00", "2026-02-17T00:00") == 2.0  # a holiday, but open
    assert between("2026-02-17T00:00", "2026-02-20T00:00") == 0.0
    assert between("2026-03-02T00:00", "2026-03-03T00:00") == 0.0  # substitute for March 1


def test_a_day_of_a_clock_change_has_23_or_25_hours(tmp_path: Path) -> None:
    company = {
        "timezone": "America/New_York",
        "country": None,
        "working_hours": {"sun": ["00:00-24:00"]},
    }
    it = Company(write_config(tmp_path, company, []))
    for day, length in (("2026-03-08", 23), ("2026-11-01", 25)):
        start = read_instant(day, it.zone)
        assert it.working_time(start, start + 30 * HOUR) == length * HOUR


def test_instants_without_offset_are_read_in_the_company_zone() -> None:
    new_york = "America/New_York"
    assert read_instant("2026-11-01 01:30", new_york) == micros(
        datetime(2026, 11, 1, 6, 30, tzinfo=UTC)  # shown twice: the later one
    )
    assert read_instant("2026-03-08 02:30", new_york) == micros(
        datetime(2026, 3, 8, 7, 30, tzinfo=UTC)  # never shown: forward
    )
    assert read_instant("2026-01-05T00:00Z", new_york) == micros(datetime(2026, 1, 5, tzinfo=UTC))
    with pytest.raises(Untypable):
        read_instant("1926-01-05", new_york)


def test_cells_are_trimmed_and_words_for_yes_and_no_are_many() -> None:
    assert read_cell("\u3000 007\u00a0", "text", "UTC") == "007"
    assert [read_cell(word, "bool", "UTC") for word in ("Y", "o", "예", "X", "아니오", " ")] == [
        True,
        True,
        True,
        False,
        False,
        None,
    ]


def test_the_same_seed_makes_the_same_company_and_another_one_another() -> None:
    assert random_company(7) == random_company(7)
    assert random_company(7) != random_company(8)


def test_a_difference_of_any_kind_is_told(case: Case) -> None:
    case.night(requests=Table(REQUESTS, "r1 inquiry open e1 2026-01-30T09:00 _ _"))
    expected = {key: cell for key, cell in case.cells().items() if key[0].startswith("inquiry_c")}
    found = [{**dict(zip(KEY, key, strict=True)), **asdict(c)} for key, c in expected.items()]
    assert compare(expected, found) == []
    assert "is there twice" in compare(expected, [*found, found[0]])[0]
    assert "missing" in compare(expected, found[1:])[0]
    assert "not expected" in compare(expected, [*found, {**found[0], "scope_id": "x"}])[0]
    wrong = compare(expected, [{**found[0], "status": "met", "ci_high": float("nan")}, *found[1:]])
    assert "status" in wrong[0]
    assert "ci_high" in wrong[0]
    assert compare(expected, [{**found[0], "numerator": 1e-12}, *found[1:]]) == []
