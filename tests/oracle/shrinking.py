"""A company that differs, made smaller as long as it still differs.

A company takes some ten thousand draws, more than hypothesis keeps, and with one of them changed it
is another company. So a seed draws it, and hypothesis searches over what can be left out of it:
nights, entities, KPIs, a sixteenth of the keys.
"""

import random
from collections.abc import Callable, Collection
from dataclasses import replace
from zlib import crc32

from hypothesis import HealthCheck, Phase, find, settings
from hypothesis import strategies as st
from hypothesis.errors import NoSuchExample
from tests.oracle.cells import BLANKS, KEYS
from tests.oracle.companies import RandomCompany

SIXTEENTHS = 16
MOST_PARTS_STAY = 30  # of the first tries: nearly all is there, so most of them still differ


def smallest(
    company: RandomCompany, differs: Callable[[RandomCompany], bool], tries: int = 20
) -> RandomCompany:
    """The smallest company found within hypothesis's five minutes; at worst the company itself."""
    parts = parts_of(company)

    def left(stays: Collection[int]) -> RandomCompany:
        gone = {part for part, stay in zip(parts, stays, strict=True) if not stay}
        return without(company, gone)

    def still_differs(stays: Collection[int]) -> bool:
        one = left(stays)
        return bool(one.drops and one.kpis) and differs(one)

    try:
        return left(
            find(
                st.tuples(*[st.integers(0, MOST_PARTS_STAY)] * len(parts)),
                still_differs,
                settings=settings(
                    max_examples=tries,
                    deadline=None,
                    database=None,
                    phases=(Phase.generate, Phase.shrink),
                    suppress_health_check=list(HealthCheck),
                ),
                random=random.Random(company.seed),  # noqa: S311
            )
        )
    except NoSuchExample:
        return company


def parts_of(company: RandomCompany) -> list[str]:
    """What can be left out of a company."""
    entities = sorted({entity for drop in company.drops for entity in drop.entities})
    return [
        *(f"night {number}" for number in range(len(company.drops))),
        *(f"entity {entity}" for entity in entities),
        *(f"kpi {entry['id']}" for entry in company.kpis),
        *(f"keys {number}" for number in range(SIXTEENTHS)),
    ]


def without(company: RandomCompany, gone: Collection[str]) -> RandomCompany:
    """The company without some of its parts."""
    drops = [
        replace(
            drop,
            entities={
                entity: [row for row in rows if f"keys {sixteenth(entity, row)}" not in gone]
                for entity, rows in drop.entities.items()
                if f"entity {entity}" not in gone
            },
        )
        for number, drop in enumerate(company.drops)
        if f"night {number}" not in gone
    ]
    kpis = [entry for entry in company.kpis if f"kpi {entry['id']}" not in gone]
    return replace(company, drops=drops, kpis=kpis)


def sixteenth(entity: str, row: dict[str, str]) -> int:
    key = "/".join(row[name].strip(BLANKS) for name in KEYS[entity])
    return crc32(key.encode()) % SIXTEENTHS


def size(company: RandomCompany) -> str:
    rows = sum(len(rows) for drop in company.drops for rows in drop.entities.values())
    return f"{len(company.drops)} loads, {rows} rows, {len(company.kpis)} KPIs"
