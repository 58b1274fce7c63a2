"""Each suite accepts its good frame and rejects one broken frame per expectation."""

import importlib
import inspect
import pkgutil
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import pytest
from expectations.outdoor import GuardRule

import expectations
from expectations import indoor, outdoor
from sales_support_kpi.quality.runner import run_suite

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Case:
    """A suite, a row it accepts, and per check the change that breaks it."""

    suite: Any
    good: Row
    broken: Mapping[str, Row]
    index: str | None = None


LIMITS = indoor.IndoorLimits(
    max_quarantine=0.05,
    max_shrink=0.2,
    min_volume=0.5,
    max_volume=3.0,
    max_bad_rows=0.01,
    max_duplicates=0.1,
    max_fill_drop=0.3,
    max_ahead_hours=24,
    max_behind_hours=12,
)

CASES = {
    "loads": Case(
        indoor.loads_suite(LIMITS),
        {
            "subject": "crm__customers",
            "rows_read": 10,
            "quarantined_ratio": 0.05,
            "shrunk_ratio": 0.2,
            "is_emptied": 0,
            "volume_ratio": 1.0,
            "arrived_ratio": 1.0,
            "duplicate_ratio": 0.1,
            "tied_ratio": 0.01,
            "broken_line_ratio": 0.01,
            "new_column_count": 0,
            "new_columns": "none",
            "silent_change_count": 0,
            "newest_ahead_hours": 24.0,
            "age_ratio": 1.0,
            "age": "36 hours old",
            "behind_hours": 12.0,
        },
        {
            "load_was_read": {"rows_read": -1},
            "few_rows_are_quarantined": {"quarantined_ratio": 0.0501},
            "a_full_load_does_not_shrink": {"shrunk_ratio": 0.2001},
            "a_filled_entity_stays_filled": {"is_emptied": 1},
            "as_much_arrives_as_usual": {"arrived_ratio": 0.49},
            "no_more_arrives_than_usual": {"volume_ratio": 3.01},
            "few_rows_repeat_another": {"duplicate_ratio": 0.11},
            "versions_have_an_order": {"tied_ratio": 0.011},
            "lines_are_whole": {"broken_line_ratio": 0.011},
            "no_column_is_new": {"new_column_count": 1},
            "versions_do_not_change_silently": {"silent_change_count": 1},
            "nothing_lies_far_ahead": {"newest_ahead_hours": 24.1},
            "something_happened_lately": {"age_ratio": 1.01},
            "a_full_load_does_not_go_back": {"behind_hours": 12.1},
        },
        "subject",
    ),
    "columns": Case(
        indoor.columns_suite(LIMITS),
        {
            "subject": "crm__customers.email",
            "is_missing": 0,
            "is_retyped": 0,
            "was": "text, was text",
            "is_emptied": 0,
            "fill_drop": 0.3,
            "fill": "60% filled, usually 90%",
            "unknown_word_ratio": 0.01,
            "unreadable_ratio": 0.01,
            "not_given_ratio": 0.01,
            "off_scale_ratio": 0.01,
            "misordered_ratio": 0.01,
        },
        {
            "columns_do_not_vanish": {"is_missing": 1},
            "columns_keep_their_type": {"is_retyped": 1},
            "columns_are_not_emptied": {"is_emptied": 1},
            "columns_stay_filled": {"fill_drop": 0.31},
            "words_are_known": {"unknown_word_ratio": 0.011},
            "values_can_be_read": {"unreadable_ratio": 0.011},
            "keys_and_required_values_are_given": {"not_given_ratio": 0.011},
            "scores_fit_their_scale": {"off_scale_ratio": 0.011},
            "nothing_ends_before_it_began": {"misordered_ratio": 0.011},
        },
        "subject",
    ),
    "values": Case(
        outdoor.values_suite(),
        {
            "kpi_id": "crm_entry_rate",
            "is_unasked": 0,
            "cell_count": 1,
            "not_finite_count": 0,
            "out_of_bounds_count": 0,
            "null_mismatch_count": 0,
            "overfull_count": 0,
            "file_mismatch_count": 0,
        },
        {
            "every_kpi_is_there": {"cell_count": 0},
            "no_kpi_is_unasked": {"is_unasked": 1},
            "numbers_are_finite": {"not_finite_count": 1},
            "values_are_possible": {"out_of_bounds_count": 1},
            "no_value_means_no_data": {"null_mismatch_count": 1},
            "numerators_fit_their_denominators": {"overfull_count": 1},
            "both_files_say_the_same": {"file_mismatch_count": 1},
        },
        "kpi_id",
    ),
    "ties": Case(
        outdoor.ties_suite(),
        {"kpi_id": "inquiry_within_4h", "relative_difference": 1e-12, "observed": "2026-10: 1/1"},
        {"company_values_tie_to_their_rows": {"relative_difference": 1e-6}},
        "kpi_id",
    ),
    "reconciliation": Case(
        outdoor.reconciliation_suite(),
        {"subject": "crm__customers.landed", "apart_count": 0, "observed": ""},
        {"every_stage_ties": {"apart_count": 1}},
        "subject",
    ),
    "losses": Case(
        outdoor.losses_suite(0.2),
        {"kpi_id": "crm_entry_rate", "lost_ratio": 0.2, "observed": "2026-09: from 100 to 80"},
        {"complete_months_keep_their_rows": {"lost_ratio": 0.21}},
        "kpi_id",
    ),
    "guards": Case(
        outdoor.guards_suite([GuardRule("crm_entry_rate", 0.5, 0.1, "stop")]),
        {"crm_entry_rate__value": 0.5, "crm_entry_rate__drop": 0.1},
        {
            "crm_entry_rate_is_above_its_floor": {"crm_entry_rate__value": 0.499},
            "crm_entry_rate_does_not_plunge": {"crm_entry_rate__drop": 0.101},
        },
    ),
    "targets": Case(
        outdoor.targets_suite("customer_record_accuracy", 0.99),
        {"value": 0.99},
        {"enough_records_are_right": {"value": 0.984}},
    ),
    "sources": Case(
        outdoor.sources_suite(),
        {"subject": "crm", "is_stale": 0, "observed": "fresh"},
        {"sources_are_fresh": {"is_stale": 1}},
        "subject",
    ),
    "privacy": Case(
        outdoor.privacy_suite(),
        {"subject": "company.kpi_catalog.name_ko", "is_contact_data": 0, "observed": "nothing"},
        {"no_contact_data_is_published": {"is_contact_data": 1}},
        "subject",
    ),
    "tables": Case(
        outdoor.tables_suite(),
        {"subject": "company.kpi_values", "not_finite_count": 0},
        {"all_numbers_are_finite": {"not_finite_count": 1}},
        "subject",
    ),
}

