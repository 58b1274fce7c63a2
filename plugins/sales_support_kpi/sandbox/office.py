"""What the team keeps in one workbook: reports, meetings, insights, materials.

Small, so written record by record. For each report and week it is drawn whether it is in time,
late or left out; for each meeting which reports were used; for each material and month whether it
was updated.
"""

from dataclasses import dataclass
from datetime import date

import numpy as np
import pyarrow as pa

from sales_support_kpi.sandbox.columns import chunk_rng, ids, instants, words
from sales_support_kpi.sandbox.people import SUPPORT, Staff
from sales_support_kpi.sandbox.rhythm import (
    MONTHS,
    SLOW_MONTH,
    STARTS,
    WORLD_END,
    WORLD_START,
    slowness,
)
from sales_support_kpi.sandbox.truth import Truth
from sales_support_kpi.sandbox.worktime import (
    DAY,
    HOUR,
    NEVER,
    ZONE_OFFSET,
    Ints,
    day_number,
    midnight,
    work_clock,
)


@dataclass(frozen=True, slots=True)
class Report:
    """A report that the company's config promises every week."""

    name: str
    owner: int
    weekday: int
    starts_on: date


REPORTS = (
    Report("weekly_sales_trend", 0, 0, date(2025, 10, 6)),
    Report("pipeline_review", 3, 2, date(2025, 10, 1)),
    Report("customer_insight", 6, 4, date(2026, 3, 6)),
)
_MATERIALS = (
    "제품 소개서",
    "가격 정책 안내",
    "제안서 표준 양식",
    "경쟁사 비교표",
    "영업 가이드",
    "도입 사례집",
)
_INSIGHTS = (
    (date(2025, 11, 12), 0, True, "재구매 주기가 짧아진 고객군"),
    (date(2025, 12, 3), 3, False, "채널별 문의량 비교"),
    (date(2025, 12, 18), 1, True, "연말 할인 없이도 유지되는 품목"),
    (date(2026, 1, 29), 6, True, "첫 제안까지 걸린 시간과 수주율"),
    (date(2026, 2, 25), 0, True, "방문 뒤 이틀 안의 후속 연락 효과"),
    (date(2026, 3, 26), 3, True, "지역별 이탈 조짐"),
    (date(2026, 4, 22), 1, True, "견적 수정 횟수가 많은 거래의 특징"),
    (date(2026, 5, 20), 6, False, "신제품 문의 키워드"),
    (date(2026, 6, 24), 3, False, "상반기 활동량 요약"),
    (date(2026, 7, 15), 0, True, "CRM 이전 뒤 누락된 후속 일정"),
    (date(2026, 8, 19), 1, True, "소형 고객의 추가 주문 시점"),
    (date(2026, 9, 2), 6, False, "경쟁사 가격 변동"),
    (date(2026, 9, 16), 6, True, "명절 전후 납기 문의의 원인"),
    (date(2026, 10, 20), 0, True, "계약 단계에서 멈춘 거래의 공통점"),
    (date(2026, 10, 28), 3, None, "4분기 수요 예측"),
    (date(2026, 11, 18), 1, True, "데모 뒤 계약까지의 기간"),
    (date(2026, 12, 15), 6, True, "내년 갱신 대상의 위험도"),
)


def _mondays() -> list[int]:
    first = day_number(WORLD_START) - WORLD_START.weekday()
    return list(range(first, day_number(WORLD_END), 7))


def _at(day: int, seconds: int) -> int:
    return day * DAY - ZONE_OFFSET + seconds


