"""All that a night's warehouse holds, to compare one build of it with another, row for row."""

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
    """The tables whose rows differ."""
    assert one.keys() == other.keys()
    return [name for name, rows in one.items() if rows != other[name]]
