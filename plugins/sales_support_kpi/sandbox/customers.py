"""Customers as versions: each version is planned with the fault it has, or none.

Old records are dirtier than new ones, faults are fixed over time (faster since the clean-up of
April 2026), a few appear. Neighbours sometimes share a business number; owners leave and are
replaced at once, late, or not at all; an audit by hand finds some good-looking records wrong.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sales_support_kpi.sandbox.columns import chunk_rng
from sales_support_kpi.sandbox.people import NEVER_DAY, SALES, SUPPORT, Staff
from sales_support_kpi.sandbox.rhythm import MONTHS, STARTS, month_of
from sales_support_kpi.sandbox.truth import Truth
from sales_support_kpi.sandbox.worktime import (
    DAY,
    NEVER,
    ZONE_OFFSET,
    Flags,
    Ints,
    midnight,
    work_clock,
)

SLOTS = 13  # versions of one customer at most
FAULTS = (
    "",
    "name missing",
    "email without @",
    "email missing",
    "phone too short",
    "phone missing",
    "postal code of six digits",
    "postal code missing",
    "business number with a wrong check digit",
    "business number missing",
    "owner missing",
    "owner unknown",
)
FAULT = {name: code for code, name in enumerate(FAULTS)}
_KOREAN_ONLY = (6, 8, 9)
STATUSES = ("prospect", "active", "churned")
PROSPECT, ACTIVE, CHURNED = range(3)
_LEGACY_FROM = midnight(MONTHS[0].replace(year=2019, month=1))
_LEGACY_SHARE = 0.85
_CLEAN_UP = MONTHS.index(MONTHS[0].replace(year=2026, month=4))


@dataclass(frozen=True, slots=True)
class Plan:
    """Customers of one chunk; two-dimensional arrays are customer × version."""

    number: Ints
    created: Ints
    start: Ints
    fault: Ints
    status: Ints
    owner: Ints
    borrows: Flags
    is_foreign: Flags
    steward: Ints
    deleted: Ints
    audited: Ints
    is_found_wrong: Flags
    corrected: Ints

    @property
    def last(self) -> Ints:
        """Column of each customer's last version."""
        return np.asarray((self.start < NEVER).sum(axis=1) - 1, dtype=np.int64)


