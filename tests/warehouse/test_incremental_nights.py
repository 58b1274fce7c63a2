"""Nights built one after the other equal nights built from nothing, row for row.

Three nights of a small company: the second brings late rows, deletions, new versions and answers,
the third brings nothing but the passing of a day.
"""

import copy

import pytest
from drops import write_drop

from sales_support_kpi import pipeline
from sales_support_kpi.config import Config, load_config
from sales_support_kpi.night import parse_as_of
from sales_support_kpi.settings import Home
from whole_tables import Tables, differing, tables

pytestmark = pytest.mark.integration

NIGHTS = ("2026-10-12", "2026-10-13", "2026-10-14")
REPORTS = """
reports:
  - {id: trend, name: {ko: 추이, en: Trend}, owner_id: e01, weekday: mon, starts_on: 2026-09-01}
"""

Rows = dict[str, list[dict[str, object]]]


def first_drop() -> Rows:
    """What the company has landed on the first night."""
    customer = {
        "status": "active", "email": "a@b.kr", "phone": "02-123-4567", "postal_code": "04524",
        "owner_id": "e11", "steward_id": "e01", "updated_at": "2026-09-01 09:00",
    }  # fmt: skip
    opportunity = {
        "owner_id": "e11", "stage": "proposal", "amount": 100, "close_date": "2026-12-01",
        "next_step": "visit", "updated_at": "2026-09-14 12:00",
    }  # fmt: skip
    return {
        "employees": [
            {"employee_id": "e01", "team": "Support", "role": "support"},
            {"employee_id": "e02", "team": "Support", "role": "support"},
            {"employee_id": "e11", "team": "North", "role": "sales", "hired_on": "2026-06-01"},
            {"employee_id": "e12", "team": "South", "role": "sales", "left_on": "2026-10-13"},
        ],
        "customers": [
            customer | {"customer_id": f"h{n}", "name": "가", "business_registration_no": number}
            for n, number in enumerate(
                ["120-81-45673", "220-88-76548", "311-86-01238", "604-81-12345", "220-88-76548"]
            )
        ]
        + [customer | {"customer_id": "h9", "name": "나", "country": "JP", "owner_id": "e12"}],
        "opportunities": [opportunity | {"opportunity_id": f"o{n}"} for n in range(6)],
        "activities": [
            {"activity_id": f"a{n}", "owner_id": "e11", "type": "call"}
            | {"occurred_at": f"2026-10-{n + 6:02d} 10:00", "recorded_at": "2026-10-12 09:00"}
            for n in range(6)
        ],
        "contracts": [
            {"contract_id": f"c{n}", "support_owner_id": "e01", "signed_at": "2026-10-09 10:00"}
            | {"deleted_at": "2026-10-14 12:00" if n == 5 else ""}
            for n in range(6)
        ],
        "contract_steps": [
            {"contract_id": f"c{n}", "step": step, "completed_at": "2026-10-09 18:00"}
            for n in range(5)
            for step in ("issue_contract", "register_system", "settle")
        ],
        "requests": [
            {"request_id": f"r{n}", "kind": kind, "assignee_id": "e02", "customer_id": "h1"}
            | {"opened_at": f"2026-10-{n + 6:02d} 09:00", "status": "open"}
            for n, kind in enumerate(
                ["inquiry", "inquiry", "proposal", "contract", "inquiry", "material", "complaint"]
            )
        ],
        "request_events": [
            {"event_id": f"v{n}", "request_id": f"r{n}", "to_status": "waiting"}
            | {"occurred_at": f"2026-10-{n + 6:02d} 10:00"}
            for n in range(6)
        ],
        "survey_responses": [
            {"response_id": f"s{n}", "survey": survey, "request_id": request, "score": 3}
            | {"respondent_id": "e11", "submitted_at": f"2026-10-{n + 8:02d} 10:00"}
            for n, (survey, request) in enumerate(
                [
                    ("material_request", "r5"),
                    ("complaint_support", "r6"),
                    ("onboarding", ""),
                    ("onboarding", ""),
                ]
            )
        ],
        "report_deliveries": [
            {"delivery_id": "d1", "report": "trend", "delivered_at": "2026-10-12 09:00"}
        ],
        "meetings": [{"meeting_id": "m1", "kind": "weekly_sales", "held_at": "2026-10-12 10:00"}],
        "report_uses": [],
        "insights": [
            {"insight_id": f"i{n}", "author_id": "e01", "provided_at": "2026-10-07 10:00"}
            | {"accepted": "true"}
            for n in range(2)
        ],
        "materials": [
            {"material_id": "g1", "owner_id": "e01", "created_at": "2026-01-05 09:00"},
            {"material_id": "g2", "owner_id": "e02", "created_at": "2026-01-05 09:00"},
        ],
        "material_updates": [
            {"update_id": "u1", "material_id": "g1", "updated_at": "2026-10-05 09:00"}
        ],
        "record_audits": [
            {"audit_id": "w1", "customer_id": "h0", "audited_at": "2026-10-08 09:00"}
            | {"is_accurate": "false"}
        ],
    }


