"""Manifests: what each load of the landing zone says about itself."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields
from datetime import date, datetime
from pathlib import Path
from typing import Any, Literal

from sales_support_kpi.settings import Home

MANIFEST = "manifest.json"
REJECTED = "_rejected"

Verdict = Literal["accepted", "rejected"]


@dataclass(frozen=True, slots=True)
class Manifest:
    """One load of one entity from one source.

    Attributes:
        load_seq: one increasing number per home, rejected loads included.
        night: the night that landed it; `known_at` filters by it.
        effective_at: that night's `as_of`: when rows without a date of their own take effect.
        fingerprint: of the input and of everything that decides how it is read.
        quarantine_hash: of the rows kept back, to tell the same ones from new ones.
        drop_entities: the entities of the drop it came in.
        columns: the contract's columns that the input had → the kind of value they came as.
        filled: column → how many rows had a value in it.
        causes: `reason|column` → how many rows were kept back for it.
        newest_at: the latest instant in any column.
        landed_sum: of the entity's amount over the landed rows, where it has one.
        differences: to earlier loads, for which it was rejected (`missing|email`).
        released: ids of the decisions about quarantined rows that were carried out with it.
        bookmark: where an incremental extraction goes on.
        raw: what the rows were made of, where a select made them of files.
        directory: the load's folder; not part of the file.
    """

    source: str
    entity: str
    load_seq: int
    night: date
    effective_at: datetime
    landed_at: datetime
    mode: str
    schema_hash: str
    fingerprint: str
    rows_read: int = 0
    rows_landed: int = 0
    rows_quarantined: int = 0
    rows_unchanged: int = 0
    rows_superseded: int = 0
    tombstones: int = 0
    silent_changes: int = 0
    extra_columns: tuple[str, ...] = ()
    bookmark: Any = None
    verdict: Verdict = "accepted"
    reasons: tuple[str, ...] = ()
    quarantine_hash: str = ""
    drop_entities: tuple[str, ...] = ()
    columns: Mapping[str, str] = field(default_factory=dict)
    filled: Mapping[str, int] = field(default_factory=dict)
    causes: Mapping[str, int] = field(default_factory=dict)
    newest_at: datetime | None = None
    landed_sum: float | None = None
    differences: tuple[str, ...] = ()
    released: tuple[str, ...] = ()
    raw: Any = None
    directory: Path = field(default_factory=Path, compare=False)

    @property
    def files(self) -> list[Path]:
        """The load's Parquet files."""
        return sorted(self.directory.glob("part-*.parquet"))

    @property
    def is_accepted(self) -> bool:
        """Whether readers may use it."""
        return self.verdict == "accepted"

    def to_json(self) -> str:
        """The text of `manifest.json`."""
        values = {
            one.name: getattr(self, one.name) for one in fields(self) if one.name != "directory"
        }
        return json.dumps(values, default=_plain, ensure_ascii=False, indent=2) + "\n"

    @classmethod
    def read(cls, directory: Path) -> "Manifest":
        """The manifest of a load's folder; keys it does not know are ignored."""
        values = json.loads((directory / MANIFEST).read_text(encoding="utf-8"))
        known = {one.name for one in fields(cls)}
        values = {name: value for name, value in values.items() if name in known}
        for name in ("extra_columns", "reasons", "drop_entities", "released", "differences"):
            values[name] = tuple(values.get(name) or ())
        values["night"] = date.fromisoformat(values["night"])
        for name in ("effective_at", "landed_at"):
            values[name] = datetime.fromisoformat(values[name])
        newest_at = values.get("newest_at")
        values["newest_at"] = datetime.fromisoformat(newest_at) if newest_at else None
        return cls(**values, directory=directory)


def _plain(value: object) -> object:
    if isinstance(value, datetime | date):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} has no place in a manifest")


def accepted_loads(home: Home, known_at: date | None = None) -> list[Manifest]:
    """Every accepted load, oldest first; with `known_at` those landed up to that night."""
    loads = (manifest for manifest in _manifests(home.landing) if manifest.is_accepted)
    return sorted(
        (load for load in loads if known_at is None or load.night <= known_at),
        key=lambda load: load.load_seq,
    )


def rejected_loads(home: Home) -> list[Manifest]:
    """Every rejected load, oldest first."""
    return sorted(_manifests(home.landing / REJECTED), key=lambda load: load.load_seq)


def loads_of(home: Home, source: str, *, is_rejected: bool = False) -> dict[str, list[Manifest]]:
    """Entity → the loads of one source, oldest first."""
    root = home.landing / REJECTED if is_rejected else home.landing
    found: dict[str, list[Manifest]] = {}
    for directory in (root / source).glob("*/load=*"):
        if (directory / MANIFEST).is_file():
            manifest = Manifest.read(directory)
            found.setdefault(manifest.entity, []).append(manifest)
    for loads in found.values():
        loads.sort(key=lambda load: load.load_seq)
    return found


def _manifests(root: Path) -> Iterator[Manifest]:
    for directory in root.glob("[!_.]*/*/load=*"):
        if (directory / MANIFEST).is_file():
            yield Manifest.read(directory)


def sequence_of(directory: Path) -> int:
    """The load's number, from the name of its folder."""
    return int(directory.name.rsplit("-", 1)[1])


def next_sequence(home: Home) -> int:
    """One more than the largest number in use."""
    patterns = ((home.landing, "[!_.]*/*/load=*-*"), (home.landing / REJECTED, "*/*/load=*-*"))
    used = (sequence_of(one) for root, pattern in patterns for one in root.glob(pattern))
    return max(used, default=0) + 1
