"""A sequence of file drops → what is landed: winners per key, versions, tombstones.

    drop → typed rows (quarantine) → one row per slot → what is new → versions or winner

A drop is one night of one source. Its entities are lists of rows of text cells.
"""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime

from tests.oracle.cells import (
    ALWAYS,
    COLUMNS,
    KEYS,
    NEVER,
    VERSIONED,
    Untypable,
    micros,
    read_cell,
    read_row,
)

Row = dict[str, object]
Key = tuple[object, ...]


@dataclass
class Drop:
    """One night's files of one source."""

    as_of: datetime
    night: date
    mode: str  # full | changes
    entities: dict[str, list[dict[str, str]]]
    source: str = "files"
    zone: str | None = None  # of its naive times, where that is not the company's


@dataclass
class Landed:
    """One landed row; `row` is None for a tombstone."""

    load: int
    position: int
    effective_at: int
    row: Row | None


@dataclass
class Landing:
    """All that is landed of one entity."""

    is_landed: bool = False
    by_key: dict[Key, list[Landed]] = field(default_factory=lambda: defaultdict(list))


@dataclass
class Version:
    """Valid on [start, next version's start), existing on [start, end)."""

    start: int
    end: int
    row: Row


def land(drops: list[Drop], zone: str, max_quarantine: float) -> dict[str, Landing]:
    """Land every entity of every drop in order."""
    landings = {entity: Landing() for entity in COLUMNS}
    for load, drop in enumerate(drops, start=1):
        for entity, rows in drop.entities.items():
            naive = drop.zone or zone
            _land_entity(landings[entity], entity, rows, load, drop, naive, max_quarantine)
    return landings


def _land_entity(
    landing: Landing,
    entity: str,
    rows: list[dict[str, str]],
    load: int,
    drop: Drop,
    zone: str,
    max_quarantine: float,
) -> None:
    typed: list[tuple[int, Row]] = []
    for position, cells in enumerate(rows):
        try:
            typed.append((position, read_row(entity, cells, zone) | {"source": drop.source}))
        except Untypable:
            continue
    survivors, tied = one_row_per_slot(entity, typed)
    quarantined = len(rows) - len(typed) + tied
    if rows and quarantined / len(rows) > max_quarantine:
        return
    landing.is_landed = True
    effective_at = micros(drop.as_of)
    for position, row in survivors:
        key = key_of(entity, row)
        if is_news(landing.by_key[key], entity, row):
            landing.by_key[key].append(Landed(load, position, effective_at, row))
    if drop.mode == "full":
        present = {named_key(entity, cells, zone, drop.source) for cells in rows}
        for key, history in landing.by_key.items():
            is_of_this_source = key[0] == drop.source
            if is_of_this_source and history[-1].row is not None and key not in present:
                history.append(Landed(load, 0, effective_at, None))


def key_of(entity: str, row: Row) -> Key:
    """Ids of two systems never collide: the source is part of the key."""
    return (row["source"], *(row[name] for name in KEYS[entity]))


def named_key(entity: str, cells: dict[str, str], zone: str, source: str) -> Key:
    """The key a row names, also a row that is quarantined: such a key is not absent."""
    return (source, *(read_cell(cells.get(name), "text", zone) for name in KEYS[entity]))


def own_start(row: Row) -> object:
    return row["updated_at"] if row["updated_at"] is not None else row.get("created_at")


def slot_of(entity: str, row: Row) -> object:
    return own_start(row) if entity in VERSIONED else row.get("updated_at")


def nulls_first(value: object) -> tuple[bool, object]:
    return (value is not None, 0 if value is None else value)


def one_row_per_slot(entity: str, rows: list[tuple[int, Row]]) -> tuple[list[tuple[int, Row]], int]:
    """The surviving rows of a load, and how many are quarantined because they are tied."""
    slots: dict[object, list[tuple[int, Row]]] = defaultdict(list)
    for position, row in rows:
        slots[key_of(entity, row), slot_of(entity, row)].append((position, row))
    survivors, tied = [], 0
    for members in slots.values():
        if entity not in VERSIONED:
            survivors.append(members[-1])
            continue
        highest = max(nulls_first(row["version_no"]) for _, row in members)
        best = [(p, row) for p, row in members if nulls_first(row["version_no"]) == highest]
        if all(row == best[0][1] for _, row in best):
            survivors.append(best[0])
        else:
            tied += len(best)
    return survivors, tied


def is_news(history: list[Landed], entity: str, row: Row) -> bool:
    """New for its slot, changed since the slot was last written, or deleted since."""
    for landed in reversed(history):
        if landed.row is None:
            return True  # a tombstone is the latest word on this key
        if slot_of(entity, landed.row) == slot_of(entity, row):
            return landed.row != row
    return True


def versions_of(history: list[Landed]) -> list[Version]:
    """The versions of one key, oldest first (tombstones only end what came before them)."""
    first_load = min((item.load for item in history if item.row is not None), default=0)
    candidates: dict[int, list[tuple[tuple[object, ...], Landed]]] = defaultdict(list)
    for item in history:
        start = version_start(item, history, first_load)
        if item.row is None:
            rank: tuple[object, ...] = (item.load, nulls_first(None), nulls_first(None))
        else:
            own, number = own_start(item.row), item.row["version_no"]
            rank = (item.load, nulls_first(own), nulls_first(number))
        candidates[start].append((rank, item))
    starts = sorted(candidates)
    versions = []
    for start, next_start in zip(starts, [*starts[1:], NEVER], strict=True):
        winner = max(candidates[start], key=lambda candidate: candidate[0])[1]
        if winner.row is not None:
            deleted_at = winner.row["deleted_at"]
            end = next_start if deleted_at is None else min(next_start, deleted_at)
            versions.append(Version(start, end, winner.row))
    return versions


def version_start(item: Landed, history: list[Landed], first_load: int) -> int:
    if item.row is None:
        return item.effective_at
    own = own_start(item.row)
    if own is not None:
        start = own
    elif item.load == first_load:
        start = ALWAYS
    else:
        start = item.effective_at
    for other in history:
        if other.row is None and other.load < item.load and other.effective_at >= start:
            return item.effective_at
    return start


def winner_of(history: list[Landed]) -> Row | None:
    """The one row that stands for an unversioned key, with the deletion it has come to."""
    rows = [item for item in history if item.row is not None]
    if not rows:
        return None
    winner = max(
        rows, key=lambda item: (nulls_first(item.row.get("updated_at")), item.load, item.position)
    )
    row = dict(winner.row)
    if history[-1].row is None:
        vanished_at = history[-1].effective_at
        own = row["deleted_at"]
        row["deleted_at"] = vanished_at if own is None else min(own, vanished_at)
    return row