def plan(seed: int, part: int, numbers: Ints, total: int, staff: Staff) -> Plan:
    """Plan one chunk of customers (its size must be even: neighbours share numbers)."""
    rng = chunk_rng(seed, "customers", part)
    size = len(numbers)
    created = _created(rng, numbers, total)
    owner, successor, handover = _owners(rng, size, staff)
    entered = np.maximum(created, STARTS[0])  # older records were taken over that day
    handover = np.where(handover > entered + DAY, handover, NEVER)
    owner = np.where((handover == NEVER) & (created > STARTS[0]), successor, owner)
    start = _starts(rng, entered, handover)
    is_foreign = rng.random(size) < 0.06
    is_legacy = created < STARTS[0]
    fault = _faults(rng, start, is_legacy, is_foreign)
    status = _statuses(rng, start, is_legacy)
    # of each fault there is one record that nobody ever puts right
    stubborn = np.where(numbers % 1999 % 12 == 3, numbers % 1999 // 12 + 1, 0)
    is_stubborn = (stubborn > 0) & (stubborn < len(FAULTS)) & is_legacy
    is_foreign &= ~is_stubborn
    fault = np.where(is_stubborn[:, None], stubborn[:, None], fault)
    status = np.where(is_stubborn[:, None], ACTIVE, status)
    column = np.arange(SLOTS)
    last = (start < NEVER).sum(axis=1) - 1
    final = np.take_along_axis(start, last[:, None], 1)[:, 0]
    deleted = final + rng.integers(DAY, 150 * DAY, size)
    deleted = np.where(rng.random(size) < 0.01, deleted, NEVER)
    # the second of two neighbours borrows the number of the first until its n-th version
    is_second = (numbers % 2 == 0) & ~is_foreign
    partner_ok = np.repeat(~is_foreign[::2], 2)[:size]
    shares = is_second & partner_ok & (rng.random(size) < 0.022)
    until = rng.integers(1, 6, size)
    borrows = shares[:, None] & (column[None, :] < until[:, None])
    audited = np.where(
        rng.random(size) < 0.17,
        work_clock().instant(_between(rng, entered, np.full(size, STARTS[-1]), (size,))),
        NEVER,
    )
    wrong = (audited < NEVER) & (rng.random(size) < 0.1)
    corrected = np.where(
        wrong & (rng.random(size) < 0.4), audited + rng.integers(5 * DAY, 30 * DAY, size), NEVER
    )
    stewards = staff.initial(SUPPORT)
    steward = stewards[rng.integers(0, len(stewards), size)]
    return Plan(
        number=numbers,
        created=created,
        start=start,
        fault=fault,
        status=status,
        owner=np.where(start >= handover[:, None], successor[:, None], owner[:, None]),
        borrows=borrows,
        is_foreign=is_foreign,
        steward=np.where(rng.random(size) < 0.02, -1, steward),
        deleted=deleted,
        audited=audited,
        is_found_wrong=wrong,
        corrected=corrected,
    )


def legacy_count(total: int) -> int:
    """How many customers were there before the history began: the lowest numbers."""
    return int(total * _LEGACY_SHARE) // 2 * 2


def _between(rng: np.random.Generator, low: Ints, high: Ints, shape: tuple[int, ...]) -> Ints:
    """Working seconds drawn evenly between two instants."""
    clock = work_clock()
    first, last = clock.used(low), clock.used(high)
    drawn = rng.random(shape)
    return (first + drawn * (last - first)).astype(np.int64)


def _created(rng: np.random.Generator, numbers: Ints, total: int) -> Ints:
    old = legacy_count(total)
    clock = work_clock()
    low, high = clock.used(np.array([_LEGACY_FROM, STARTS[0]], dtype=np.int64))
    legacy = low + (high - low) * rng.random(len(numbers)) ** 0.6
    first, last = clock.used(STARTS[[0, -1]])
    # newcomers are numbered as they come; a pair of neighbours may come some days apart
    place = (numbers - old - 0.5) / max(1, total - old)
    new = first + (last - first) * np.clip(place + rng.uniform(0, 0.002, len(numbers)), 0, 0.999)
    return clock.instant(np.where(numbers <= old, legacy, new).astype(np.int64))


def _owners(rng: np.random.Generator, size: int, staff: Staff) -> tuple[Ints, Ints, Ints]:
    """First owner, the one after a handover, and when that is entered."""
    pool, stayers = staff.initial(SALES), staff.stayers(SALES)
    owner = pool[rng.integers(0, len(pool), size)]
    successor = stayers[rng.integers(0, len(stayers), size)]
    left = staff.left[owner]
    gone = (np.minimum(left, 10**5) + 1) * DAY - ZONE_OFFSET
    kind = rng.random(size)
    delay = np.where(
        kind < 0.8,
        -rng.integers(DAY, 6 * DAY, size),
        np.where(
            kind < 0.93, rng.integers(DAY, 12 * DAY, size), rng.integers(20 * DAY, 70 * DAY, size)
        ),
    )
    has_handover = (left < NEVER_DAY) & (kind < 0.99)
    return (
        owner,
        np.where(left < NEVER_DAY, successor, owner),
        np.where(has_handover, gone + delay, NEVER),
    )


def _starts(rng: np.random.Generator, entered: Ints, handover: Ints) -> Ints:
    """First version, updates at random working times, the handover: in order, never equal."""
    size = len(entered)
    updates = np.minimum(rng.poisson(4.8, size), SLOTS - 2)
    low = entered[:, None] + DAY
    high = np.full((size, 1), STARTS[-1])
    shape = (size, SLOTS - 2)
    drawn = work_clock().instant(_between(rng, low, high, shape))
    is_used = np.arange(SLOTS - 2)[None, :] < updates[:, None]
    later = np.where(is_used & (drawn < STARTS[-1]) & (drawn > entered[:, None]), drawn, NEVER)
    every = np.concatenate([entered[:, None], later, handover[:, None]], axis=1)
    return np.sort(every, axis=1) + np.arange(SLOTS) * (np.sort(every, axis=1) < NEVER)


def _faults(rng: np.random.Generator, start: Ints, is_legacy: Flags, is_foreign: Flags) -> Ints:
    size = len(start)
    month = np.clip(month_of(start), 0, len(MONTHS) - 1)
    codes = rng.integers(1, len(FAULTS), start.shape)
    codes = np.where(is_foreign[:, None] & np.isin(codes, _KOREAN_ONLY), 2, codes)
    draws = rng.random(start.shape)
    fault = np.zeros(start.shape, dtype=np.int64)
    before = np.where(rng.random(size) < np.where(is_legacy, 0.036, 0.012), codes[:, 0], 0)
    fault[:, 0] = before
    for slot in range(1, start.shape[1]):
        heals = np.where(month[:, slot] >= _CLEAN_UP, 0.6, 0.25)
        stays = np.where(draws[:, slot] < heals, 0, before)
        breaks = np.where(draws[:, slot] < 0.0018, codes[:, slot], 0)
        before = np.where(before > 0, stays, breaks)
        fault[:, slot] = before
    return fault


def _statuses(rng: np.random.Generator, start: Ints, is_legacy: Flags) -> Ints:
    size = len(start)
    draws = rng.random(start.shape)
    first = np.where(is_legacy, 0.1, 0.55)
    before = np.where(draws[:, 0] < first, PROSPECT, ACTIVE)
    before = np.where(is_legacy & (draws[:, 0] > 0.92), CHURNED, before)
    status = np.zeros(start.shape, dtype=np.int64)
    status[:, 0] = before
    for slot in range(1, start.shape[1]):
        draw = draws[:, slot]
        wins = (before == PROSPECT) & (draw < 0.3)
        loses = (before == ACTIVE) & (draw < 0.015)
        returns = (before == CHURNED) & (draw < 0.04)
        before = np.where(wins | returns, ACTIVE, np.where(loses, CHURNED, before))
        status[:, slot] = before
    return np.broadcast_to(status, (size, start.shape[1]))


def count(planned: Plan, staff: Staff, truth: Truth) -> None:
    """How many active records were accurate at the end of each month."""
    at = np.zeros(len(planned.number), dtype=np.int64)
    for month, end in truth.month_ends():
        current = (planned.start < end).sum(axis=1) - 1
        exists = (current >= 0) & ~((current == planned.last) & (planned.deleted < end))
        column = np.maximum(current, 0)[:, None]
        is_active = exists & (_at(planned.status, column) == ACTIVE)
        fault, owner = _at(planned.fault, column), _at(planned.owner, column)
        owner_gone = ~np.isin(fault, (10, 11)) & (staff.left_effective[owner] < end)
        is_shared = _is_shared(planned, is_active, fault, _at(planned.borrows, column))
        found_wrong = planned.is_found_wrong & (planned.audited < end)
        found_wrong &= (_at(planned.start, column) <= planned.audited) & (planned.corrected >= end)
        is_accurate = (fault == 0) & ~owner_gone & ~is_shared & ~found_wrong
        at[:] = end - 1
        teams = staff.team_at(planned.steward, at)[is_active]
        truth.add("customer_record_accuracy", month, teams, is_accurate[is_active])
        if end == truth.seen_before:
            _count_oddities(truth, is_active, fault, owner_gone, is_shared, found_wrong)


def _at(values: NDArray[np.generic], column: Ints) -> Ints:
    return np.take_along_axis(values, column, 1)[:, 0]  # type: ignore[return-value]


def _is_shared(planned: Plan, is_active: Flags, fault: Ints, borrows: Ints) -> Flags:
    """Both neighbours are active and write one and the same number."""
    writes_own = is_active & ~np.isin(fault, (8, 9))
    lends = writes_own[0::2]
    takes = writes_own[1::2] & borrows[1::2].astype(bool)
    return np.repeat(lends & takes, 2)


def _count_oddities(
    truth: Truth, is_active: Flags, fault: Ints, gone: Flags, shared: Flags, wrong: Flags
) -> None:
    for code, name in enumerate(FAULTS):
        if code:
            truth.planted[name] += int((is_active & (fault == code)).sum())
    truth.planted["owner has left"] += int((is_active & gone).sum())
    truth.planted["business number shared"] += int((is_active & shared).sum())
    truth.planted["found wrong by an audit"] += int((is_active & wrong).sum())
