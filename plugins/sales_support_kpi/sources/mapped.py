"""Foreign files through SQL: the files become `raw`, one select per entity makes its rows.

path (file, folder, pattern) → raw (every column as text, `_row`, `_file`) → mapping → `Table`.
"""

import hashlib
import re
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sales_support_kpi.aliases import is_korean
from sales_support_kpi.entities import ENTITIES
from sales_support_kpi.sources.delimited import malformed_lines, read_csv_sql, rewrite
from sales_support_kpi.sources.files import WORKBOOKS, files_of, kind_of
from sales_support_kpi.sources.headers import read_header
from sales_support_kpi.sources.tables import (
    Drop,
    ReadRules,
    SelectFailed,
    SourceColumn,
    Table,
    fingerprint_of,
    literal,
    quoted,
)
from sales_support_kpi.sources.text_format import find_format, is_valid
from sales_support_kpi.sources.texts import input_error

if TYPE_CHECKING:
    import duckdb

    from sales_support_kpi.config import Source


_NUMBER = "-?(0|[1-9][0-9]*)([.][0-9]+)?"
_TIME = "[0-9]{4}-[0-9]{2}-[0-9]{2}.*"
_ALL = re.compile(r"\*\s*(?!\))|columns\s*\(", re.IGNORECASE)  # count(*) reads none


def open_mapped(
    path: Path, source: "Source", rules: ReadRules, spool: Path, leave: Container[Path] = ()
) -> Drop:
    """One table per mapping of the source; `raw` is read when the first one is landed.

    Args:
        path: file, folder or pattern.
        source: has the mappings.
        rules: how to read text.
        spool: an existing folder for what has to be written aside.
        leave: files that are not to be read now.

    Raises:
        InputError: there are no files, or a file cannot be read.
    """
    files = [file for file in files_of(path) if kind_of(file) and file not in leave]
    if not files:
        raise input_error("not_found", "en", path=path)
    selects = [one.text for one in source.entities.values() if one.text is not None]
    raw = _Raw(files, rules, spool, source.read.sheet, selects)
    prints = hashlib.sha256("".join(fingerprint_of(file) for file in files).encode()).hexdigest()
    tables = []
    for name, mapping in source.entities.items():
        if mapping.text is None:
            continue
        where = str(mapping.sql or f"the mapping of {name}")
        fingerprint = hashlib.sha256(f"{prints}{mapping.text}".encode()).hexdigest()
        shell = Table(
            entity=ENTITIES[name], relation="", columns={}, file=_file_name(files),
            fingerprint=fingerprint,
        )  # fmt: skip
        tables.append(replace(shell, prepare=_preparation(shell, raw, mapping.text, where)))
    return Drop(tuple(tables))


def _file_name(files: Sequence[Path]) -> str:
    return files[0].name if len(files) == 1 else f"{files[0].name} … ({len(files)} files)"


class _Preparation:
    """Runs one mapping when its table is needed."""

    def __init__(self, shell: Table, raw: "_Raw", sql: str, where: str) -> None:
        self.shell, self.raw, self.sql, self.where = shell, raw, sql, where

    def __call__(self) -> Table:
        target = self.raw.spool / f"{self.shell.entity.name}.parquet"
        select = self.sql.strip().rstrip(";")
        import duckdb

        with self.raw.connect() as connection:
            try:
                connection.execute(f"copy ({select}\n) to {literal(target)} (format parquet)")
                described = connection.execute(
                    f"describe select * from read_parquet({literal(target)})"
                ).fetchall()
            except duckdb.Error as error:
                evidence = self.raw.spool / f"{self.shell.entity.name}_raw.parquet"
                connection.execute(f"copy raw to {literal(evidence)} (format parquet)")
                raise SelectFailed(self._explained(error), self.raw.shape, evidence) from error
        types = {str(row[0]): str(row[1]) for row in described}
        names = [name for name in types if name not in ("_row", "_file")]
        header = read_header(self.shell.entity, names, self.raw.rules.aliases, self.where)

        def column(position: int) -> SourceColumn:
            return SourceColumn(names[position], quoted(names[position]), types[names[position]])

        return replace(
            self.shell,
            relation=f"read_parquet({literal(target)}, file_row_number = true)",
            columns={name: column(at) for name, at in header.columns.items()},
            extras={name: column(at) for name, at in header.extras.items()},
            row="_row::bigint" if "_row" in types else "file_row_number + 1",
            prepare=None,
            malformed=malformed_lines(self.raw.take_malformed()),
            raw=self.raw.shape,
        )

    def _explained(self, error: "duckdb.Error") -> str:
        lines = " ".join(str(error).split("\n\nLINE", 1)[0].split())
        columns = ", ".join(self.raw.columns) or "-"
        return f"{self.where}: the select cannot be run: {lines}. `raw` has the columns: {columns}"


def _preparation(shell: Table, raw: "_Raw", sql: str, where: str) -> _Preparation:
    return _Preparation(shell, raw, sql, where)


@dataclass(frozen=True, slots=True)
class _Part:
    relation: str
    columns: tuple[str, ...]
    row: str
    file: str


