"""The published night in a PostgreSQL, for Power BI, Tableau, Metabase and the like.

published/current/parquet/{company,people}/*.parquet → COPY → `<schema>`, `<schema>_people`

One transaction copies the night into schemas aside, grants their rights and renames them over those
of the night before: until it commits readers see that one whole, and a crash leaves nothing behind.
Which night is served stands in the schema's comment, so serving again what is served does nothing.
"""

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import adbc_driver_postgresql.dbapi as postgresql
import pyarrow as pa
import pyarrow.parquet as pq

from sales_support_kpi.config.publishing import Publish
from sales_support_kpi.config.readers import Reader
from sales_support_kpi.errors import NoAcceptedLoad, SalesSupportKpiError
from sales_support_kpi.serving.access import ACCESS, access_statements, access_tables, role_names
from sales_support_kpi.serving.names import literal, quoted
from sales_support_kpi.settings import Home
from sales_support_kpi.sources.extract.credentials import credentials_of, scrub
from sales_support_kpi.sources.extract.sql import url_of
from sales_support_kpi.warehouse.published import current_dir, current_manifest

if TYPE_CHECKING:
    from adbc_driver_postgresql.dbapi import Connection, Cursor

BATCH_ROWS = 65_536
LOCK_WAIT = "200ms"  # shorter than the server's deadlock_timeout, so no reader is ever the victim
LOCK_TRIES = 25
# A failed statement ends the transaction of ADBC's driver, so the server itself has to catch it.
_ATTEMPT = f"""
do $attempt$ begin
    perform set_config('lock_timeout', '{LOCK_WAIT}', true);
    {{statement}};
    perform set_config('lock_timeout', '0', true), set_config('kpi.attempt', 'done', true);
exception when lock_not_available then
    perform set_config('kpi.attempt', 'given up', true);
end $attempt$
"""


class ServingFailed(SalesSupportKpiError):
    """The files are published, but the server still shows an earlier night."""

    exit_code = 4


@dataclass(frozen=True, slots=True)
class Served:
    """What the server shows now.

    Attributes:
        is_new: whether this call put it there.
        rows: how many rows were copied.
    """

    publish_id: str
    is_new: bool
    rows: int = 0


def serve(home: Home, publish: Publish, readers: Sequence[Reader]) -> Served:
    """Make the server show what `published/current` shows, to those who may see it.

    Raises:
        NoAcceptedLoad: nothing was published yet.
        ServingFailed: the server is away, lacks its roles or rights, or refuses the rows.
        SourceError: the connection is not there.
    """
    directory, manifest = current_dir(home), current_manifest(home)
    if directory is None or manifest is None:
        raise NoAcceptedLoad(f"Nothing has been published in {home.root} yet; run `kpi run` first.")
    schema = publish.served_schema
    mark = f"night {manifest.publish_id}, as of {manifest.as_of.isoformat()}, {_hash(readers)}"
    with _connected(publish) as connection, connection.cursor() as cursor:
        cursor.execute(f"select pg_advisory_xact_lock(hashtext({literal(schema)}))")
        if _comment(cursor, schema) == mark:
            return Served(manifest.publish_id, is_new=False)
        _need_roles(cursor, schema)
        _drop_what_nobody_reads(cursor, schema)
        rows = _copy(cursor, directory, schema, readers)
        cursor.execute(f"comment on schema {quoted(_aside(schema))} is {literal(mark)}")
        _swap(cursor, schema)
        connection.commit()
    return Served(manifest.publish_id, is_new=True, rows=rows)


def check_server(publish: Publish) -> str:
    """Try the connection and the roles; what was found, in words.

    Raises:
        ServingFailed: the server is away or lacks its roles or rights.
        SourceError: the connection is not there.
    """
    schema = publish.served_schema
    with _connected(publish) as connection, connection.cursor() as cursor:
        _need_roles(cursor, schema)
        served = _comment(cursor, schema)
    return f"schema {schema}: {served or 'nothing is served yet'}"


@contextmanager
def _connected(publish: Publish) -> "Iterator[Connection]":
    """A transaction that is rolled back unless it was committed; errors in one sentence."""
    credentials = credentials_of(publish.connection, "publish")
    url = url_of(credentials).set(drivername="postgresql").render_as_string(hide_password=False)
    try:
        with postgresql.connect(url) as connection:
            yield connection
    except postgresql.Error as error:
        said = scrub(" ".join(str(error).split())[:400])
        raise ServingFailed(
            f"{credentials}: the night is published as files, but PostgreSQL still shows an "
            f"earlier one: {said}"
        ) from None


def _sides(schema: str) -> dict[str, str]:
    """Folder of the night → the schema that readers know."""
    return {"company": schema, "people": f"{schema}_people"}


def _aside(schema: str) -> str:
    return f"{schema}__next"


