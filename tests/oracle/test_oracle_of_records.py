"""Hand-worked examples of the KPIs of what stands in the CRM: a person computed these numbers."""

from datetime import timedelta

from tests.oracle.worked import CUSTOMERS, END_OF_JANUARY, GOOD, OTHER, Case, Table, parts, people


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
