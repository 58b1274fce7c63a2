"""Generates the demo company: plan → rows in chunks → a file drop, and `truth.json` beside it.

    python -m sales_support_kpi.sandbox --out var/demo --size S

The world is fixed (October 2025 to December 2026); `until` is the last night seen: what happens
later is not written, and what was not finished then is written as unfinished. So two drops with
different `until` are two nights of one company. Each chunk has randomness of its own, so the same
seed gives the same bytes, at any size and with memory that does not grow with it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from math import sqrt
from pathlib import Path

import numpy as np
import pyarrow as pa

from sales_support_kpi.errors import UsageError
from sales_support_kpi.sandbox import (
    activities,
    contracts,
    customer_rows,
    customers,
    office,
    opportunities,
    request_rows,
    requests,
    surveys,
)
from sales_support_kpi.sandbox.files import Drop, Format, sink_for
from sales_support_kpi.sandbox.people import Staff
from sales_support_kpi.sandbox.rhythm import (
    LAST_NIGHT,
    STARTS,
    WORLD_END,
    WORLD_START,
    monthly_counts,
)
from sales_support_kpi.sandbox.truth import Truth
from sales_support_kpi.sandbox.worktime import Ints, midnight

SEED = 20251001
_CHUNK = 100_000
_CUSTOMER_CHUNK = 40_000

SOURCES: dict[str, dict[str, Format]] = {
    "crm": dict.fromkeys(
        (
            "employees",
            "customers",
            "opportunities",
            "activities",
            "contracts",
            "contract_steps",
            "record_audits",
        ),
        Format.CSV_LOCAL,
    ),
    "helpdesk": {"requests": Format.JSONL, "request_events": Format.CSV_GZ},
    "surveys": {"survey_responses": Format.CSV_BOM},
    "office": dict.fromkeys(
        (
            "report_deliveries",
            "meetings",
            "report_uses",
            "insights",
            "materials",
            "material_updates",
        ),
        Format.XLSX,
    ),
}
ENTITIES = tuple(entity for entities in SOURCES.values() for entity in entities)
OFFICE_WORKBOOK = "sales_support.xlsx"


@dataclass(frozen=True, slots=True)
class Scale:
    """How much of everything the 13 months of history hold."""

    requests: int
    customers: int
    activities: int
    opportunities: int
    contracts: int
    materials: int
    blocks: int

    def times(self, factor: float) -> "Scale":
        """As many times as much; people grow with the square root."""

        def much(count: int) -> int:
            return max(2, round(count * factor / 2) * 2)

        return Scale(
            much(self.requests),
            much(self.customers),
            much(self.activities),
            much(self.opportunities),
            much(self.contracts),
            max(12, round(self.materials * sqrt(factor))),
            max(1, round(self.blocks * sqrt(factor))),
        )


SMALL = Scale(8_000, 1_600, 20_000, 1_300, 520, 48, 1)
MEDIUM = Scale(1_000_000, 200_000, 5_000_000, 160_000, 60_000, 500, 11)
SIZES = {"S": SMALL, "M": MEDIUM, "L": MEDIUM.times(10)}


def generate(
    directory: Path,
    *,
    size: str = "S",
    factor: float | None = None,
    until: date = LAST_NIGHT,
    layout: str = "drop",
    format: str | None = None,
    seed: int = SEED,
) -> Truth:
    """Write the demo company's data into a directory and return what was planted.

    Args:
        directory: made if it is not there.
        size: `S`, `M` or `L`; `factor` instead: so many times S.
        factor: a multiple of S.
        until: the last night that can be seen.
        layout: `drop`: one folder with every entity; `sources`: four folders, as the demo's
            systems would deliver them.
        format: `csv`, `parquet`, `jsonl` or `xlsx`; by default csv in a drop, and each source's
            own in `sources`.
        seed: another seed is another company.

    Raises:
        UsageError: a size, format or date that there is not.
    """
    if size not in SIZES:
        raise UsageError(f"no size {size!r}: use one of {', '.join(SIZES)}, or a factor")
    if not WORLD_START <= until < WORLD_END:
        raise UsageError(f"the demo company lives from {WORLD_START} to {WORLD_END}: not {until}")
    scale = SIZES[size] if factor is None else SMALL.times(factor)
    staff = Staff(scale.blocks, midnight(until + timedelta(days=1)))
    truth = Truth(staff.seen_before, staff.teams)
    directory.mkdir(parents=True, exist_ok=True)
    drop = _drop(directory, layout, format)
    with drop.open():
        for entity, table in world(scale, seed, staff, truth):
            drop.write(entity, table)
            truth.rows[entity] += table.num_rows
    truth.quarantined.update(drop.unreadable)
    truth.write(directory / "truth.json")
    return truth


def world(scale: Scale, seed: int, staff: Staff, truth: Truth) -> Iterator[tuple[str, pa.Table]]:
    """All rows in chunks of one entity, in a fixed order."""
    yield "employees", staff.table()
    yield from _customers(scale, seed, staff, truth)
    yield from _opportunities(scale, seed, staff, truth)
    yield from _activities(scale, seed, staff, truth)
    yield from _contracts(scale, seed, staff, truth)
    yield from _requests(scale, seed, staff, truth)
    yield "survey_responses", surveys.onboarding(seed, staff, truth)
    yield "report_deliveries", office.report_deliveries(seed, staff, truth)
    meetings, uses = office.meetings(seed, staff, truth)
    yield "meetings", meetings
    yield "report_uses", uses
    yield "insights", office.insights(staff, truth)
    materials, updates = office.materials(seed, scale.materials, staff, truth)
    yield "materials", materials
    yield "material_updates", updates


def _parts(first: int, count: int, chunk: int) -> Iterator[tuple[int, Ints]]:
    """Consecutive numbers in chunks; the chunk's own place makes its seed."""
    for part, start in enumerate(range(first, first + count, chunk)):
        yield part, np.arange(start, min(start + chunk, first + count), dtype=np.int64)


