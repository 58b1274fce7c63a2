"""CSV files: the fast way through DuckDB, and a careful one for files that are not regular.

file → (transcoded to UTF-8) → `read_csv` with every column as text → `Table`. What the fast reader
refuses is taken apart line by line: good rows go on, bad lines are kept with their number.
"""

import csv
import io
import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from sales_support_kpi.aliases import is_korean
from sales_support_kpi.entities import Entity
from sales_support_kpi.sources.headers import Header, read_header
from sales_support_kpi.sources.records import records
from sales_support_kpi.sources.tables import (
    Malformed,
    ReadRules,
    SourceColumn,
    Table,
    literal,
)
from sales_support_kpi.sources.text_format import (
    TextFormat,
    find_format,
    is_valid,
    open_bytes,
    undecodable,
)
from sales_support_kpi.sources.texts import input_error


def open_delimited(path: Path, entity: Entity, rules: ReadRules, spool: Path) -> Table:
    """One entity's CSV file as a table.

    Raises:
        InputError: it cannot be read at all, or its header is not the entity's.
    """
    known = rules.aliases.columns(entity)
    language = "ko" if is_korean(path.name) else "en"
    form = find_format(path, rules.encoding, rules.delimiter, known, language)
    header = read_header(entity, form.header, rules.aliases, path.name, row=form.header_row)

    def reread(error: Exception) -> Table:
        return _carefully(form, entity, header, rules, spool, error)

    if not (form.is_regular and form.is_utf8):
        return replace(
            _table(form, entity, header, ""), prepare=lambda: reread(ValueError("irregular"))
        )
    relation = read_csv_sql(path, form, form.header)
    return replace(_table(form, entity, header, relation), reread=reread)


def read_csv_sql(path: Path, form: TextFormat, names: Sequence[str], first: str = "") -> str:
    """`read_csv` with every column as text, named by position."""
    columns = {f"c{i}": "VARCHAR" for i in range(len(names))}
    listed = ", ".join(f"{literal(name)}: 'VARCHAR'" for name in columns)
    return (
        f"read_csv({literal(path)}, auto_detect = false, header = false, skip = 1, "
        f"delim = {literal(form.delimiter)}, quote = '\"', escape = '\"', "
        f"columns = {{{first}{listed}}})"
    )


def _table(form: TextFormat, entity: Entity, header: Header, relation: str) -> Table:
    def column(position: int) -> SourceColumn:
        return SourceColumn(form.header[position].strip(), f"c{position}")

    return Table(
        entity=entity,
        relation=relation,
        columns={name: column(at) for name, at in header.columns.items()},
        extras={name: column(at) for name, at in header.extras.items()},
        file=form.path.name,
        fingerprint=form.fingerprint,
        language=header.language,
    )


def _carefully(
    form: TextFormat,
    entity: Entity,
    header: Header,
    rules: ReadRules,
    spool: Path,
    error: Exception,
) -> Table:
    """Take the file apart line by line; memory does not grow with its size."""
    keys = [header.columns[name] for name in entity.key]
    form = _checked_encoding(form, rules, header.language)
    rows, bad = rewrite(form, keys, spool, entity.name, header.language)
    plain = replace(form, delimiter=",")
    relation = read_csv_sql(rows, plain, form.header, first="'_row': 'BIGINT', ")
    malformed = malformed_lines([bad] if bad.stat().st_size else [])
    table = _table(form, entity, header, relation)
    return replace(table, row="_row", malformed=malformed)


def _checked_encoding(form: TextFormat, rules: ReadRules, language: str) -> TextFormat:
    """The form with an encoding that holds for the whole file."""
    is_guess = rules.encoding == "auto" and form.encoding in ("utf-8", "cp949")
    tried = ("utf-8", "cp949") if is_guess else (form.encoding,)
    for name in tried:
        if is_valid(form.path, name):
            return replace(form, encoding=name)
    names = ", ".join(name.upper() for name in tried)
    raise undecodable(form.path, tried[0], language, names)


def rewrite(
    form: TextFormat, keys: Sequence[int], spool: Path, name: str, language: str
) -> tuple[Path, Path]:
    """Good rows with their numbers into a regular CSV, bad lines into a JSON-lines file."""
    rows, bad = spool / f"{name}.rows.csv", spool / f"{name}.bad.jsonl"
    width = len(form.header)
    try:
        with (
            open_bytes(form.path) as raw,
            rows.open("w", encoding="utf-8", newline="") as good_file,
            bad.open("w", encoding="utf-8") as bad_file,
        ):
            text = io.TextIOWrapper(raw, encoding=form.encoding, newline="")
            writer = csv.writer(good_file, lineterminator="\n")
            writer.writerow(["_row", *form.header])
            for number, fields, line in records(text, form.delimiter):
                if number <= form.header_row:
                    continue
                problem = "bad_quotes" if fields is None else _misfit(fields, width)
                if problem is None and fields is not None:
                    writer.writerow([number, *fields[:width]])
                    continue
                parts = [part.strip(' "\t\r\n') for part in line.split(form.delimiter)]
                record = {
                    "_row": number,
                    "code": problem,
                    "raw": line[:100_000],
                    "keys": [parts[at] if at < len(parts) else None for at in keys],
                }
                bad_file.write(json.dumps(record, ensure_ascii=False) + "\n")
    except (OSError, EOFError) as error:
        raise input_error("corrupt", language, file=form.path.name, why=error) from error
    return rows, bad


def malformed_lines(files: Sequence[Path]) -> Malformed | None:
    """What `rewrite` kept back, as a relation."""
    if not files:
        return None
    listed = ", ".join(literal(file) for file in files)
    return Malformed(
        f"read_json([{listed}], format = 'newline_delimited', columns = "
        "{'_row': 'BIGINT', 'code': 'VARCHAR', 'raw': 'VARCHAR', 'keys': 'VARCHAR[]'})"
    )


def _misfit(fields: Sequence[str], width: int) -> str | None:
    if len(fields) < width:
        return "too_few_columns"
    return "too_many_columns" if any(part.strip() for part in fields[width:]) else None
