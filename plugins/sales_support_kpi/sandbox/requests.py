"""The plan of requests to sales support: kinds, clocks, pauses, outcomes.

A request is planned on the working-time axis: seconds until a pause, the pause (waiting for
somebody, or closed and opened again), seconds after it. Its instants follow from that, so the time
on the running clock is known without looking at them. `request_rows` writes the rows.
"""

from dataclasses import dataclass

import numpy as np

from sales_support_kpi.sandbox.columns import chunk_rng
from sales_support_kpi.sandbox.people import SALES, SUPPORT, Staff
from sales_support_kpi.sandbox.rhythm import Floats, arrivals, month_of, slowness, trend
from sales_support_kpi.sandbox.worktime import HOUR, NEVER, SHIFT, Flags, Ints, work_clock

KINDS = ("proposal", "contract", "material", "inquiry", "complaint", "other")
PROPOSAL, CONTRACT, MATERIAL, INQUIRY, COMPLAINT, OTHER = range(6)
_KIND_SHARE = (0.13, 0.09, 0.19, 0.43, 0.09, 0.07)
_MEDIAN_HOURS = np.array([1.75, 1.6, 2.6, 0.0, 5.0, 3.0])
TEAM_PACE = {"영업지원1팀": 0.86, "영업지원2팀": 1.3, "영업지원3팀": 0.95}
_TEAM_WITHIN = {"영업지원1팀": 0.035, "영업지원2팀": -0.075, "영업지원3팀": 0.01}
FOREVER = np.int64(2**40)  # working seconds: longer than the calendar
WITHIN = 4 * HOUR

NO_PAUSE, WAITING, REOPENED = 0, 1, 2


@dataclass(frozen=True, slots=True)
class Plan:
    """The requests of one chunk as they were planned; one array element per request."""

    number: Ints
    kind: Ints
    opened: Ints
    received: Ints
    assignee: Ints
    requester: Ints
    customer: Ints
    channel: Ints
    priority: Ints
    first: Ints
    pause: Ints
    second: Ints
    pause_kind: Ints
    overtime: Ints
    is_cancelled: Flags
    seen_before: int

    @property
    def start(self) -> Ints:
        """From when sales support's clock runs."""
        return np.where(self.received < self.seen_before, self.received, self.opened)

    def after(self, seconds: Ints) -> Ints:
        """The instant at which that many working seconds have passed since the planned start."""
        clock = work_clock()
        planned = np.where(self.received < NEVER, self.received, self.opened)
        return clock.instant(clock.used(planned) + seconds)

    @property
    def paused(self) -> Ints:
        """When it began to wait, or was closed for the first time."""
        return np.where(self.pause_kind == NO_PAUSE, NEVER, self.after(self.first))

    @property
    def resumed(self) -> Ints:
        """When work on it went on."""
        return np.where(self.pause_kind == NO_PAUSE, NEVER, self.after(self.first + self.pause))

    @property
    def ended(self) -> Ints:
        """When it was done or cancelled for good."""
        return self.after(self.first + self.pause + self.second) + self.overtime

    @property
    def is_odd(self) -> dict[str, Flags]:
        """The planted oddities, by number, so that every size has them."""
        n, plain = self.number, ~self.is_cancelled & (self.pause_kind == NO_PAUSE)
        no_end = plain & (n % 2503 == 11)
        return {
            "request completed before it began": plain & (n % 2003 == 7),
            "request of an unknown kind": n % 2711 == 13,
            "done without completed_at": ~self.is_cancelled & (n % 331 == 3) & ~no_end,
            "done without any end": no_end,
            "request without events": plain & (n % 53 == 9) & (n % 331 != 3) | no_end,
            "events at one instant": plain & (n % 89 == 5) & (n % 53 != 9) & ~no_end,
            "event after the end": (n % 97 == 21) & (n % 53 != 9) & ~no_end,
        }


