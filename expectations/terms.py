"""What every expectation says of itself: its name, why it is there, who acts."""

from collections.abc import Mapping
from typing import Any, Literal

Severity = Literal["critical", "warning"]

# Who acts when a check fails.
DATA_ENGINEER = "data engineer"
SOURCE_OWNER = "owner of the source"
KPI_OWNER = "owner of the KPI"
SUPPORT_LEAD = "lead of sales support"


def meta(
    check: str,
    *,
    expected: str,
    why: str,
    owner: str,
    shows: str | None = None,
    kpi_id: str | None = None,
    on_breach: str = "stop",
    may_be_empty: bool = False,
) -> dict[str, object]:
    """The meta of one expectation.

    Args:
        check: its name, unique within the suite.
        expected: what should be seen, for a person.
        why: why anybody cares.
        owner: who acts.
        shows: the column that tells a person what was seen (default: the one that is judged).
        kpi_id: the one KPI it is about.
        on_breach: whether a critical breach stops everything or withholds the KPI.
        may_be_empty: nothing to judge is an ordinary state.
    """
    said: Mapping[str, object] = {
        "check": check,
        "expected": expected,
        "why": why,
        "owner": owner,
        "shows": shows,
        "kpi_id": kpi_id,
        "on_breach": on_breach,
        "may_be_empty": may_be_empty,
    }
    return dict(said)


def between(
    column: str,
    severity: Severity,
    about: Mapping[str, object],
    *,
    minimum: float | None = None,
    maximum: float | None = None,
) -> Any:  # noqa: ANN401 - great_expectations is imported late
    """The one shape all rules have: the values of a column lie between two numbers."""
    from great_expectations.expectations.core.expect_column_values_to_be_between import (
        ExpectColumnValuesToBeBetween,
    )
    from great_expectations.expectations.metadata_types import FailureSeverity

    return ExpectColumnValuesToBeBetween(
        column=column,
        min_value=minimum,
        max_value=maximum,
        severity=FailureSeverity(severity),
        # what Great Expectations' own pages show
        description="{check} ({column}): {expected}. {why} Acts: {owner}.".format(
            column=column, **about
        ),
        meta=dict(about),
    )


def at_most(
    column: str,
    maximum: float,
    check: str,
    severity: Severity,
    **said: Any,  # noqa: ANN401 - the keywords of `meta`
) -> Any:  # noqa: ANN401 - great_expectations is imported late
    """Values of a column do not lie above a number."""
    return between(column, severity, meta(check, **said), maximum=maximum)


def at_least(
    column: str,
    minimum: float,
    check: str,
    severity: Severity,
    **said: Any,  # noqa: ANN401 - the keywords of `meta`
) -> Any:  # noqa: ANN401 - great_expectations is imported late
    """Values of a column do not lie below a number."""
    return between(column, severity, meta(check, **said), minimum=minimum)
