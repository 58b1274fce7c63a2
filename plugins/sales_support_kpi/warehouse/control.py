"""Everything about a night that is not landed data, as tables the models read.

`Config + Night + accepted loads → schemas control, landing` of the build file. dbt parses nothing
anew for another night: `as_of`, thresholds and calendar are rows, not variables.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING

import duckdb

from sales_support_kpi import __version__
from sales_support_kpi.config import Config
from sales_support_kpi.entities import ENTITIES, Entity
from sales_support_kpi.night import Night
from sales_support_kpi.warehouse.control_tables import Marks, Row, SourceState, control_tables

if TYPE_CHECKING:
    import pyarrow as pa

    from sales_support_kpi.landing import Manifest

DUCKDB_TYPES = {
    "text": "varchar",
    "int": "bigint",
    "decimal": "double",
    "bool": "boolean",
    "date": "date",
    "instant": "timestamptz",
}
LANDING_COLUMNS = {
    "_load_seq": "bigint",
    "_source": "varchar",
    "_file": "varchar",
    "_sheet": "varchar",
    "_row": "bigint",
    "_row_hash": "varchar",
    "_landed_at": "timestamptz",
    "_op": "varchar",
    "_effective_at": "timestamptz",
}
READ_OPTIONS = "union_by_name = true, hive_partitioning = false"


def write_control(
    connection: duckdb.DuckDBPyConnection,
    *,
    config: Config,
    night: Night,
    known_at: date | None,
    loads: Sequence["Manifest"],
    sources: Sequence[SourceState],
    marks: Marks | None,
    calendar: Mapping[str, "pa.Table"],
    refresh_key: str,
    code_version: str = __version__,
) -> None:
    """Write the schemas `control` and `landing` for one night, in one transaction."""
    connection.execute("begin")
    connection.execute("create schema if not exists control")
    connection.execute("create schema if not exists landing")
    for name, columns, rows in control_tables(
        config, night, known_at, loads, sources, marks, refresh_key
    ):
        _replace_table(connection, name, columns, rows)
    connection.execute("update control.night set code_version = ?", [code_version])
    _write_calendar(connection, calendar)
    for entity in ENTITIES.values():
        files = [
            str(path)
            for load in loads
            if load.entity == entity.name
            for path in sorted(load.directory.glob("part-*.parquet"))
        ]
        connection.execute(_landing_view(entity, files))
    connection.execute("commit")


def _replace_table(
    connection: duckdb.DuckDBPyConnection, name: str, columns: str, rows: Sequence[Row]
) -> None:
    connection.execute(f"create or replace table control.{name} ({columns})")
    if rows:
        places = ", ".join("?" * len(rows[0]))
        connection.executemany(f"insert into control.{name} values ({places})", rows)


def _write_calendar(
    connection: duckdb.DuckDBPyConnection, calendar: Mapping[str, "pa.Table"]
) -> None:
    for name, table in calendar.items():
        connection.register("calendar_table", table)
        connection.execute(f"create or replace table control.{name} as from calendar_table")
        connection.unregister("calendar_table")


def landed_columns(entity: Entity) -> dict[str, str]:
    """Columns of an entity's landed files and their DuckDB types."""
    columns = {column.name: DUCKDB_TYPES[column.type] for column in entity.columns}
    columns |= {"deleted_at": "timestamptz"}
    if entity.is_versioned:
        columns |= {"version_no": "bigint"}
    return columns | LANDING_COLUMNS


def _landing_view(entity: Entity, files: Sequence[str]) -> str:
    columns = landed_columns(entity)
    if files:
        names = ", ".join(f'"{name}"' for name in columns)
        paths = ", ".join("'" + file.replace("'", "''") + "'" for file in files)
        body = f"select {names} from read_parquet([{paths}], {READ_OPTIONS})"
    else:
        typed = ", ".join(f'null::{kind} as "{name}"' for name, kind in columns.items())
        body = f"select {typed} limit 0"
    return f"create or replace view landing.{entity.name} as {body}"
