"""The in-door: what a load must look like before anything reads it.

Landing counts over the load's own rows, expectations judge the counts, on two narrow frames:

- loads: one row per load of an entity: `subject, rows_read, quarantined_ratio, shrunk_ratio,
  is_emptied, volume_ratio, arrived_ratio, duplicate_ratio, tied_ratio, broken_line_ratio,
  new_column_count, silent_change_count, newest_ahead_hours, age_ratio, behind_hours`, and beside
  them what tells a person more (`new_columns, age`);
- columns: one row per load and column: `subject, is_missing, is_retyped, is_emptied, fill_drop,
  unknown_word_ratio, unreadable_ratio, not_given_ratio, off_scale_ratio, misordered_ratio`, beside
  them `was, fill`.

What is *usual* is said by the earlier loads of the same source and entity.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from expectations.terms import DATA_ENGINEER, SOURCE_OWNER, at_least, at_most

if TYPE_CHECKING:
    import great_expectations as gx

LOADS = "indoor_loads"
COLUMNS = "indoor_columns"


@dataclass(frozen=True, slots=True)
class IndoorLimits:
    """The thresholds, from `company.yml`."""

    max_quarantine: float
    max_shrink: float
    min_volume: float
    max_volume: float
    max_bad_rows: float
    max_duplicates: float
    max_fill_drop: float
    max_ahead_hours: float
    max_behind_hours: float


def loads_suite(limits: IndoorLimits) -> "gx.ExpectationSuite":
    """What a load as a whole must look like; index column `subject`."""
    import great_expectations as gx

    return gx.ExpectationSuite(
        name=LOADS,
        expectations=[
            at_least(
                "rows_read",
                0,
                "load_was_read",
                "critical",
                expected="a count of rows",
                why="A load that cannot say how many rows it read was cut short.",
                owner=DATA_ENGINEER,
            ),
            at_most(
                "quarantined_ratio",
                limits.max_quarantine,
                "few_rows_are_quarantined",
                "critical",
                expected=f"at most {limits.max_quarantine:.1%} of the rows",
                why="So many unusable rows mean that the file or its mapping changed.",
                owner=SOURCE_OWNER,
                may_be_empty=True,
            ),
            at_most(
                "shrunk_ratio",
                limits.max_shrink,
                "a_full_load_does_not_shrink",
                "critical",
                expected=f"at most {limits.max_shrink:.1%} of the records gone",
                why="A full load that lost so much is a truncated export, not a deletion.",
                owner=SOURCE_OWNER,
                may_be_empty=True,
            ),
            at_most(
                "is_emptied",
                0,
                "a_filled_entity_stays_filled",
                "warning",
                expected="rows, as in earlier loads",
                why="An export without rows is often a filter or a permission that changed.",
                owner=SOURCE_OWNER,
                may_be_empty=True,
            ),
            at_least(
                "arrived_ratio",
                limits.min_volume,
                "as_much_arrives_as_usual",
                "warning",
                expected=f"at least {limits.min_volume:g} times the usual night's rows",
                why="Rows that did not come are missing in every KPI built on them.",
                owner=SOURCE_OWNER,
                may_be_empty=True,
            ),
            at_most(
                "volume_ratio",
                limits.max_volume,
                "no_more_arrives_than_usual",
                "warning",
                expected=f"at most {limits.max_volume:g} times the usual night's rows",
                why="A flood of rows is a bulk change, a test or an export with doubled rows.",
                owner=SOURCE_OWNER,
                may_be_empty=True,
            ),
            at_most(
                "duplicate_ratio",
                limits.max_duplicates,
                "few_rows_repeat_another",
                "warning",
                expected=f"at most {limits.max_duplicates:.1%} of the rows",
                why="Many rows with one key mean a key that is none, or a doubled export.",
                owner=SOURCE_OWNER,
                may_be_empty=True,
            ),
            at_most(
                "tied_ratio",
                limits.max_bad_rows,
                "versions_have_an_order",
                "warning",
                expected=f"at most {limits.max_bad_rows:.1%} of the rows",
                why="Of two versions with one date nobody can say which one counts.",
                owner=SOURCE_OWNER,
                may_be_empty=True,
            ),
            at_most(
                "broken_line_ratio",
                limits.max_bad_rows,
                "lines_are_whole",
                "warning",
                expected=f"at most {limits.max_bad_rows:.1%} of the lines",
                why="Lines that cannot be taken apart were written by hand or cut off.",
                owner=SOURCE_OWNER,
                may_be_empty=True,
            ),
            at_most(
                "new_column_count",
                0,
                "no_column_is_new",
                "warning",
                expected="the columns of earlier loads",
                why="A new column may be a renamed one whose data is now missing.",
                owner=DATA_ENGINEER,
                shows="new_columns",
                may_be_empty=True,
            ),
            at_most(
                "silent_change_count",
                0,
                "versions_do_not_change_silently",
                "warning",
                expected="no change without a new date of change",
                why="A version rewritten in place restates the past.",
                owner=SOURCE_OWNER,
                may_be_empty=True,
            ),
            at_most(
                "newest_ahead_hours",
                limits.max_ahead_hours,
                "nothing_lies_far_ahead",
                "warning",
                expected=f"at most {limits.max_ahead_hours:g} hours after the landing",
                why="Instants in the future point to a wrong time zone or date format.",
                owner=SOURCE_OWNER,
                may_be_empty=True,
            ),
            at_most(
                "age_ratio",
                1,
                "something_happened_lately",
                "warning",
                expected="news no older than usual, or than the source's freshness limit",
                why="An export that arrives on time with old contents is a stuck one.",
                owner=SOURCE_OWNER,
                shows="age",
                may_be_empty=True,
            ),
            at_most(
                "behind_hours",
                limits.max_behind_hours,
                "a_full_load_does_not_go_back",
                "warning",
                expected=f"at most {limits.max_behind_hours:g} hours before the last one's newest",
                why="A full load older than the last one is yesterday's file again.",
                owner=SOURCE_OWNER,
                may_be_empty=True,
            ),
        ],
    )


def columns_suite(limits: IndoorLimits) -> "gx.ExpectationSuite":
    """What each column of a load must look like; index column `subject`."""
    import great_expectations as gx

    few = f"at most {limits.max_bad_rows:.1%} of the rows"
    return gx.ExpectationSuite(
        name=COLUMNS,
        expectations=[
            at_most(
                "is_missing",
                0,
                "columns_do_not_vanish",
                "critical",
                expected="every column that earlier loads had values in",
                why="Landed as empty, a vanished column would overwrite good data.",
                owner=SOURCE_OWNER,
                may_be_empty=True,
            ),
            at_most(
                "is_retyped",
                0,
                "columns_keep_their_type",
                "critical",
                expected="values of the kind they were",
                why="A changed type loses leading zeros, offsets or the order of day and month.",
                owner=SOURCE_OWNER,
                shows="was",
                may_be_empty=True,
            ),
            at_most(
                "is_emptied",
                0,
                "columns_are_not_emptied",
                "critical",
                expected="values, as in earlier loads",
                why="A column hidden by a permission arrives empty, without an error.",
                owner=SOURCE_OWNER,
                may_be_empty=True,
            ),
            at_most(
                "fill_drop",
                limits.max_fill_drop,
                "columns_stay_filled",
                "warning",
                expected=f"a fall of at most {limits.max_fill_drop:.0%} of the rows",
                why="A column that empties slowly was renamed, hidden or made optional.",
                owner=SOURCE_OWNER,
                shows="fill",
                may_be_empty=True,
            ),
            at_most(
                "unknown_word_ratio",
                limits.max_bad_rows,
                "words_are_known",
                "warning",
                expected=few,
                why="A status or kind that nobody has mapped takes its rows out of every KPI.",
                owner=SOURCE_OWNER,
                may_be_empty=True,
            ),
            at_most(
                "unreadable_ratio",
                limits.max_bad_rows,
                "values_can_be_read",
                "warning",
                expected=few,
                why="Values of the wrong type take their rows out of every KPI.",
                owner=SOURCE_OWNER,
                may_be_empty=True,
            ),
            at_most(
                "not_given_ratio",
                limits.max_bad_rows,
                "keys_and_required_values_are_given",
                "warning",
                expected=few,
                why="A row without its key or a required value cannot be counted anywhere.",
                owner=SOURCE_OWNER,
                may_be_empty=True,
            ),
            at_most(
                "off_scale_ratio",
                limits.max_bad_rows,
                "scores_fit_their_scale",
                "warning",
                expected=few,
                why="A score outside its scale was sent with the scale of another survey.",
                owner=SOURCE_OWNER,
                may_be_empty=True,
            ),
            at_most(
                "misordered_ratio",
                limits.max_bad_rows,
                "nothing_ends_before_it_began",
                "warning",
                expected=few,
                why="Two clocks or two time zones were mixed in one record.",
                owner=SOURCE_OWNER,
                may_be_empty=True,
            ),
        ],
    )
