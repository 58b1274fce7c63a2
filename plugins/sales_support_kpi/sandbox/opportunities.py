"""Sales opportunities as versions: stages move on, fields are forgotten, some go stale.

Planned first: how long each version stays the latest one, and which of the four fields is missing.
"""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from sales_support_kpi.sandbox.columns import chunk_rng, days, flags, ids, instants, masked, words
from sales_support_kpi.sandbox.people import SALES, Staff
from sales_support_kpi.sandbox.rhythm import (
    MONTHS,
    STARTS,
    Floats,
    arrivals,
    monthly_counts,
    slowness,
    trend,
)
from sales_support_kpi.sandbox.truth import Truth
from sales_support_kpi.sandbox.worktime import DAY, NEVER, Flags, Ints, local_day

SLOTS = 12
STALE = 30 * DAY
STAGES = ("발굴", "제안", "견적", "협상", "계약 대기")
_NEXT = ("방문 일정 확정", "견적서 발송", "의사결정자 미팅", "계약 조건 협의")
_FIELDS = ("", "next_step", "close_date", "amount", "stage")
_TEAM_MISSING = {"영업3팀": 0.055, "영업1팀": -0.02, "신사업영업팀": 0.01}
OLD_SHARE = 0.12  # of a year's opportunities, open already when the history begins


@dataclass(frozen=True, slots=True)
class Plan:
    """Opportunities of one chunk; two-dimensional arrays are opportunity × version."""

    number: Ints
    created: Ints
    owner: Ints
    customer: Ints
    start: Ints
    missing: Ints
    last: Ints
    is_won: Flags
    deleted: Ints


def numbers_by_month(total: int) -> list[tuple[int, int]]:
    """First number and count of the old ones and of each month's new ones, in this order."""
    old = max(2, round(total * OLD_SHARE))
    counts = [old, *monthly_counts(total - old)]
    firsts = np.concatenate(([1], 1 + np.cumsum(counts)))
    return [(int(first), count) for first, count in zip(firsts, counts, strict=False)]


def plan(seed: int, month: int, part: int, numbers: Ints, staff: Staff, customers: int) -> Plan:
    """Plan one chunk; month -1 holds those that were open before the history began."""
    rng = chunk_rng(seed, "opportunities", month + 1, part)
    size = len(numbers)
    if month < 0:
        created = STARTS[0] - rng.integers(DAY, 40 * DAY, size)
    else:
        created = arrivals(rng, month, size)
    owner = staff.pick(rng, SALES, np.maximum(created, STARTS[0]))
    team = staff.team_at(owner, np.maximum(created, STARTS[0]))
    entered = np.maximum(created, STARTS[0])  # older ones were taken over that day
    gaps = 1 + rng.exponential(10 * DAY, (size, SLOTS - 1))
    forgets = staff.by_team(_TEAM_MISSING, 0.0, team) + 0.035
    neglected = rng.random(gaps.shape) < forgets[:, None] * 0.8
    gaps = np.where(neglected, gaps + rng.integers(25 * DAY, 70 * DAY, gaps.shape), gaps)
    start = entered[:, None] + np.concatenate(
        [np.zeros((size, 1)), np.cumsum(gaps, axis=1)], axis=1
    ).astype(np.int64)
    last = np.minimum(3 + rng.poisson(3.0, size), SLOTS - 1)
    start = np.where(np.arange(SLOTS)[None, :] <= last[:, None], start, NEVER)
    closed = np.take_along_axis(start, last[:, None], 1)[:, 0]
    return Plan(
        number=numbers,
        created=created,
        owner=owner,
        customer=rng.integers(1, customers + 1, size),
        start=start,
        missing=_missing(rng, start, forgets),
        last=last,
        is_won=rng.random(size) < 0.35,
        deleted=np.where(
            rng.random(size) < 0.012, closed - rng.integers(DAY, 3 * DAY, size), NEVER
        ),
    )


def _missing(rng: np.random.Generator, start: Ints, forgets: Floats) -> Ints:
    """Which field is empty in each version; the next step is forgotten most often."""
    month = np.clip(np.searchsorted(STARTS, start, side="right") - 1, 0, len(MONTHS) - 1)
    share = forgets[:, None] * (1.25 - 0.4 * trend(month) + 0.8 * slowness(month))
    code = rng.choice([1, 2, 3, 4], size=start.shape, p=(0.6, 0.2, 0.12, 0.08))
    return np.where(rng.random(start.shape) < share, code, 0)


def table(planned: Plan, staff: Staff) -> pa.Table:
    """All versions that had been written before the data was taken."""
    seen = staff.seen_before
    row, slot = np.nonzero(planned.start < seen)
    number, start = planned.number[row], planned.start[row, slot]
    missing, is_last = planned.missing[row, slot], slot == planned.last[row]
    stage = np.minimum(slot * 5 // (planned.last[row] + 1), 4)
    close = np.minimum(local_day(planned.created[row]) + 45 + number % 60, 10**6)
    amount = (1 + number * 7919 % 480) * 250_000.0
    is_open_and_empty = ~is_last & (number % 5 == 0)
    before_end = slot == np.maximum(planned.last[row] - 1, 0)
    return pa.table(
        {
            "opportunity_id": ids("OPP-", number),
            "customer_id": ids("CUS-", planned.customer[row]),
            "owner_id": staff.employee_ids(planned.owner[row]),
            "stage": masked(words(STAGES, stage), missing == _FIELDS.index("stage")),
            "amount": pa.array(amount, mask=missing == _FIELDS.index("amount")),
            "currency": words(("KRW",), np.zeros(len(row), dtype=np.int64)),
            "close_date": days(close, missing == _FIELDS.index("close_date")),
            "next_step": masked(
                words(_NEXT, (number + slot) % 4), missing == _FIELDS.index("next_step")
            ),
            "is_closed": flags(is_last, is_open_and_empty),
            "is_won": flags(planned.is_won[row], ~is_last),
            "created_at": instants(planned.created[row], seen),
            "closed_at": instants(np.where(is_last, start, NEVER), seen),
            "updated_at": instants(start, seen),
            "deleted_at": instants(np.where(before_end, planned.deleted[row], NEVER), seen),
        }
    )


def count(planned: Plan, staff: Staff, truth: Truth) -> None:
    """How many open opportunities were complete and fresh at the end of each month."""
    for month, end in truth.month_ends():
        current = (planned.start < end).sum(axis=1) - 1
        is_deleted = (current == planned.last - 1) & (planned.deleted < end)
        is_open = (current >= 0) & (current < planned.last) & ~is_deleted
        column = np.maximum(current, 0)[:, None]
        since = np.take_along_axis(planned.start, column, 1)[:, 0]
        is_complete = np.take_along_axis(planned.missing, column, 1)[:, 0] == 0
        is_fresh = end <= since + STALE
        teams = staff.team_at(planned.owner, np.full(len(current), end - 1))
        good = (is_complete & is_fresh)[is_open]
        truth.add("crm_entry_rate", month, teams[is_open], good)
        if end == truth.seen_before:
            truth.planted["opportunity with an empty field"] += int((is_open & ~is_complete).sum())
            truth.planted["opportunity gone stale"] += int((is_open & ~is_fresh).sum())


def earlier(rng: np.random.Generator, month: int, total: int, size: int) -> Ints:
    """Numbers of opportunities that were there before the month began."""
    spans = numbers_by_month(total)
    known = spans[month + 1][0]
    return rng.integers(1, known, size)
