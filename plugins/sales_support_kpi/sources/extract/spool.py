"""Records into Parquet files, one per resource: declared columns only, all of them text.

pages → Arrow batches → `<spool>/<resource>.parquet`. Memory is that of one batch, however much is
read. Numbers keep their digits, lists and objects become JSON text.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any

import orjson
import pyarrow as pa
import pyarrow.parquet as pq

from sales_support_kpi.sources.extract.instants import newest, parse_instant
from sales_support_kpi.sources.extract.resources import Record, Resource

BATCH_ROWS = 20_000
_MOST_OTHERS = 500
_NOTHING = type(None)
Getter = Callable[[Record], Any]


class Spool:
    """The files of one pull."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.written: dict[str, Written] = {}

    def file(self, resource: str) -> Path:
        """Where a resource's records are."""
        return self.folder / f"{resource}.parquet"

    def values(self, resource: str, column: str) -> Iterator[str]:
        """The different values of a column, in the order they came.

        Those that were given are kept in memory, some hundred bytes each. Who asks takes a few
        (the people of a team), stops early, or sends a request for each: a million would take days.
        """
        seen: set[str] = set()
        with pq.ParquetFile(self.file(resource)) as file:
            for batch in file.iter_batches(batch_size=BATCH_ROWS, columns=[column]):
                for value in batch.column(0).to_pylist():
                    if value is not None and value not in seen:
                        seen.add(value)
                        yield value


@dataclass(slots=True)
class Written:
    """What is known of a resource's file.

    Attributes:
        filled: column → how many rows had a value there; a declared column without any may have
            been taken away from the account that reads.
        kinds: column that was there → the kinds of its values, as the system types them.
        others: fields nobody asked for, by name alone.
    """

    rows: int = 0
    left_out: int = 0
    newest: datetime | None = None
    filled: dict[str, int] = field(default_factory=dict)
    kinds: dict[str, set[str]] = field(default_factory=dict)
    others: set[str] = field(default_factory=set)

    @property
    def shape(self) -> dict[str, Any]:
        """What a bookmark says of it, to be compared with the readings of later nights."""
        return {
            "rows": self.rows,
            "filled": self.filled,
            "kinds": {name: "+".join(sorted(kinds)) for name, kinds in self.kinds.items()},
            "others": sorted(self.others),
        }