def plan(seed: int, month: int, part: int, numbers: Ints, staff: Staff, customers: int) -> Plan:
    """Plan one chunk of a month's requests."""
    rng = chunk_rng(seed, "requests", month, part)
    size = len(numbers)
    opened = arrivals(rng, month, size)
    kind = rng.choice(len(KINDS), size=size, p=_KIND_SHARE)
    moved = rng.random(size) < 0.05
    reached = work_clock().instant(
        work_clock().used(opened) + rng.integers(HOUR // 2, 7 * HOUR, size)
    )
    received = np.where(moved, reached, NEVER)
    start = np.where(moved, reached, opened)
    assignee = staff.pick(rng, SUPPORT, start)
    teams = staff.team_at(assignee, start)
    pause_kind = np.where(rng.random(size) < 0.15, WAITING, NO_PAUSE)
    pause_kind = np.where(rng.random(size) < 0.03, REOPENED, pause_kind)
    cancelled = rng.random(size) < 0.03
    pause_kind = np.where(cancelled, NO_PAUSE, pause_kind)
    seconds = _clock_seconds(rng, kind, month_of(start), staff, teams)
    first = np.where(
        pause_kind == NO_PAUSE, seconds, (seconds * rng.uniform(0.1, 0.8, size)).astype(np.int64)
    )
    pause = rng.integers(HOUR // 2, 20 * HOUR, size)
    pause = np.where(pause_kind == REOPENED, pause * 2, pause)
    second = seconds - first
    # a few are forgotten: open for ever, or waiting for ever
    forgotten = (rng.random(size) < 0.007) & ~cancelled & (pause_kind != REOPENED)
    pause = np.where(forgotten & (pause_kind == WAITING), FOREVER, pause)
    first = np.where(forgotten & (pause_kind == NO_PAUSE), FOREVER, first)
    second = np.where(forgotten & (pause_kind == NO_PAUSE), 0, second)
    pause = np.where(pause_kind == NO_PAUSE, 0, pause)
    first, overtime = _overtime(rng, start, first, pause_kind, cancelled)
    who = rng.random(size)
    return Plan(
        number=numbers,
        kind=kind,
        opened=opened,
        received=received,
        assignee=np.where(who < 0.012, -1, np.where(who < 0.014, -2, assignee)),
        requester=staff.pick(rng, SALES, opened),
        customer=np.where(rng.random(size) < 0.1, -1, rng.integers(1, customers + 1, size)),
        channel=rng.choice(4, size=size, p=(0.4, 0.25, 0.25, 0.1)),
        priority=rng.choice(4, size=size, p=(0.7, 0.12, 0.13, 0.05)),
        first=first,
        pause=pause,
        second=second,
        pause_kind=pause_kind,
        overtime=overtime,
        is_cancelled=cancelled,
        seen_before=staff.seen_before,
    )


def _clock_seconds(
    rng: np.random.Generator, kind: Ints, month: Ints, staff: Staff, teams: Ints
) -> Ints:
    """Time on the running clock: for inquiries first the outcome, then the time."""
    size = len(kind)
    slow, better = slowness(month), trend(month)
    pace = staff.by_team(TEAM_PACE, 1.0, teams)
    hours: Floats = _MEDIAN_HOURS[kind] * rng.lognormal(0.0, 0.55, size)
    hours = hours * pace * (1.14 - 0.22 * better + 0.65 * slow)
    share = 0.90 + 0.035 * better - 0.14 * slow + staff.by_team(_TEAM_WITHIN, 0.0, teams)
    is_within = rng.random(size) < share
    quick = 0.05 + 3.9 * rng.beta(1.7, 1.9, size)
    late = 4.05 + rng.exponential(6.0, size) * pace * (1.0 + 0.8 * slow)
    hours = np.where(kind == INQUIRY, np.where(is_within, quick, late), hours)
    seconds = np.clip((hours * HOUR).astype(np.int64), 240, 30 * SHIFT)
    # exactly four hours still is within four hours
    return np.where((kind == INQUIRY) & (rng.random(size) < 0.002), WITHIN, seconds)


def _overtime(
    rng: np.random.Generator, start: Ints, seconds: Ints, pause_kind: Ints, cancelled: Flags
) -> tuple[Ints, Ints]:
    """Work that would end late in the day is sometimes finished in the evening instead."""
    used = work_clock().used(start) + seconds
    rest = -used % SHIFT
    stays = (pause_kind == NO_PAUSE) & ~cancelled & (seconds < FOREVER) & (seconds != WITHIN)
    stays = stays & (rest < HOUR) & (rest > 0) & (rng.random(len(start)) < 0.25)
    evening = rng.integers(60, 3 * HOUR, len(start))
    return np.where(stays, seconds + rest, seconds), np.where(stays, evening, 0)
