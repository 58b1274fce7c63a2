"""Hand-worked examples of what is due by a time: a person computed these numbers."""

from datetime import date, datetime, timedelta

from tests.oracle.worked import END_OF_JANUARY, SEOUL, Case, Table, parts, people


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