class Writer:
    """Writes one resource's file."""

    def __init__(self, spool: Spool, resource: Resource, until: datetime | None = None) -> None:
        self.resource, self.until = resource, until
        self.names = tuple(resource.places)
        self.getters = tuple(getter(place) for place in resource.places.values())
        places = resource.places.values()
        self._tops = {place: place.split(".", 1)[0] for place in places}
        self._declared = {*places, *self._tops.values()}
        self.schema = pa.schema([(name, pa.string()) for name in self.names])
        self.written = Written(filled=dict.fromkeys(self.names, 0))
        spool.written[resource.name] = self.written
        self._waiting: list[list[str | None]] = [[] for _ in self.names]
        self._file = pq.ParquetWriter(
            spool.file(resource.name), self.schema, compression="lz4", use_dictionary=False,
            write_statistics=False,
        )  # fmt: skip

    def __enter__(self) -> "Writer":
        return self

    def __exit__(self, *_: object) -> None:
        self._flush()
        self._file.close()

    def write(self, rows: "Sequence[Record] | pa.RecordBatch") -> None:
        """Add a page."""
        if isinstance(rows, pa.RecordBatch):
            self._flush()
            self._note_typed(rows)
            self._put(_as_text(rows, self.names))
            return
        self._note_fields(rows)
        for name, get, column in zip(self.names, self.getters, self._waiting, strict=True):
            values = [get(row) for row in rows]
            if name in self.written.kinds:
                self.written.kinds[name].update(map(kind_of, {*map(type, values)} - {_NOTHING}))
            column.extend([as_text(value) for value in values])
        if self._waiting and len(self._waiting[0]) >= BATCH_ROWS:
            self._flush()

    def _note_fields(self, rows: Sequence[Record]) -> None:
        """Which fields were there at all, asked for or not."""
        there = {name for row in rows for name in row}
        for name, place in self.resource.places.items():
            if place in there or self._tops[place] in there:
                self.written.kinds.setdefault(name, set())
        if len(self.written.others) < _MOST_OTHERS:  # else its names are data
            self.written.others |= there - self._declared

    def _note_typed(self, batch: pa.RecordBatch) -> None:
        """Batches are text already: they say which columns there are, not of which kind."""
        for name in self.names:
            if batch.schema.get_field_index(name) >= 0:
                self.written.kinds.setdefault(name, set())

    def _flush(self) -> None:
        if not self._waiting or not self._waiting[0]:
            return
        arrays = [pa.array(column, pa.string()) for column in self._waiting]
        self._waiting = [[] for _ in self.names]
        self._put(pa.record_batch(arrays, schema=self.schema))

    def _put(self, batch: pa.RecordBatch) -> None:
        if self.resource.cursor:
            batch = self._judged(batch, self.resource.cursor)
        self.written.rows += batch.num_rows
        for name, column in zip(self.names, batch.columns, strict=True):
            self.written.filled[name] += batch.num_rows - column.null_count
        if batch.num_rows:
            self._file.write_batch(batch)

    def _judged(self, batch: pa.RecordBatch, cursor: str) -> pa.RecordBatch:
        """Note how far it reaches, and leave out what lies after the night."""
        values = batch.column(self.names.index(cursor)).to_pylist()
        if self.until is not None:
            instants = [parse_instant(value) for value in values]
            keep = [one is None or one < self.until for one in instants]
            self.written.left_out += keep.count(False)
            batch = batch.filter(pa.array(keep, pa.bool_()))
            values = [value for value, is_kept in zip(values, keep, strict=True) if is_kept]
        latest = newest(values)
        if latest is not None and (self.written.newest is None or latest > self.written.newest):
            self.written.newest = latest
        return batch


def kind_of(kind: type) -> str:
    """What values of a type are, whatever their width: text, number, bool or a part of JSON."""
    if issubclass(kind, bool):
        return "bool"
    if issubclass(kind, Mapping):
        return "object"
    if issubclass(kind, list | tuple):
        return "list"
    return "number" if issubclass(kind, int | float) else "text"


def getter(place: str) -> Getter:
    """Reads a place in a record; what is not there is null. A key with dots itself goes first."""
    steps = place.split(".")
    if len(steps) == 1:
        return lambda record: record.get(place)

    def get(record: Record) -> Any:  # noqa: ANN401 - any JSON value
        if place in record:
            return record[place]
        value: Any = record
        for step in steps:
            if not isinstance(value, Mapping):
                return None
            value = value.get(step)
        return value

    return get


def as_text(value: Any) -> str | None:  # noqa: ANN401 - any JSON value
    """A JSON value as text: numbers with their digits, lists and objects as JSON."""
    if value is None or isinstance(value, str):
        return value
    if value is True:
        return "true"
    if value is False:
        return "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        return repr(value) if value == value and abs(value) != float("inf") else None
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, bytes | memoryview):
        return bytes(value).hex()
    if isinstance(value, Mapping | list | tuple):
        return orjson.dumps(value, default=str).decode()
    return str(value)


def _as_text(batch: pa.RecordBatch, names: Sequence[str]) -> pa.RecordBatch:
    arrays = []
    for name in names:
        at = batch.schema.get_field_index(name)
        if at < 0:
            arrays.append(pa.nulls(batch.num_rows, pa.string()))
            continue
        arrays.append(_text_column(batch.column(at)))
    return pa.record_batch(arrays, schema=pa.schema([(name, pa.string()) for name in names]))


def _text_column(column: pa.Array) -> pa.Array:
    kind = column.type
    if pa.types.is_string(kind):
        return column
    if pa.types.is_timestamp(kind) or pa.types.is_nested(kind) or pa.types.is_binary(kind):
        return pa.array([as_text(value) for value in column.to_pylist()], pa.string())
    return column.cast(pa.string())
