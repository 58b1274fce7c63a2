"""The words of extraction: what is read, from where on, and what a kind of source has to offer.

source + credentials → `Connector`: its resources are read page by page, its selects turn them into
entities.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal, Protocol

if TYPE_CHECKING:
    import pyarrow as pa

    from sales_support_kpi.config import Source
    from sales_support_kpi.sources.extract.credentials import Credentials

Record = Mapping[str, Any]
Bookmark = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Resource:
    """One thing that is read from a system: an endpoint, an object, a table.

    Attributes:
        name: what it is called in mappings and messages.
        columns: what is kept, everything else is dropped at once: name in the mapping → place in
            the record (dots lead into objects); a sequence of names where both are the same.
        key: columns that tell its records apart: of several readings of one record the one that
            was changed last is kept, else the last one. Empty: every row is kept.
        cursor: the column that says when a record was changed last (ISO 8601 or epoch seconds);
            None: the resource is read whole each time, or by what the reader itself compares.
        lookback: how far before the bookmark reading starts again, for rows that become visible
            late; reading rows again is harmless.
        compared: what the reader itself compares to read changes only: a `time`, at which it also
            ends a past night, or a `number`, which says nothing of nights.
    """

    name: str
    columns: Mapping[str, str] | Sequence[str]
    key: tuple[str, ...] = ()
    cursor: str | None = None
    lookback: timedelta = timedelta(0)
    compared: Literal["time", "number"] | None = None

    @property
    def is_whole(self) -> bool:
        """Whether all of it is read each time, so that absence means something."""
        return self.cursor is None and self.compared is None

    @property
    def has_past(self) -> bool:
        """Whether it can be read as far as a night that is over."""
        return self.cursor is not None or self.compared == "time"

    @property
    def places(self) -> Mapping[str, str]:
        """Column → place in the record."""
        if isinstance(self.columns, Mapping):
            return self.columns
        return {name: name for name in self.columns}


@dataclass(frozen=True, slots=True)
class Start:
    """Where reading a resource begins.

    Attributes:
        bookmark: what the reader itself said with its last page; None: the first time, or the
            reading is to start at `since` whatever was read before.
        since: records changed at or after it are wanted (the look-back is taken off already);
            None: everything there is.
        until: the night is over: what changed at or after it will be left out, so a reader that
            is able to need not ask for it.
    """

    bookmark: Bookmark | None = None
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """Some records, in the order they came.

    Attributes:
        rows: JSON objects as they came, or an Arrow batch with the resource's columns.
        bookmark: where to go on after this page; None: not known before the resource has been
            read to its end. A resource with a `cursor` need not give one.
    """

    rows: "Sequence[Record] | pa.RecordBatch"
    bookmark: Bookmark | None = None


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing `kpi check` tried; `message` says what was found and, if not good, what to do."""

    is_ok: bool
    message: str


@dataclass(frozen=True, slots=True)
class Setting:
    """All that a connector is opened with.

    Attributes:
        options: the kind's own options, checked.
        timezone: the company's zone.
    """

    source: "Source"
    options: Any
    credentials: "Credentials"
    timezone: str
    now: datetime = field(default_factory=lambda: datetime.now(UTC))


class Connector(Protocol):
    """A system that can be read. One is opened for one pull or one check."""

    @property
    def resources(self) -> Sequence[Resource]:
        """What is read, in this order."""

    @property
    def selects(self) -> Mapping[str, str]:
        """Entity → one select over the resources; a company's own selects stand for them."""

    @property
    def views(self) -> Mapping[str, str]:
        """What several selects build on: view → its select, each after those it needs."""

    @property
    def tables(self) -> Mapping[str, Sequence[Record]]:
        """Small tables the selects may join, made from the options (name → rows)."""

    def read(self, resource: Resource, start: Start, earlier: "Earlier") -> Iterator[Page]:
        """The pages of one resource.

        Raises:
            SourceError: it cannot be read; nothing of this pull is landed.
            QuotaUsedUp: it cannot be read on today; what came before is kept.
        """

    def check(self) -> Iterable[Finding]:
        """Try the connection, and everything the options name, against the live system."""

    def close(self) -> None:
        """Let go of connections."""


class Earlier(Protocol):
    """What the same pull has read so far."""

    def values(self, resource: str, column: str) -> Iterator[str]:
        """The different values of a column of an earlier resource, in the order they came."""


class ConnectorBase:
    """What a connector offers that says nothing else: no option tables, no selects of its own."""

    tables: Mapping[str, Sequence[Record]] = MappingProxyType({})
    selects: Mapping[str, str] = MappingProxyType({})
    views: Mapping[str, str] = MappingProxyType({})

    def __init__(self, setting: Setting) -> None:
        self.setting = setting
