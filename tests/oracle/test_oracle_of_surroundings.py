"""What is the same around every KPI, worked out by hand: landing, scopes, targets, calendar."""

from dataclasses import asdict
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from tests.oracle.catalog import write_config
from tests.oracle.cells import HOUR, Untypable, micros, read_cell, read_instant
from tests.oracle.companies import random_company
from tests.oracle.company_config import Company
from tests.oracle.compare import KEY, compare
from tests.oracle.judging import interval_of, judge, quantile, target_of, wilson
from tests.oracle.worked import (
    COMPANY,
    CUSTOMERS,
    GOOD,
    OTHER,
    REQUESTS,
    SEOUL,
    SURVEYS,
    Case,
    Table,
    parts,
    people,
)


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


def test_an_address_that_two_share_is_nobodys_id_either(case: Case) -> None:
    case.night(
        employees=Table("employee_id email role", "q@x.kr Q@x.kr _", "e1 q@x.kr _"),
        requests=Table(
            REQUESTS,
            "r1 inquiry open q@x.kr 2026-01-05T09:00 _ _",
            "r2 inquiry open e1 2026-01-05T09:00 _ _",
        ),
    )
    cells = case.cells()
    assert {k[4] for k in cells if k[0] == "inquiry_completion_rate"} == {"company", "e1"}


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
