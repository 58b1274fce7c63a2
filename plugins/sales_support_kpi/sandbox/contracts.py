"""Contracts and the three steps that sales support owes within 24 hours of the signature.

What goes wrong is drawn first: nothing, one step late, one step never done, or all late.
"""

import numpy as np
import pyarrow as pa

from sales_support_kpi.sandbox import opportunities
from sales_support_kpi.sandbox.columns import chunk_rng, ids, instants, words
from sales_support_kpi.sandbox.people import SALES, SUPPORT, Staff
from sales_support_kpi.sandbox.rhythm import Floats, arrivals, month_of, slowness, trend
from sales_support_kpi.sandbox.truth import Truth
from sales_support_kpi.sandbox.worktime import DAY, HOUR, NEVER, Flags, Ints

STEPS = ("issue_contract", "register_system", "settle")
DUE = 24 * HOUR
FINE, ONE_LATE, ONE_MISSING, ALL_LATE = range(4)
_TEAM_TROUBLE = {"영업지원2팀": 0.05, "영업지원1팀": -0.015}


def chunk(
    seed: int,
    month: int,
    part: int,
    numbers: Ints,
    staff: Staff,
    truth: Truth,
    opportunity_total: int,
    customers: int,
) -> tuple[pa.Table, pa.Table]:
    """`contracts` and `contract_steps` of one chunk; states their truth."""
    rng = chunk_rng(seed, "contracts", month, part)
    size, seen = len(numbers), staff.seen_before
    signed = arrivals(rng, month, size)
    support = staff.pick(rng, SUPPORT, signed)
    teams = staff.team_at(support, signed)
    months = month_of(signed)
    share = 0.05 - 0.025 * trend(months) + 0.11 * slowness(months)
    share = share + staff.by_team(_TEAM_TROUBLE, 0.0, teams)
    outcome = np.where(
        rng.random(size) < share, rng.choice([1, 2, 3], size=size, p=(0.6, 0.25, 0.15)), FINE
    )
    done = _steps(rng, numbers, signed, outcome)
    is_cancelled = rng.random(size) < 0.04
    cancelled_at = np.where(is_cancelled, signed + rng.integers(HOUR, 20 * DAY, size), NEVER)
    exists = signed < seen
    cancelled_now = cancelled_at < seen
    _count(truth, staff, signed + DUE, support, outcome, exists & ~cancelled_now)
    truth.planted["contract cancelled"] += int((exists & cancelled_now).sum())
    contract = pa.table(
        {
            "contract_id": ids("CON-", numbers, width=6),
            "opportunity_id": ids(
                "OPP-", opportunities.earlier(rng, month, opportunity_total, size)
            ),
            "customer_id": ids("CUS-", rng.integers(1, customers + 1, size)),
            "owner_id": staff.employee_ids(staff.pick(rng, SALES, signed)),
            "support_owner_id": staff.employee_ids(support),
            "signed_at": instants(signed, seen),
            "amount": pa.array((1 + numbers * 6007 % 700) * 300_000.0),
            "currency": words(("KRW",), np.zeros(size, dtype=np.int64)),
            "status": words(("signed", "cancelled"), cancelled_now.astype(np.int64)),
            "updated_at": instants(np.where(cancelled_now, cancelled_at, signed), seen),
        }
    ).filter(pa.array(exists))
    steps = [
        _step_table(name, numbers, column, support, staff, exists)
        for name, column in zip(STEPS, done, strict=True)
    ]
    return contract, pa.concat_tables(steps)


def _steps(rng: np.random.Generator, numbers: Ints, signed: Ints, outcome: Ints) -> list[Ints]:
    """When each step was completed: in time, late, or never."""
    size = len(numbers)
    culprit = rng.integers(0, len(STEPS), size)
    columns = []
    for step in range(len(STEPS)):
        quick: Floats = 0.5 * HOUR + rng.beta(1.5, 3.0, size) * (DUE - HOUR)
        late = DUE + HOUR + rng.exponential(1.5 * DAY, size)
        hit = culprit == step
        is_late = (outcome == ALL_LATE) | ((outcome == ONE_LATE) & hit)
        at = signed + np.where(is_late, late, quick).astype(np.int64)
        # the last step of some is completed exactly at the deadline: that is in time
        exact = (outcome == FINE) & (numbers % 37 == 5) & (step == len(STEPS) - 1)
        at = np.where(exact, signed + DUE, at)
        columns.append(np.where((outcome == ONE_MISSING) & hit, NEVER, at))
    return columns


def _step_table(
    name: str, numbers: Ints, done: Ints, support: Ints, staff: Staff, exists: Flags
) -> pa.Table:
    """Open steps are there with an empty date, or not there at all."""
    seen = staff.seen_before
    keep = exists & ((done < seen) | (numbers % 2 == 0))
    size = int(keep.sum())
    return pa.table(
        {
            "contract_id": ids("CON-", numbers[keep], width=6),
            "step": words((name,), np.zeros(size, dtype=np.int64)),
            "completed_at": instants(done[keep], seen),
            "assignee_id": staff.employee_ids(support[keep]),
            "updated_at": instants(done[keep], seen),
        }
    )


def _count(
    truth: Truth, staff: Staff, deadline: Ints, support: Ints, outcome: Ints, is_valid: Flags
) -> None:
    counts = is_valid & (deadline < staff.seen_before)
    at = deadline[counts]
    teams = staff.team_at(support[counts], at)
    fine = (outcome == FINE)[counts].astype(np.int64)
    truth.flow("contract_followup_completion", at, teams, fine)
    truth.planted["contract step late"] += int(
        (counts & np.isin(outcome, (ONE_LATE, ALL_LATE))).sum()
    )
    truth.planted["contract step missing"] += int((counts & (outcome == ONE_MISSING)).sum())