EXPECTATIONS = [
    pytest.param(case, expectation, id=expectation.meta["check"])
    for case in CASES.values()
    for expectation in case.suite.expectations
]


def failing(case: Case, *rows: Row) -> list[str]:
    results = run_suite(case.suite, rows, door="out", index=case.index)
    return [result.check for result in results if result.outcome != "passed"]


@pytest.mark.parametrize("name", CASES)
def test_a_suite_accepts_its_good_frame(name: str) -> None:
    assert failing(CASES[name], CASES[name].good) == []


@pytest.mark.parametrize(("case", "expectation"), EXPECTATIONS)
def test_an_expectation_rejects_its_broken_frame(case: Case, expectation: Any) -> None:
    check = expectation.meta["check"]

    assert failing(case, {**case.good, **case.broken[check]}) == [check]


@pytest.mark.parametrize("number", [float("nan"), float("inf"), float("-inf")])
@pytest.mark.parametrize("is_alone", [True, False])
@pytest.mark.parametrize("name", CASES)
def test_a_number_that_is_not_finite_passes_nothing(
    name: str, is_alone: bool, number: float
) -> None:
    """Great Expectations skips NaN as if it were nothing, and minus infinity is below any limit."""
    case = CASES[name]
    judged = {expectation.column: number for expectation in case.suite.expectations}
    broken = {**case.good, **judged, **({case.index: "broken"} if case.index else {})}
    rows = [broken] if is_alone else [case.good, broken]

    results = run_suite(case.suite, rows, door="out", index=case.index)

    about_it = [r for r in results if not case.index or "broken" in (r.kpi_id, r.subject)]
    assert [(r.outcome, r.value) for r in about_it] == [("failed", None)] * len(
        case.suite.expectations
    )