def report_deliveries(seed: int, staff: Staff, truth: Truth) -> pa.Table:
    """In time, late, twice or not at all; states the truth of `report_on_time`."""
    rng = chunk_rng(seed, "report_deliveries")
    clock = work_clock()
    slow = midnight(SLOW_MONTH)
    rows: list[tuple[str, int, int]] = []
    for report in REPORTS:
        for monday in _mondays():
            nominal = monday + report.weekday
            luck, second, twice = rng.random(), int(rng.integers(0, 7 * HOUR)), rng.random()
            if nominal < day_number(report.starts_on):
                continue
            due = clock.next_open_day(nominal)
            is_slow = slow <= _at(due, 0) < slow + 30 * DAY
            if luck < (0.14 if is_slow else 0.02):
                continue  # left out
            late_day = due + 1 if luck < (0.3 if is_slow else 0.07) else due
            rows.append((report.name, _at(late_day, 9 * HOUR + second), report.owner))
            if twice < 0.05:
                rows.append((report.name, _at(late_day, 17 * HOUR), report.owner))
    rows = sorted((row for row in rows if row[1] < staff.seen_before), key=lambda row: row[1])
    _count_deliveries(rows, staff, truth)
    return pa.table(
        {
            "delivery_id": ids("DEL-", np.arange(1, len(rows) + 1), width=4),
            "report": pa.array([row[0] for row in rows], pa.string()),
            "delivered_at": instants(_ints([row[1] for row in rows]), staff.seen_before),
            "author_id": staff.employee_ids(_ints([row[2] for row in rows])),
        }
    )


def _count_deliveries(rows: list[tuple[str, int, int]], staff: Staff, truth: Truth) -> None:
    clock = work_clock()
    for report in REPORTS:
        made = [at for name, at, _ in rows if name == report.name]
        for monday in _mondays():
            nominal = monday + report.weekday
            due = clock.next_open_day(nominal)
            if nominal < day_number(report.starts_on) or _at(due + 1, 0) > staff.seen_before:
                continue
            is_in_time = any(_at(monday, 0) <= at < _at(due + 1, 0) for at in made)
            at = _ints([_at(due, 0)])
            teams = staff.team_at(_ints([report.owner]), at)
            truth.flow("report_on_time", at, teams, _ints([int(is_in_time)]))
            truth.planted["report late or missing"] += int(not is_in_time)


def meetings(seed: int, staff: Staff, truth: Truth) -> tuple[pa.Table, pa.Table]:
    """`meetings` and `report_uses`: two weekly sales meetings and a monthly one."""
    rng = chunk_rng(seed, "meetings")
    clock = work_clock()
    held: list[tuple[str, str, int]] = []
    for monday in _mondays():
        day = clock.next_open_day(monday + 1)
        held.append(("weekly_sales", "영업1팀", _at(day, 10 * HOUR)))
        held.append(("weekly_sales", "영업3팀", _at(day, 14 * HOUR)))
    held += [
        (
            "monthly_review",
            "영업지원1팀",
            _at(clock.next_open_day(day_number(month) + 4), 16 * HOUR),
        )
        for month in MONTHS
    ]
    held = sorted((row for row in held if row[2] >= STARTS[0]), key=lambda row: row[2])
    uses: list[tuple[int, str, bool]] = []
    for number, (kind, _, at) in enumerate(held, 1):
        for report in REPORTS:
            luck, has_row = rng.random(), rng.random() > 0.04
            is_configured = at >= midnight(report.starts_on)
            if kind != "weekly_sales" or at >= staff.seen_before or not is_configured:
                continue
            month = np.searchsorted(STARTS, _ints([at]), side="right") - 1
            is_used = bool(luck < 0.88 - 0.3 * slowness(month)[0]) and has_row
            teams = staff.team_at(_ints([report.owner]), _ints([at]))
            truth.flow("report_usage", _ints([at]), teams, _ints([int(is_used)]))
            truth.planted["report use not written down"] += int(not has_row)
            if has_row:
                uses.append((number, report.name, is_used))
    there = [row for row in held if row[2] < staff.seen_before]
    return pa.table(
        {
            "meeting_id": ids("MEET-", np.arange(1, len(there) + 1), width=4),
            "kind": pa.array([row[0] for row in there], pa.string()),
            "team": pa.array([row[1] for row in there], pa.string()),
            "held_at": instants(_ints([row[2] for row in there]), staff.seen_before),
        }
    ), pa.table(
        {
            "meeting_id": ids("MEET-", _ints([row[0] for row in uses]), width=4),
            "report": pa.array([row[1] for row in uses], pa.string()),
            "used": pa.array([row[2] for row in uses], pa.bool_()),
        }
    )


