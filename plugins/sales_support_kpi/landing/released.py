"""Quarantined rows that a person has released, laid over what an input brings.

decisions about rows + staged rows → the bad row gives way to the released one

As long as a source goes on bringing the very row that was decided on, the decision stands for it; a
row that the source has corrected itself is another row, and is read as it is. In mode `changes` a
row is not brought again, so a released one is added once, unless its record was landed since.
"""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from sales_support_kpi.entities import Entity
from sales_support_kpi.landing import state
from sales_support_kpi.landing.decisions import Decision
from sales_support_kpi.landing.manifests import Manifest
from sales_support_kpi.landing.typed import hash_sql, staging_query
from sales_support_kpi.sources.tables import ReadRules, SourceColumn, Table, literal, quoted

if TYPE_CHECKING:
    import duckdb


def write_corrected(rows: Sequence[tuple[Decision, int]], entity: Entity, file: Path) -> Table:
    """The rows of decisions, each with its number, as a table of text, typed like any input."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    names = [column.name for column in entity]
    cells = [json.loads(one.content) for one, _ in rows]
    columns = {name: pa.array([row.get(name) for row in cells], pa.string()) for name in names}
    columns["_row"] = pa.array([row for _, row in rows], pa.int64())
    columns["_kept_seq"] = pa.array([one.load_seq for one, _ in rows], pa.int64())
    pq.write_table(pa.table(columns), file)
    return Table(
        entity=entity,
        relation=f"read_parquet({literal(file)})",
        columns={name: SourceColumn(name, quoted(name)) for name in names},
        file=file.name,
        fingerprint="",
        row="_row",
    )


def is_waiting(decisions: Sequence[Decision], earlier: Sequence[Manifest]) -> bool:
    """Whether a decision has not been carried out by any load yet."""
    done = {decision for load in earlier for decision in load.released}
    return any(one.decision_id not in done for one in decisions)


def no_rows(entity: Entity) -> Table:
    """An input of an entity that holds nothing: released rows may be all there is to land."""
    names = [column.name for column in entity]
    nulls = ", ".join(f"null::varchar as {quoted(name)}" for name in names)
    return Table(
        entity=entity,
        relation=f"(select {nulls}, null::bigint as _row limit 0)",
        columns={name: SourceColumn(name, quoted(name)) for name in names},
        file="released",
        fingerprint="",
        row="_row",
        has_header=False,
    )


def lay_over(
    connection: "duckdb.DuckDBPyConnection",
    entity: Entity,
    rules: ReadRules,
    decisions: Sequence[Decision],
    earlier: Sequence[Manifest],
    mode: str,
    folder: Path,
) -> tuple[str, ...]:
    """Replace in `staged` and `malformed` what was decided on; returns the decisions carried out.

    `connection` holds `staged`, `malformed` and, of earlier loads, `slots`.
    """
    if not decisions:
        return ()
    connection.execute(
        "create or replace temp table decided (subject varchar, decision_id varchar)"
    )
    connection.executemany(
        "insert into decided values (?, ?)", [[one.subject, one.decision_id] for one in decisions]
    )
    found = _found(connection, entity)
    done = {decision for load in earlier for decision in load.released}
    added = [
        one
        for one in decisions
        if mode == "changes" and one.decision_id not in found and one.decision_id not in done
    ]
    replaced = [one for one in decisions if one.decision_id in found]
    if not replaced and not added:
        return ()
    # a row that the input does not hold has no number in it
    rows = [(one, found[one.decision_id]) for one in replaced]
    rows += [(one, -number) for number, one in enumerate(added, 1)]
    table = write_corrected(rows, entity, folder / "released.parquet")
    _stage(connection, table, rules, entity)
    return tuple(sorted(one.decision_id for one in [*replaced, *added]))


def _found(connection: "duckdb.DuckDBPyConnection", entity: Entity) -> dict[str, int]:
    """Decisions whose row the input holds, with its number; fills `replaced_rows`."""
    record = ", ".join(f"{literal(c.name)}, {quoted(c.name)}::varchar" for c in entity)
    tied = f"md5(cast(json_object({record}) as varchar))" if entity.is_versioned else "null"
    connection.execute(
        "create or replace temp table replaced_rows as "
        "select given._row, decided.decision_id, false as is_line from ("
        f"select _row, case when _raw is not null then md5(_raw) else {tied} end as subject "
        "from staged) as given join decided using (subject) union all "
        "select malformed._row, decided.decision_id, true from malformed "
        "join decided on md5(malformed.raw) = decided.subject"
    )
    found = connection.execute(
        "select decision_id, min(_row) from replaced_rows group by decision_id"
    ).fetchall()
    return {str(decision): int(row) for decision, row in found}


def _stage(
    connection: "duckdb.DuckDBPyConnection", table: Table, rules: ReadRules, entity: Entity
) -> None:
    names = ", ".join(quoted(column.name) for column in entity)
    connection.execute(
        f"create or replace temp table released as select *, {hash_sql(table, rules)} as _row_hash "
        f"from ({staging_query(table, rules)})"
    )
    same = " and ".join(f"late.{name} = slots.{name}" for name in map(quoted, entity.key))
    # what the source has said of the same record since then stands
    connection.execute(
        "delete from released where _row < 0 and _row in (select late._row from ("
        f"select released.*, {state.start_sql(entity)} as start, kept._kept_seq from released "
        f"join (select _row, _kept_seq from {table.relation}) as kept using (_row)) as late "
        f"join slots on {same} and late.start is not distinct from slots.start "
        "where slots.sequence > late._kept_seq)"
    )
    connection.execute(
        "create or replace temp view staged as select * from staged_input where _row not in "
        "(select _row from replaced_rows where not is_line) union all by name "
        f"select {names}, _code, _column, _value, _raw, _row, _row_hash from released"
    )
    connection.execute(
        "delete from malformed where _row in (select _row from replaced_rows where is_line)"
    )
