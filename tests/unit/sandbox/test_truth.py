"""The planted truth: against simple counts of the files, and against the brute-force oracle."""

import json
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from sales_support_kpi.sandbox import generate

CONFIG = Path(__file__).parents[3] / "examples/demo_company/config"
ALL_KPIS = {
    "document_turnaround",
    "customer_record_accuracy",
    "material_request_satisfaction",
    "contract_followup_completion",
    "crm_entry_rate",
    "report_on_time",
    "report_usage",
    "insights_delivered",
    "inquiry_within_4h",
    "inquiry_completion_rate",
    "inquiry_handling_time",
    "complaint_support_satisfaction",
    "onboarding_satisfaction",
    "material_freshness",
}


def test_every_kpi_has_a_planted_value_for_the_company_and_for_teams(demo):
    cells = demo.truth.cells()
    for scope in ("company", "team"):
        assert {cell.kpi_id for cell in cells if cell.scope_type == scope} == ALL_KPIS
    assert {cell.period_start for cell in cells} == {
        *(f"2025-{month}-01" for month in range(10, 13)),
        *(f"2026-{month:02}-01" for month in range(1, 11)),
    }


def test_the_truth_file_holds_the_same_cells(demo):
    written = json.loads((demo.folder / "truth.json").read_text(encoding="utf-8"))
    assert written["as_of"] == "2026-10-31T15:00:00+00:00"
    cells = demo.truth.cells()
    assert len(written["values"]) == len(cells)
    assert [entry["numerator"] for entry in written["values"]] == [c.numerator for c in cells]


def test_ratios_are_ratios_and_scores_are_between_one_and_five(demo):
    for cell in demo.truth.cells():
        if cell.kpi_id.endswith("satisfaction"):
            assert 1 <= cell.value <= 5
        elif cell.kpi_id not in ("document_turnaround", "inquiry_handling_time"):
            assert 0 <= cell.numerator <= (cell.denominator or cell.numerator)


def test_the_completion_rate_is_what_a_plain_count_gives(demo):
    counted = demo.rows(
        "select strftime(coalesce(received_at, opened_at), '%Y-%m-01'), count(*),"
        " sum((status = 'done')::int) from requests"
        " where kind = 'inquiry' and status <> 'cancelled'"
        " and not coalesce(completed_at < coalesce(received_at, opened_at), false)"
        " and not (status = 'done' and completed_at is null and request_id not in"
        " (select request_id from request_events where to_status = 'done')) group by 1"
    )
    for month, total, done in counted:
        cell = demo.truth.value("inquiry_completion_rate", month)
        assert (cell.numerator, cell.denominator) == (done, total)


def test_the_slow_month_is_visible(demo):
    def handling(month: str) -> float:
        return demo.truth.value("inquiry_handling_time", month).value

    assert handling("2026-06-01") > 1.5 * max(handling("2026-05-01"), handling("2026-09-01"))
    assert demo.truth.value("inquiry_within_4h", "2026-06-01").value < 0.8


def test_one_team_misses_what_the_others_reach(demo):
    def within(team: str) -> float:
        return demo.truth.value("inquiry_within_4h", "2026-10-01", team).value

    assert within("영업지원2팀") < 0.85 < 0.9 < min(within("영업지원1팀"), within("영업지원3팀"))


def test_customer_records_get_better(demo):
    first = demo.truth.value("customer_record_accuracy", "2025-10-01").value
    last = demo.truth.value("customer_record_accuracy", "2026-10-01").value
    assert 0.92 < first < last - 0.02 < 0.99


@pytest.mark.oracle
@pytest.mark.parametrize("until", [date(2026, 10, 31), date(2026, 4, 15)])
def test_the_oracle_finds_exactly_what_was_planted(tmp_path, until):
    from tests.oracle.loads import Drop
    from tests.oracle.oracle import evaluate, read_folder

    truth = generate(tmp_path, factor=0.02, until=until, layout="drop", format="csv")
    as_of = datetime.fromisoformat(f"{until + timedelta(days=1)}T00:00+09:00")
    cells = evaluate([Drop(as_of, until, "full", read_folder(tmp_path))], CONFIG, as_of)

    found = {
        (kpi, start.isoformat(), scope): (round(cell.numerator, 6), cell.denominator)
        for (kpi, grain, start, kind, scope), cell in cells.items()
        if grain == "month" and kind != "employee" and cell.sample_size
    }
    planted = {
        (c.kpi_id, c.period_start, c.scope_id): (round(c.numerator, 6), c.denominator)
        for c in truth.cells()
    }
    assert found == planted
