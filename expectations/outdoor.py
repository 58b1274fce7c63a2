"""The out-door: what the marts must look like before anyone reads them.

Models and queries count, expectations judge the counts, on narrow frames:

- values: one row per enabled KPI, how many of its cells break a rule of `kpi_values`;
- ties: one row per KPI, how far its company's last months are from its measure rows;
- reconciliation: one row per source, entity and stage, how many of its counts and sums differ;
- losses: one row per KPI, the share of the rows behind its complete months that vanished;
- guards: one row, per guarded KPI its value and its fall since the last published night;
- targets: one row, the rate of right customer records;
- sources: one row per source, whether it is stale;
- privacy: one row per text column that is to be published;
- tables: one row per table, how many of its rows that belong to no one KPI hold a number that is
  not finite.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from expectations.terms import (
    DATA_ENGINEER,
    KPI_OWNER,
    SOURCE_OWNER,
    SUPPORT_LEAD,
    at_most,
    between,
    meta,
)

if TYPE_CHECKING:
    import great_expectations as gx

TIE_TOLERANCE = 1e-9  # relative: sums of the same numbers in another order

# column of the values frame → check, what should be seen, why; that cells are unique and statuses
# known is guarded by dbt's tests of `kpi_values`
_VALUE_RULES: Mapping[str, tuple[str, str, str]] = {
    "not_finite_count": (
        "numbers_are_finite",
        "no NaN and no infinity, in values and rows",
        "No value is better than one that cannot be computed with.",
    ),
    "out_of_bounds_count": (
        "values_are_possible",
        "ratios in 0 to 1, scores in 1 to 5, hours and counts not negative",
        "An impossible value means that rows were doubled or mismatched.",
    ),
    "null_mismatch_count": (
        "no_value_means_no_data",
        "a value unless the status is no_data or withheld",
        "Nothing measured is neither 0 nor 100 %.",
    ),
    "overfull_count": (
        "numerators_fit_their_denominators",
        "a ratio's numerator at most its denominator",
        "More hits than attempts means that rows were doubled.",
    ),
    "file_mismatch_count": (
        "both_files_say_the_same",
        "the same company and team values in both files",
        "Two readers must not see two numbers.",
    ),
}

# A missing row would still be missing if the KPI's numbers were withheld.
_STRUCTURAL = frozenset({"file_mismatch_count"})


@dataclass(frozen=True, slots=True)
class GuardRule:
    """The guard of one KPI, as configured."""

    kpi_id: str
    floor: float | None
    max_drop: float | None
    on_breach: str


def values_suite() -> "gx.ExpectationSuite":
    """Every cell of `kpi_values` keeps the contract; index column `kpi_id`."""
    import great_expectations as gx

    present = between(
        "cell_count",
        "critical",
        meta(
            "every_kpi_is_there",
            expected="at least one row, be it without data",
            why="A KPI that vanishes is noticed by nobody.",
            owner=DATA_ENGINEER,
        ),
        minimum=1,
    )
    known = between(
        "is_unasked",
        "critical",
        meta(
            "no_kpi_is_unasked",
            expected="only KPIs that are enabled",
            why="A disabled KPI that is shown was left over by an earlier build.",
            owner=DATA_ENGINEER,
        ),
        maximum=0,
    )
    rules = [
        at_most(
            column,
            0,
            check,
            "critical",
            expected=expected,
            why=why,
            owner=DATA_ENGINEER,
            on_breach="stop" if column in _STRUCTURAL else "kpi",
        )
        for column, (check, expected, why) in _VALUE_RULES.items()
    ]
    return gx.ExpectationSuite(name="outdoor_values", expectations=[present, known, *rules])


def ties_suite() -> "gx.ExpectationSuite":
    """Company values are the sums of their measure rows; index column `kpi_id`."""
    import great_expectations as gx

    rule = at_most(
        "relative_difference",
        TIE_TOLERANCE,
        "company_values_tie_to_their_rows",
        "critical",
        expected="the sum of the measure rows",
        why="A value that its own rows do not add up to cannot be explained.",
        owner=DATA_ENGINEER,
        shows="observed",
        may_be_empty=True,
        on_breach="kpi",
    )
    return gx.ExpectationSuite(name="outdoor_ties", expectations=[rule])


def reconciliation_suite() -> "gx.ExpectationSuite":
    """What came in is what is measured; index column `subject` (source, entity, stage)."""
    import great_expectations as gx

    rule = at_most(
        "apart_count",
        0,
        "every_stage_ties",
        "critical",
        expected="the same counts and sums on both sides",
        why="Rows that get lost or doubled on the way make every number behind them wrong.",
        owner=DATA_ENGINEER,
        shows="observed",
        may_be_empty=True,
    )
    return gx.ExpectationSuite(name="outdoor_reconciliation", expectations=[rule])


def losses_suite(max_rows_lost: float) -> "gx.ExpectationSuite":
    """What is over does not lose its records; index column `kpi_id`."""
    import great_expectations as gx

    rule = at_most(
        "lost_ratio",
        max_rows_lost,
        "complete_months_keep_their_rows",
        "warning",
        expected=f"at most {max_rows_lost:.0%} fewer than last night",
        why="Records of a month that is over do not go away by themselves.",
        owner=SOURCE_OWNER,
        shows="observed",
        may_be_empty=True,
    )
    return gx.ExpectationSuite(name="outdoor_losses", expectations=[rule])


def guards_suite(guards: list[GuardRule]) -> "gx.ExpectationSuite":
    """No KPI fell so low or so fast that the data must be broken; columns `<kpi>__value|drop`."""
    import great_expectations as gx

    return gx.ExpectationSuite(
        name="outdoor_guards",
        expectations=[rule for guard in guards for rule in _guard_rules(guard)],
    )


def targets_suite(kpi_id: str, target: float) -> "gx.ExpectationSuite":
    """The rate of right records reaches its target; column `value`."""
    import great_expectations as gx

    rule = between(
        "value",
        "warning",
        meta(
            "enough_records_are_right",
            expected=f"at least {target:.2%}",
            why="The work list of wrong records is longer than agreed.",
            owner=SUPPORT_LEAD,
            kpi_id=kpi_id,
            may_be_empty=True,
        ),
        minimum=target,
    )
    return gx.ExpectationSuite(name="outdoor_targets", expectations=[rule])


def sources_suite() -> "gx.ExpectationSuite":
    """No source is stale; index column `subject`."""
    import great_expectations as gx

    rule = at_most(
        "is_stale",
        0,
        "sources_are_fresh",
        "warning",
        expected="a load within the source's freshness limit",
        why="Its KPIs show an older day than the others.",
        owner=SOURCE_OWNER,
        shows="observed",
        may_be_empty=True,
    )
    return gx.ExpectationSuite(name="outdoor_sources", expectations=[rule])


def privacy_suite() -> "gx.ExpectationSuite":
    """No column that is to be published holds contact data; index column `subject`."""
    import great_expectations as gx

    rule = at_most(
        "is_contact_data",
        0,
        "no_contact_data_is_published",
        "critical",
        expected="no e-mail address, no phone number, no column for them",
        why="Contact data stays in landing.",
        owner=DATA_ENGINEER,
        shows="observed",
    )
    return gx.ExpectationSuite(name="outdoor_privacy", expectations=[rule])


def tables_suite() -> "gx.ExpectationSuite":
    """No number that belongs to no one KPI is NaN or infinite; index column `subject`."""
    import great_expectations as gx

    rule = at_most(
        "not_finite_count",
        0,
        "all_numbers_are_finite",
        "critical",
        expected="no NaN and no infinity in rows of no one KPI",
        why="Dashboards and spreadsheets cannot show them.",
        owner=DATA_ENGINEER,
        may_be_empty=True,
    )
    return gx.ExpectationSuite(name="outdoor_tables", expectations=[rule])


def _guard_rules(guard: GuardRule) -> list[Any]:

    rules: list[Any] = []
    if guard.floor is not None:
        rules.append(
            between(
                f"{guard.kpi_id}__value",
                "critical",
                meta(
                    f"{guard.kpi_id}_is_above_its_floor",
                    expected=f"at least {guard.floor:g}",
                    why="So low a value has always been broken data.",
                    owner=KPI_OWNER,
                    kpi_id=guard.kpi_id,
                    on_breach=guard.on_breach,
                    may_be_empty=True,
                ),
                minimum=guard.floor,
            )
        )
    if guard.max_drop is not None:
        rules.append(
            at_most(
                f"{guard.kpi_id}__drop",
                guard.max_drop,
                f"{guard.kpi_id}_does_not_plunge",
                "critical",
                expected=f"a fall of at most {guard.max_drop:g} in one night",
                why="Work does not change that fast; exports do.",
                owner=KPI_OWNER,
                kpi_id=guard.kpi_id,
                on_breach=guard.on_breach,
                may_be_empty=True,
            )
        )
    return rules
