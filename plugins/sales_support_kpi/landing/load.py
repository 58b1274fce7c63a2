"""One entity of one input into landing: stage, judge, write aside.

`Table` → staged Parquet (typed, with reasons) → slots against earlier loads → part-*.parquet,
rows.parquet of the quarantine, manifest. Nothing here is visible to a reader yet.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb

from sales_support_kpi.entities import Entity
from sales_support_kpi.landing import state
from sales_support_kpi.landing.decisions import Decision
from sales_support_kpi.landing.manifests import Manifest
from sales_support_kpi.landing.profiles import load_profile
from sales_support_kpi.landing.quarantine import ROWS, content_query, quarantine_query
from sales_support_kpi.landing.released import lay_over
from sales_support_kpi.landing.store import Aside
from sales_support_kpi.landing.typed import extra_names, hash_sql, staging_query
from sales_support_kpi.night import Night
from sales_support_kpi.sources.tables import ReadRules, SelectFailed, Table, literal, quoted
from sales_support_kpi.sources.texts import input_error

MEMORY_LIMIT = "1GB"
# Large dictionaries are built, found useless and thrown away, and filters nobody asks are
# written: that costs more than all the rest.
_LEAN = "format parquet, dictionary_size_limit 2000, write_bloom_filter false"
STAGED_FORMAT = f"{_LEAN}, compression lz4"
FORMAT = f"{_LEAN}, compression zstd, compression_level 1"


@dataclass(frozen=True, slots=True)
class Context:
    """What all loads of one landing share while they are staged."""

    source: str
    night: Night
    landed_at: datetime
    rules: ReadRules
    aside: Aside
    engine: duckdb.DuckDBPyConnection


@dataclass(frozen=True, slots=True)
class Staged:
    """A load that is written aside and waits for its judgement.

    Attributes:
        failure: why there are no rows: what the files held may tell.
    """

    manifest: Manifest
    profile: Mapping[str, Any]
    rows: Path
    quarantine: Path | None
    language: str
    failure: SelectFailed | None = None

    @property
    def has_news(self) -> bool:
        """Whether landing it would change anything."""
        return bool(self.manifest.rows_landed or self.manifest.tombstones)


def connect(timezone: str, spill: Path) -> duckdb.DuckDBPyConnection:
    """A private engine whose memory does not grow with the input."""
    connection = duckdb.connect(config={"memory_limit": MEMORY_LIMIT, "temp_directory": str(spill)})
    connection.execute(f"set global timezone = {literal(timezone)}")
    # else each list of words becomes a join, which looks at every row instead of the odd ones
    connection.execute("set disabled_optimizers = 'in_clause'")
    return connection


def stage(
    table: Table,
    mode: str,
    sequence: int,
    earlier: Sequence[Manifest],
    context: Context,
    decisions: Sequence[Decision] = (),
) -> Staged:
    """Write one entity's load aside; `decisions` are about rows of it that were kept back.

    Raises:
        InputError: the input turned out to be damaged while it was read.
    """
    if table.prepare is not None:
        try:
            table = replace(table.prepare(), fingerprint=table.fingerprint)
        except SelectFailed as error:
            return _without_rows(table, mode, sequence, context, error)
    folder = context.aside.folder(table.entity.name)
    with context.engine.cursor() as connection:
        table = _write_staged(connection, table, context.rules, folder / "staged.parquet")
        work = _Load(connection, table, mode, sequence, earlier, context, folder, decisions)
        return work.finish()


def _without_rows(
    table: Table, mode: str, sequence: int, context: Context, error: SelectFailed
) -> Staged:
    """A load whose rows could not be made: what they were to be made of is its evidence."""
    rows = context.aside.folder(table.entity.name) / "rows"
    rows.mkdir()
    error.evidence.rename(rows / "part-00000.parquet")
    manifest = Manifest(
        source=context.source,
        entity=table.entity.name,
        load_seq=sequence,
        night=context.night.date,
        effective_at=context.night.as_of,
        landed_at=context.landed_at,
        mode=mode,
        schema_hash=table.entity.schema_hash,
        fingerprint=table.fingerprint,
        raw=error.raw,
    )
    nothing: dict[str, Any] = {
        "source": context.source, "entity": table.entity.name, "file": table.file, "mode": mode,
        "rows_read": 0, "has_header": False, "columns": {}, "filled": {}, "extra_columns": (),
        "newest_instant_us": None,
    }  # fmt: skip
    return Staged(manifest, nothing, rows, None, table.language, failure=error)


def _write_staged(
    connection: duckdb.DuckDBPyConnection, table: Table, rules: ReadRules, file: Path
) -> Table:
    """Type every row into a Parquet file, in the order of the input."""

    def copy(one: Table) -> None:
        connection.execute(
            f"copy ({staging_query(one, rules)}) to {literal(file)} ({STAGED_FORMAT})"
        )

    try:
        try:
            copy(table)
        except duckdb.InvalidInputException as error:
            if table.reread is None:
                raise
            table = table.reread(error)
            copy(table)
    except duckdb.Error as error:
        why = str(error).splitlines()[0]
        raise input_error("corrupt", table.language, file=table.file, why=why) from error
    row = "_row" if table.row else f"file_row_number + {table.first_row} as _row"
    hidden = ", ".join(["file_row_number", *(["_row"] if table.row else [])])
    connection.execute(
        f"create or replace temp view staged_input as select * exclude ({hidden}), {row}, "
        f"{hash_sql(table, rules)} as _row_hash "
        f"from read_parquet({literal(file)}, file_row_number = true) "
        f"where _code is distinct from 'blank'{_is_in_time(table)}"
    )
    connection.execute("create or replace temp view staged as from staged_input")
    return table


def _is_in_time(table: Table) -> str:
    """The condition that leaves out what came after a night that is over."""
    if table.until is None:
        return ""
    until = f"timestamptz {literal(table.until.isoformat())}"
    return f" and coalesce({state.start_sql(table.entity)} < {until}, true)"


@dataclass(frozen=True, slots=True)
class _Load:
    connection: duckdb.DuckDBPyConnection
    table: Table
    mode: str
    sequence: int
    earlier: Sequence[Manifest]
    context: Context
    folder: Path
    decisions: Sequence[Decision]

    @property
    def entity(self) -> Entity:
        return self.table.entity

    def finish(self) -> Staged:
        files = [file for manifest in self.earlier for file in manifest.files]
        self._create_malformed()
        state.create_state(self.connection, self.entity, files)
        released = lay_over(
            self.connection, self.entity, self.context.rules, self.decisions, self.earlier,
            self.mode, self.folder,
        )  # fmt: skip
        state.create_losers(self.connection, self.entity)
        if files:
            state.create_verdicts(self.connection, self.entity, is_again=self.table.is_again)
        if files and self.mode == "full":
            keys = ", ".join(
                f"keys[{at}] as {quoted(name)}" for at, name in enumerate(self.entity.key, 1)
            )
            lost = f"(select {keys} from malformed)"
            state.create_tombstones(self.connection, self.entity, lost)
        else:
            state.create_no_tombstones(self.connection, self.entity)
        profile = load_profile(
            self.connection, self.table, self.mode, self.context.source, has_state=bool(files)
        )
        rows = self._write_rows(has_state=bool(files))
        quarantine, quarantine_hash = self._write_quarantine(profile["rows_quarantined"])
        return Staged(
            manifest=replace(self._manifest(profile, quarantine_hash), released=released),
            profile=profile,
            rows=rows,
            quarantine=quarantine,
            language=self.table.language,
        )

    def _create_malformed(self) -> None:
        source = self.table.malformed.relation if self.table.malformed else None
        empty = (
            "select null::bigint as _row, null::varchar as code, null::varchar as raw, "
            "null::varchar[] as keys limit 0"
        )
        query = f"select _row, code, raw, keys from {source}" if source else empty
        self.connection.execute(f"create or replace temp table malformed as {query}")

    def _write_rows(self, *, has_state: bool) -> Path:
        folder = self.folder / "rows"
        folder.mkdir()
        extras = [quoted(name) for name in extra_names(self.table, self.context.rules)]
        columns = [quoted(column.name) for column in self.entity]
        chosen = (
            "_row in (select _row from landing_rows)"
            if has_state
            else "_row not in (select _row from losers)"
        )
        if not has_state and self._row("select count(*) from losers")[0] == 0:
            chosen = "true"
        deleted = [
            quoted(c.name) if c.is_key else f"null::{c.type.sql} as {quoted(c.name)}"
            for c in self.entity
        ] + [f"null::varchar as {name}" for name in extras]
        upserts = (
            f"select {', '.join([*columns, *extras])}, "
            f"{self._beside('_row', '_row_hash', 'upsert')} from staged "
            f"where _code is null and {chosen}"
        )
        tombstones = (
            f"select {', '.join(deleted)}, "
            f"{self._beside('null::bigint', 'null::varchar', 'delete')} from tombstones"
        )
        has_tombstones = self._row("select count(*) from tombstones")[0] > 0
        query = f"{upserts} union all by name {tombstones}" if has_tombstones else upserts
        self.connection.execute(
            f"copy ({query}) to {literal(folder / 'part-00000.parquet')} ({FORMAT})"
        )
        return folder

    def _beside(self, row: str, row_hash: str, operation: str) -> str:
        sheet = literal(self.table.sheet) if self.table.sheet is not None else "null"
        return (
            f"{self.sequence}::bigint as _load_seq, {literal(self.context.source)} as _source, "
            f"{literal(self.table.file)} as _file, {sheet}::varchar as _sheet, {row} as _row, "
            f"{row_hash} as _row_hash, "
            f"timestamptz {literal(self.context.landed_at.isoformat())} as _landed_at, "
            f"{literal(operation)} as _op, "
            f"timestamptz {literal(self.context.night.as_of.isoformat())} as _effective_at"
        )

    def _write_quarantine(self, count: int) -> tuple[Path | None, str]:
        if not count:
            return None, ""
        folder = self.folder / "quarantine"
        folder.mkdir()
        file = folder / ROWS
        context = self.context
        query = quarantine_query(self.table, context.source, context.night.date, self.sequence)
        self.connection.execute(
            f"copy ({query}) to {literal(file)} (format parquet, compression zstd)"
        )
        return folder, str(self._row(content_query(file))[0])

    def _manifest(self, profile: Mapping[str, Any], quarantine_hash: str) -> Manifest:
        rules = self.context.rules
        extras = extra_names(self.table, rules) if rules.keep_extra else tuple(self.table.extras)
        return Manifest(
            source=self.context.source,
            entity=self.entity.name,
            load_seq=self.sequence,
            night=self.context.night.date,
            effective_at=self.context.night.as_of,
            landed_at=self.context.landed_at,
            mode=self.mode,
            schema_hash=self.entity.schema_hash,
            fingerprint=self.table.fingerprint,
            extra_columns=extras,
            quarantine_hash=quarantine_hash,
            newest_at=_instant(profile["newest_instant_us"]),
            landed_sum=self._landed_sum(),
            raw=self.table.raw,
            **{
                name: profile[name]
                for name in (
                    "rows_read", "rows_landed", "rows_quarantined", "rows_unchanged",
                    "rows_superseded", "tombstones", "silent_changes", "columns", "filled",
                    "causes",
                )
            },
        )  # fmt: skip

    def _landed_sum(self) -> float | None:
        """The sum that the landed rows have to come to wherever they are read."""
        if self.entity.sum_column is None:
            return None
        part = literal(self.folder / "rows" / "part-00000.parquet")
        total = self._row(f"select sum({quoted(self.entity.sum_column)}) from read_parquet({part})")
        return float(total[0] or 0)

    def _row(self, query: str) -> tuple[Any, ...]:
        row = self.connection.execute(query).fetchone()
        return tuple(row) if row else ()


def _instant(microseconds: int | None) -> datetime | None:
    if microseconds is None:
        return None
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=microseconds)
