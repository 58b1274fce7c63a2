"""Workbooks: one sheet per entity, values by calamine, spooled to Parquet as text.

.xlsx → per sheet: header, then batches of rows → `<entity>.parquet` → `Table`. Numbers in text
columns come out as the spreadsheet shows them (`007`), dates also from bare serial numbers.
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime, timedelta
from itertools import chain, islice, repeat
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sales_support_kpi.aliases import is_korean
from sales_support_kpi.entities import ENTITIES, ColumnType, Entity
from sales_support_kpi.sources.headers import Header, read_header
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
    padded_tokens,
    undamaged,
)

if TYPE_CHECKING:
    from python_calamine import CalamineWorkbook

_BATCH = 20_000
_LAST_SERIAL = 2_958_466  # 10000-01-01
_MILLISECOND = timedelta(milliseconds=1)

Row = Sequence[Any]
Cell = Callable[[Any], str]
Notes = Sequence[str | None]


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
    for sheet in package.sheets:
        entity = rules.aliases.entity(sheet)
        if entity is None:
            unknown.append(sheet)
        elif entity.name in found:
            raise input_error(
                "twice", language, path=path.name, entity=entity.name,
                first=found[entity.name], second=sheet,
            )  # fmt: skip
        else:
            found[entity.name] = sheet
    for sheet in unknown:
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
    notes = tuple(f"{path.name}: sheet {sheet!r} skipped, it is no entity" for sheet in unknown)
    return Drop(tuple(tables), notes)


class _Book:
    """The workbook, opened once when the first sheet is needed."""

    def __init__(self, package: Package) -> None:
        self.package = package
        self._book: CalamineWorkbook | None = None

    def rows(self, sheet: str) -> tuple[Iterator[tuple[int, Row]], bool]:
        """Row numbers as shown with the values from column A on; whether notes are needed."""
        file = self.package.path.name
        language = "ko" if is_korean(sheet) else "en"
        has_errors = self.package.look_through(sheet, language)
        try:
            if self._book is None:
                from python_calamine import CalamineWorkbook

                self._book = CalamineWorkbook.from_path(self.package.path)
            opened = self._book.get_sheet_by_name(sheet)
            start = opened.start
        except BaseException as error:
            if not _is_calamines(error):
                raise
            raise input_error("corrupt", language, file=file, why=error) from error
        rows = iter(()) if start is None else enumerate(opened.iter_rows(), 1)
        return rows, has_errors or bool(self.package.patterns)


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
    rows, needs_notes = book.rows(sheet)
    first = next(((at, row) for at, row in rows if any(str(v).strip() for v in row)), None)
    if first is None:
        language = "ko" if is_korean(sheet) else "en"
        raise input_error("empty_sheet", language, where=place(file, sheet, language))
    names = [_as_text(value) for value in first[1]]
    header = read_header(entity, names, rules.aliases, file, sheet)
    target = spool / f"{entity.name}.parquet"
    notes = book.package.notes(sheet, first[0] + 1) if needs_notes else None
    _spool(rows, notes, _converters(entity, header, book.package.epoch), target)

    def column(position: int) -> SourceColumn:
        return SourceColumn(names[position].strip(), f"c{position}")

    return Table(
        entity=entity,
        relation=f"read_parquet({literal(target)})",
        columns={name: column(at) for name, at in header.columns.items()},
        extras={name: column(at) for name, at in header.extras.items()},
        file=file,
        sheet=sheet,
        fingerprint=fingerprint,
        language=header.language,
        row="_row",
    )


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

    rows, needs_notes = _Book(package).rows(chosen)
    first = next(((at, row) for at, row in rows if any(str(v).strip() for v in row)), None)
    if first is None:
        raise input_error("empty_sheet", language, where=place(package.path.name, chosen, language))
    names = unique_names([_as_text(value) for value in first[1]])
    notes = package.notes(chosen, first[0] + 1) if needs_notes else None
    _spool(rows, notes, dict.fromkeys(range(len(names)), _as_text), target)
    return names, target


def nothing_recognised_sheet(
    path: Path, sheet: str | None, sheets: Sequence[str], language: str
) -> Exception:
    """The error for a workbook without the sheet that the source names."""
    have = ", ".join(sheets) or "-"
    return input_error("no_sheet", language, file=path.name, sheet=sheet or "-", have=have)


def _converters(entity: Entity, header: Header, epoch: datetime) -> dict[int, Cell]:
    """Position → how its cells become text."""
    converters: dict[int, Cell] = dict.fromkeys(header.extras.values(), _as_text)
    for name, position in header.columns.items():
        is_time = entity.column(name).type in (ColumnType.DATE, ColumnType.INSTANT)
        converters[position] = _time_reader(epoch) if is_time else _as_text
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
                        _noted(text, value, one[position : position + 1], convert is _as_text)
                        for text, value, one in zip(texts, cells, batch_notes, strict=True)
                    ]
                arrays.append(pa.array(texts, pa.string()))
            writer.write_table(pa.Table.from_arrays(arrays, schema=schema))


def batched_rows(rows: Iterator[tuple[int, Row]]) -> Iterator[Sequence[tuple[int, Row]]]:
    """Rows in batches, so that memory holds only one as Python objects."""
    while batch := list(islice(rows, _BATCH)):
        yield batch


def _as_text(value: Any) -> str:  # noqa: ANN401 - a cell's value
    """What the cell says, without what only the file format adds."""
    if type(value) is str:
        return value
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float | int):
        return str(int(value)) if value == int(value) and abs(value) < 1e18 else repr(value)
    if isinstance(value, datetime):
        return _rounded(value).isoformat()
    if isinstance(value, date):
        return value.isoformat()
    return str(value)


def _rounded(value: datetime) -> datetime:
    """Without the noise that a time has as a fraction of a day."""
    rest = timedelta(microseconds=value.microsecond % 1000)
    down = value - rest
    return down + _MILLISECOND if rest >= _MILLISECOND / 2 else down


def _time_reader(epoch: datetime) -> Cell:
    def convert(value: Any) -> str:  # noqa: ANN401 - a cell's value
        is_number = isinstance(value, float | int) and not isinstance(value, bool)
        if is_number and 1 <= value < _LAST_SERIAL:
            return _rounded(epoch + timedelta(days=value)).isoformat()
        return _as_text(value)

    return convert


def _noted(text: str, value: Any, found: Notes, is_text: bool) -> str:  # noqa: ANN401 - a cell
    """The cell with what its value alone does not say."""
    note = found[0] if found else None
    if note is None:
        return text
    if note.startswith("#"):
        return note
    is_number = isinstance(value, float | int) and not isinstance(value, bool)
    return shown_number(text, note[1:]) if is_text and is_number and text.isdigit() else text


def shown_number(digits: str, pattern: str) -> str:
    """`7` by `000` is `007`; digits the pattern has no room for stand before its first one."""
    tokens = padded_tokens(pattern) or []
    places = [at for at, token in enumerate(tokens) if token in ("0", "#")]
    surplus = digits[: max(0, len(digits) - len(places))]
    padded = digits[len(surplus) :].rjust(len(places))
    shown = list(tokens)
    for at, digit in zip(places, padded, strict=True):
        shown[at] = digit if digit != " " else "0" if tokens[at] == "0" else ""
    return "".join([*shown[: places[0]], surplus, *shown[places[0] :]])
