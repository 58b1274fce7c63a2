"""Parquet and JSON-lines files as tables."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from sales_support_kpi.aliases import is_korean
from sales_support_kpi.entities import Entity
from sales_support_kpi.sources.headers import Header, read_header
from sales_support_kpi.sources.tables import (
    Malformed,
    ReadRules,
    SourceColumn,
    Table,
    fingerprint_of,
    literal,
    quoted,
)
from sales_support_kpi.sources.texts import input_error


def open_parquet(path: Path, entity: Entity, rules: ReadRules, spool: Path) -> Table:
    """A Parquet file; its types are honoured.

    Raises:
        InputError: it is damaged, or its columns are not the entity's.
    """
    import duckdb

    language = "ko" if is_korean(path.name) else "en"
    relation = f"read_parquet({literal(path)}, file_row_number = true)"
    with duckdb.connect() as connection:
        try:
            described = connection.execute(
                f"describe select * from read_parquet({literal(path)})"
            ).fetchall()
        except duckdb.Error as error:
            why = str(error).splitlines()[0]
            raise input_error("corrupt", language, file=path.name, why=why) from error
    names = [str(row[0]) for row in described]
    header = read_header(entity, names, rules.aliases, path.name)

    def column(position: int) -> SourceColumn:
        return SourceColumn(names[position], quoted(names[position]), str(described[position][1]))

    return _table(path, entity, header, relation, column_of=column, row="file_row_number + 1")


def open_json_lines(path: Path, entity: Entity, rules: ReadRules, spool: Path) -> Table:
    """A file of one JSON object a line; lines that are none are kept back.

    Raises:
        InputError: it is damaged, or its fields are not the entity's.
    """
    import duckdb

    language = "ko" if is_korean(path.name) else "en"
    lines = (
        f"read_csv({literal(path)}, auto_detect = false, header = false, delim = '\x01', "
        "quote = '', escape = '', columns = {'line': 'VARCHAR'}, max_line_size = 10000000)"
    )
    numbered = f"(select line, row_number() over () as _row from {lines})"
    is_object = "case when json_valid(line) then json_type(line) = 'OBJECT' else false end"
    with duckdb.connect() as connection:
        try:
            found = connection.execute(
                f"select distinct unnest(json_keys(case when {is_object} then line else '{{}}' "
                f"end)) from {lines} order by all"
            ).fetchall()
        except duckdb.Error as error:
            why = str(error).splitlines()[0]
            raise input_error("corrupt", language, file=path.name, why=why) from error
    names = [str(row[0]) for row in found]
    header = read_header(entity, names, rules.aliases, path.name)

    def column(position: int) -> SourceColumn:
        pointer = "/" + names[position].replace("~", "~0").replace("/", "~1")
        return SourceColumn(names[position], f"json_extract_string(line, {literal(pointer)})")

    bad = f"(select _row, 'bad_json' as code, line as raw, []::varchar[] as keys from {numbered} "
    bad += f"where trim(line) <> '' and not ({is_object}))"
    relation = f"(select * from {numbered} where {is_object})"
    table = _table(path, entity, header, relation, column_of=column, row="_row")
    return replace(table, malformed=Malformed(bad), has_header=False)


def _table(
    path: Path,
    entity: Entity,
    header: Header,
    relation: str,
    *,
    column_of: Callable[[int], SourceColumn],
    row: str,
) -> Table:
    return Table(
        entity=entity,
        relation=relation,
        columns={name: column_of(at) for name, at in header.columns.items()},
        extras={name: column_of(at) for name, at in header.extras.items()},
        file=path.name,
        fingerprint=fingerprint_of(path),
        language=header.language,
        row=row,
    )
