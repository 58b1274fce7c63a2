"""What a Salesforce-shaped server does wrong by itself, as attributes a test sets."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime


@dataclass(slots=True)
class Behaviour:
    """What this org does; the defaults are a healthy one.

    Attributes:
        page_sizes: how many records each page of a query holds, then again from the first.
        locator_dies_after: that many further pages are given, then the locator is gone.
        timeout_above: a query that finds more rows than that ends in QUERY_TIMEOUT.
        calls_per_token: an access token is worth that many calls.
        calls_per_day: then REQUEST_LIMIT_EXCEEDED.
        next_version: the API version in nextRecordsUrl; None: the one that was asked.
        bulk_page: rows per set of results at most.
        bulk_states: what a job says before its end, one per poll.
        bulk_end: how the last set says so: `null`, the word, or `absent`.
        bulk_header: whether `each` set of results begins with the names, or the `first` only.
        short_bulk: that many rows are missing from the first answer to every set.
        clock: by which the list of deletions reaches back thirty days.
    """

    page_sizes: tuple[int, ...] = (2000,)
    locator_dies_after: int | None = None
    timeout_above: int | None = None
    calls_per_token: int | None = None
    calls_per_day: int | None = None
    next_version: str | None = None
    bulk_page: int = 50_000
    bulk_states: tuple[str, ...] = ("UploadComplete", "InProgress")
    bulk_end: str = "null"
    bulk_header: str = "each"
    short_bulk: int = 0
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)
