"""Activities of sales reps: what they did, and how late they wrote it down.

Whether an activity is entered within 48 hours is drawn first; the delay follows.
"""

import numpy as np
import pyarrow as pa

from sales_support_kpi.sandbox import opportunities
from sales_support_kpi.sandbox.columns import chunk_rng, ids, instants, words
from sales_support_kpi.sandbox.people import SALES, Staff
from sales_support_kpi.sandbox.rhythm import arrivals, month_of, slowness, trend
from sales_support_kpi.sandbox.truth import Truth
from sales_support_kpi.sandbox.worktime import DAY, HOUR, NEVER, Ints

TYPES = ("call", "visit", "email", "meeting", "demo")
IN_TIME = 48 * HOUR
_TEAM_IN_TIME = {"영업1팀": 0.03, "영업2팀": 0.015, "영업3팀": -0.1, "신사업영업팀": 0.0}


def chunk(
    seed: int,
    month: int,
    part: int,
    numbers: Ints,
    staff: Staff,
    truth: Truth,
    customers: int,
    opportunity_total: int,
) -> pa.Table:
    """The rows of one chunk, as far as they had been entered; states their truth."""
    rng = chunk_rng(seed, "activities", month, part)
    size, seen = len(numbers), staff.seen_before
    occurred = arrivals(rng, month, size)
    owner = staff.pick(rng, SALES, occurred)
    teams = staff.team_at(owner, occurred)
    months = month_of(occurred)
    share = 0.93 + 0.025 * trend(months) - 0.05 * slowness(months)
    is_in_time = rng.random(size) < share + staff.by_team(_TEAM_IN_TIME, 0.0, teams)
    quick = np.minimum(60 + rng.exponential(7 * HOUR, size), IN_TIME).astype(np.int64)
    late = (IN_TIME + 1 + rng.exponential(4 * DAY, size)).astype(np.int64)
    delay = np.where(is_in_time, quick, late)
    delay = np.where(is_in_time & (numbers % 211 == 3), IN_TIME, delay)  # just in time
    recorded = occurred + delay
    # an old phone app forgets when the entry was made
    is_unstamped = numbers % 389 == 17
    is_entered = np.where(is_unstamped, occurred + DAY < seen, recorded < seen)
    has_opportunity = rng.random(size) < 0.35
    deal = opportunities.earlier(rng, month, opportunity_total, size)
    customer = rng.integers(1, customers + 1, size)
    decided = np.where(is_unstamped, occurred + IN_TIME < seen, is_entered)
    truth.flow(
        "crm_entry_rate",
        occurred[decided],
        teams[decided],
        (is_in_time & ~is_unstamped)[decided].astype(np.int64),
    )
    truth.planted["activity entered late"] += int((is_entered & ~is_in_time).sum())
    truth.planted["activity without recorded_at"] += int((is_entered & is_unstamped).sum())
    return pa.table(
        {
            "activity_id": ids("ACT-", numbers),
            "owner_id": staff.employee_ids(owner),
            "customer_id": ids("CUS-", customer),
            "opportunity_id": ids("OPP-", np.where(has_opportunity, deal, -1)),
            "type": words(TYPES, rng.choice(5, size=size, p=(0.4, 0.15, 0.3, 0.1, 0.05))),
            "occurred_at": instants(occurred, seen),
            "recorded_at": instants(np.where(is_unstamped, NEVER, recorded), seen),
        }
    ).filter(pa.array(is_entered))
