"""Find contact data in what is to be published: by a column's name, or by what stands in it."""

import re
from collections.abc import Sequence
from typing import Any

import duckdb

from sales_support_kpi.quality.frames import PUBLISHED_SCHEMAS, Row, rows_of

SAMPLE_ROWS = 200_000

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
_SEED = 20261031  # of the sample: a night that is judged again is judged alike


def privacy_frame(
    connection: duckdb.DuckDBPyConnection,
    schemas: Sequence[str] = PUBLISHED_SCHEMAS,
    *,
    sample_rows: int = SAMPLE_ROWS,
) -> list[Row]:
    """Per text column of the schemas, whether it is, or holds, contact data; no value is repeated.

    Every value is looked at, once however often it stands there. The one exception are keys: of an
    id that has more values than `sample_rows`, about so many rows are.
    """
    tables = rows_of(
        connection,
        "select table_schema as schema, table_name as name, "
        "list(column_name order by ordinal_position) as columns from information_schema.columns "
        "where table_catalog = current_database() and list_contains(?, table_schema) "
        "and regexp_matches(data_type, 'VARCHAR|JSON') group by all order by all",
        [list(schemas)],
    )
    return [
        _judged(connection, table["schema"], table["name"], column, sample_rows)
        for table in tables
        for column in table["columns"]
    ]


def _judged(
    connection: duckdb.DuckDBPyConnection, schema: str, table: str, column: str, sample_rows: int
) -> Row:
    values = _values(connection, f'"{schema}"."{table}"', column, sample_rows)
    (found,) = rows_of(
        connection,
        f"select count(*) filter (where {_email('text')}) as email, "
        f"count(*) filter (where {_phone('text')}) as phone "
        f"from (select value::varchar as text from ({values}))",
    )
    kinds = [f"{kind} ({count})" for kind, count in found.items() if count]
    if re.search(_CONTACT_NAME, column.lower()):
        kinds.append("its name")
    return {
        "subject": f"{schema}.{table}.{column}",
        "is_contact_data": int(bool(kinds)),
        "observed": ", ".join(kinds) or "nothing",
    }


def _values(
    connection: duckdb.DuckDBPyConnection, source: str, column: str, sample_rows: int
) -> str:
    """The values to look at: words are few however many the rows, keys grow with them."""
    if column.endswith("_id"):
        counted: Any = connection.execute(
            f'select count(*), approx_count_distinct("{column}") from {source}'
        ).fetchone()
        if counted[1] > sample_rows:
            share = f"{100 * sample_rows / counted[0]:.6f} percent (system, {_SEED})"
            return f'select "{column}" as value from {source} using sample {share}'
    return f'select distinct "{column}" as value from {source}'


def _email(column: str) -> str:
    return f"contains({column}, '@') and regexp_matches({column}, '{_EMAIL}')"


def _phone(column: str) -> str:
    patterns = "|".join(f"({pattern})" for pattern in _PHONES)
    return f"regexp_matches({column}, '{patterns}')"
