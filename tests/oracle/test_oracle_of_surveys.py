"""Hand-worked examples of the KPIs of surveys: a person computed these numbers."""

from datetime import datetime

from tests.oracle.worked import REQUESTS, SEOUL, SURVEYS, Case, Table, parts, people


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