class _Raw:
    """The files as one view; opened once."""

    def __init__(
        self,
        files: Sequence[Path],
        rules: ReadRules,
        spool: Path,
        sheet: str | None,
        selects: Sequence[str],
    ) -> None:
        self.selects = "\n".join(selects)
        self.shape: Mapping[str, Any] = {}
        self.files, self.rules, self.spool, self.sheet = files, rules, spool, sheet
        self.malformed: list[Path] = []
        self.columns: tuple[str, ...] = ()
        self._sql: str | None = None

    def connect(self) -> "duckdb.DuckDBPyConnection":
        """An engine that holds `raw`."""
        from sales_support_kpi.landing.load import connect

        connection = connect(self.rules.timezone, self.spool / "spill")
        if self._sql is None:
            parts = [self._part(at, file) for at, file in enumerate(self.files)]
            self.columns = tuple(dict.fromkeys(name for part in parts for name in part.columns))
            self._sql = " union all by name ".join(self._select(part) for part in parts)
        connection.execute(f"create or replace temp view raw as {self._sql}")
        if not self.shape:
            self.shape = self._shape_of(connection)
        return connection

    def _shape_of(self, connection: "duckdb.DuckDBPyConnection") -> Mapping[str, Any]:
        """What `raw` holds: its rows, all its columns, and of those that a select reads the values.

        Shapes are compared as long as the selects are the same ones.
        """
        read = [name for name in self.columns if self._is_read(name)]
        counts = "".join(
            f", count({name}), count(*) filter (regexp_full_match({name}, '{_NUMBER}')), "
            f"count(*) filter (regexp_full_match({name}, '{_TIME}'))"
            for name in map(quoted, read)
        )
        rows, *found = connection.execute(f"select count(*){counts} from raw").fetchone() or (0,)
        seen = dict(zip(read, zip(found[::3], found[1::3], found[2::3], strict=True), strict=True))
        return {
            "rows": rows,
            "filled": {name: filled for name, (filled, _, _) in seen.items()},
            "kinds": {name: _kinds(*counted) for name, counted in seen.items()},
            "others": sorted(self.columns),
            "has_names": all(kind_of(file) != ".jsonl" for file in self.files),
            "selects": hashlib.sha256(self.selects.encode()).hexdigest()[:16],
        }

    def _is_read(self, column: str) -> bool:
        word = rf"(?<!\w){re.escape(column)}(?!\w)"
        return bool(_ALL.search(self.selects) or re.search(word, self.selects, re.IGNORECASE))

    def take_malformed(self) -> list[Path]:
        """Lines of `raw` that are no rows: kept back once, with the first entity."""
        taken, self.malformed = self.malformed, []
        return taken

    def _select(self, part: _Part) -> str:
        tokens = ", ".join(literal(token) for token in self.rules.nulls if token) or "''"
        cells = [
            f"case when c{at} in ('', {tokens}) then null else c{at} end as {quoted(name)}"
            for at, name in enumerate(part.columns)
        ]
        return (
            f"select {', '.join(cells)}, {part.row} as _row, {literal(part.file)} as _file "
            f"from {part.relation}"
        )

    def _part(self, at: int, file: Path) -> _Part:
        language = "ko" if is_korean(file.name) else "en"
        kind = kind_of(file)
        if kind in WORKBOOKS:
            from sales_support_kpi.sources.workbook import spool_sheet

            names, target = spool_sheet(file, self.sheet, self.spool / f"raw{at}.parquet")
            return _Part(f"read_parquet({literal(target)})", names, "_row", file.name)
        if kind in (".csv", ".tsv"):
            return self._text_part(at, file, language)
        return self._typed_part(file, str(kind))

    def _text_part(self, at: int, file: Path, language: str) -> _Part:
        form = find_format(file, self.rules.encoding, self.rules.delimiter, None, language)
        names = unique_names(form.header)
        if form.is_utf8 and form.is_regular and is_valid(file, form.encoding):
            relation = read_csv_sql(file, form, names)
            numbered = f"(select *, row_number() over () + 1 as _row from {relation})"
            if self._reads(numbered):
                return _Part(numbered, names, "_row", file.name)
        rows, bad = rewrite(form, [], self.spool, f"raw{at}", language)
        if bad.stat().st_size:
            self.malformed.append(bad)
        plain = replace(form, delimiter=",")
        relation = read_csv_sql(rows, plain, names, first="'_row': 'BIGINT', ")
        return _Part(relation, names, "_row", file.name)

    def _reads(self, relation: str) -> bool:
        """Whether the fast reader takes the whole file."""
        import duckdb

        with duckdb.connect() as connection:
            try:
                connection.execute(f"select count(*) from {relation}").fetchall()
            except duckdb.Error:
                return False
        return True

    def _typed_part(self, file: Path, kind: str) -> _Part:
        import duckdb

        reader = (
            f"read_parquet({literal(file)})"
            if kind == ".parquet"
            else f"read_json({literal(file)}, format = 'newline_delimited', sample_size = -1)"
        )
        with duckdb.connect() as connection:
            try:
                described = connection.execute(f"describe select * from {reader}").fetchall()
            except duckdb.Error as error:
                why = str(error).splitlines()[0]
                raise input_error("corrupt", "en", file=file.name, why=why) from error
        names = tuple(str(row[0]) for row in described)
        cells = ", ".join(
            f"cast({quoted(name)} as varchar) as c{at}" for at, name in enumerate(names)
        )
        relation = f"(select {cells}, row_number() over () as _row from {reader})"
        return _Part(relation, names, "_row", file.name)


def _kinds(filled: int, numbers: int, times: int) -> str:
    """What the texts of a column look like: `007` is no number, it would lose its zeros."""
    texts = filled - numbers - times
    found = {"number": numbers, "text": texts, "time": times}
    return "+".join(name for name, count in found.items() if count)


def unique_names(header: Sequence[str]) -> tuple[str, ...]:
    """Column names for SQL: trimmed, none empty, none twice."""
    names: list[str] = []
    for at, raw in enumerate(header, 1):
        name = raw.strip() or f"column_{at}"
        wanted, number = name, 2
        while name.casefold() in {one.casefold() for one in names}:
            name, number = f"{wanted}_{number}", number + 1
        names.append(name)
    return tuple(names)
