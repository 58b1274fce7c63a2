"""Resources into entities: each select runs over the spooled files and becomes one `Table`.

spool (one view per resource, every column text) + option tables → select → `Table`.
"""

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sales_support_kpi.entities import ENTITIES
from sales_support_kpi.errors import InputError
from sales_support_kpi.sources.extract.driving import driving
from sales_support_kpi.sources.extract.resources import Record, Resource
from sales_support_kpi.sources.extract.spool import Spool
from sales_support_kpi.sources.headers import read_header
from sales_support_kpi.sources.tables import (
    ReadRules,
    SourceColumn,
    Table,
    fingerprint_of,
    literal,
    quoted,
)

if TYPE_CHECKING:
    import duckdb


_HELD = """
create macro held(olds, field, now) as
case when map_contains(olds, field) then olds[field] else now end
"""
"""What a field held at a time, of a map of what fields held then; else what it holds now."""


def selects_in(folder: Path) -> dict[str, str]:
    """The selects of a folder: entity (the file's name) → SQL."""
    return {file.stem: file.read_text(encoding="utf-8") for file in sorted(folder.glob("*.sql"))}


def mentions(select: str, name: str) -> bool:
    """Whether a select reads a resource or a view of that name."""
    return re.search(rf"\b{re.escape(name)}\b", select) is not None


def reads(
    select: str, views: Mapping[str, str], resources: Sequence[Resource]
) -> tuple[Resource, ...]:
    """The endpoints, objects or tables that a select reads, by itself or through views."""
    for name, view in reversed(list(views.items())):
        select += view if mentions(select, name) else ""
    return tuple(one for one in resources if mentions(select, one.name))


