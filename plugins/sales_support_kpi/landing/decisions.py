"""What people decide about quarantined rows and about inputs that changed their shape.

`kpi quarantine release` → landing/ops/decisions → carried out by the next landing of that source.
A decision is about a source and an entity, and is either
- `row`: a row that was kept back counts, as it is or with corrected cells; or
- `shape`: a difference to earlier loads (`missing|email`) that is meant to be so.
"""

import getpass
import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

from sales_support_kpi.errors import UsageError
from sales_support_kpi.landing.manifests import Manifest, rejected_loads
from sales_support_kpi.landing.ops import land_ops, read_ops
from sales_support_kpi.night import Night
from sales_support_kpi.settings import Home

RAW = "raw"  # what the selects of a mapping read: the files, as one table

Kind = Literal["row", "shape"]


@dataclass(frozen=True, slots=True)
class Decision:
    """One decision, as landed.

    Attributes:
        subject: what it is about: the hash of a row's content, or a difference.
        load_seq: the load that kept the row back, or was rejected.
        row: the row's number in its input; none for a shape.
        content: the row's cells as they are to be read, by canonical column, as JSON.
        changed: names of the cells that were corrected, separated by commas.
        decided_seq: number of the ops load that holds it: what was landed later knows of it.
    """

    decision_id: str
    kind: Kind
    source: str
    entity: str
    subject: str
    load_seq: int
    row: int | None
    content: str
    changed: str
    why: str
    who: str
    decided_at: datetime
    decided_seq: int = 0


def decide(
    home: Home,
    night: Night,
    kind: Kind,
    source: str,
    entity: str,
    *,
    about: Iterable[Mapping[str, Any]],
    why: str,
    who: str | None = None,
) -> int:
    """Land decisions; returns how many said something new.

    Each of `about` has `subject` and `load_seq`; for rows also `row`, `content`, `changed`.
    """
    by = who or getpass.getuser()
    rows = [
        {
            "decision_id": _id(kind, source, entity, str(one["subject"])),
            "kind": kind,
            "source": source,
            "entity": entity,
            "row": None,
            "content": "",
            "changed": "",
            **one,
            "why": why,
            "who": by,
            "decided_at": datetime.now(UTC),
        }
        for one in about
    ]
    before = {d.decision_id: d for d in decisions(home)}
    fresh = [
        row
        for row in rows
        if (known := before.get(row["decision_id"])) is None
        or (known.content, known.why) != (row["content"], row["why"])
    ]
    land_ops(home, "decisions", fresh, night)
    return len(fresh)


def decisions(home: Home) -> list[Decision]:
    """Every decision, the latest word on each subject, oldest first."""
    names = Decision.__dataclass_fields__
    return [
        Decision(
            **{name: row[name] for name in names if name != "decided_seq"},
            decided_seq=row["_load_seq"],
        )
        for row in read_ops(home, "decisions")
    ]


def row_decisions(home: Home, source: str) -> dict[str, list[Decision]]:
    """Entity → decisions about its quarantined rows."""
    found: dict[str, list[Decision]] = {}
    for one in decisions(home):
        if one.kind == "row" and one.source == source:
            found.setdefault(one.entity, []).append(one)
    return found


def accepted_differences(
    home: Home, source: str, loads: Mapping[str, Sequence[Manifest]]
) -> dict[str, frozenset[str]]:
    """Entity → differences that were accepted and still hold.

    An acceptance ends when the column comes back as it was: the next time it goes is another one.
    """
    found: dict[str, set[str]] = {}
    for one in decisions(home):
        if one.kind == "shape" and one.source == source:
            later = [m for each in loads.values() for m in each if m.load_seq > one.decided_seq]
            if not any(_ends(one, manifest) for manifest in later):
                found.setdefault(one.entity, set()).add(one.subject)
    return {entity: frozenset(subjects) for entity, subjects in found.items()}


def accept_shape(
    home: Home, night: Night, source: str, entity: str, *, why: str, who: str | None = None
) -> tuple[str, ...]:
    """Accept what the last rejected load differs in from those before it; returns the differences.

    Raises:
        UsageError: no load of it was rejected for its shape.
    """
    rejected = [load for load in rejected_loads(home) if load.source == source]
    for load in reversed(rejected):
        found = _differences_of(load, entity)
        if found:
            about = [{"subject": one, "load_seq": load.load_seq} for one in found]
            decide(home, night, "shape", source, entity, about=about, why=why, who=who)
            return found
    raise UsageError(f"no load of {source} {entity} was rejected for its columns")


def _differences_of(load: Manifest, name: str) -> tuple[str, ...]:
    """A rejected load's differences that are about an entity, or a thing read from a system."""
    found = []
    for difference in load.differences:
        what, _, column = difference.partition("|")
        rest = column.removeprefix(f"{name}.")
        if rest != column or (load.entity == name and "." not in column):
            found.append(f"{what}|{rest}")
    return tuple(found)


def content_hash(content: str) -> str:
    """Names a quarantined row by what stood in it, wherever it comes again."""
    return hashlib.md5(content.encode(), usedforsecurity=False).hexdigest()


def _ends(decision: Decision, manifest: Manifest) -> bool:
    """Whether a later load, or the reading it comes from, has the column as it was before."""
    what, column, *kind = decision.subject.split("|")
    if manifest.entity == decision.entity:
        is_back = bool(manifest.filled.get(column))
        return is_back and (what != "retyped" or manifest.columns.get(column) != kind[0])
    read = ((manifest.bookmark or {}).get("columns") or {}).get(decision.entity) or {}
    if decision.entity == RAW:
        read = manifest.raw or {}
    is_back = bool(read.get("filled", {}).get(column))
    return is_back and (what != "retyped" or read.get("kinds", {}).get(column) != kind[0])


def _id(*parts: str) -> str:
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:16]
