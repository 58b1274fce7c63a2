"""The clock over 100,000 random requests: the model's running totals against a walk day by day.

Every calendar is awkward in its own way; the requests wait, reopen and are completed at random,
often exactly where working time begins or ends. Other ones at every run (ORACLE_BASE_SEED).
"""

import random
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from tests.oracle.catalog import catalog
from tests.oracle.cells import HOUR, micros, midnight, utc
from tests.oracle.companies import AROUND_THE_CLOCK, OFFICE, SPLIT, WEEK, RandomCompany
from tests.oracle.company_config import Company
from tests.oracle.loads import Drop
from tests.oracle.product import Product, only
from tests.oracle.seeds import base_seed

REQUESTS = 20_000  # of each calendar
LIMIT = 4 * HOUR
FIRST, LAST = date(2026, 2, 1), date(2026, 11, 30)
AS_OF = datetime(2026, 12, 31, 12, tzinfo=UTC)
AT_NIGHT = ["00:00-01:30", "02:15-02:45", "22:00-24:00"]
TOUCHING = ["08:30-12:00", "12:00-16:45"]

CALENDARS = {
    "Korean holidays with their substitutes": ("Asia/Seoul", "KR", dict.fromkeys(WEEK[:5], OFFICE)),
    "split hours where clocks change": ("Europe/Berlin", "DE", dict.fromkeys(WEEK[:5], SPLIT)),
    "at night, while clocks change": ("America/New_York", "US", dict.fromkeys(WEEK, AT_NIGHT)),
    "hours that change on a date": (
        "Europe/Berlin",
        None,
        [
            {"from": date(2020, 1, 1), **dict.fromkeys(WEEK[:6], OFFICE)},
            {"from": date(2026, 4, 15), **dict.fromkeys(WEEK[1:5], SPLIT), "mon": AROUND_THE_CLOCK},
            {"from": date(2026, 9, 1), **dict.fromkeys(WEEK[:5], TOUCHING)},
        ],
    ),
    "around the clock": ("America/New_York", "US", dict.fromkeys(WEEK, AROUND_THE_CLOCK)),
}


def a_company(calendar: str) -> RandomCompany:
    zone, country, hours = CALENDARS[calendar]
    company = {
        "timezone": zone,
        "country": country,
        "working_hours": _own_lists(hours),
        "closed_days": [date(2026, 3, 11), date(2026, 8, 3)],
        "open_days": [date(2026, 3, 1), date(2026, 5, 25), date(2026, 10, 31)],
        "max_quarantine": 0.0,
    }
    kpis = [entry for entry in catalog() if entry["id"] == "inquiry_within_4h"]
    return RandomCompany(
        base_seed() + list(CALENDARS).index(calendar), company, kpis, [], AS_OF, None
    )


def _own_lists(hours: list | dict) -> list | dict:
    """YAML without anchors."""
    if isinstance(hours, list):
        return [_own_lists(week) for week in hours]
    return {day: list(value) if isinstance(value, list) else value for day, value in hours.items()}


class Requests:
    """Random requests with their status changes."""

    def __init__(self, company: RandomCompany) -> None:
        self.rng = random.Random(company.seed)  # noqa: S311
        self.zone = company.company["timezone"]
        self.spans: dict[str, tuple[int, int | None]] = {}
        self.changes: dict[str, list[tuple[int, str]]] = {}
        for number in range(REQUESTS):
            self._draw(f"r{number}")

    def _draw(self, name: str) -> None:
        start = self._instant(FIRST, (LAST - FIRST).days)
        end = start + self._span()
        changes = []
        for _ in range(self.rng.choice((0, 0, 1, 2, 4))):
            status = self.rng.choice(("open", "open", "waiting", "waiting", "done", "cancelled"))
            changes.append((start + int((end - start) * self.rng.uniform(-0.1, 1.2)), status))
        self.spans[name] = (start, end if self.rng.random() < 0.9 else None)
        self.changes[name] = changes

    def _instant(self, first: date, days: int) -> int:
        day = first + timedelta(days=self.rng.randint(0, days))
        if self.rng.random() < 0.3:
            return midnight(day, self.zone) + self.rng.randint(0, 24 * HOUR - 1)
        return midnight(day, self.zone) + self.rng.randint(0, 96) * HOUR // 4

    def _span(self) -> int:
        roll = self.rng.random()
        if roll < 0.1:
            return 0
        if roll < 0.4:
            return self.rng.randint(0, 80) * HOUR // 4
        return self.rng.randint(0, (10 if roll < 0.9 else 40) * 24 * HOUR)

    def drop(self) -> Drop:
        requests = [
            {
                "request_id": name,
                "kind": "inquiry",
                "status": "open" if end is None else "done",
                "opened_at": utc(start).isoformat(),
                "completed_at": "" if end is None else utc(end).isoformat(),
            }
            for name, (start, end) in self.spans.items()
        ]
        events = [
            {"event_id": f"{name}/{number}", "request_id": name, "to_status": status}
            | {"occurred_at": utc(at).isoformat()}
            for name, changes in self.changes.items()
            for number, (at, status) in enumerate(changes)
        ]
        rows = {"requests": requests, "request_events": events}
        return Drop(AS_OF, AS_OF.date(), "full", rows)

    def running(self, name: str, until: int) -> list[tuple[int, int]]:
        """The spans before `until` in which the status is open, walking the changes."""
        start, end = self.spans[name]
        until = until if end is None else min(until, end)
        spans = []
        status, since = "open", start
        for at, to_status in sorted(self.changes[name], key=lambda change: change[0]):
            if start <= at < until:
                if status == "open":
                    spans.append((since, at))
                status, since = to_status, at
        return [*spans, (since, until)] if status == "open" and until > since else spans


@pytest.mark.oracle
@pytest.mark.parametrize("calendar", CALENDARS)
def test_working_time_is_that_of_a_walk_day_by_day(calendar: str, tmp_path: Path) -> None:
    company = a_company(calendar)
    requests = Requests(company)
    company.drops.append(requests.drop())
    product = Product(company, tmp_path, only("int_request_clocks"))
    product.land(company.drops[0], 0)
    found = product.rows(AS_OF, "measures.int_request_clocks")
    clock = Company(product.config_folder)

    assert len(found) == REQUESTS
    wrong = [row for row in found if not is_right(row, requests, clock)]
    assert not wrong, f"{len(wrong)} of {REQUESTS}, e.g. {wrong[:3]}"


def is_right(row: dict, requests: Requests, clock: Company) -> bool:
    """Both clocks to the microsecond, and the instant from which four hours were exceeded."""
    name = row["request_id"]
    start, end = requests.spans[name]

    def used(until: int) -> int:
        return sum(clock.working_time(*span) for span in requests.running(name, until))

    if end is not None:
        spans = requests.running(name, end)
        totals = (
            sum(clock.working_time(*span) for span in spans),
            sum(until - since for since, until in spans),
            clock.working_time(start, end),
            end - start,
        )
        said = tuple(
            row[f"{kind}_{what}_microseconds"]
            for what in ("running", "elapsed")
            for kind in ("business", "calendar")
        )
        if said != totals:
            return False
    if row["exceeded_at"] is None:
        return used(micros(AS_OF)) <= LIMIT
    last_chance = micros(row["exceeded_at"])
    return used(last_chance) <= LIMIT < used(last_chance + 1)