def second_drop() -> Rows:
    """The same, a day later: late rows, deletions, completions, new versions, later answers."""
    rows = copy.deepcopy(first_drop())
    requests = rows["requests"]
    del requests[4]  # r4 is gone from the source
    requests[0] |= {"status": "done", "completed_at": "2026-10-13 11:00"}
    requests[2] |= {"status": "done", "completed_at": "2026-10-13 15:00"}
    requests.append(
        {"request_id": "late", "kind": "inquiry", "assignee_id": "e01", "status": "done"}
        | {"opened_at": "2026-10-02 09:00", "completed_at": "2026-10-02 11:00"}
    )
    rows["request_events"][0] |= {"deleted_at": "2026-10-13 12:00"}
    rows["request_events"][1] |= {"request_id": "r5"}  # it was never about r1
    rows["customers"][4] |= {
        "business_registration_no": "137-85-09877", "updated_at": "2026-10-13 09:00",
    }  # fmt: skip
    rows["customers"][0] |= {"phone": "02-123-9999", "updated_at": "2026-10-13 10:00"}
    rows["opportunities"][0] |= {"next_step": "", "updated_at": "2026-10-13 10:00"}
    rows["opportunities"][1] |= {"is_closed": "true", "updated_at": "2026-10-13 10:00"}
    rows["activities"][5] |= {"recorded_at": "2026-10-13 12:00"}
    rows["contract_steps"][2] |= {"completed_at": "2026-10-11 18:00"}
    rows["survey_responses"].append(
        {"response_id": "s9", "survey": "material_request", "request_id": "r5", "score": 5}
        | {"respondent_id": "e11", "submitted_at": "2026-10-13 10:00"}
    )
    rows["survey_responses"] += [
        {"response_id": "s10", "survey": "complaint_support", "request_id": "r6", "score": 4}
        | {"respondent_id": "e12", "submitted_at": "2026-10-13 10:00"},
        {"response_id": "s11", "survey": "onboarding", "score": 4}
        | {"respondent_id": "e11", "submitted_at": "2026-10-13 11:00"},
    ]
    rows["report_deliveries"].append(
        {"delivery_id": "d2", "report": "trend", "delivered_at": "2026-10-06 09:00"}
    )
    rows["employees"][2] |= {"team": "South"}
    rows["report_uses"] = [{"meeting_id": "m1", "report": "trend", "used": "true"}]
    rows["insights"][0] |= {"accepted": "false"}
    rows["material_updates"].append(
        {"update_id": "u2", "material_id": "g2", "updated_at": "2026-10-13 09:00"}
    )
    rows["record_audits"].append(
        {"audit_id": "w2", "customer_id": "h2", "audited_at": "2026-10-13 09:00"}
        | {"is_accurate": "false"}
    )
    return rows


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> Config:
    folder = tmp_path_factory.mktemp("config")
    (folder / "company.yml").write_text(REPORTS, encoding="utf-8")
    return load_config(folder)


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory, config: Config) -> dict[str, Tables]:
    """Tables after each night, after the last night once more, and after a build from nothing."""
    folder = tmp_path_factory.mktemp("nights")
    home = Home(folder / "home")
    first, second, third = (parse_as_of(night, config.company.timezone) for night in NIGHTS)
    snapshots = {}
    for name, night, rows in (
        ("first", first, first_drop()),
        ("second", second, second_drop()),
        ("third", third, second_drop()),
        ("again", third, None),
    ):
        if rows is not None:
            outcome = pipeline.ingest_drop(home, config, write_drop(folder / "drop", rows), night)
            assert outcome.status in ("landed", "unchanged"), outcome.message
        build = pipeline.build(home, config, night)
        assert build.is_full_refresh == (name == "first"), name
        snapshots[name] = tables(build.file)
    whole = pipeline.build(home, config, third, full_refresh=True)
    assert whole.is_full_refresh
    snapshots["whole"] = tables(whole.file)
    return snapshots


