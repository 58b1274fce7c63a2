"""The oracle's cells against the product's: every difference, told so that one can start there."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from datetime import date, datetime
from typing import Any

from tests.oracle.oracle import Cell, CellKey

KEY = ("kpi_id", "grain", "period_start", "scope_type", "scope_id")


def compare(expected: Mapping[CellKey, Cell], found: Iterable[Mapping[str, Any]]) -> list[str]:
    """One line per cell that is missing, unexpected, twice there, or different."""
    rows: dict[CellKey, Mapping[str, Any]] = {}
    differences = []
    for row in found:
        key = key_of(row)
        if key in rows:
            differences.append(f"{named(key)}: is there twice")
        rows[key] = row
    for key in sorted(expected.keys() | rows.keys()):
        if key not in rows:
            differences.append(f"{named(key)}: missing, expected {short(asdict(expected[key]))}")
        elif key not in expected:
            differences.append(f"{named(key)}: not expected, found {short(rows[key])}")
        else:
            wrong = unequal(asdict(expected[key]), rows[key])
            if wrong:
                differences.append(f"{named(key)}: {', '.join(wrong)}")
    return differences


def key_of(row: Mapping[str, Any]) -> CellKey:
    start = row["period_start"]
    if isinstance(start, datetime):
        start = start.date()
    if not isinstance(start, date):
        start = date.fromisoformat(str(start)[:10])
    return row["kpi_id"], row["grain"], start, row["scope_type"], row["scope_id"]


def named(key: CellKey) -> str:
    kpi_id, grain, start, scope_type, scope_id = key
    scope = scope_type if scope_type == "company" else f"{scope_type}:{scope_id}"
    return f"{kpi_id} {grain} {start} {scope}"


def unequal(expected: Mapping[str, Any], found: Mapping[str, Any]) -> list[str]:
    """The columns that differ, as `column expected≠found`."""
    return [
        f"{name} {value!r}≠{plain(found.get(name))!r}"
        for name, value in expected.items()
        if not is_same(value, plain(found.get(name)))
    ]


def plain(value: Any) -> Any:
    """A cell of a data frame as Python knows it; NaN, NaT and NA are null."""
    if value is None or value != value:
        return None
    if type(value).__name__ in ("NAType", "NaTType"):
        return None
    return value.item() if hasattr(value, "item") else value


def is_same(expected: Any, found: Any) -> bool:
    if expected is None or found is None:
        return expected is found
    if isinstance(expected, (bool, str)):
        return expected == found
    return math.isclose(expected, found, rel_tol=1e-9, abs_tol=1e-9)


def short(cell: Mapping[str, Any]) -> str:
    names = ("numerator", "denominator", "value", "status")
    return ", ".join(f"{name} {plain(cell.get(name))!r}" for name in names)


def report(seed: int, differences: list[str], most: int = 40) -> str:
    """What a failed test prints."""
    lines = [f"company {seed}: {len(differences)} cells differ (ORACLE_SEED={seed})"]
    lines += [f"  {line}" for line in differences[:most]]
    if len(differences) > most:
        lines.append(f"  … and {len(differences) - most} more")
    return "\n".join(lines)
