"""The files of a night: two DuckDB files and their tables as Parquet, copied from the build.

build.duckdb (schemas `company`, `people`) → kpi.duckdb, kpi_people.duckdb, parquet/

Beside the build's tables stand those that only the publish can tell: `data_quality`,
`data_quality_trends`, `reconciliation`, `runs`, `kpi_restatements` and `kpi_projections`.

A withheld KPI keeps its rows in `kpi_values`, without numbers; its rows in whatever else is
computed from its measure rows are left out.
"""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb

from sales_support_kpi.landing.ops_entities import OPS_ENTITIES
from sales_support_kpi.warehouse.published import COMPANY_FILE, PEOPLE_FILE

if TYPE_CHECKING:
    import pyarrow as pa

STORAGE_VERSION = "v1.4.0"  # what DuckDB 1.4 and later open

# Tables that say what a KPI is; a withheld KPI stays in them.
ABOUT_KPIS = frozenset({"kpi_catalog", "kpi_targets", "goal_tree"})

_WITHHELD_NULL = (
    "numerator", "denominator", "value", "attainment", "ci_low", "ci_high", "is_certain",
    "median", "p90",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Table:
    """One table of the build that is published."""

    schema: str
    name: str
    columns: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Beside:
    """What is published beside the build's own tables.

    Attributes:
        histories: tables over all nights (`histories.py`), as SQL.
        restated: what this publish restates; what earlier ones did stands in the build.
        runs: the rows of the table `runs`, as SQL.
        projections: where the open periods will land.
    """

    histories: Mapping[str, str]
    restated: "pa.Table"
    runs: str
    projections: "pa.Table"


# Tables of `Beside` → what each file holds of them.
_COMPANY_SIDE = {
    "data_quality": "from temp.data_quality",
    "data_quality_trends": "from temp.data_quality_trends",
    "reconciliation": "from temp.reconciliation",
    "kpi_projections": "from temp.kpi_projections",
    "kpi_restatements": (
        "select * exclude (record_ids) from temp.kpi_restatements where scope_type <> 'employee'"
    ),
    "runs": "from temp.runs",
}
_PEOPLE_SIDE = _COMPANY_SIDE | {"kpi_restatements": "from temp.kpi_restatements"}


def published_tables(file: Path) -> tuple[Table, ...]:
    """The tables of the two published schemas of a build file."""
    with duckdb.connect(str(file), read_only=True) as connection:
        found = connection.execute(
            "select table_schema, table_name, list(column_name order by ordinal_position) "
            "from information_schema.columns "
            "where table_schema in ('company', 'people') group by all order by all"
        ).fetchall()
    return tuple(Table(schema, name, tuple(columns)) for schema, name, columns in found)


def write_copies(
    build_file: Path,
    directory: Path,
    withheld: frozenset[str],
    beside: Beside,
) -> dict[str, dict[str, int]]:
    """Write both DuckDB files and the Parquet files; returns the row counts by file and table."""
    tables = [t for t in published_tables(build_file) if t.name not in _PEOPLE_SIDE]
    people = {table.name for table in tables if table.schema == "people"}
    company_side = [table for table in tables if table.schema == "company"]
    people_side = [t for t in tables if t.schema == "people" or t.name not in people]
    with duckdb.connect() as connection:
        connection.execute("set timezone = 'UTC'")
        connection.execute(f"attach {literal(build_file)} as build (read_only)")
        for name, query in beside.histories.items():
            connection.execute(f"create temp table {name} as {query}")
        _make_restatements_table(connection, beside.restated)
        connection.execute(f"create temp table runs as {beside.runs}")
        connection.register("projections_now", beside.projections)
        connection.execute("create temp table kpi_projections as from projections_now")
        connection.unregister("projections_now")
        company = _selects(company_side, withheld) | _COMPANY_SIDE
        people_too = _selects(people_side, withheld) | _PEOPLE_SIDE
        counts = {
            COMPANY_FILE: _write_file(connection, directory / COMPANY_FILE, company),
            PEOPLE_FILE: _write_file(connection, directory / PEOPLE_FILE, people_too),
        }
        _write_parquet(connection, directory / "parquet", tables)
    (directory / COMPANY_FILE).chmod(0o444)
    (directory / PEOPLE_FILE).chmod(0o600)
    return counts


def literal(value: object) -> str:
    """A text literal for statements that cannot bind values."""
    return "'" + str(value).replace("'", "''") + "'"


def select_statement(table: Table, withheld: frozenset[str]) -> str:
    """What is published of a table: all of it, but for what is withheld."""
    source = f'from build."{table.schema}"."{table.name}"'
    if not withheld or "kpi_id" not in table.columns or table.name in ABOUT_KPIS:
        return f"select * {source}"
    listed = ", ".join(literal(kpi_id) for kpi_id in sorted(withheld))
    if table.name != "kpi_values":
        return f"select * {source} where kpi_id is null or kpi_id not in ({listed})"
    is_withheld = f"kpi_id in ({listed})"
    replaced = {name: f"case when not {is_withheld} then {name} end" for name in _WITHHELD_NULL}
    replaced["status"] = f"case when {is_withheld} then 'withheld' else status end"
    replaced["sample_size"] = f"case when {is_withheld} then 0 else sample_size end"
    if {"reported_value", "reported_as_of"} <= set(table.columns):
        # What was said on an earlier night stands; what this night would say first does not.
        is_new = f"{is_withheld} and (reported_as_of is null or reported_as_of >= as_of)"
        for name in ("reported_value", "reported_as_of"):
            replaced[name] = f"case when not ({is_new}) then {name} end"
    present = [f"{sql} as {name}" for name, sql in replaced.items() if name in table.columns]
    return f"select * replace ({', '.join(present)}) {source}"


def _selects(tables: Sequence[Table], withheld: frozenset[str]) -> dict[str, str]:
    return {table.name: select_statement(table, withheld) for table in tables}


def _write_file(
    connection: duckdb.DuckDBPyConnection, file: Path, selects: Mapping[str, str]
) -> dict[str, int]:
    file.touch(mode=0o600)
    file.unlink()
    previous = os.umask(0o077)
    try:
        connection.execute(
            f"attach {literal(file)} as target (storage_version {literal(STORAGE_VERSION)})"
        )
        counts = {}
        for name, sql in selects.items():
            connection.execute(f'create table target.main."{name}" as {sql}')
            counts[name] = _count(connection, f'target.main."{name}"')
        connection.execute("checkpoint target")
        connection.execute("detach target")
    finally:
        os.umask(previous)
    return counts


def _write_parquet(
    connection: duckdb.DuckDBPyConnection, directory: Path, tables: Sequence[Table]
) -> None:
    """Every table on the side it belongs to, from the files just written."""
    night = directory.parent
    own = {"company": list(_COMPANY_SIDE), "people": ["kpi_restatements"]}
    for side, file in (("company", night / COMPANY_FILE), ("people", night / PEOPLE_FILE)):
        target = directory / side
        target.mkdir(parents=True, mode=0o755 if side == "company" else 0o700)
        names = [table.name for table in tables if table.schema == side]
        connection.execute(f"attach {literal(file)} as source (read_only)")
        for name in names + own[side]:
            path = target / f"{name}.parquet"
            connection.execute(
                f'copy source.main."{name}" to {literal(path)} '
                "(format parquet, compression zstd, compression_level 1)"
            )
            path.chmod(0o444 if side == "company" else 0o600)
        connection.execute("detach source")


def _make_restatements_table(connection: duckdb.DuckDBPyConnection, restated: "pa.Table") -> None:
    """Earlier restatements, as the build knew them, and those of this publish."""
    columns = ", ".join(OPS_ENTITIES["restatements"].columns)
    connection.register("restated_now", restated)
    connection.execute(f"create temp table kpi_restatements as select {columns} from restated_now")
    connection.unregister("restated_now")
    known = connection.execute(
        "select 1 from duckdb_tables() where database_name = 'build' "
        "and schema_name = 'control' and table_name = 'restatements'"
    ).fetchall()
    if known:
        connection.execute("insert into kpi_restatements by name from build.control.restatements")


def _count(connection: duckdb.DuckDBPyConnection, table: str) -> int:
    found = connection.execute(f"select count(*) from {table}").fetchone()
    return int(found[0]) if found else 0