def _by_month(total: int, seen_before: int) -> Iterator[tuple[int, int, Ints]]:
    """Month, part and numbers of records that come in over the months."""
    first = 1
    for month, count in enumerate(monthly_counts(total)):
        if STARTS[month] < seen_before:
            for part, numbers in _parts(first, count, _CHUNK):
                yield month, part, numbers
        first += count


def _customers(
    scale: Scale, seed: int, staff: Staff, truth: Truth
) -> Iterator[tuple[str, pa.Table]]:
    for part, numbers in _parts(1, scale.customers, _CUSTOMER_CHUNK):
        planned = customers.plan(seed, part, numbers, scale.customers, staff)
        customers.count(planned, staff, truth)
        yield "customers", customer_rows.customers_table(planned, staff)
        yield "record_audits", customer_rows.audits_table(planned, staff)


def _opportunities(
    scale: Scale, seed: int, staff: Staff, truth: Truth
) -> Iterator[tuple[str, pa.Table]]:
    known = customers.legacy_count(scale.customers)
    for month, (first, count) in enumerate(opportunities.numbers_by_month(scale.opportunities), -1):
        if month >= 0 and STARTS[month] >= staff.seen_before:
            return
        for part, numbers in _parts(first, count, _CUSTOMER_CHUNK):
            planned = opportunities.plan(seed, month, part, numbers, staff, known)
            opportunities.count(planned, staff, truth)
            yield "opportunities", opportunities.table(planned, staff)


def _activities(
    scale: Scale, seed: int, staff: Staff, truth: Truth
) -> Iterator[tuple[str, pa.Table]]:
    known = customers.legacy_count(scale.customers)
    for month, part, numbers in _by_month(scale.activities, staff.seen_before):
        table = activities.chunk(
            seed, month, part, numbers, staff, truth, known, scale.opportunities
        )
        yield "activities", table


def _contracts(
    scale: Scale, seed: int, staff: Staff, truth: Truth
) -> Iterator[tuple[str, pa.Table]]:
    known = customers.legacy_count(scale.customers)
    for month, part, numbers in _by_month(scale.contracts, staff.seen_before):
        rows, steps = contracts.chunk(
            seed, month, part, numbers, staff, truth, scale.opportunities, known
        )
        yield "contracts", rows
        yield "contract_steps", steps


def _requests(
    scale: Scale, seed: int, staff: Staff, truth: Truth
) -> Iterator[tuple[str, pa.Table]]:
    known = customers.legacy_count(scale.customers)
    for month, part, numbers in _by_month(scale.requests, staff.seen_before):
        planned = requests.plan(seed, month, part, numbers, staff, known)
        now = request_rows.state(planned)
        request_rows.count(planned, now, staff, truth)
        yield "requests", request_rows.requests_table(planned, now, staff)
        yield "request_events", request_rows.events_table(planned, now, staff)
        answers = surveys.after_requests(seed, month, part, planned, now, staff, truth)
        yield "survey_responses", answers


def _drop(directory: Path, layout: str, form: str | None) -> Drop:
    if layout not in ("drop", "sources"):
        raise UsageError(f"no layout {layout!r}: use 'drop' or 'sources'")
    if form is not None and form not in ("csv", "parquet", "jsonl", "xlsx"):
        raise UsageError(f"no format {form!r}: use csv, parquet, jsonl or xlsx")
    drop = Drop()
    for source, entities in SOURCES.items():
        folder = directory / source if layout == "sources" else directory
        folder.mkdir(parents=True, exist_ok=True)
        for entity, own in entities.items():
            chosen = own if form is None and layout == "sources" else Format(form or "csv")
            if chosen is Format.XLSX:
                drop.add_workbook(folder / OFFICE_WORKBOOK, entity)
            else:
                suffix = "csv" if chosen in (Format.CSV_LOCAL, Format.CSV_BOM) else chosen.value
                drop.add(entity, sink_for(folder / f"{entity}.{suffix}", chosen))
    return drop
