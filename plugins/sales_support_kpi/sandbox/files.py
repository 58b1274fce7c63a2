"""File drops: where the rows of each entity go, written in chunks as they are made.

Everything is written so that equal rows give equal bytes.
"""

import gzip
import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from enum import StrEnum
from pathlib import Path
from typing import IO, Protocol

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.parquet as pq

from sales_support_kpi.sandbox.worktime import ZONE_OFFSET


class Format(StrEnum):
    """How an entity is written."""

    CSV = "csv"
    CSV_GZ = "csv.gz"
    CSV_LOCAL = "csv, local time"
    CSV_BOM = "csv with a byte order mark"
    JSONL = "jsonl"
    PARQUET = "parquet"
    XLSX = "xlsx"


class Sink(Protocol):
    """Takes the chunks of one entity."""

    def write(self, entity: str, table: pa.Table) -> None:
        """Add a chunk."""

    def close(self) -> None:
        """Finish the file."""


class ParquetSink:
    """One Parquet file, one row group or more per chunk."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._writer: pq.ParquetWriter | None = None

    def write(self, entity: str, table: pa.Table) -> None:
        """Add a chunk."""
        if self._writer is None:
            self._writer = pq.ParquetWriter(self._path, table.schema)
        self._writer.write_table(table.combine_chunks())

    def close(self) -> None:
        """Finish the file."""
        if self._writer is not None:
            self._writer.close()


class CsvSink:
    """One CSV file in UTF-8: instants with `Z`, or without an offset in the company's zone."""

    def __init__(self, path: Path, form: Format) -> None:
        self._is_local = form is Format.CSV_LOCAL
        self._file: IO[bytes] = path.open("wb")
        self._stream: IO[bytes] = self._file
        if form is Format.CSV_GZ:
            self._stream = gzip.GzipFile("", "wb", fileobj=self._file, mtime=0)  # type: ignore[assignment]
        if form is Format.CSV_BOM:
            self._stream.write(b"\xef\xbb\xbf")
        self._writer: pyarrow.csv.CSVWriter | None = None

    def write(self, entity: str, table: pa.Table) -> None:
        """Add a chunk."""
        table = _local(table) if self._is_local else table
        if self._writer is None:
            self._writer = pyarrow.csv.CSVWriter(self._stream, table.schema)
        self._writer.write_table(table)

    def close(self) -> None:
        """Finish the file."""
        if self._writer is not None:
            self._writer.close()
        if self._stream is not self._file:
            self._stream.close()
        self._file.close()


class JsonSink:
    """One JSON object a line; what is empty is left out."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("w", encoding="utf-8", newline="\n")

    def write(self, entity: str, table: pa.Table) -> None:
        """Add a chunk."""
        for row in table.to_pylist():
            filled = {key: value for key, value in row.items() if value is not None}
            self._file.write(json.dumps(filled, ensure_ascii=False, default=_iso) + "\n")

    def close(self) -> None:
        """Finish the file."""
        self._file.close()


def _iso(value: object) -> str:
    if isinstance(value, datetime):
        return value.isoformat().replace("+00:00", "Z")
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"cannot write {value!r}")


def _local(table: pa.Table) -> pa.Table:
    """Instants as the wall clock showed them, without an offset."""
    for place, column in enumerate(table.schema):
        if pa.types.is_timestamp(column.type):
            seconds = pc.add(table.column(place).cast(pa.int64()), ZONE_OFFSET)
            table = table.set_column(place, column.name, seconds.cast(pa.timestamp("s")))
    return table


class Drop:
    """All files of a drop: entities are written to the sink that was opened for them."""

    def __init__(self) -> None:
        self._sinks: dict[str, Sink] = {}

    def add(self, entity: str, sink: Sink) -> None:
        """Send an entity's rows to a sink."""
        self._sinks[entity] = sink

    def add_workbook(self, path: Path, entity: str) -> None:
        """Send an entity's rows to a sheet of a workbook."""
        from sales_support_kpi.sandbox.workbook import WorkbookSink

        known = [s for s in self._sinks.values() if isinstance(s, WorkbookSink) and s.path == path]
        self._sinks[entity] = known[0] if known else WorkbookSink(path)

    @property
    def unreadable(self) -> Iterator[str]:
        """Entities whose file holds a row that is not in the tables and that nobody can read."""
        for sink in dict.fromkeys(self._sinks.values()):
            yield from getattr(sink, "unreadable", ())

    def write(self, entity: str, table: pa.Table) -> None:
        """Write a chunk of an entity."""
        self._sinks[entity].write(entity, table)

    @contextmanager
    def open(self) -> Iterator["Drop"]:
        """Finish every file in the end."""
        try:
            yield self
        finally:
            for sink in dict.fromkeys(self._sinks.values()):
                sink.close()


def sink_for(path: Path, form: Format) -> Sink:
    """The sink of a single file."""
    if form is Format.PARQUET:
        return ParquetSink(path)
    if form is Format.JSONL:
        return JsonSink(path)
    return CsvSink(path, form)
