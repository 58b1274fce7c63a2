"""All that a night's warehouse holds, to compare one build of it with another, row for row."""

from math import isclose
from pathlib import Path
from typing import Any

import duckdb

SCHEMAS = ("entities", "measures", "marts", "company", "people")

Tables = dict[str, list[tuple[Any, ...]]]


def tables(file: Path) -> Tables:
    """Every table and view of the warehouse but the control tables, with its rows in order."""
    with duckdb.connect(str(file), read_only=True) as connection:
        connection.execute("set TimeZone = 'UTC'")
        names = connection.execute(
            "select table_schema || '.' || table_name from information_schema.tables "
            "where table_schema in ? order by 1",
            [list(SCHEMAS)],
        ).fetchall()
        return {
            name: connection.execute(f"select * from {name} order by all").fetchall()
            for (name,) in names
        }


def differing(one: Tables, other: Tables) -> list[str]:
    """The tables whose rows differ; a sum of floats may, in its last digits, by its order."""
    assert one.keys() == other.keys()
    return [name for name, rows in one.items() if not _are_same(rows, other[name])]


def _are_same(rows: list[tuple[Any, ...]], others: list[tuple[Any, ...]]) -> bool:
    if rows == others:
        return True
    return len(rows) == len(others) and all(
        _is_same(value, found)
        for row, other in zip(rows, others, strict=True)
        for value, found in zip(row, other, strict=True)
    )


def _is_same(value: object, found: object) -> bool:
    if isinstance(value, float) and isinstance(found, float):
        return isclose(value, found, rel_tol=1e-9, abs_tol=1e-9)
    return value == found
