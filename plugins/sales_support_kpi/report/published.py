"""Read one published night: `published/current` → its manifest and its DuckDB files, read-only.

`current` is resolved once, so that all of a reader's queries see the same night, also when another
one is published meanwhile.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sales_support_kpi.errors import SalesSupportKpiError, UsageError
from sales_support_kpi.settings import Home
from sales_support_kpi.warehouse.published import (
    COMPANY_FILE,
    MANIFEST,
    PEOPLE_FILE,
    NightManifest,
    current_dir,
    read_manifest,
)

if TYPE_CHECKING:
    import duckdb

Parameters = Sequence[object] | Mapping[str, object]
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

    def select(self, sql: str, parameters: Parameters = ()) -> list[dict[str, Any]]:
        """All rows of a query."""
        return list(self.stream(sql, parameters))

    def stream(
        self, sql: str, parameters: Parameters = (), *, chunk: int = 10_000
    ) -> Iterator[dict[str, Any]]:
        """The rows of a query, a chunk at a time; instants are aware and in UTC."""
        result = self._connection.execute(sql, parameters)
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
    return night_in(directory)


def night_in(directory: Path) -> PublishedNight:
    """The night whose files a folder holds, published or about to be."""
    manifest = _manifest(directory)
    return PublishedNight(
        directory=directory,
        publish_id=manifest.publish_id,
        night=manifest.night,
        as_of=manifest.as_of.astimezone(UTC),
        timezone=manifest.timezone,
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


def _manifest(directory: Path) -> NightManifest:
    try:
        manifest = read_manifest(directory)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise SalesSupportKpiError(
            f"{directory / MANIFEST} cannot be read ({_first_line(error)}); "
            "publish the night again with `kpi run`"
        ) from error
    if manifest is None:
        raise SalesSupportKpiError(
            f"{directory / MANIFEST} is missing; publish the night again with `kpi run`"
        )
    return manifest


def _first_line(error: Exception) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0]
