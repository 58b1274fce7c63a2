"""The people of the demo company: who works where, since when, until when.

One block is the company of size S. Larger companies repeat the block with further teams, so that
every size has the same stories: people who are hired, change teams or roles, or leave.
"""

from dataclasses import dataclass, field
from datetime import date

import numpy as np
import pyarrow as pa

from sales_support_kpi.sandbox.columns import days, ids, instants, words
from sales_support_kpi.sandbox.rhythm import WORLD_END, WORLD_START, Floats
from sales_support_kpi.sandbox.worktime import (
    DAY,
    HOUR,
    NEVER,
    ZONE_OFFSET,
    Ints,
    day_number,
    local_day,
    midnight,
)

SUPPORT, SALES = 0, 1
NEVER_DAY = 10**7  # a last day of work that has not been set
ROLES = ("support", "sales")
DOMAIN = "byeolnae-trading.example"


@dataclass(frozen=True, slots=True)
class Change:
    """From a day on: another team or role, or the news of the last day of work."""

    on: date
    team: str | None = None
    role: int | None = None
    left_on: date | None = None


@dataclass(frozen=True, slots=True)
class Person:
    """One invented employee of a block."""

    name: str
    latin: str
    team: str
    hired: date
    changes: tuple[Change, ...] = field(default=())

    @property
    def role(self) -> int:
        """Support teams are recognised by their name."""
        return SUPPORT if "지원" in self.team else SALES


def _leaves(last_day: date, known_on: date) -> tuple[Change, ...]:
    return (Change(known_on, left_on=last_day),)


def _moves(on: date, team: str, role: int | None = None) -> tuple[Change, ...]:
    return (Change(on, team=team, role=role),)


_S1, _S2, _S3 = "영업지원1팀", "영업지원2팀", "영업지원3팀"
_T1, _T2, _T3, _T4 = "영업1팀", "영업2팀", "영업3팀", "신사업영업팀"

BLOCK: tuple[Person, ...] = (
    Person("한가온", "gaon.han", _S1, date(2017, 3, 2)),
    Person("민다솜", "dasom.min", _S1, date(2020, 7, 1)),
    Person("고라온", "raon.ko", _S1, date(2022, 1, 3)),
    Person("노마루", "maru.noh", _S2, date(2018, 5, 14)),
    Person("유보라", "bora.yoo", _S2, date(2023, 4, 3)),
    Person(
        "진새론", "saeron.jin", _S2, date(2021, 9, 1), _leaves(date(2026, 8, 14), date(2026, 7, 31))
    ),
    Person("서아라", "ara.seo", _S3, date(2019, 11, 4)),
    Person("표한결", "hangyeol.pyo", _S1, date(2024, 2, 5), _moves(date(2026, 5, 1), _S3)),
    Person("추이든", "ideun.choo", _S2, date(2026, 3, 9)),
    Person("강도담", "dodam.kang", _T1, date(2016, 4, 1)),
    Person("남루다", "ruda.nam", _T1, date(2019, 2, 11)),
    Person("도미르", "mireu.do", _T1, date(2021, 6, 7), _moves(date(2026, 2, 1), _T2)),
    Person("류바다", "bada.ryu", _T1, date(2022, 10, 4)),
    Person(
        "문사랑",
        "sarang.moon",
        _T1,
        date(2020, 1, 6),
        _leaves(date(2025, 12, 31), date(2025, 12, 19)),
    ),
    Person("배아침", "achim.bae", _T1, date(2024, 8, 19)),
    Person("석자람", "jaram.seok", _T2, date(2015, 9, 1)),
    Person("안찬솔", "chansol.ahn", _T2, date(2018, 12, 3)),
    Person("양큰솔", "keunsol.yang", _T2, date(2023, 3, 13)),
    Person(
        "오타래", "tarae.oh", _T2, date(2021, 2, 1), _leaves(date(2026, 3, 13), date(2026, 3, 2))
    ),
    Person("위파란", "paran.wee", _T2, date(2022, 5, 9)),
    Person("은하늘", "haneul.eun", _T3, date(2017, 7, 10), _moves(date(2026, 7, 1), _T4)),
    Person("장가람", "garam.jang", _T3, date(2020, 10, 5), _moves(date(2026, 4, 1), _S3, SUPPORT)),
    Person("전나래", "narae.jeon", _T3, date(2023, 9, 4)),
    Person("정다래", "darae.jung", _T3, date(2024, 11, 11)),
    # the news of this leave reached the CRM three days late
    Person(
        "조로운", "roun.cho", _T3, date(2022, 3, 14), _leaves(date(2026, 6, 30), date(2026, 7, 3))
    ),
    Person("주모란", "moran.joo", _T3, date(2021, 11, 8)),
    Person("차보담", "bodam.cha", _T4, date(2019, 8, 5)),
    Person(
        "채시내", "sinae.chae", _T4, date(2023, 1, 9), _leaves(date(2026, 9, 11), date(2026, 8, 31))
    ),
    Person("최여울", "yeoul.choi", _T4, date(2024, 4, 15)),
    Person("하온새", "onsae.ha", _T4, date(2020, 6, 22)),
    Person("허이슬", "iseul.heo", _T1, date(2025, 10, 13)),
    Person("황잔디", "jandi.hwang", _T2, date(2025, 11, 17)),
    Person("권초롱", "chorong.kwon", _T1, date(2026, 1, 5)),
    Person("금타미", "tami.keum", _T3, date(2026, 2, 23)),
    Person("길푸름", "pureum.gil", _T2, date(2026, 3, 16)),
    Person("나한별", "hanbyeol.na", _T4, date(2026, 4, 13)),
    Person("마가을", "gaeul.ma", _T3, date(2026, 6, 8)),
    # hired without a team at first
    Person("명겨울", "gyeoul.myung", "", date(2026, 7, 20), _moves(date(2026, 8, 3), _T3)),
    Person("반노을", "noeul.ban", _T1, date(2026, 8, 24)),
    Person("방다온", "daon.bang", _T4, date(2026, 9, 14)),
    Person("변라임", "raim.byun", _T2, date(2026, 10, 12)),
    Person("봉마음", "maeum.bong", _T3, date(2026, 11, 9)),
)


