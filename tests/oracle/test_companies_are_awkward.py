"""What the oracle's companies are made of: every awkwardness occurs, and cells are full.

Told from the files of forty companies, without the product.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

import holidays
import pytest
from tests.oracle.cells import (
    BLANKS,
    COLUMNS,
    HOUR,
    KEYS,
    Untypable,
    from_wall_clock,
    local_date,
    micros,
    midnight,
    read_instant,
    utc,
)
from tests.oracle.companies import RandomCompany, random_company
from tests.oracle.moments import DAY
from tests.oracle.oracle import KPIS, evaluate
from tests.oracle.product import write_company

COMPANIES = range(41_000_000, 41_000_040)
EVALUATED = COMPANIES[:20]
FULL_CELLS = 20  # with a value made of three rows or more, of each KPI

Rows = list[dict[str, str]]


class Seen:
    """A company's rows of all nights, and the instants in them."""

    def __init__(self, company: RandomCompany) -> None:
        self.company = company
        self.zone = company.company["timezone"]
        self.as_of = micros(company.as_of)
        self.rows: dict[str, Rows] = {entity: [] for entity in COLUMNS}
        for drop in company.drops:
            for entity, rows in drop.entities.items():
                self.rows[entity] += rows
        texts = {
            text.strip(BLANKS)
            for rows in self.rows.values()
            for row in rows
            for name, text in row.items()
            if name.endswith("_at")
        }
        self.written = {text: at for text in texts if (at := self.at(text)) is not None}
        self.instants = set(self.written.values())
        self.days = {local_date(instant, self.zone) for instant in self.instants}
        self.naive = [text for text in self.written if len(text) <= 19 and text[-1] != "Z"]

    def at(self, text: str | None) -> int | None:
        try:
            return read_instant((text or "").strip(BLANKS), self.zone)
        except Untypable:
            return None

    def clock(self, hour: int) -> bool:
        """Something happens exactly when the clock shows the hour."""
        shown = (datetime(day.year, day.month, day.day, hour) for day in self.days)  # noqa: DTZ001
        return any(from_wall_clock(naive, self.zone) in self.instants for naive in shown)

    def keyed(self, entity: str) -> dict[object, Rows]:
        found: dict[object, Rows] = {}
        for row in self.rows[entity]:
            key = tuple(row[name].strip(BLANKS) for name in KEYS[entity])
            found.setdefault(key, []).append(row)
        return found

    def varies(self, entity: str, column: str) -> bool:
        """Revisions of one key say different things."""
        return any(
            len({row.get(column, "") for row in rows}) > 1 for rows in self.keyed(entity).values()
        )

    def spans(self, entity: str, start: str, end: str) -> Iterator[int]:
        for row in self.rows[entity]:
            first, then = self.at(row.get(start)), self.at(row.get(end))
            if first is not None and then is not None:
                yield then - first

    def events(self) -> Iterator[tuple[str, int, dict[str, str]]]:
        """Status, instant and request of each event."""
        requests = {row["request_id"]: row for row in self.rows["requests"]}
        for row in self.rows["request_events"]:
            at = self.at(row["occurred_at"])
            if at is not None and row["request_id"] in requests:
                yield row["to_status"], at, requests[row["request_id"]]

    def wall(self, text: str) -> datetime:
        return utc(self.written[text]).astimezone(ZoneInfo(self.zone))

    def holidays(self) -> list[str]:
        """The names of the public holidays on which something happens."""
        country = self.company.company["country"]
        if country is None:
            return []
        known = holidays.country_holidays(country, language="en_US", years=(2025, 2026, 2027))
        return [known[day] for day in self.days if day in known]

    def comes_and_goes(self) -> set[str]:
        """Whether keys vanish from one full file to the next, and whether they return."""
        found: set[str] = set()
        full = [drop for drop in self.company.drops if drop.mode == "full"]
        for entity in COLUMNS:
            there = [
                {row[KEYS[entity][0]] for row in drop.entities[entity]}
                for drop in full
                if entity in drop.entities
            ]
            for before, then in pairwise(there):
                found |= {"vanished"} if before - then else set()
            for before, then, after in zip(there, there[1:], there[2:], strict=False):
                found |= {"returned"} if (before & after) - then else set()
        return found

    def is_late(self) -> bool:
        """A later night brings what happened before an earlier one."""
        first = min(micros(drop.as_of) for drop in self.company.drops)
        known: set[str] = set()
        for drop in self.company.drops:
            rows = drop.entities.get("activities", [])
            if micros(drop.as_of) > first:
                for row in rows:
                    at = self.at(row["occurred_at"])
                    if row["activity_id"] not in known and at is not None and at < first:
                        return True
            known |= {row["activity_id"] for row in rows}
        return False

    def is_out_of_order(self) -> bool:
        """A later night brings an older version than the one it has brought."""
        latest: dict[object, int] = {}
        for drop in self.company.drops:
            for row in drop.entities.get("customers", []):
                at = self.at(row.get("updated_at"))
                if at is not None:
                    if at < latest.get(row["customer_id"], at):
                        return True
                    latest[row["customer_id"]] = at
        return False


def is_split(company: dict) -> bool:
    hours = company["working_hours"]
    weeks = hours if isinstance(hours, list) else [hours]
    return any(len(day) > 1 for week in weeks for day in week.values() if isinstance(day, list))


def shared_number(seen: Seen) -> bool:
    numbers = Counter(
        number
        for rows in seen.keyed("customers").values()
        for number in {row.get("business_registration_no", "").replace("-", "") for row in rows}
        if number
    )
    return max(numbers.values(), default=0) > 1


