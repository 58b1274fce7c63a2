"""The in-door on whole load profiles."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from sales_support_kpi.config import Config
from sales_support_kpi.quality.indoor import judge_all, load_row
from sales_support_kpi.quality.results import CheckResult

GOOD = {
    "source": "crm",
    "entity": "customers",
    "mode": "full",
    "rows_read": 100,
    "rows_superseded": 0,
    "quarantined_ratio": 0.01,
    "live_keys_before": 98,
    "shrunk_ratio": 0.0,
    "silent_changes": 0,
    "newest_instant_us": int(datetime(2026, 10, 31, tzinfo=UTC).timestamp() * 1e6),
    "causes": {"missing_required|status": 1},
    "new_columns": (),
    "volume_ratio": 1.1,
    "arrived_ratio": 1.1,
    "age_hours": 12.0,
    "age_ratio": 0.5,
    "behind_hours": 0.0,
    "column_changes": (),
}
STATUS = {
    "column": "status",
    "filled_ratio": 0.99,
    "usual_ratio": 1.0,
    "fill_drop": 0.01,
    "was": "text",
    "now": "text",
    "is_missing": False,
    "is_emptied": False,
    "is_retyped": False,
}


def judge(profile: Mapping[str, Any], config: Config) -> tuple[CheckResult, ...]:
    return judge_all([profile], config)[0]


def by_check(config: Config, **changes: object) -> dict[str, CheckResult]:
    profile = {**GOOD, "column_changes": (STATUS,), **changes}
    return {result.check: result for result in judge(profile, config)}


def rejecting(results: Iterable[CheckResult]) -> list[str]:
    return [result.check for result in results if result.is_critical_breach]


def test_a_good_load_passes_every_check(config: Config) -> None:
    results = by_check(config)

    assert {result.outcome for result in results.values()} == {"passed"}
    assert {result.subject for result in results.values()} == {"crm__customers"}
    assert {result.door for result in results.values()} == {"in"}


@pytest.mark.parametrize(
    ("changes", "check"),
    [
        ({"quarantined_ratio": 0.06}, "few_rows_are_quarantined"),
        ({"shrunk_ratio": 0.21}, "a_full_load_does_not_shrink"),
        ({"rows_read": None}, "load_was_read"),
        ({"column_changes": ({**STATUS, "is_missing": True},)}, "columns_do_not_vanish"),
        ({"column_changes": ({**STATUS, "is_emptied": True},)}, "columns_are_not_emptied"),
        ({"column_changes": ({**STATUS, "is_retyped": True},)}, "columns_keep_their_type"),
    ],
)
def test_a_critical_breach_rejects_the_load(
    config: Config, changes: dict[str, Any], check: str
) -> None:
    assert rejecting(by_check(config, **changes).values()) == [check]


@pytest.mark.parametrize(
    ("changes", "check", "observed"),
    [
        ({"rows_read": 0}, "a_filled_entity_stays_filled", "1"),
        ({"arrived_ratio": 0.4}, "as_much_arrives_as_usual", "0.4"),
        ({"volume_ratio": 3.5}, "no_more_arrives_than_usual", "3.5"),
        ({"rows_superseded": 11}, "few_rows_repeat_another", "0.11"),
        ({"causes": {"tied_versions|version_no": 2}}, "versions_have_an_order", "0.02"),
        ({"causes": {"bad_quotes": 2}}, "lines_are_whole", "0.02"),
        ({"new_columns": ("fax", "tel")}, "no_column_is_new", "fax, tel"),
        ({"silent_changes": 3}, "versions_do_not_change_silently", "3"),
        ({"newest_instant_us": 4102444800000000}, "nothing_lies_far_ahead", None),
        ({"age_ratio": 1.1}, "something_happened_lately", "12 hours old"),
        ({"behind_hours": 25.0}, "a_full_load_does_not_go_back", "25"),
        (
            {"column_changes": ({**STATUS, "fill_drop": 0.5, "filled_ratio": 0.5},)},
            "columns_stay_filled",
            "50% filled, usually 100%",
        ),
        ({"causes": {"out_of_vocabulary|status": 2}}, "words_are_known", "0.02"),
        ({"causes": {"not_an_instant|status": 2}}, "values_can_be_read", "0.02"),
        ({"causes": {"missing_required|status": 2}}, "keys_and_required_values_are_given", "0.02"),
        ({"causes": {"score_out_of_scale|status": 2}}, "scores_fit_their_scale", "0.02"),
        (
            {"causes": {"completed_before_start|status": 2}},
            "nothing_ends_before_it_began",
            "0.02",
        ),
    ],
)
def test_a_warning_does_not_reject_the_load(
    config: Config, changes: dict[str, Any], check: str, observed: str | None
) -> None:
    results = by_check(config, **changes)

    assert rejecting(results.values()) == []
    assert [r.check for r in results.values() if r.is_warning] == [check]
    assert observed in (None, results[check].observed)


def test_a_column_that_fails_is_named_and_the_others_are_one_line(config: Config) -> None:
    bad = {**STATUS, "column": "email", "is_emptied": True}

    results = judge({**GOOD, "column_changes": (STATUS, bad)}, config)

    assert [(r.subject, r.outcome) for r in results if r.check == "columns_are_not_emptied"] == [
        ("crm__customers", "passed"),
        ("crm__customers.email", "failed"),
    ]


def test_two_loads_are_judged_apart(config: Config) -> None:
    other = {**GOOD, "entity": "requests", "quarantined_ratio": 0.5}

    first, second = judge_all([GOOD, other], config)

    assert rejecting(first) == []
    assert rejecting(second) == ["few_rows_are_quarantined"]


def test_limits_are_inclusive_and_come_from_the_company_file(config: Config) -> None:
    results = by_check(
        config,
        quarantined_ratio=config.company.max_quarantine,
        shrunk_ratio=config.company.max_shrink,
    )

    assert results["few_rows_are_quarantined"].outcome == "passed"
    assert results["a_full_load_does_not_shrink"].outcome == "passed"


def test_a_load_of_changes_cannot_shrink(config: Config) -> None:
    result = by_check(config, mode="changes", shrunk_ratio=0.9)["a_full_load_does_not_shrink"]

    assert (result.outcome, result.is_breach) == ("no_data", False)


def test_an_empty_load_has_no_rate_to_pass(config: Config) -> None:
    result = by_check(config, rows_read=0, quarantined_ratio=0.0)["few_rows_are_quarantined"]

    assert result.outcome == "no_data"


def test_a_first_load_without_rows_is_ordinary(config: Config) -> None:
    results = by_check(config, rows_read=0, live_keys_before=0, shrunk_ratio=0.0)

    assert not any(result.is_breach for result in results.values())


def test_what_a_profile_leaves_out_is_not_judged(config: Config) -> None:
    results = judge({"source": "crm", "entity": "customers", "rows_read": 5}, config)

    outcomes = {result.check: result.outcome for result in results}
    assert outcomes.pop("load_was_read") == "passed"
    assert set(outcomes.values()) == {"no_data"}
    assert not any(result.is_breach for result in results)


def test_the_newest_instant_is_measured_against_the_landing() -> None:
    now = datetime(2026, 10, 31, tzinfo=UTC)
    ahead = int((now + timedelta(hours=30)).timestamp() * 1e6)

    assert load_row({"newest_instant_us": ahead}, now)["newest_ahead_hours"] == 30