@pytest.mark.parametrize(("case", "expectation"), EXPECTATIONS)
def test_an_expectation_says_how_bad_it_is_why_it_is_there_and_who_acts(
    case: Case, expectation: Any
) -> None:
    assert expectation.severity.value in ("critical", "warning")
    assert len(expectation.meta["why"].split()) >= 4
    assert expectation.meta["expected"]
    assert expectation.meta["owner"]


def test_the_names_of_checks_are_unique_in_a_suite() -> None:
    for case in CASES.values():
        names = [expectation.meta["check"] for expectation in case.suite.expectations]
        assert len(set(names)) == len(names)


def test_only_the_broken_row_of_many_is_named() -> None:
    case = CASES["values"]
    broken = {**case.good, "kpi_id": "other", "overfull_count": 2}

    results = run_suite(case.suite, [case.good, broken], door="out", index="kpi_id")

    assert [(r.check, r.kpi_id, r.observed) for r in results if r.is_breach] == [
        ("numerators_fit_their_denominators", "other", "2")
    ]


@pytest.mark.parametrize("name", CASES)
def test_an_empty_frame_has_no_data(name: str) -> None:
    case = CASES[name]

    outcomes = {r.outcome for r in run_suite(case.suite, [], door="out", index=case.index)}

    assert outcomes == {"no_data"}


def test_an_empty_column_has_no_data_and_does_not_pass() -> None:
    case = CASES["guards"]
    row = {**case.good, "crm_entry_rate__value": None}

    results = {r.check: r for r in run_suite(case.suite, [row], door="out")}

    assert results["crm_entry_rate_is_above_its_floor"].outcome == "no_data"
    assert results["crm_entry_rate_does_not_plunge"].outcome == "passed"


def test_a_missing_column_is_an_error_and_no_failure() -> None:
    case = CASES["guards"]
    row = {"crm_entry_rate__drop": 0.0}

    results = {r.check: r for r in run_suite(case.suite, [row], door="out")}

    broken = results["crm_entry_rate_is_above_its_floor"]
    assert broken.outcome == "error"
    assert "does not exist" in broken.observed
    assert broken.is_critical_breach


def test_thresholds_are_those_it_was_built_with() -> None:
    strict = indoor.loads_suite(replace(LIMITS, max_quarantine=0.0, max_shrink=0.0))
    case = CASES["loads"]

    results = run_suite(strict, [case.good], door="in", index="subject")

    assert [r.check for r in results if r.is_breach] == [
        "few_rows_are_quarantined",
        "a_full_load_does_not_shrink",
    ]


def test_every_suite_there_is_has_its_fixtures() -> None:
    """A suite that is added without a row it accepts and rows it rejects is found here."""
    builders = {
        f"{module.__name__}.{name}"
        for module in (importlib.import_module(f"expectations.{one}") for one in modules())
        for name, found in inspect.getmembers(module, inspect.isfunction)
        if name.endswith("_suite") and found.__module__ == module.__name__
    }
    judged = {case.suite.name for case in CASES.values()}

    assert len(builders) == len(judged) == len(CASES)
    for case in CASES.values():
        checks = {expectation.meta["check"] for expectation in case.suite.expectations}
        assert set(case.broken) == checks, case.suite.name


def modules() -> list[str]:
    return [found.name for found in pkgutil.iter_modules(expectations.__path__)]


def test_a_result_says_what_was_judged_and_against_what() -> None:
    case = CASES["loads"]

    results = {r.check: r for r in run_suite(case.suite, [case.good], door="in", index="subject")}

    few, shrunk = results["as_much_arrives_as_usual"], results["a_full_load_does_not_shrink"]
    assert (few.value, few.threshold, few.bound, few.headroom) == (1.0, 0.5, "min", 0.5)
    assert (shrunk.value, shrunk.threshold, shrunk.bound, shrunk.headroom) == (0.2, 0.2, "max", 0)