def audits(seen: Seen) -> Iterator[tuple[int, int]]:
    """The instants of audits beside those of versions of the same customer."""
    versions = seen.keyed("customers")
    for audit in seen.rows["record_audits"]:
        for row in versions.get((audit["customer_id"],), []):
            audited, updated = seen.at(audit["audited_at"]), seen.at(row.get("updated_at"))
            if audited is not None and updated is not None:
                yield audited, updated


THINGS: dict[str, Callable[[Seen], bool]] = {
    "midnight of a month": lambda s: any(
        midnight(day, s.zone) in s.instants for day in s.days if day.day == 1
    ),
    "working hours begin": lambda s: s.clock(9),
    "working hours end": lambda s: s.clock(18),
    "a step at its deadline": lambda s: bool(
        {at + DAY for row in s.rows["contracts"] if (at := s.at(row["signed_at"])) is not None}
        & {s.at(row.get("completed_at")) for row in s.rows["contract_steps"]}
    ),
    "four hours exactly": lambda s: 4 * HOUR in s.spans("requests", "opened_at", "completed_at"),
    "48 hours exactly": lambda s: 48 * HOUR in s.spans("activities", "occurred_at", "recorded_at"),
    "at as_of": lambda s: s.as_of in s.instants,
    "three offsets": lambda s: len({t[-6:] for t in s.written if t[-6:-5] in ("+", "-")}) > 2,
    "naive times": lambda s: bool(s.naive),
    "a time that comes twice": lambda s: any(s.wall(text).fold for text in s.naive),
    "a time that is skipped": lambda s: any(
        f"{s.wall(text):%H:%M}" != text[11:16] for text in s.naive
    ),
    "a holiday": lambda s: bool(s.holidays()),
    "a substitute holiday": lambda s: any("lternative" in name for name in s.holidays()),
    "a closed day": lambda s: bool(s.days & set(s.company.company["closed_days"])),
    "an open day": lambda s: bool(s.days & set(s.company.company["open_days"])),
    "split hours": lambda s: is_split(s.company.company),
    "hours that change": lambda s: isinstance(s.company.company["working_hours"], list),
    "a wait": lambda s: any(status == "waiting" for status, _, _ in s.events()),
    "a reopening": lambda s: any(
        status == "done" and then == "open" and at < later and request is same
        for status, at, request in s.events()
        for then, later, same in s.events()
    ),
    "an event after completion": lambda s: any(
        (done := s.at(request.get("completed_at"))) is not None and at > done
        for _, at, request in s.events()
    ),
    "a change of team": lambda s: s.varies("employees", "team"),
    "a leaver": lambda s: any(row.get("left_on") for row in s.rows["employees"]),
    "an unknown person": lambda s: any(
        row.get("assignee_id") == "stranger" for row in s.rows["requests"]
    ),
    "a deleted record": lambda s: any(row.get("deleted_at") for row in s.rows["customers"]),
    "a vanished key": lambda s: "vanished" in s.comes_and_goes(),
    "a key that returns": lambda s: "returned" in s.comes_and_goes(),
    "versions out of order": Seen.is_out_of_order,
    "a duplicate": lambda s: any(
        len({tuple(row.items()) for row in rows}) < len(rows)
        for drop in s.company.drops
        for rows in drop.entities.values()
    ),
    "a late row": Seen.is_late,
    "a shared number": shared_number,
    "a number that changes": lambda s: s.varies("customers", "business_registration_no"),
    "an audit before an edit": lambda s: any(audited < at for audited, at in audits(s)),
    "an audit at an edit": lambda s: any(audited == at for audited, at in audits(s)),
    "an audit after an edit": lambda s: any(audited > at for audited, at in audits(s)),
    "another scale": lambda s: any(
        row.get("scale_max") == "10" for row in s.rows["survey_responses"]
    ),
    "an as_of in the past": lambda s: s.company.as_of < s.company.drops[-1].as_of,
    "known at an earlier night": lambda s: (
        s.company.known_at is not None and s.company.known_at < s.company.drops[-1].night
    ),
    "two systems": lambda s: len(s.company.sources) > 1,
    "another zone of a system": lambda s: any(source["zone"] for source in s.company.sources),
    "summer time": lambda s: s.zone != "Asia/Seoul",
    "an address as an id": lambda s: any("@" in row["employee_id"] for row in s.rows["employees"]),
}


@pytest.fixture(scope="module")
def seen() -> list[Seen]:
    return [Seen(random_company(seed)) for seed in COMPANIES]


@pytest.mark.parametrize("thing", THINGS)
def test_an_awkwardness_occurs(thing: str, seen: list[Seen]) -> None:
    assert any(THINGS[thing](one) for one in seen)


def test_every_kpi_has_cells_of_several_rows(tmp_path: Path) -> None:
    full: Counter[str] = Counter()
    for seed in EVALUATED:
        company = random_company(seed)
        config, _ = write_company(company, tmp_path / str(seed))
        cells = evaluate(company.drops, config, company.as_of, company.known_at)
        full.update(
            key[0]
            for key, cell in cells.items()
            if cell.value is not None and cell.sample_size >= 3
        )
    assert {kpi_id: full[kpi_id] for kpi_id in KPIS if full[kpi_id] < FULL_CELLS} == {}


def test_the_same_seed_makes_the_same_company() -> None:
    assert random_company(COMPANIES[0]) == random_company(COMPANIES[0])
