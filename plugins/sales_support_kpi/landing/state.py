"""What a source's accepted loads hold already, and what a new one adds: SQL over Parquet.

staged rows + earlier loads → one row per slot → rows to land, tombstones, counts.
A *slot* is a key and a place in time: `coalesce(updated_at, created_at)` of a versioned entity,
`updated_at` of the others.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb

from sales_support_kpi.entities import Entity
from sales_support_kpi.sources.tables import literal, quoted


@dataclass(frozen=True, slots=True)
class Counts:
    """What happened to the rows of a load."""

    landed: int
    unchanged: int
    superseded: int
    silent_changes: int
    tombstones: int
    live_before: int
    live_now: int


def key_list(entity: Entity) -> str:
    """The key columns."""
    return ", ".join(quoted(name) for name in entity.key)


def start_sql(entity: Entity) -> str:
    """A row's place in time."""
    names = entity.start_columns
    return f"coalesce({', '.join(names)})" if names else "null::timestamptz"


def create_state(
    connection: duckdb.DuckDBPyConnection, entity: Entity, files: Sequence[Path]
) -> None:
    """Views `slots` (key, start, hash, sequence) and `keys` (key, is_live, deleted_seq)."""
    key = key_list(entity)
    if not files:
        typed = ", ".join(f"null::varchar as {quoted(name)}" for name in entity.key)
        connection.execute(
            f"create or replace temp table slots as select {typed}, null::timestamptz as start, "
            "null::varchar as hash, null::bigint as sequence limit 0; "
            f"create or replace temp table keys as select {typed}, null::boolean as is_live, "
            "null::bigint as deleted_seq limit 0"
        )
        return
    listed = ", ".join(literal(file) for file in files)
    history = f"read_parquet([{listed}], union_by_name = true, hive_partitioning = false)"
    connection.execute(
        f"create or replace temp table slots as select {key}, {start_sql(entity)} as start, "
        "arg_max(_row_hash, _load_seq) as hash, max(_load_seq) as sequence "
        f"from {history} where _op = 'upsert' group by all"
    )
    connection.execute(
        f"create or replace temp table keys as select {key}, "
        "max(_load_seq) filter (_op = 'delete') as deleted_seq, "
        "coalesce(max(_load_seq) filter (_op = 'upsert'), -1) > coalesce(deleted_seq, -1) "
        f"as is_live from {history} group by {key}"
    )


def create_losers(connection: duckdb.DuckDBPyConnection, entity: Entity) -> None:
    """Table `losers` (_row, is_tied): staged good rows that another row of their slot beats."""
    slot = f"{key_list(entity)}, {start_sql(entity)}"
    connection.execute("create or replace temp table losers (_row bigint, is_tied boolean)")
    total, distinct = _pair(
        connection,
        f"select count(*), count(distinct hash({slot})) from staged where _code is null",
    )
    if total == distinct:
        return
    rank = "coalesce(version_no, -9223372036854775808)" if entity.is_versioned else "_row"
    connection.execute(
        "insert into losers with crowded as ("
        f"select hash({slot}) as slot_hash from staged where _code is null "
        "group by slot_hash having count(*) > 1), "
        f"candidates as (select {key_list(entity)}, {start_sql(entity)} as start, _row, _row_hash, "
        f"{rank} as rank from staged where _code is null "
        f"and hash({slot}) in (select slot_hash from crowded)), "
        f"ranked as (select *, max(rank) over slot as best from candidates "
        f"window slot as (partition by {key_list(entity)}, start)), "
        "judged as (select *, "
        "min(_row_hash) filter (rank = best) over slot <> max(_row_hash) filter (rank = best) "
        "over slot as is_contested, max(_row) filter (rank = best) over slot as winner from ranked "
        f"window slot as (partition by {key_list(entity)}, start)) "
        "select _row, rank = best and is_contested from judged "
        "where _row <> winner or is_contested"
    )


def create_verdicts(
    connection: duckdb.DuckDBPyConnection, entity: Entity, *, is_again: bool
) -> None:
    """Table `landing_rows` (_row, is_silent): the rows that say something new.

    Without earlier loads every surviving row does, and the table is not needed. Of a night that is
    read again (`is_again`) only slots that nothing is known of are new.
    """
    changed = "or known.hash <> fresh._row_hash or coalesce(keys.deleted_seq, -1) > known.sequence"
    on_key = _same(entity, "fresh", "known")
    on_deleted = _same(entity, "fresh", "keys")
    connection.execute(
        "create or replace temp table landing_rows as "
        f"with fresh as (select {key_list(entity)}, {start_sql(entity)} as start, _row, _row_hash "
        "from staged where _code is null and _row not in (select _row from losers)) "
        "select fresh._row, known.hash is not null as is_silent from fresh "
        f"left join slots as known on {on_key} and fresh.start is not distinct from known.start "
        f"left join keys on {on_deleted} "
        f"where known.hash is null {'' if is_again else changed}"
    )


def count_unchanged(
    connection: duckdb.DuckDBPyConnection, entity: Entity, *, is_again: bool
) -> int:
    """Surviving rows of which the zone already holds the very same, not deleted since.

    Counted from what the zone holds, and not as what `landing_rows` leaves: the two are compared.
    """
    on_key, on_deleted = _same(entity, "fresh", "known"), _same(entity, "fresh", "keys")
    is_same = "known.hash = fresh._row_hash and coalesce(keys.deleted_seq, -1) <= known.sequence"
    found = connection.execute(
        f"with fresh as (select {key_list(entity)}, {start_sql(entity)} as start, _row, _row_hash "
        "from staged where _code is null) "
        f"select count(*) from fresh join slots as known on {on_key} "
        "and fresh.start is not distinct from known.start "
        f"left join keys on {on_deleted} where {'true' if is_again else is_same} "
        "and fresh._row not in (select _row from losers)"
    ).fetchone()
    return int(found[0]) if found else 0


def create_tombstones(
    connection: duckdb.DuckDBPyConnection, entity: Entity, lost_keys: str
) -> None:
    """Table `tombstones`: live keys that nothing in the load speaks of any more.

    Args:
        connection: holds `staged` and `keys`.
        entity: the entity.
        lost_keys: relation of the keys of lines that could not be taken apart: they are there.
    """
    same = _same(entity, "keys", "present")
    connection.execute(
        f"create or replace temp table tombstones as with present as ("
        f"select distinct {key_list(entity)} from staged union select * from {lost_keys}) "
        f"select {', '.join('keys.' + quoted(name) for name in entity.key)} from keys "
        f"anti join present on {same} where keys.is_live"
    )


def create_no_tombstones(connection: duckdb.DuckDBPyConnection, entity: Entity) -> None:
    """The table `tombstones`, empty: the load says nothing about what it does not hold."""
    typed = ", ".join(f"{quoted(name)} varchar" for name in entity.key)
    connection.execute(f"create or replace temp table tombstones ({typed})")


def _same(entity: Entity, left: str, right: str) -> str:
    return " and ".join(f"{left}.{quoted(n)} = {right}.{quoted(n)}" for n in entity.key)


def _pair(connection: duckdb.DuckDBPyConnection, query: str) -> tuple[int, int]:
    row = connection.execute(query).fetchone()
    return (int(row[0]), int(row[1])) if row else (0, 0)