@dataclass(frozen=True)
class Mapped:
    """The records of one pull and the selects over them.

    Attributes:
        places: entity → how messages name its select (a file, or the kind's own).
        views: what several selects build on, each after those it needs.
        tables: option tables, name → rows.
        until: the night is over: rows that begin at or after it are left out.
        is_again: what is landed already stays as it is.
    """

    source: str
    spool: Spool
    resources: Sequence[Resource]
    selects: Mapping[str, str]
    places: Mapping[str, str]
    views: Mapping[str, str]
    tables: Mapping[str, Sequence[Record]]
    rules: ReadRules
    until: datetime | None = None
    is_again: bool = False

    @cached_property
    def mapping_hash(self) -> str:
        """Changes when the same records would become other rows."""
        shape = [(one.name, dict(one.places), one.key) for one in self.resources]
        texts = {**self.views, **self.selects}
        said = [shape, texts, {k: list(v) for k, v in self.tables.items()}]
        text = json.dumps(said, default=str, sort_keys=True, ensure_ascii=False)
        return hashlib.sha256(text.encode()).hexdigest()[:16]

    def table(self, entity: str) -> Table:
        """The table of one entity; its select runs when it is landed."""
        said = [self._content, self.mapping_hash, entity]
        said += [str(self.until), str(self.is_again)] if self.until else []
        digest = hashlib.sha256("".join(said).encode())
        shell = Table(
            entity=ENTITIES[entity],
            relation="",
            columns={},
            file=self._read_from(entity),
            sheet=entity,
            fingerprint=digest.hexdigest(),
            until=self.until,
            is_again=self.is_again,
        )
        return replace(shell, prepare=lambda: self._select(shell))

    def try_out(self, entity: str) -> Sequence[str]:
        """The entity's columns that its select gives; it is run.

        Raises:
            InputError: it cannot be run, or lacks a column.
        """
        prepare = self.table(entity).prepare
        return tuple(prepare().columns) if prepare else ()

    def _read_from(self, entity: str) -> str:
        names = [one.name for one in self.resources]
        found = driving(self.selects[entity], self.views, names)
        if not found:  # as near as its words tell
            found = tuple(o.name for o in reads(self.selects[entity], self.views, self.resources))
        return ", ".join(found) or self.source

    @cached_property
    def _content(self) -> str:
        prints = [fingerprint_of(self.spool.file(one.name)) for one in self.resources]
        return hashlib.sha256("".join(prints).encode()).hexdigest()

    def _select(self, shell: Table) -> Table:
        import duckdb

        from sales_support_kpi.landing.load import connect

        entity = shell.entity.name
        target = self.spool.folder / f"_{entity}.parquet"
        select = self.selects[entity].strip().rstrip(";")
        with connect(self.rules.timezone, self.spool.folder / "spill") as connection:
            self._create_views(connection)
            try:
                connection.execute(f"copy ({select}\n) to {literal(target)} (format parquet)")
                described = connection.execute(
                    f"describe select * from read_parquet({literal(target)})"
                ).fetchall()
            except duckdb.Error as error:
                raise InputError(self._explained(entity, error)) from None
        types = {str(row[0]): str(row[1]) for row in described}
        names = [name for name in types if name != "_row"]
        header = read_header(shell.entity, names, self.rules.aliases, self.places[entity])

        def column(position: int) -> SourceColumn:
            return SourceColumn(names[position], quoted(names[position]), types[names[position]])

        return replace(
            shell,
            relation=f"read_parquet({literal(target)}, file_row_number = true)",
            columns={name: column(at) for name, at in header.columns.items()},
            extras={name: column(at) for name, at in header.extras.items()},
            row="_row::bigint" if "_row" in types else "file_row_number + 1",
            prepare=None,
        )

    def _create_views(self, connection: "duckdb.DuckDBPyConnection") -> None:
        for one in self.resources:
            connection.execute(f"create view {quoted(one.name)} as {self._view(one)}")
        for name, rows in self.tables.items():
            _create_table(connection, name, rows)
        connection.execute(_HELD)
        for name, select in self.views.items():
            connection.execute(f"create view {quoted(name)} as {select}")
        connection.execute(f"set variable timezone = {literal(self.rules.timezone)}")

    def _view(self, resource: Resource) -> str:
        names = ", ".join(quoted(name) for name in resource.places)
        file = literal(self.spool.file(resource.name))
        rows = f"read_parquet({file}, file_row_number = true)"
        if not resource.key:
            return f"select {names} from {rows}"
        key = ", ".join(quoted(name) for name in resource.key)
        return (
            f"select {names} from {rows} where file_row_number in "
            f"(select {_newest(resource)} from {rows} group by {key})"
        )

    def handed(self) -> dict[str, dict[str, int]]:
        """Resource → records spooled, different ones by their key, and those the selects are given.

        What a select then makes of them is its own affair; up to it, nothing may get lost.
        """
        from sales_support_kpi.landing.load import connect

        found = {}
        with connect(self.rules.timezone, self.spool.folder / "spill") as connection:
            for one in self.resources:
                key = ", ".join(quoted(name) for name in one.key)
                counted = connection.execute(
                    f"select count(*), {f'count(distinct row({key}))' if key else 'count(*)'}, "
                    f"(select count(*) from ({self._view(one)})) "
                    f"from read_parquet({literal(self.spool.file(one.name))})"
                ).fetchone()
                names = ("spooled", "different", "handed")
                found[one.name] = dict(zip(names, counted or (0, 0, 0), strict=True))
        return found

    def _explained(self, entity: str, error: "duckdb.Error") -> str:
        lines = " ".join(str(error).split("\n\nLINE", 1)[0].split())
        there = "; ".join(f"{one.name} ({', '.join(one.places)})" for one in self.resources)
        return f"{self.places[entity]}: the select cannot be run: {lines}. There are: {there}"


def _newest(resource: Resource) -> str:
    """Of several rows the one to keep: an older state may come behind a newer one."""
    if resource.cursor is None:
        return "max(file_row_number)"
    cursor = quoted(resource.cursor)
    seconds = f"coalesce(try_cast({cursor} as double), epoch(try_cast({cursor} as timestamptz)))"
    return f"arg_max(file_row_number, [coalesce({seconds}, -1), file_row_number])"


def _create_table(
    connection: "duckdb.DuckDBPyConnection", name: str, rows: Sequence[Record]
) -> None:
    """A small table of text columns; the first row names the columns, so one of nulls will do."""
    names = list(rows[0]) if rows else ["value"]
    columns = ", ".join(f"{quoted(column)} varchar" for column in names)
    connection.execute(f"create table {quoted(name)} ({columns})")
    marks = ", ".join("?" for _ in names)
    values = [[_cell(row.get(column)) for column in names] for row in rows]
    kept = [row for row in values if any(cell is not None for cell in row)]
    if kept:
        connection.executemany(f"insert into {quoted(name)} values ({marks})", kept)


def _cell(value: Any) -> str | None:  # noqa: ANN401 - any setting
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return str(value).lower()
    return str(value)
