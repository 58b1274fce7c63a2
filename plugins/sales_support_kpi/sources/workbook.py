"""Workbooks: one sheet per entity, values by calamine, spooled to Parquet as text.

.xlsx → per sheet: header, then batches of rows → `<entity>.parquet` → `Table`. Numbers in text
columns come out as the spreadsheet shows them (`007`), dates also from bare serial numbers.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from itertools import chain, islice, repeat
from pathlib import Path
from typing import TYPE_CHECKING

from sales_support_kpi.aliases import is_korean
from sales_support_kpi.entities import ENTITIES, ColumnType, Entity
from sales_support_kpi.sources.cell_texts import Cell, Notes, as_text, noted, time_reader
from sales_support_kpi.sources.headers import Header, read_header
from sales_support_kpi.sources.sheet_rows import Row, Sheet
from sales_support_kpi.sources.tables import (
    Drop,
    ReadRules,
    SourceColumn,
    Table,
    fingerprint_of,
    literal,
)
from sales_support_kpi.sources.texts import input_error, place
from sales_support_kpi.sources.workbook_parts import (
    Package,
    open_package,
    undamaged,
)

if TYPE_CHECKING:
    from python_calamine import CalamineWorkbook

_BATCH = 20_000


def open_workbook(path: Path, rules: ReadRules, spool: Path) -> Drop:
    """The sheets that hold entities; each is read when it is landed.

    Raises:
        InputError: the file cannot be read, or no sheet is an entity.
    """
    from sales_support_kpi.sources.files import nothing_recognised, refuse_typo

    package = open_package(path)
    language = "ko" if any(is_korean(name) for name in (path.name, *package.sheets)) else "en"
    found: dict[str, str] = {}
    unknown: list[str] = []
    # a hidden sheet is data like any other, unless what is shown says the same thing
    for sheet in sorted(package.sheets, key=package.hidden.__contains__):
        entity = rules.aliases.entity(sheet)
        if entity is None or (entity.name in found and sheet in package.hidden):
            unknown.append(sheet)
        elif entity.name in found:
            raise input_error(
                "twice", language, path=path.name, entity=entity.name,
                first=found[entity.name], second=sheet,
            )  # fmt: skip
        else:
            found[entity.name] = sheet
    for sheet in unknown:
        if sheet not in package.hidden:
            refuse_typo(sheet, path.name, sheet, rules, set(found))
    if not found:
        with undamaged(path, language):
            is_empty = not any(package.has_cells(sheet) for sheet in package.sheets)
        if is_empty:
            raise input_error("empty_workbook", language, file=path.name)
        raise nothing_recognised(path, "sheet", ", ".join(package.sheets), language)
    fingerprint = fingerprint_of(path)
    book = _Book(package)
    tables = (
        _waiting(book, ENTITIES[name], sheet, rules, spool, fingerprint)
        for name, sheet in found.items()
    )
    return Drop(tuple(tables), _sheet_notes(package, found, unknown))


def has_entities(path: Path, rules: ReadRules) -> bool:
    """Whether any sheet is named after an entity.

    Raises:
        InputError: the file cannot be read.
    """
    return any(rules.aliases.entity(sheet) for sheet in open_package(path).sheets)


def _sheet_notes(
    package: Package, found: Mapping[str, str], unknown: Sequence[str]
) -> tuple[str, ...]:
    file = package.path.name
    notes = [
        f"{file}: the hidden sheet {sheet!r} is read too"
        for sheet in found.values()
        if sheet in package.hidden
    ]
    notes += [
        f"{file}: sheet {sheet!r} skipped, it is "
        + ("hidden" if sheet in package.hidden else "no entity")
        for sheet in unknown
    ]
    return tuple(notes)


class _Book:
    """The workbook, opened once when the first sheet is needed."""

    def __init__(self, package: Package) -> None:
        self.package = package
        self._book: CalamineWorkbook | None = None

    def sheet(self, sheet: str) -> Sheet:
        """Open one sheet."""
        file = self.package.path.name
        language = "ko" if is_korean(sheet) else "en"
        has_errors = self.package.look_through(sheet, language)
        try:
            if self._book is None:
                from python_calamine import CalamineWorkbook

                self._book = CalamineWorkbook.from_path(self.package.path)
            opened = self._book.get_sheet_by_name(sheet)
            start = opened.start
            merges = opened.merged_cell_ranges or ()
        except BaseException as error:
            if not _is_calamines(error):
                raise
            raise input_error("corrupt", language, file=file, why=error) from error
        rows = iter(()) if start is None else enumerate(opened.iter_rows(), 1)
        return Sheet(rows, merges, has_errors or bool(self.package.patterns))


def _is_calamines(error: BaseException) -> bool:
    """Whether the reader gave up; a panic of it is no ordinary exception."""
    return isinstance(error, Exception) or type(error).__name__ == "PanicException"


def _waiting(
    book: _Book, entity: Entity, sheet: str, rules: ReadRules, spool: Path, fingerprint: str
) -> Table:
    def prepare() -> Table:
        with undamaged(book.package.path, "ko" if is_korean(sheet) else "en"):
            return _read(book, entity, sheet, rules, spool, fingerprint)

    return Table(
        entity=entity, relation="", columns={}, file=book.package.path.name,
        fingerprint=fingerprint, sheet=sheet, prepare=prepare,
    )  # fmt: skip


def _read(
    book: _Book, entity: Entity, sheet: str, rules: ReadRules, spool: Path, fingerprint: str
) -> Table:
    file = book.package.path.name
    opened = book.sheet(sheet)
    parts = opened.split(rules.aliases.columns(entity))
    if parts is None:
        language = "ko" if is_korean(sheet) else "en"
        raise input_error("empty_sheet", language, where=place(file, sheet, language))
    found, last, rows = parts
    names = found.names
    header = read_header(entity, names, rules.aliases, file, sheet, last)
    target = spool / f"{entity.name}.parquet"
    notes = book.package.notes(sheet, last + 1) if opened.needs_notes else None
    _spool(rows, notes, _converters(entity, header, book.package.epoch), target)

    def column(position: int) -> SourceColumn:
        return SourceColumn(names[position].strip(), f"c{position}")

    return Table(
        entity=entity,
        relation=_answered(f"read_parquet({literal(target)})", entity, header),
        columns={name: column(at) for name, at in header.columns.items()},
        extras={name: column(at) for name, at in header.extras.items()},
        file=file,
        sheet=sheet,
        fingerprint=fingerprint,
        language=header.language,
        row="_row",
    )


def _answered(relation: str, entity: Entity, header: Header) -> str:
    """Without the records of an audit that nobody has judged yet; they stand there to be filled."""
    if entity.name != "record_audits":
        return relation
    asked = [
        f"c{position}"
        for name, position in header.columns.items()
        if name in ("is_accurate", "audited_at", "field", "note")
    ]
    said = " or ".join(f"trim({column}, ' \t\u00a0\u3000') <> ''" for column in asked)
    return f"(select * from {relation} where {said})"


def spool_sheet(path: Path, sheet: str | None, target: Path) -> tuple[tuple[str, ...], Path]:
    """One sheet (the first, if none is named) as text under its own headers.

    Raises:
        InputError: the workbook cannot be read, or has no such sheet.
    """
    package = open_package(path)
    language = "ko" if is_korean(path.name) else "en"
    if not package.sheets or (sheet is not None and sheet not in package.sheets):
        raise nothing_recognised_sheet(path, sheet, package.sheets, language)
    chosen = sheet or package.sheets[0]
    with undamaged(path, language):
        return _spool_raw(package, chosen, target, language)


def _spool_raw(
    package: Package, chosen: str, target: Path, language: str
) -> tuple[tuple[str, ...], Path]:
    from sales_support_kpi.sources.mapped import unique_names

    opened = _Book(package).sheet(chosen)
    parts = opened.split(None)
    if parts is None:
        raise input_error("empty_sheet", language, where=place(package.path.name, chosen, language))
    found, last, rows = parts
    names = unique_names(found.names)
    notes = package.notes(chosen, last + 1) if opened.needs_notes else None
    _spool(rows, notes, dict.fromkeys(range(len(names)), as_text), target)
    return names, target


def nothing_recognised_sheet(
    path: Path, sheet: str | None, sheets: Sequence[str], language: str
) -> Exception:
    """The error for a workbook without the sheet that the source names."""
    have = ", ".join(sheets) or "-"
    return input_error("no_sheet", language, file=path.name, sheet=sheet or "-", have=have)


def _converters(entity: Entity, header: Header, epoch: datetime) -> dict[int, Cell]:
    """Position → how its cells become text."""
    converters: dict[int, Cell] = dict.fromkeys(header.extras.values(), as_text)
    for name, position in header.columns.items():
        is_time = entity.column(name).type in (ColumnType.DATE, ColumnType.INSTANT)
        converters[position] = time_reader(epoch) if is_time else as_text
    return converters


def _spool(
    rows: Iterator[tuple[int, Row]],
    notes: Iterator[Notes] | None,
    converters: dict[int, Cell],
    target: Path,
) -> None:
    """Write the sheet's cells as text, batch by batch."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    positions = sorted(converters)
    schema = pa.schema(
        [("_row", pa.int64()), *((f"c{position}", pa.string()) for position in positions)]
    )
    beside = chain(notes, repeat(())) if notes is not None else None
    with pq.ParquetWriter(target, schema, compression="lz4") as writer:
        for batch in batched_rows(rows):
            numbers, values = zip(*batch, strict=True)
            columns = list(zip(*values, strict=True))
            batch_notes = [next(beside) for _ in numbers] if beside is not None else None
            arrays = [pa.array(numbers, pa.int64())]
            for position in positions:
                convert = converters[position]
                cells = columns[position]
                texts = [v if type(v) is str else convert(v) for v in cells]
                if batch_notes is not None:
                    texts = [
                        noted(text, value, one[position : position + 1], convert is as_text)
                        for text, value, one in zip(texts, cells, batch_notes, strict=True)
                    ]
                arrays.append(pa.array(texts, pa.string()))
            writer.write_table(pa.Table.from_arrays(arrays, schema=schema))


def batched_rows(rows: Iterator[tuple[int, Row]]) -> Iterator[Sequence[tuple[int, Row]]]:
    """Rows in batches, so that memory holds only one as Python objects."""
    while batch := list(islice(rows, _BATCH)):
        yield batch
