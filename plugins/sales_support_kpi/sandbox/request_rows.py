"""The rows of requests and their events, as the helpdesk knew them when the data was taken.

Later instants are blank and the status is that of the moment. The truth of the request KPIs is
counted from the plan (see `truth`).
"""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from sales_support_kpi.sandbox.columns import chosen, ids, instants, words
from sales_support_kpi.sandbox.people import Staff
from sales_support_kpi.sandbox.requests import (
    CONTRACT,
    FOREVER,
    INQUIRY,
    KINDS,
    PROPOSAL,
    REOPENED,
    WAITING,
    WITHIN,
    Plan,
)
from sales_support_kpi.sandbox.truth import Truth
from sales_support_kpi.sandbox.worktime import HOUR, NEVER, Flags, Ints, work_clock

_CHANNELS = ("email", "phone", "portal", "chat")
_PRIORITIES = ("normal", "low", "high", "urgent")
_SUBJECTS = (
    "제안서 작성 지원 요청",
    "계약서 검토 및 발행 요청",
    "제품 소개 자료 요청",
    "납기·재고 문의",
    "배송 지연 불만 접수",
    "기타 업무 지원 요청",
)


@dataclass(frozen=True, slots=True)
class State:
    """How the chunk's requests stood when the data was taken."""

    exists: Flags
    is_broken: Flags
    is_cancelled: Flags
    is_done: Flags
    done_at: Ints
    has_no_end: Flags
    clock_seconds: Ints

    @property
    def counts(self) -> Flags:
        """Good rows that no rule excludes."""
        return self.exists & ~self.is_broken & ~self.is_cancelled & ~self.has_no_end


def state(planned: Plan) -> State:
    """What the helpdesk knew before `seen_before`, from the plan alone."""
    now = planned.seen_before
    odd = planned.is_odd
    ended, paused, resumed = planned.ended, planned.paused, planned.resumed
    is_closed_now = (planned.pause_kind == REOPENED) & (paused < now) & (resumed >= now)
    is_done = ~planned.is_cancelled & ((ended < now) | is_closed_now)
    clock = work_clock()
    elapsed = clock.used(np.full(len(ended), now)) - clock.used(planned.start)
    running = np.minimum(elapsed, planned.first)
    running = running + np.clip(elapsed - planned.first - planned.pause, 0, planned.second)
    exists = planned.opened < now
    return State(
        exists=exists,
        is_broken=exists
        & (
            odd["request of an unknown kind"] | (odd["request completed before it began"] & is_done)
        ),
        is_cancelled=planned.is_cancelled & (ended < now),
        is_done=is_done,
        done_at=np.where(is_done, np.where(ended < now, ended, paused), NEVER),
        has_no_end=odd["done without any end"] & is_done,
        clock_seconds=running,
    )


def requests_table(planned: Plan, now: State, staff: Staff) -> pa.Table:
    """The rows of `requests`."""
    seen, odd = planned.seen_before, planned.is_odd
    is_waiting = (
        (planned.pause_kind == WAITING) & (planned.paused < seen) & (planned.resumed >= seen)
    )
    status = np.where(is_waiting, 1, 0)
    status = np.where(now.is_done, 2, np.where(now.is_cancelled, 3, status))
    blank = odd["done without completed_at"] | odd["done without any end"]
    completed = np.where(blank, NEVER, now.done_at)
    is_early = odd["request completed before it began"] & now.is_done
    completed = np.where(is_early, planned.start - HOUR, completed)
    kind = words(KINDS, planned.kind)
    table = pa.table(
        {
            "request_id": ids("REQ-", planned.number),
            "kind": chosen(odd["request of an unknown kind"], "fax", kind),
            "subject": words(_SUBJECTS, planned.kind),
            "requester_id": staff.employee_ids(planned.requester),
            "customer_id": ids("CUS-", planned.customer),
            "assignee_id": staff.employee_ids(planned.assignee),
            "channel": words(_CHANNELS, planned.channel),
            "priority": words(_PRIORITIES, planned.priority),
            "status": words(("open", "waiting", "done", "cancelled"), status),
            "opened_at": instants(planned.opened, seen),
            "received_at": instants(planned.received, seen),
            "completed_at": instants(completed, seen),
            "updated_at": instants(_last_change(planned), seen),
        }
    )
    return table.filter(pa.array(now.exists))


