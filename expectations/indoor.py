"""The in-door: what a load must look like before anything reads it.

Judges a narrow frame, one row per load of one entity:
`subject, rows_read, quarantined_ratio, shrunk_ratio, is_emptied, worst_null_ratio,
extra_column_count, emptied_column_count, silent_change_count, newest_ahead_hours`, and beside the
counts the names (`worst_null_column, extra_columns, emptied_columns`).
"""

from typing import TYPE_CHECKING, Any

from expectations.terms import DATA_ENGINEER, SOURCE_OWNER, Severity, between, meta

if TYPE_CHECKING:
    import great_expectations as gx

NAME = "indoor"
MAX_AHEAD_HOURS = 24.0


def build_suite(
    *, max_quarantine: float, max_shrink: float, max_ahead_hours: float = MAX_AHEAD_HOURS
) -> "gx.ExpectationSuite":
    """The suite for load profiles.

    Args:
        max_quarantine: share of the rows of a load that may be kept back.
        max_shrink: share of the records a full load may lose against what is there.
        max_ahead_hours: how far in the future its newest instant may lie.
    """
    import great_expectations as gx

    return gx.ExpectationSuite(
        name=NAME,
        expectations=[
            between(
                "rows_read",
                "critical",
                meta(
                    "load_was_read",
                    expected="a count of rows",
                    why="A load that cannot say how many rows it read was cut short.",
                    owner=DATA_ENGINEER,
                ),
                minimum=0,
            ),
            _at_most(
                "quarantined_ratio",
                max_quarantine,
                "few_rows_are_quarantined",
                "critical",
                expected=f"at most {max_quarantine:.1%} of the rows",
                why="So many unusable rows mean that the file or its mapping changed.",
                owner=SOURCE_OWNER,
            ),
            _at_most(
                "shrunk_ratio",
                max_shrink,
                "a_full_load_does_not_shrink",
                "critical",
                expected=f"at most {max_shrink:.1%} of the records gone",
                why="A full load that lost so much is a truncated export, not a deletion.",
                owner=SOURCE_OWNER,
            ),
            _at_most(
                "is_emptied",
                0,
                "a_filled_entity_stays_filled",
                "warning",
                expected="rows, as in earlier loads",
                why="An export without rows is often a filter or a permission that changed.",
                owner=SOURCE_OWNER,
            ),
            _at_most(
                "worst_null_ratio",
                max_quarantine,
                "required_columns_are_filled",
                "warning",
                expected=f"at most {max_quarantine:.1%} empty",
                why="A required column that empties was renamed or hidden in the source.",
                owner=SOURCE_OWNER,
                shows="worst_null_column",
            ),
            _at_most(
                "extra_column_count",
                0,
                "no_unknown_columns",
                "warning",
                expected="the columns of the contract",
                why="A new column may be a renamed one whose data is now missing.",
                owner=DATA_ENGINEER,
                shows="extra_columns",
            ),
            _at_most(
                "emptied_column_count",
                0,
                "no_column_empties",
                "warning",
                expected="values, as in earlier loads",
                why="A column hidden by a permission arrives empty, without an error.",
                owner=SOURCE_OWNER,
                shows="emptied_columns",
            ),
            _at_most(
                "silent_change_count",
                0,
                "versions_do_not_change_silently",
                "warning",
                expected="no change without a new date of change",
                why="A version rewritten in place restates the past.",
                owner=SOURCE_OWNER,
            ),
            _at_most(
                "newest_ahead_hours",
                max_ahead_hours,
                "nothing_lies_far_ahead",
                "warning",
                expected=f"at most {max_ahead_hours:g} hours after the landing",
                why="Instants in the future point to a wrong time zone or date format.",
                owner=SOURCE_OWNER,
            ),
        ],
    )


def _at_most(
    column: str,
    maximum: float,
    check: str,
    severity: Severity,
    *,
    expected: str,
    why: str,
    owner: str,
    shows: str | None = None,
) -> Any:  # noqa: ANN401 - great_expectations is imported late
    about = meta(check, expected=expected, why=why, owner=owner, shows=shows, may_be_empty=True)
    return between(column, severity, about, maximum=maximum)
