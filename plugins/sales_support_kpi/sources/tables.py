"""What a source is opened as: one `Table` per entity, ready to be typed by SQL."""

import hashlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from sales_support_kpi.aliases import Aliases
from sales_support_kpi.entities import Entity
from sales_support_kpi.errors import InputError


def quoted(name: str) -> str:
    """A name as an SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: object) -> str:
    """A text as an SQL literal."""
    return "'" + str(text).replace("'", "''") + "'"


@dataclass(frozen=True, slots=True)
class ReadRules:
    """How text is to be read: a source's read options with the company's zone filled in."""

    timezone: str
    encoding: str = "auto"
    delimiter: str = "auto"
    nulls: tuple[str, ...] = ("",)
    date_format: str | None = None
    sheet: str | None = None
    keep_extra: bool = False
    aliases: Aliases = field(default_factory=Aliases)

    @property
    def digest_parts(self) -> tuple[object, ...]:
        """Everything that changes what is read from the same bytes."""
        return (
            self.timezone, self.encoding, self.delimiter, self.nulls, self.date_format,
            self.sheet, self.keep_extra, self.aliases.digest_parts,
        )  # fmt: skip


_NUMBERS = (
    "TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "UTINYINT", "USMALLINT", "UINTEGER",
    "UBIGINT", "UHUGEINT", "FLOAT", "DOUBLE", "DECIMAL",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class SourceColumn:
    """One column of the input: its header, the SQL that reads it and the type that gives."""

    header: str
    sql: str
    sql_type: str = "VARCHAR"

    @property
    def kind(self) -> str:
        """What its values are, whatever their width: text, number, bool or time."""
        if self.sql_type.startswith(("DATE", "TIME")):
            return "time"
        if self.sql_type == "BOOLEAN":
            return "bool"
        return "number" if self.sql_type.startswith(_NUMBERS) else "text"


@dataclass(frozen=True, slots=True)
class Malformed:
    """Lines that are no rows: a relation `_row, code, raw, keys` (`keys`: list of text)."""

    relation: str


@dataclass(frozen=True, slots=True)
class Table:
    """The rows of one entity in one input, not yet typed.

    Attributes:
        relation: what stands behind `from`; read once, streaming.
        columns: canonical name → where it is read from; missing ones are null.
        extras: header → where it is read from, for columns the entity does not know.
        row: SQL of the row's number as a spreadsheet shows it; None: `first_row` and up, in the
            order of the relation.
        malformed: lines that could not be taken apart.
        reread: another way to read the same input, to be taken when the fast one fails.
        prepare: reads what is not read yet; until then only entity, file, sheet and fingerprint
            are known.
        fingerprint: hash of the input's bytes.
        has_header: it names its columns also where they hold nothing (lines of JSON do not).
        until: rows that begin at or after it are left out: they came after the night.
        is_again: the night is over: what is landed already stays as it is.
        raw: what a select was given to make the rows of, as `Shape.of` reads it.
    """

    entity: Entity
    relation: str
    columns: Mapping[str, SourceColumn]
    file: str
    fingerprint: str
    sheet: str | None = None
    extras: Mapping[str, SourceColumn] = field(default_factory=dict)
    row: str | None = None
    first_row: int = 2
    language: str = "en"
    malformed: Malformed | None = None
    reread: "Callable[[Exception], Table] | None" = None
    prepare: "Callable[[], Table] | None" = None
    has_header: bool = True
    until: datetime | None = None
    is_again: bool = False
    raw: Mapping[str, Any] | None = None


class SelectFailed(InputError):
    """A select cannot be run over what it was given.

    Attributes:
        raw: what it was given.
        evidence: a Parquet file that holds it.
    """

    def __init__(self, message: str, raw: Mapping[str, Any], evidence: Path) -> None:
        super().__init__(message)
        self.raw, self.evidence = raw, evidence


@dataclass(frozen=True, slots=True)
class Drop:
    """An opened drop: its tables, and what was noticed and skipped.

    Attributes:
        bookmark: where the next reading of the system goes on, once all tables are in place.
        shortfall: why not everything could be read; empty when it was.
    """

    tables: tuple[Table, ...]
    notes: tuple[str, ...] = ()
    bookmark: Mapping[str, Any] | None = None
    shortfall: str = ""

    def __iter__(self) -> Iterator[Table]:
        return iter(self.tables)


def fingerprint_of(path: Path) -> str:
    """Hash of a file's bytes, read in a streaming way."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
