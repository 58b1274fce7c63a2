"""The in-door on whole load profiles."""

from datetime import UTC, datetime, timedelta

import pytest

from sales_support_kpi.config import Config
from sales_support_kpi.quality.indoor import judge, load_row, rejects
from sales_support_kpi.quality.results import CheckResult

GOOD = {
    "source": "crm",
    "entity": "customers",
    "mode": "full",
    "rows_read": 100,
    "quarantined_ratio": 0.01,
    "live_keys_before": 98,
    "shrunk_ratio": 0.0,
    "null_ratio": {"customer_id": 0.0, "updated_at": 0.01},
    "silent_changes": 0,
    "newest_instant_us": int(datetime(2026, 10, 31, tzinfo=UTC).timestamp() * 1e6),
    "extra_columns": (),
    "emptied_columns": (),
}


def by_check(config: Config, **changes: object) -> dict[str, CheckResult]:
    return {result.check: result for result in judge({**GOOD, **changes}, config)}


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
    ],
)
def test_a_critical_breach_rejects_the_load(config: Config, changes, check: str) -> None:
    results = judge({**GOOD, **changes}, config)

    assert [result.check for result in rejects(results)] == [check]


@pytest.mark.parametrize(
    ("changes", "check", "observed"),
    [
        ({"rows_read": 0}, "a_filled_entity_stays_filled", "1"),
        ({"null_ratio": {"updated_at": 0.5}}, "required_columns_are_filled", "updated_at 50.0%"),
        ({"extra_columns": ("fax", "tel")}, "no_unknown_columns", "fax, tel"),
        ({"emptied_columns": ("stage",)}, "no_column_empties", "stage"),
        ({"silent_changes": 3}, "versions_do_not_change_silently", "3"),
        ({"newest_instant_us": 4102444800000000}, "nothing_lies_far_ahead", None),
    ],
)
def test_a_warning_does_not_reject_the_load(config: Config, changes, check: str, observed) -> None:
    results = by_check(config, **changes)

    assert rejects(list(results.values())) == ()
    assert results[check].is_warning
    assert observed in (None, results[check].observed)


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

    assert load_row({"newest_instant_us": ahead}, now=now)["newest_ahead_hours"] == 30
