"""The night: its date in the company's zone and the instant before which things count."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sales_support_kpi.errors import UsageError


@dataclass(frozen=True, slots=True)
class Night:
    """One run of the pipeline.

    Attributes:
        date: the night's date in the company's zone: the local day of the last visible instant.
        as_of: aware UTC instant; only what happened strictly before it is visible.
    """

    date: date
    as_of: datetime

    def __post_init__(self) -> None:
        if self.as_of.tzinfo is None:
            raise ValueError("as_of must be an aware instant")


def night_of(as_of: datetime, timezone: str) -> Night:
    """The night whose last visible instant lies just before `as_of`."""
    last_instant = as_of.astimezone(UTC) - timedelta(microseconds=1)
    return Night(last_instant.astimezone(ZoneInfo(timezone)).date(), as_of.astimezone(UTC))


def night_ending(day: date, timezone: str) -> Night:
    """The whole night of a date: `as_of` is the next day's 00:00 in the company's zone."""
    midnight = datetime.combine(day + timedelta(days=1), time(), ZoneInfo(timezone))
    return Night(day, midnight.astimezone(UTC))


def parse_as_of(text: str, timezone: str) -> Night:
    """Read `--as-of`: a date means the end of that day, an instant itself (naive: company zone).

    Raises:
        UsageError: the text is neither.
    """
    try:
        if len(text) <= len("2026-10-31"):
            return night_ending(date.fromisoformat(text), timezone)
        instant = datetime.fromisoformat(text)
    except ValueError as error:
        raise UsageError(
            f"--as-of {text!r} is neither a date (2026-10-31) nor an ISO instant "
            "(2026-10-31T18:00+09:00)"
        ) from error
    if instant.tzinfo is None:
        instant = instant.replace(tzinfo=ZoneInfo(timezone))
    return night_of(instant, timezone)