def _copy(cursor: "Cursor", night: Path, schema: str, readers: Sequence[Reader]) -> int:
    """The night in schemas of its own, with rights and statistics; the rows copied."""
    count = 0
    for side, name in _sides(schema).items():
        cursor.execute(f"create schema {quoted(_aside(name))}")
        for file in sorted((night / "parquet" / side).glob("*.parquet")):
            count += _copy_table(cursor, _aside(name), file)
    people = _aside(_sides(schema)["people"])
    for table, rows in access_tables(readers, night).items():
        cursor.adbc_ingest(table, rows, mode="create", db_schema_name=people)
    found = {side: _columns(cursor, _aside(name)) for side, name in _sides(schema).items()}
    names = {side: _aside(name) for side, name in _sides(schema).items()}
    for statement in access_statements(names, found, role_names(schema)):
        cursor.execute(statement)
    for side, tables in found.items():
        for table in tables:
            cursor.execute(f"analyze {quoted(names[side], table)}")
    return count


def _copy_table(cursor: "Cursor", schema: str, file: Path) -> int:
    parquet = pq.ParquetFile(file)
    stream = pa.RecordBatchReader.from_batches(
        parquet.schema_arrow, parquet.iter_batches(BATCH_ROWS)
    )
    cursor.adbc_ingest(file.stem, stream, mode="create", db_schema_name=schema)
    return int(parquet.metadata.num_rows)


def _swap(cursor: "Cursor", schema: str) -> None:
    """Rename the new schemas over the old ones, and drop those unless somebody reads them still.

    A query looks its tables up one by one; with the old ones locked, no query can have found some
    of them before the renaming and others after it.
    """
    old = [name for name in _sides(schema).values() if _columns(cursor, name)]
    is_locked = not old or _lock(cursor, old)
    cursor.execute("select txid_current()::text")
    number = str(cursor.fetchall()[0][0])
    for name in _sides(schema).values():
        if name in old:
            before = f"{name}__before_{number}"
            cursor.execute(f"alter schema {quoted(name)} rename to {quoted(before)}")
            if is_locked:
                cursor.execute(f"drop schema {quoted(before)} cascade")
        cursor.execute(f"alter schema {quoted(_aside(name))} rename to {quoted(name)}")


def _lock(cursor: "Cursor", schemas: Sequence[str]) -> bool:
    """Wait a little, again and again, until nobody reads the tables; False when somebody stays."""
    tables = ", ".join(quoted(name, t) for name in schemas for t in _columns(cursor, name))
    statement = f"lock table {tables} in access exclusive mode"
    return any(_tried(cursor, statement) for _ in range(LOCK_TRIES))


def _drop_what_nobody_reads(cursor: "Cursor", schema: str) -> None:
    """Nights before, which somebody was reading when they were replaced."""
    patterns = " or ".join(
        f"starts_with(nspname, {literal(name + '__before_')})" for name in _sides(schema).values()
    )
    cursor.execute(f"select nspname::text from pg_namespace where {patterns}")
    for (name,) in cursor.fetchall():
        _tried(cursor, f"drop schema {quoted(name)} cascade")


def _tried(cursor: "Cursor", statement: str) -> bool:
    """Run a statement unless its locks cannot be had in a moment; nothing is left of it then."""
    cursor.execute(_ATTEMPT.format(statement=statement))
    cursor.execute("select current_setting('kpi.attempt')")
    return bool(cursor.fetchall()[0][0] == "done")


def _need_roles(cursor: "Cursor", schema: str) -> None:
    """Refuse to serve what nobody could read.

    Raises:
        ServingFailed: a role or a right is missing.
    """
    names = role_names(schema)
    listed = ", ".join(literal(name) for name in names.values())
    cursor.execute(f"select rolname::text from pg_roles where rolname in ({listed})")
    there = {name for (name,) in cursor.fetchall()}
    lacking = [name for name in names.values() if name not in there]
    cursor.execute("select has_database_privilege(current_database(), 'create')")
    if not cursor.fetchall()[0][0]:
        lacking.append("the right to create schemas in this database")
    if lacking:
        raise ServingFailed(
            f"PostgreSQL lacks {', '.join(lacking)}: let its administrator run the statements of "
            "docs/serving.md once"
        )


def _comment(cursor: "Cursor", schema: str) -> str | None:
    cursor.execute(
        "select obj_description(oid, 'pg_namespace') from pg_namespace "
        f"where nspname = {literal(schema)}"
    )
    found = cursor.fetchall()
    return found[0][0] if found else None


def _columns(cursor: "Cursor", schema: str) -> dict[str, tuple[str, ...]]:
    """The columns of a schema's tables, by table."""
    cursor.execute(
        "select relname::text, attname::text from pg_class "
        "join pg_namespace on pg_namespace.oid = relnamespace "
        "join pg_attribute on attrelid = pg_class.oid "
        f"where nspname = {literal(schema)} and relkind = 'r' and attnum > 0 order by 1, attnum"
    )
    found: dict[str, tuple[str, ...]] = {}
    for table, column in cursor.fetchall():
        found[table] = (*found.get(table, ()), column)
    return found


def _hash(readers: Sequence[Reader]) -> str:
    """Changes with who may see whom, and with how that is told."""
    text = f"{ACCESS} {sorted((one.employee_id, one.role) for one in readers)}"
    return f"readers {hashlib.sha256(text.encode()).hexdigest()[:12]}"
