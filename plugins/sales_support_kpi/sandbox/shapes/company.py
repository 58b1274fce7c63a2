"""The demo company's rows in memory, entity by entity, as a file drop would have them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import groupby
from typing import Any

from sales_support_kpi.sandbox.generate import SEED, SIZES, SMALL, world
from sales_support_kpi.sandbox.people import Staff
from sales_support_kpi.sandbox.requests import KINDS
from sales_support_kpi.sandbox.rhythm import LAST_NIGHT
from sales_support_kpi.sandbox.truth import Truth
from sales_support_kpi.sandbox.worktime import midnight

Row = Mapping[str, Any]
ALWAYS = datetime(2015, 1, 1, tzinfo=UTC)  # of what has no date: before everything else


@dataclass(frozen=True, slots=True)
class Company:
    """All rows of the company as they were before `seen_before`."""

    rows: Mapping[str, Sequence[Row]]
    seen_before: datetime

    def versions(self, entity: str, key: str) -> dict[str, list[Row]]:
        """Key → its versions, the oldest first."""
        found = sorted(self.rows[entity], key=lambda row: (row[key], starts(row)))
        return {name: list(rows) for name, rows in groupby(found, key=lambda row: row[key])}


def starts(row: Row) -> datetime:
    """From when a version is valid."""
    return row.get("updated_at") or row.get("created_at") or ALWAYS


def read_company(
    *, size: str = "S", factor: float | None = None, until: date = LAST_NIGHT, seed: int = SEED
) -> Company:
    """Generate the company in memory; meant for size S and smaller ones."""
    scale = SIZES[size] if factor is None else SMALL.times(factor)
    staff = Staff(scale.blocks, midnight(until + timedelta(days=1)))
    rows: dict[str, list[Row]] = {}
    for entity, table in world(scale, seed, staff, Truth(staff.seen_before, staff.teams)):
        rows.setdefault(entity, []).extend(table.to_pylist())
    rows["requests"] = [row for row in rows["requests"] if _can_be(row)]
    rows["survey_responses"] = [
        row
        for row in rows["survey_responses"]
        if scale_of(row)[0] <= row["score"] <= scale_of(row)[1]
    ]
    return Company(rows, datetime.fromtimestamp(staff.seen_before, UTC))


def scale_of(answer: Row) -> tuple[int, int]:
    """The smallest and the largest score; what is left empty is 1 and 5."""
    low, high = answer["scale_min"], answer["scale_max"]
    return (1 if low is None else int(low), 5 if high is None else int(high))


def _can_be(request: Row) -> bool:
    """Whether a ticket can be like this: of a known kind, and not done before it began."""
    start = request["received_at"] or request["opened_at"]
    return request["kind"] in KINDS and (request["completed_at"] or start) >= start