def _team_name(base: str, block: int) -> str:
    """`영업지원1팀` in the first block, `영업지원4팀` in the second, and so on."""
    if not base or block == 0:
        return base
    if base == _T4:
        return f"신사업영업{block + 1}팀"
    return f"{base[:-2]}{int(base[-2]) + 3 * block}팀"


class Staff:
    """All employees as arrays; indexes stand for people everywhere in the generator.

    `team_at` and `role_at` read the versions that are visible before `seen_before`; the first
    version also covers the time before it.
    """

    def __init__(self, blocks: int, seen_before: int) -> None:
        self.blocks = blocks
        self.size = blocks * len(BLOCK)
        self.seen_before = seen_before
        self.teams: list[str] = []
        self.kind_of_team: list[str] = []
        rows = [row for block in range(blocks) for row in self._versions_of_block(block)]
        self._person: Ints = np.array([row[0] for row in rows], dtype=np.int64)
        self._start: Ints = np.array([row[1] for row in rows], dtype=np.int64)
        self._team: Ints = np.array([row[2] for row in rows], dtype=np.int64)
        self._role: Ints = np.array([row[3] for row in rows], dtype=np.int64)
        self._left: Ints = np.array([row[4] for row in rows], dtype=np.int64)
        self.hired: Ints = np.array(
            [day_number(p.hired) for _ in range(blocks) for p in BLOCK], dtype=np.int64
        )
        self.left: Ints = np.full(self.size, NEVER_DAY, dtype=np.int64)
        np.minimum.at(self.left, self._person, self._left)
        self.left_effective = self._leaving_instants()
        self._by_day = {role: self._working(role) for role in (SUPPORT, SALES)}

    def _versions_of_block(self, block: int) -> list[tuple[int, int, int, int, int]]:
        rows = []
        for number, person in enumerate(BLOCK):
            index = block * len(BLOCK) + number
            is_new = person.hired >= WORLD_START
            # who was there before the history began has no date of change, or the day of hiring
            start = midnight(person.hired) - 3 * DAY + 10 * HOUR if is_new or number % 2 else 0
            team, role, left = self._team_index(person.team, block), person.role, NEVER_DAY
            rows.append((index, start, team, role, left))
            for change in person.changes:
                team = team if change.team is None else self._team_index(change.team, block)
                role = role if change.role is None else change.role
                left = left if change.left_on is None else day_number(change.left_on)
                at = midnight(change.on) + (9 * HOUR if change.left_on else 0)
                rows.append((index, at, team, role, left))
        return rows

    def _team_index(self, base: str, block: int) -> int:
        if not base:
            return -1
        name = _team_name(base, block)
        if name not in self.teams:
            self.teams.append(name)
            self.kind_of_team.append(base)
        return self.teams.index(name)

    def _leaving_instants(self) -> Ints:
        """From when on an owner counts as gone: the day after, but not before the news."""
        gone = np.full(self.size, NEVER, dtype=np.int64)
        visible = (self._left < NEVER_DAY) & (self._start < self.seen_before)
        day_after = (self._left + 1) * DAY - ZONE_OFFSET
        np.minimum.at(gone, self._person[visible], np.maximum(day_after, self._start)[visible])
        return gone

    def _working(self, role: int) -> tuple[Ints, Ints, int]:
        first, last = day_number(WORLD_START), day_number(WORLD_END)
        everyone = np.arange(self.size)
        lists = []
        for day in range(first, last):
            at = np.full(self.size, (day + 1) * DAY - ZONE_OFFSET - 1, dtype=np.int64)
            is_there = (self.hired <= day) & (day <= self.left)
            lists.append(everyone[is_there & (self._role[self._version(everyone, at)] == role)])
        table = np.zeros((len(lists), max(map(len, lists))), dtype=np.int64)
        for row, people in enumerate(lists):
            table[row, : len(people)] = people
        return table, np.array([len(people) for people in lists], dtype=np.int64), first

    def _version(self, people: Ints, at: Ints) -> Ints:
        key = self._person * np.int64(2**34) + self._start
        index = np.searchsorted(key, people * np.int64(2**34) + np.clip(at, 0, 2**33), "right") - 1
        first = np.searchsorted(self._person, people, "left")
        return np.asarray(np.maximum(index, first), dtype=np.int64)

    def pick(self, rng: np.random.Generator, role: int, at: Ints) -> Ints:
        """Somebody of that role who works on the day of each instant."""
        table, counts, first = self._by_day[role]
        row = np.clip(local_day(at) - first, 0, len(counts) - 1)
        return table[row, (rng.random(len(at)) * counts[row]).astype(np.int64)]

    def stayers(self, role: int) -> Ints:
        """People of that role who are there through all of the history."""
        everyone = np.arange(self.size)
        role_now = self._role[np.searchsorted(self._person, everyone, "right") - 1]
        role_first = self._role[np.searchsorted(self._person, everyone, "left")]
        stays = (self.hired < day_number(WORLD_START)) & (self.left == NEVER_DAY)
        return np.asarray(
            everyone[stays & (role_now == role) & (role_first == role)], dtype=np.int64
        )

    def initial(self, role: int) -> Ints:
        """People of that role on the first day of the history."""
        table, counts, _ = self._by_day[role]
        return np.asarray(table[0, : counts[0]], dtype=np.int64)

    def team_at(self, people: Ints, at: Ints) -> Ints:
        """Index of the team just then; -1 for unknown people and those without a team."""
        seen = np.minimum(at, self.seen_before - 1)
        team = self._team[self._version(np.maximum(people, 0), seen)]
        return np.where(people < 0, -1, team)

    def role_at(self, people: Ints, at: Ints) -> Ints:
        """Role just then; -1 for unknown people."""
        seen = np.minimum(at, self.seen_before - 1)
        return np.where(people < 0, -1, self._role[self._version(np.maximum(people, 0), seen)])

    def by_team(self, values: dict[str, float], default: float, teams: Ints) -> Floats:
        """A property of each row's team, given by the kind of team."""
        table = np.array([*(values.get(kind, default) for kind in self.kind_of_team), default])
        return np.asarray(table[teams], dtype=np.float64)

    def employee_ids(self, people: Ints) -> pa.Array:
        """`e01`; -1 is empty; -2 is somebody whom the company does not know."""
        known = ids("e", np.where(people >= 0, people + 1, -1), width=2)
        return pa.compute.if_else(pa.array(people == -2), pa.scalar("x99"), known)

    def table(self) -> pa.Table:
        """The employees with their versions, as seen before `seen_before`."""
        keep = self._start < self.seen_before
        person, start = self._person[keep], self._start[keep]
        number = person % len(BLOCK)
        block = person // len(BLOCK)
        names = words([p.name for p in BLOCK], number)
        emails = pa.array(
            [
                f"{BLOCK[n].latin}{b + 1 if b else ''}@{DOMAIN}"
                for n, b in zip(number.tolist(), block.tolist(), strict=True)
            ]
        )
        manager = block * len(BLOCK) + np.where(self._role[keep] == SUPPORT, 0, 9)
        manager = np.where(number == 0, -1, np.where(number == 9, block * len(BLOCK), manager))
        hired = self.hired[person]
        is_new_sales = (hired >= day_number(WORLD_START)) & (self._role[keep] == SALES)
        owner = np.where(is_new_sales, block * len(BLOCK) + np.array([1, 6])[number % 2], -1)
        left = self._left[keep]
        return pa.table(
            {
                "employee_id": self.employee_ids(person),
                "name": names,
                "email": emails,
                "team": words(self.teams, self._team[keep]),
                "role": words(ROLES, self._role[keep]),
                "manager_id": self.employee_ids(manager),
                "onboarding_owner_id": self.employee_ids(owner),
                "hired_on": days(hired, np.zeros(len(hired), dtype=bool)),
                "left_on": days(np.minimum(left, 10**6), left == NEVER_DAY),
                "updated_at": instants(np.where(start == 0, NEVER, start), self.seen_before),
            }
        )

    def onboarding_owner(self, people: Ints) -> Ints:
        """Who looks after a new sales rep."""
        owner = people // len(BLOCK) * len(BLOCK) + np.array([1, 6])[people % len(BLOCK) % 2]
        return np.asarray(owner, dtype=np.int64)
