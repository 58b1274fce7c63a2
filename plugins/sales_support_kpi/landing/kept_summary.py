"""How many rows are kept back, by reason, and how that went over the nights."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from sales_support_kpi.landing.kept_rows import KeptRow


@dataclass(frozen=True, slots=True)
class Summary:
    """Rows of one source, entity, reason and column.

    Attributes:
        nights: how many were kept back in each of the last nights, oldest first.
    """

    source: str
    entity: str
    reason: str
    column_name: str | None
    open: int
    released: int
    since: date
    nights: tuple[tuple[date, int], ...]


def summarised(rows: Iterable[KeptRow], last_nights: int = 5) -> list[Summary]:
    """Counts by reason, with their course over the nights; the most open ones first."""
    groups: dict[tuple[str, str, str, str | None], list[KeptRow]] = {}
    for row in rows:
        name = (row.source, row.entity, row.reason, row.column_name)
        groups.setdefault(name, []).append(row)
    summaries = []
    for name, kept in groups.items():
        by_night: dict[date, int] = {}
        for row in kept:
            by_night[row.night] = by_night.get(row.night, 0) + 1
        summaries.append(
            Summary(
                *name,
                open=sum(row.state == "open" for row in kept),
                released=sum(row.state == "released" for row in kept),
                since=min(by_night),
                nights=tuple(sorted(by_night.items())[-last_nights:]),
            )
        )
    return sorted(summaries, key=lambda one: (-one.open, one.source, one.entity, one.reason))