def rows_of(built: dict[str, Tables], night: str, kpi_id: str) -> set[tuple[str, float | None]]:
    """(record, numerator) of a KPI's measure rows of a night, as published."""
    return {(row[16], row[6]) for row in built[night]["people.measure_rows"] if row[0] == kpi_id}


def test_nights_one_by_one_equal_the_last_night_from_nothing(built: dict[str, Tables]) -> None:
    assert differing(built["third"], built["whole"]) == []


def test_the_same_night_again_changes_nothing(built: dict[str, Tables]) -> None:
    assert differing(built["third"], built["again"]) == []


def test_the_company_is_awkward_enough_to_tell(built: dict[str, Tables]) -> None:
    changed = set(differing(built["first"], built["second"]))
    measures = {name for name in built["first"] if name.startswith("measures.measure_")}
    assert measures <= changed
    assert all(
        built["third"][name] for name in built["third"] if name.startswith("measures.measure")
    )


def test_a_deleted_key_leaves_the_measures(built: dict[str, Tables]) -> None:
    # a full load without it deletes it at the end of its night: the next one no longer sees it
    kpi_id = "inquiry_completion_rate"
    assert ("r4", 0.0) in rows_of(built, "first", kpi_id)
    assert ("r4", 0.0) in rows_of(built, "second", kpi_id)
    assert not {row for row in rows_of(built, "third", kpi_id) if row[0] == "r4"}


def test_a_late_row_is_picked_up(built: dict[str, Tables]) -> None:
    assert ("late", 2.0) in rows_of(built, "second", "inquiry_handling_time")


def test_a_deleted_event_lets_the_clock_run_on(built: dict[str, Tables]) -> None:
    # r0 was open 09:00 on the 6th to 11:00 on the 13th: 9 + 9 + 9 + 9 + 2 h, the 9th is a holiday
    assert ("r0", 38.0) in rows_of(built, "second", "inquiry_handling_time")
    # r2 still waits from 10:00 on: one hour
    assert ("r2", 1.0) in rows_of(built, "second", "document_turnaround")


def test_an_event_moved_to_another_request_lets_the_clock_it_left_run_on(
    built: dict[str, Tables],
) -> None:
    # r1 seemed to wait from its first hour on; without that it is open for days
    assert "r1" not in {record for record, _ in rows_of(built, "first", "inquiry_within_4h")}
    assert ("r1", 0.0) in rows_of(built, "second", "inquiry_within_4h")


def test_a_deletion_takes_effect_on_its_day_without_a_load(built: dict[str, Tables]) -> None:
    kpi_id = "contract_followup_completion"
    assert ("c5", 0.0) in rows_of(built, "second", kpi_id)
    assert not {row for row in rows_of(built, "third", kpi_id) if row[0] == "c5"}


def test_a_later_answer_replaces_an_earlier_one(built: dict[str, Tables]) -> None:
    kpi_id = "material_request_satisfaction"
    assert rows_of(built, "first", kpi_id) == {("s0", 3.0)}
    assert rows_of(built, "second", kpi_id) == {("s9", 5.0)}