def _last_change(planned: Plan) -> Ints:
    last = planned.opened
    for at in (planned.received, planned.paused, planned.resumed, planned.ended):
        last = np.where(at < planned.seen_before, np.maximum(last, at), last)
    return last


def events_table(planned: Plan, now: State, staff: Staff) -> pa.Table:
    """The rows of `request_events`: what the status became, and when."""
    odd, size = planned.is_odd, len(planned.number)
    never = np.full(size, NEVER)
    ended = planned.ended
    tie = np.where(odd["events at one instant"] & (planned.first < FOREVER), 0, NEVER)
    tie = np.where(tie == 0, planned.after(planned.first // 2), never)
    stray = odd["event after the end"] & (ended < NEVER) & ~planned.is_cancelled
    is_wait = planned.pause_kind == WAITING
    slots = (
        ("open", planned.opened, planned.requester),
        ("waiting", tie, planned.assignee),
        ("open", tie, planned.assignee),
        ("waiting", np.where(is_wait, planned.paused, NEVER), planned.assignee),
        ("done", np.where(is_wait, NEVER, planned.paused), planned.assignee),
        ("open", planned.resumed, planned.assignee),
        ("done", np.where(planned.is_cancelled, NEVER, ended), planned.assignee),
        ("cancelled", np.where(planned.is_cancelled, ended, NEVER), planned.requester),
        ("waiting", np.where(stray, ended + 2 * HOUR, NEVER), planned.assignee),
    )
    has_events = now.exists & ~odd["request without events"]
    tables = []
    for slot, (to_status, at, actor) in enumerate(slots):
        keep = has_events & (at < planned.seen_before)
        table = pa.table(
            {
                "event_id": ids("REQ-", planned.number[keep], suffix=f"-{slot + 1}"),
                "request_id": ids("REQ-", planned.number[keep]),
                "to_status": pa.array([to_status]).take(pa.array(np.zeros(keep.sum(), int))),
                "occurred_at": instants(at[keep], planned.seen_before),
                "actor_id": staff.employee_ids(actor[keep]),
            }
        )
        tables.append(table)
    return pa.concat_tables(tables)


def count(planned: Plan, now: State, staff: Staff, truth: Truth) -> None:
    """State the truth of the request KPIs and of the oddities."""
    seconds = now.clock_seconds
    done = now.counts & now.is_done
    documents = done & np.isin(planned.kind, (PROPOSAL, CONTRACT))
    _flow(truth, "document_turnaround", documents, now.done_at, planned, staff, seconds)
    inquiry = now.counts & (planned.kind == INQUIRY)
    _flow(truth, "inquiry_completion_rate", inquiry, planned.start, planned, staff, now.is_done)
    _flow(
        truth, "inquiry_handling_time", inquiry & now.is_done, now.done_at, planned, staff, seconds
    )
    decided = inquiry & (now.is_done | (seconds > WITHIN))
    is_within = now.is_done & (seconds <= WITHIN)
    _flow(truth, "inquiry_within_4h", decided, planned.start, planned, staff, is_within)
    truth.quarantined["requests"] += int(now.is_broken.sum())
    no_end = now.exists & now.has_no_end & ~now.is_broken
    truth.rejected["done_without_completion"] += int(no_end.sum())
    for name, flag in planned.is_odd.items():
        shows = now.exists if "kind" in name else now.exists & now.is_done
        truth.planted[name] += int((flag & shows).sum())
    truth.planted["request transferred"] += int((now.exists & (planned.received < NEVER)).sum())
    reopened = (planned.pause_kind == REOPENED) & (planned.resumed < planned.seen_before)
    truth.planted["request reopened"] += int(reopened.sum())
    truth.planted["request cancelled"] += int((now.exists & now.is_cancelled).sum())
    truth.planted["request of an unknown assignee"] += int(
        (now.exists & (planned.assignee == -2)).sum()
    )


def _flow(
    truth: Truth,
    kpi_id: str,
    rows: Flags,
    occurred_at: Ints,
    planned: Plan,
    staff: Staff,
    numerator: Ints | Flags,
) -> None:
    at = occurred_at[rows]
    teams = staff.team_at(planned.assignee[rows], at)
    truth.flow(kpi_id, at, teams, numerator[rows].astype(np.int64))
