"""What may happen between the nights of a random company: another configuration, another order.

`reconfigured` draws the company's configuration anew (its zone and its landing rules stay);
`in_any_order` takes a company's dated rows apart and lets them arrive in any order, beside the one
big load that they have to equal.
"""

import random
from dataclasses import replace
from datetime import date, datetime, timedelta

from tests.oracle.cells import BLANKS, COLUMNS, KEYS, Untypable, local_date, micros, read_instant
from tests.oracle.companies import RandomCompany, drawn_company, drawn_kpis, random_company
from tests.oracle.loads import Drop
from tests.oracle.moments import Moments

DATED = ("employees", "customers", "opportunities", "contracts", "contract_steps", "requests")
LANDING_RULES = ("timezone", "max_quarantine", "max_shrink", "quality")
Cells = dict[str, str]


def reconfigured(company: RandomCompany, number: int) -> RandomCompany:
    """The same company with other working hours, days, reports, targets and parameters."""
    rng = random.Random(company.seed * 1000 + number)  # noqa: S311
    zone = company.company["timezone"]
    last = max(drop.night for drop in company.drops)
    moments = Moments(rng, zone, last - timedelta(days=60), last)
    drawn = drawn_company(rng, zone, moments)
    changed = [
        name
        for name in drawn
        if name not in LANDING_RULES and name != "reports"
        if rng.random() < 0.6
    ]
    if rng.random() < 0.3:
        changed.append("reports")
    kpis = drawn_kpis(rng, moments, may_change_steps=False)
    steps = [entry for entry in company.kpis if entry["id"] == "contract_followup_completion"]
    kpis = [entry for entry in kpis if entry["id"] != "contract_followup_completion"] + steps
    return replace(
        company,
        company=company.company | {name: drawn[name] for name in changed},
        kpis=kpis if rng.random() < 0.7 else company.kpis,
    )


def in_any_order(seed: int) -> tuple[RandomCompany, Drop]:
    """A company whose dated rows arrive in any order, and the one load that holds them all."""
    company = random_company(seed)
    rng = random.Random(seed)  # noqa: S311
    zone = company.company["timezone"]
    rows = {entity: _one_per_slot(company, entity, zone) for entity in COLUMNS}
    last = company.drops[-1].as_of
    nights = [last - timedelta(days=2 * back) for back in range(rng.choice((1, 2, 3)), -1, -1)]
    arriving: list[dict[str, list[Cells]]] = [{entity: [] for entity in rows} for _ in nights]
    for entity, cells in rows.items():
        for row in cells:
            for number in sorted(
                {rng.randrange(len(nights)) for _ in range(rng.choice((1, 1, 2)))}
            ):
                arriving[number][entity].append(row)
    for entities in arriving:
        for cells in entities.values():
            rng.shuffle(cells)
    drops = [
        Drop(as_of, _night(as_of, zone), "changes", entities)
        for as_of, entities in zip(nights, arriving, strict=True)
    ]
    shuffled = replace(
        company,
        company=company.company | {"max_quarantine": 1.0},
        drops=drops,
        as_of=last,
        known_at=None,
        sources=[{"id": "files", "mode": "changes"}],
        identities=[],
    )
    return shuffled, Drop(last, _night(last, zone), "changes", rows)


def _night(as_of: datetime, zone: str) -> date:
    return local_date(micros(as_of) - 1, zone)


def _one_per_slot(company: RandomCompany, entity: str, zone: str) -> list[Cells]:
    """The rows that say when they are from; of several with one key and date, the first."""
    slots: dict[tuple[object, ...], Cells] = {}
    for drop in company.drops:
        if drop.source != company.drops[0].source:
            continue  # one system's
        for row in drop.entities.get(entity, []):
            cells = {column.name: row.get(column.name) or "" for column in COLUMNS[entity]}
            try:
                said = (
                    read_instant(cells["updated_at"].strip(BLANKS), zone) if entity in DATED else 0
                )
            except Untypable:
                continue
            key = tuple(cells[name].strip(BLANKS) for name in KEYS[entity])
            slots.setdefault((key, said), cells)
    return list(slots.values())
