"""Read one published night: `published/current` → its manifest and its DuckDB files, read-only.

`current` is resolved once, so that all of a reader's queries see the same night, also when another
one is published meanwhile.
"""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sales_support_kpi.errors import SalesSupportKpiError, UsageError
from sales_support_kpi.night import night_of
from sales_support_kpi.settings import Home
from sales_support_kpi.warehouse.published import (
    COMPANY_FILE,
    MANIFEST,
    PEOPLE_FILE,
    current_dir,
)

if TYPE_CHECKING:
    import duckdb

_SHIPPED_TIMEZONE = "Asia/Seoul"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class PublishedNight:
    """One night's files."""

    directory: Path
    publish_id: str
    night: date
    as_of: datetime
    timezone: str

    @contextmanager
    def open(self, *, people: bool) -> Iterator["Reader"]:
        """Open the file without (or with) what is about single persons."""
        import duckdb

        path = self.directory / (PEOPLE_FILE if people else COMPANY_FILE)
        try:
            connection = duckdb.connect(str(path), read_only=True)
        except (duckdb.Error, PermissionError) as error:
            raise SalesSupportKpiError(f"{path} cannot be read: {_first_line(error)}") from error
        try:
            yield Reader(connection)
        finally:
            connection.close()


class Reader:
    """Queries that answer with dictionaries."""

    def __init__(self, connection: "duckdb.DuckDBPyConnection") -> None:
        self._connection = connection
        connection.execute("set TimeZone = 'UTC'")

    def select(self, sql: str, parameters: Sequence[object] = ()) -> list[dict[str, Any]]:
        """All rows of a query."""
        return list(self.stream(sql, parameters))

    def stream(
        self, sql: str, parameters: Sequence[object] = (), *, chunk: int = 10_000
    ) -> Iterator[dict[str, Any]]:
        """The rows of a query, a chunk at a time; instants are aware and in UTC."""
        result = self._connection.execute(sql, list(parameters))
        names = [column[0] for column in result.description or ()]
        while batch := result.fetchmany(chunk):
            for record in batch:
                yield dict(zip(names, record, strict=True))

    def columns(self, table: str) -> frozenset[str]:
        """Names of a table's columns; none when there is no such table."""
        found = self.select(
            "select column_name from information_schema.columns"
            " where table_schema = 'main' and table_name = ?",
            [table],
        )
        return frozenset(row["column_name"] for row in found)

    def table(self, name: str) -> list[dict[str, Any]]:
        """All of a small table; nothing when this night has no such table."""
        return self.select(f'select * from "{name}"') if self.columns(name) else []


def current_night(home: Home) -> PublishedNight:
    """The night that is published now.

    Raises:
        UsageError: nothing was published in this home yet.
    """
    directory = current_dir(home)
    if directory is None:
        raise UsageError(
            f"nothing has been published in {home.root} yet; "
            "run `kpi run` first, or name another home with --home"
        )
    manifest = _manifest(directory)
    timezone = str(manifest.get("timezone") or _SHIPPED_TIMEZONE)
    as_of = _instant(manifest["as_of"])
    return PublishedNight(
        directory=directory,
        publish_id=str(manifest.get("publish_id") or directory.name),
        night=night_of(as_of, timezone).date,
        as_of=as_of,
        timezone=timezone,
    )


def suggestion(wrong: str, known: Sequence[str], *, most: int = 8) -> str:
    """What the person may have meant; else the beginning of what there is."""
    folded = {name.casefold(): name for name in known}
    close = get_close_matches(wrong.casefold(), list(folded), n=3, cutoff=0.5)
    if close:
        return "did you mean " + " or ".join(folded[name] for name in close) + "?"
    if not known:
        return "there is none"
    rest = f" … ({len(known)} in all)" if len(known) > most else ""
    return "there is: " + ", ".join(known[:most]) + rest


def from_micros(micros: int | None) -> datetime | None:
    """An instant from microseconds since 1970."""
    return None if micros is None else _EPOCH + timedelta(microseconds=micros)


def _manifest(directory: Path) -> dict[str, Any]:
    path = directory / MANIFEST
    try:
        manifest = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise SalesSupportKpiError(
            f"{path} cannot be read ({_first_line(error)}); publish the night again with `kpi run`"
        ) from error
    if not isinstance(manifest, dict) or "as_of" not in manifest:
        raise SalesSupportKpiError(f"{path} does not say its as_of; publish the night again")
    return manifest


def _instant(text: str) -> datetime:
    instant = datetime.fromisoformat(text)
    return instant.replace(tzinfo=UTC) if instant.tzinfo is None else instant.astimezone(UTC)


def _first_line(error: Exception) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0]
