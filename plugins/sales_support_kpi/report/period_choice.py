"""Which period is shown: what was asked for, else the one that holds the published night."""

from sales_support_kpi.errors import UsageError
from sales_support_kpi.report.periods import EXAMPLES, Grain, Period, parse_grain, period_of
from sales_support_kpi.report.published import PublishedNight, Reader


def choose_grain(grain: str | None, period: Period | None) -> tuple[Grain, Period | None]:
    """The grain that was asked for; a period says its own.

    Raises:
        UsageError: the period is of another grain than the one named.
    """
    named = parse_grain(grain) if grain else None
    if period is None:
        return named or Grain.MONTH, None
    if named and named is not period.grain:
        raise UsageError(
            f"{period.label} is a {period.grain}, but the grain asked for is {named}; "
            f"leave --grain out, or write the period like {EXAMPLES[named]}"
        )
    return period.grain, period


def choose_period(
    reader: Reader, night: PublishedNight, grain: Grain, period: Period | None
) -> Period:
    """The period asked for, else the one that holds the published night.

    Raises:
        UsageError: no value was published for that period.
    """
    if period is None:
        return period_of(night.night, grain)
    found = reader.select(
        "select min(period_start) as first, max(period_start) as last from kpi_values"
        " where grain = ?",
        [str(grain)],
    )[0]
    if found["first"] is None:
        raise UsageError(f"no values were published by {grain}")
    if not found["first"] <= period.start <= found["last"]:
        first, last = Period(grain, found["first"]), Period(grain, found["last"])
        raise UsageError(
            f"no values were published for {period.label}; "
            f"by {grain} there is {first.label} to {last.label}"
        )
    return period
