"""Find contact data in what is to be published: by a column's name, or by what stands in it."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

_CONTACT_NAME = (
    r"(^|_)(e_?mails?|phones?|telephones?|mobiles?|fax|postal_code|zip_code|street|address)(_|$)"
)
_EMAIL = r"[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+"
_START, _END = r"(^|[^0-9A-Za-z.-])", r"($|[^0-9A-Za-z-])"
_PHONES = (
    rf"{_START}(\+?82[- .]?|0)1[016789][- .]?[0-9]{{3,4}}[- .]?[0-9]{{4}}{_END}",  # KR mobile
    rf"{_START}0(2|[3-6][0-9]|70|80|50[0-9])[-) .] ?[0-9]{{3,4}}[- .][0-9]{{4}}{_END}",  # KR fixed
    rf"{_START}\+[1-9][0-9]{{0,2}}[- .(]?[0-9(][0-9 ().-]{{6,}}[0-9]{_END}",  # any other country
)


@dataclass(frozen=True, slots=True)
class ContactFinding:
    """A column that holds, or by its name would hold, a way to reach a person.

    Attributes:
        kind: `name`, `email` or `phone`.
        count: rows concerned (0 for a name); the values themselves are not repeated.
    """

    schema: str
    table: str
    column: str
    kind: str
    count: int


def contact_data(
    file: Path, schemas: Sequence[str] = ("main",), *, sample_rows: int | None = None
) -> list[ContactFinding]:
    """Scan all text columns of a DuckDB file.

    Args:
        file: a published file, or a build with the schemas that are published.
        schemas: where to look.
        sample_rows: look at about this many rows of larger tables; none for all of them.
    """
    with duckdb.connect(str(file), read_only=True) as connection:
        return [
            finding
            for schema, table, columns in text_columns(connection, schemas)
            for finding in scan_table(connection, schema, table, columns, sample_rows)
        ]


def text_columns(
    connection: duckdb.DuckDBPyConnection, schemas: Sequence[str]
) -> list[tuple[str, str, list[str]]]:
    """Per table of the schemas, its columns that can hold text."""
    found = connection.execute(
        "select table_schema, table_name, list(column_name order by ordinal_position) "
        "from information_schema.columns "
        "where table_catalog = current_database() and list_contains(?, table_schema) "
        "and regexp_matches(data_type, 'VARCHAR|JSON') group by all order by all",
        [list(schemas)],
    ).fetchall()
    return [(schema, table, list(columns)) for schema, table, columns in found]


def scan_table(
    connection: duckdb.DuckDBPyConnection,
    schema: str,
    table: str,
    columns: Sequence[str],
    sample_rows: int | None,
) -> list[ContactFinding]:
    """Scan the text columns of one table in one pass."""
    findings = [
        ContactFinding(schema, table, column, "name", 0)
        for column in columns
        if _matches(connection, column, _CONTACT_NAME)
    ]
    counts = ", ".join(
        f"count(*) filter (where {_email(column)}), count(*) filter (where {_phone(column)})"
        for column in columns
    )
    source = sampled(connection, schema, table, sample_rows)
    found = connection.execute(f"select {counts} from {source}").fetchone() or ()
    for position, column in enumerate(columns):
        for kind, count in (("email", found[2 * position]), ("phone", found[2 * position + 1])):
            if count:
                findings.append(ContactFinding(schema, table, column, kind, int(count)))
    return findings


def sampled(
    connection: duckdb.DuckDBPyConnection, schema: str, table: str, sample_rows: int | None
) -> str:
    """The table, or blocks of it: judging a night must not cost more with every year kept."""
    source = f'"{schema}"."{table}"'
    if sample_rows is None:
        return source
    counted: Any = connection.execute(
        "select estimated_size from duckdb_tables() where database_name = current_database() "
        "and schema_name = ? and table_name = ?",
        [schema, table],
    ).fetchone()
    if not counted or counted[0] <= sample_rows:
        return source
    return f"{source} using sample {100 * sample_rows / counted[0]:.6f} percent (system, 20261031)"


def _email(column: str) -> str:
    text = f'"{column}"::varchar'
    return f"contains({text}, '@') and regexp_matches({text}, '{_EMAIL}')"


def _phone(column: str) -> str:
    patterns = "|".join(f"({pattern})" for pattern in _PHONES)
    return f"regexp_matches(\"{column}\"::varchar, '{patterns}')"


def _matches(connection: duckdb.DuckDBPyConnection, text: str, pattern: str) -> bool:
    found: Any = connection.execute("select regexp_matches(lower(?), ?)", [text, pattern])
    return bool(found.fetchone()[0])
