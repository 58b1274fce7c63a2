"""`kind: sql`: tables of any database SQLAlchemy knows, whole or since a cursor's last value.

connection → one reading transaction → rows by a cursor of the server → Arrow batches. How a night
is cut out and where reading goes on is said in the database's own terms: its clock is not ours.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal
from zoneinfo import ZoneInfo

import pyarrow as pa
import sqlalchemy as sa
from sqlalchemy.exc import NoSuchModuleError, OperationalError, SQLAlchemyError

from sales_support_kpi.sources.extract.credentials import Credentials, scrub
from sales_support_kpi.sources.extract.errors import SourceError
from sales_support_kpi.sources.extract.resources import (
    ConnectorBase,
    Earlier,
    Finding,
    Page,
    Resource,
    Setting,
    Start,
)
from sales_support_kpi.sources.extract.spool import as_text
from sales_support_kpi.sources.extract.sql_options import Options, SqlTable

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection, Engine
    from sqlalchemy.sql.elements import ColumnElement

BATCH_ROWS = 10_000
VALUE = "value"
_DRIVERS = {
    "postgres": "postgresql+psycopg2",
    "postgresql": "postgresql+psycopg2",
    "mysql": "mysql+pymysql",
    "mssql": "mssql+pyodbc",
    "oracle": "oracle+oracledb",
}
_HINTS = "correct table: or columns:, or grant the right to read it"


def connect(setting: Setting) -> "Database":
    """Open the database."""
    return Database(setting)


class Database(ConnectorBase):
    """A database that is only read."""

    def __init__(self, setting: Setting) -> None:
        super().__init__(setting)
        self.options: Options = setting.options
        self.declared = {one.name: one for one in self.options.tables}
        self._open: Connection | None = None

    @cached_property
    def engine(self) -> "Engine":
        """The engine; nothing is connected yet."""
        try:
            return sa.create_engine(url_of(self.setting.credentials), hide_parameters=True)
        except (NoSuchModuleError, ImportError) as error:
            raise SourceError(
                f"{self.setting.credentials}: the driver is not there: {error}: install it beside "
                "the product",
                is_final=True,
            ) from None

    @cached_property
    def resources(self) -> Sequence[Resource]:
        """The tables. The database itself compares the cursor, so the core need not."""
        return [
            Resource(one.name, tuple(one.columns), one.key, compared=self._compared(one))
            for one in self.options.tables
        ]

    def read(self, resource: Resource, start: Start, earlier: Earlier) -> Iterator[Page]:
        """The rows of a table that have changed, in no order."""
        del earlier
        declared = self.declared[resource.name]
        with _explained(declared):
            table, columns = self._reflected(declared)
            query = sa.select(*(column.label(name) for name, column in columns.items()))
            cursor = table.c[declared.cursor] if declared.cursor else None
            if cursor is not None:
                query = query.add_columns(cursor.label("_cursor")).where(
                    *self._conditions(cursor, declared, start)
                )
            highest, now = None, self._now(cursor) if cursor is not None else None
            result = self._connection.execution_options(
                stream_results=True, max_row_buffer=BATCH_ROWS
            ).execute(query)
            for rows in result.partitions(BATCH_ROWS):
                values = list(zip(*rows, strict=True))
                if cursor is not None:
                    cells = values.pop()
                    seen = [one for one in cells if one is not None and (not now or one <= now)]
                    highest = max((*seen, *filter(None, (highest,))), default=None)
                yield Page(_batch(list(columns), values))
        if declared.cursor is not None:
            said = _said(highest) if highest is not None else (start.bookmark or {}).get(VALUE)
            if said is not None:
                yield Page((), {VALUE: said})

    def check(self) -> Iterator[Finding]:
        """Look every table and column up, and read one row."""
        for one in self.options.tables:
            try:
                with _explained(one):
                    _, columns = self._reflected(one)
                    query = sa.select(*columns.values()).limit(1)
                    count = len(self._connection.execute(query).fetchall())
                yield Finding(True, f"{one.table or one.name}: {'read' if count else 'empty'}")
            except SourceError as error:
                yield Finding(False, str(error))

    def close(self) -> None:
        """End the transaction and let go of the connection."""
        if self._open is not None:
            self._open.close()
            self.engine.dispose()

    @property
    def _connection(self) -> "Connection":
        """One connection and one view of the data for the whole pull."""
        if self._open is None:
            engine = self.engine
            if engine.dialect.name == "postgresql":
                engine = engine.execution_options(
                    isolation_level="REPEATABLE READ", postgresql_readonly=True
                )
            self._open = engine.connect()
        return self._open

    def _compared(self, declared: SqlTable) -> Literal["time", "number"] | None:
        if declared.cursor is None:
            return None
        with _explained(declared):
            table, _ = self._reflected(declared)
        return "time" if _is_time(table.c[declared.cursor]) else "number"

    def _now(self, cursor: "ColumnElement[Any]") -> Any:  # noqa: ANN401
        """The database's own time in the terms of a column; None: the column holds none.

        A row from the future is read every night until then: it must not hide those before it.
        """
        if not _is_time(cursor):
            return None
        now: datetime = self._connection.execute(sa.select(sa.func.now())).scalar_one()
        return self._here(now if now.tzinfo else now.replace(tzinfo=UTC), cursor)

    def _reflected(self, declared: SqlTable) -> "tuple[sa.Table, dict[str, ColumnElement[Any]]]":
        schema, _, name = (declared.table or declared.name).rpartition(".")
        try:
            table = sa.Table(
                name, sa.MetaData(), schema=schema or None, autoload_with=self._connection
            )
        except sa.exc.NoSuchTableError:
            raise SourceError(
                f"{declared.table or declared.name}: there is no such table: {_HINTS}",
                is_final=True,
            ) from None
        wanted = [*declared.columns.values(), *filter(None, (declared.cursor,))]
        lacking = [column for column in wanted if column not in table.c]
        if lacking:
            there = ", ".join(sorted(table.c.keys()))
            raise SourceError(
                f"{declared.table or declared.name}: there is no column {', '.join(lacking)} "
                f"(there are: {there}): {_HINTS}",
                is_final=True,
            )
        return table, {name: table.c[column] for name, column in declared.columns.items()}

    def _conditions(
        self, cursor: "ColumnElement[Any]", declared: SqlTable, start: Start
    ) -> "list[ColumnElement[bool]]":
        """From the last value on, its equals included; rows without one are always read."""
        conditions = []
        lowest = self._lowest(cursor, declared, start)
        if lowest is not None:
            conditions.append(sa.or_(cursor >= lowest, cursor.is_(None)))
        if start.until is not None and _is_time(cursor):
            until = self._here(start.until, cursor)
            conditions.append(sa.or_(cursor < until, cursor.is_(None)))
        return conditions

    def _lowest(self, cursor: "ColumnElement[Any]", declared: SqlTable, start: Start) -> Any:  # noqa: ANN401
        said = (start.bookmark or {}).get(VALUE)
        if said is not None and _is_time(cursor):
            reach = self.options.lookback(timedelta(minutes=declared.lookback_minutes))
            return _of_type(datetime.fromisoformat(said) - reach, cursor)
        if said is not None:
            return int(said) if str(said).lstrip("-").isdigit() else said
        if start.since is not None and _is_time(cursor):
            return self._here(start.since, cursor)
        return None

    def _here(self, instant: datetime, cursor: "ColumnElement[Any]") -> Any:  # noqa: ANN401
        """An instant in the terms of a column; one without a zone is in the source's zone."""
        if getattr(cursor.type, "timezone", False):
            return instant
        zone = ZoneInfo(self.setting.source.read.timezone or self.setting.timezone)
        return _of_type(instant.astimezone(zone).replace(tzinfo=None), cursor)