def insights(staff: Staff, truth: Truth) -> pa.Table:
    """A short list; the accepted ones count."""
    rows = [
        (midnight(day) + 15 * HOUR, author, accepted, title)
        for day, author, accepted, title in _INSIGHTS
        if midnight(day) + 15 * HOUR < staff.seen_before
    ]
    at, author = _ints([row[0] for row in rows]), _ints([row[1] for row in rows])
    good = np.array([row[2] is True for row in rows], dtype=bool)
    teams = staff.team_at(author[good], at[good])
    truth.flow("insights_delivered", at[good], teams, np.ones(int(good.sum()), dtype=np.int64))
    truth.planted["insight not accepted"] += int((~good).sum())
    return pa.table(
        {
            "insight_id": ids("INS-", np.arange(1, len(rows) + 1), width=3),
            "author_id": staff.employee_ids(author),
            "title": pa.array([row[3] for row in rows], pa.string()),
            "provided_at": instants(at, staff.seen_before),
            "accepted": pa.array([row[2] for row in rows], pa.bool_()),
        }
    )


def materials(seed: int, total: int, staff: Staff, truth: Truth) -> tuple[pa.Table, pa.Table]:
    """`materials` and `material_updates`; some are retired, some nobody looks after."""
    rng = chunk_rng(seed, "materials")
    seen, clock = staff.seen_before, work_clock()
    number = np.arange(1, total + 1)
    low, high = clock.used(STARTS[[0, -1]])
    # the shelf was set up anew in the month before the history begins
    early = STARTS[0] - rng.integers(DAY, 29 * DAY, total)
    drawn = (low + rng.random(total) * (high - low)).astype(np.int64)
    created = np.where(rng.random(total) < 0.8, early, clock.instant(drawn))
    retired = np.where(
        rng.random(total) < 0.15, created + rng.integers(90 * DAY, 700 * DAY, total), NEVER
    )
    owners = staff.stayers(SUPPORT)
    owner = owners[rng.integers(0, len(owners), total)]
    updates = _updates(rng, number, created, retired)
    for month, end in truth.month_ends():
        in_scope = (created < STARTS[month]) & ~(retired < end)
        is_fresh = ((updates >= STARTS[month]) & (updates < end)).any(axis=1)
        teams = staff.team_at(owner, np.full(total, end - 1))
        truth.add("material_freshness", month, teams[in_scope], is_fresh[in_scope])
        if end == seen:
            truth.planted["material not updated this month"] += int((in_scope & ~is_fresh).sum())
    truth.planted["material retired"] += int(((created < seen) & (retired < seen)).sum())
    there = created < seen
    row, slot = np.nonzero((updates < seen) & there[:, None])
    table = pa.table(
        {
            "material_id": ids("MAT-", number, width=4),
            "title": words(_MATERIALS, number % len(_MATERIALS)),
            "owner_id": staff.employee_ids(owner),
            "created_at": instants(created, seen),
            "retired_at": instants(retired, seen),
        }
    ).filter(pa.array(there))
    return table, pa.table(
        {
            "update_id": ids("UPD-", number[row] * 100 + slot, width=7),
            "material_id": ids("MAT-", number[row], width=4),
            "updated_at": instants(updates[row, slot], seen),
            "author_id": staff.employee_ids(owner[row]),
        }
    )


def _updates(rng: np.random.Generator, number: Ints, created: Ints, retired: Ints) -> Ints:
    """Material × month: one update or none; none after it was retired."""
    size, months = len(number), len(MONTHS)
    clock = work_clock()
    low, high = clock.used(STARTS[:-1]), clock.used(STARTS[1:])
    drawn = low + rng.random((size, months)) * (high - low - HOUR) + 60
    at = clock.instant(drawn.astype(np.int64))
    share = 0.95 - 0.3 * slowness(np.arange(months))
    happens = rng.random((size, months)) < share[None, :]
    happens &= (number % 23 != 11)[:, None]  # forgotten by everybody
    happens &= (at > created[:, None]) & (at < retired[:, None])
    return np.where(happens, at, NEVER)


def _ints(values: list[int]) -> Ints:
    return np.array(values, dtype=np.int64)
