"""What follows from results."""

from dataclasses import replace

import pytest

from sales_support_kpi.quality.results import CheckResult, Verdict, summed_up

FAILED = CheckResult(
    door="out",
    suite="outdoor_guards",
    check="is_above_its_floor",
    kpi_id="crm_entry_rate",
    severity="critical",
    outcome="failed",
    observed="0.1",
    expected="at least 0.5",
    why="So low a value has always been broken data.",
    owner="owner of the KPI",
)


def test_a_critical_failure_stops() -> None:
    assert not Verdict((FAILED,)).may_publish


def test_a_warning_does_not_stop() -> None:
    warning = replace(FAILED, severity="warning")

    assert Verdict((warning,)).may_publish
    assert Verdict((warning,)).warnings == (warning,)


def test_a_check_that_could_not_be_made_stops() -> None:
    assert not Verdict((replace(FAILED, outcome="error"),)).may_publish


def test_nothing_to_judge_stops_unless_that_is_ordinary() -> None:
    nothing = replace(FAILED, outcome="no_data")

    assert not Verdict((nothing,)).may_publish
    assert Verdict((replace(nothing, may_be_empty=True),)).may_publish


@pytest.mark.parametrize("outcome", ["failed", "error"])
def test_a_withheld_kpi_stops_nothing_but_itself(outcome) -> None:
    withheld = replace(FAILED, outcome=outcome, on_breach="withhold")
    verdict = Verdict((withheld,))

    assert verdict.may_publish
    assert verdict.withheld == {"crm_entry_rate"}
    assert verdict.warnings == (withheld,)


def test_what_concerns_no_single_kpi_cannot_be_withheld() -> None:
    assert not Verdict((replace(FAILED, on_breach="withhold", kpi_id=None),)).may_publish


def test_a_group_keeps_its_series_in_the_night_in_which_one_of_it_fails() -> None:
    passed = replace(FAILED, outcome="passed", value=0.6, threshold=0.5, bound="min")
    failed = replace(FAILED, kpi_id="report_usage", value=0.1, threshold=0.5, bound="min")

    well, ill = (summed_up(lines, lambda _: "") for lines in ([passed] * 2, [passed, failed]))

    assert [(one.series, one.value, one.kpi_id) for one in well] == [("", 0.6, None)]
    assert [(one.series, one.value, one.kpi_id) for one in ill] == [
        ("", 0.6, None), ("", 0.1, "report_usage"),
    ]  # fmt: skip
    (alone,) = summed_up([failed], lambda _: None)
    assert alone.series is None


def test_a_result_says_what_was_seen_expected_and_who_acts() -> None:
    assert FAILED.sentence() == (
        "is_above_its_floor (crm_entry_rate): 0.1; expected at least 0.5. "
        "So low a value has always been broken data. Acts: owner of the KPI."
    )