def url_of(credentials: Credentials) -> sa.URL:
    """The connection as SQLAlchemy wants it; `drivername` and `query` may stand in its extra."""
    kind = credentials.kind.replace("_", "+")
    driver = str(credentials.extra.get("drivername") or _DRIVERS.get(kind, kind))
    if not driver:
        raise SourceError(f"{credentials}: it names no kind of database: add it", is_final=True)
    if driver.startswith("sqlite"):
        return sa.URL.create(driver, database=credentials.schema or credentials.host)
    query = credentials.extra.get("query") or {}
    return sa.URL.create(
        driver,
        username=credentials.login or None,
        password=credentials.password or None,
        host=credentials.host or None,
        port=credentials.port,
        database=credentials.schema or None,
        query={str(name): str(value) for name, value in query.items()},
    )


@contextmanager
def _explained(declared: SqlTable) -> Iterator[None]:
    """Errors of the database in one sentence; a lost connection may be there again later."""
    try:
        yield
    except SQLAlchemyError as error:
        said = scrub(" ".join(str(getattr(error, "orig", None) or error).split())[:300])
        raise SourceError(
            f"{declared.table or declared.name}: {said}",
            is_final=not isinstance(error, OperationalError),
        ) from None


def _batch(names: Sequence[str], values: Sequence[Sequence[Any]]) -> pa.RecordBatch:
    arrays = [pa.array([as_text(one) for one in column], pa.string()) for column in values]
    return pa.record_batch(arrays, names=list(names))


def _is_time(column: "ColumnElement[Any]") -> bool:
    return isinstance(column.type, sa.DateTime | sa.Date)


def _of_type(value: datetime, column: "ColumnElement[Any]") -> Any:  # noqa: ANN401
    return value.date() if isinstance(column.type, sa.Date) else value


def _said(value: Any) -> str:  # noqa: ANN401 - whatever the column holds
    """A cursor's value as the bookmark keeps it."""
    if isinstance(value, datetime) and value.tzinfo is not None:
        return value.astimezone(UTC).isoformat()
    return value.isoformat() if isinstance(value, date) else str(value)
