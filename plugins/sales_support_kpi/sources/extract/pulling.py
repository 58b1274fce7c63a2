"""One pull: every resource of a source since its bookmark, spooled and mapped."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sales_support_kpi.errors import SalesSupportKpiError
from sales_support_kpi.night import Night
from sales_support_kpi.sources.extract import kinds
from sales_support_kpi.sources.extract.bookmarks import Bookmarks, after_reading
from sales_support_kpi.sources.extract.credentials import credentials_of, scrub
from sales_support_kpi.sources.extract.errors import QuotaUsedUp, SourceError
from sales_support_kpi.sources.extract.mapping import Mapped, reads
from sales_support_kpi.sources.extract.resources import (
    Bookmark,
    Connector,
    Resource,
    Setting,
)
from sales_support_kpi.sources.extract.spool import Spool, Writer
from sales_support_kpi.sources.read_rules import read_rules
from sales_support_kpi.sources.tables import Drop, ReadRules

if TYPE_CHECKING:
    from sales_support_kpi.config import Config, Source
    from sales_support_kpi.settings import Home


def pull(
    home: "Home",
    config: "Config",
    source: "Source",
    night: Night,
    spool: Path,
    *,
    since: datetime | None = None,
) -> Drop:
    """Read what has changed in a system; nothing is landed yet.

    Args:
        home: its accepted loads hold the bookmarks.
        config: the company's configuration.
        source: what to read.
        night: the night it is read for.
        spool: an empty folder on a disk with room for what is read.
        since: read from here on, whatever was read before.

    Raises:
        SalesSupportKpiError: it cannot be read, or cannot be mapped.
    """
    from sales_support_kpi.landing.manifests import loads_of
    from sales_support_kpi.landing.past import is_past

    loads = loads_of(home, source.id)
    before = Bookmarks.before(loads, night, is_past=is_past(home, source.id, night, loads))
    rules = read_rules(config, source)
    with opened(config, source) as (connector, setting):
        reading = _Reading(connector, setting, night, before, Spool(spool), since)
        reading.read_all()
        return reading.drop(rules)


@contextmanager
def opened(config: "Config", source: "Source") -> "Iterator[tuple[Connector, Setting]]":
    """The source's connector; whatever it raises becomes one sentence without secrets."""
    model = kinds.options_of(source.kind)
    if model is None:
        raise SourceError(f"{source.kind} cannot be extracted by this version", is_final=True)
    setting = Setting(
        source=source,
        options=model.model_validate(source.options),
        credentials=credentials_of(source.connection, source.id),
        timezone=config.company.timezone,
    )
    try:
        with closing(kinds.connect(source.kind, setting)) as connector:
            yield connector, setting
    except SourceError as error:
        error.args = (scrub(str(error)),)
        raise
    except SalesSupportKpiError:
        raise
    except Exception as error:
        said = scrub(" ".join(f"{type(error).__name__}: {error}".split()))[:500]
        raise SourceError(f"{source.id}: unexpected answer or fault: {said}") from None


@dataclass
class _Reading:
    connector: Connector
    setting: Setting
    night: Night
    before: Bookmarks
    spool: Spool
    since: datetime | None
    given: dict[str, Bookmark] = field(default_factory=dict)
    unread: list[str] = field(default_factory=list)
    shortfall: str = ""

    def read_all(self) -> None:
        self._refuse_halves()
        for resource in self.connector.resources:
            if self.shortfall:
                self._leave_unread(resource)
                continue
            try:
                self._read(resource)
            except QuotaUsedUp as error:
                self.shortfall = scrub(str(error))
                self.unread.append(resource.name)

    def _read(self, resource: Resource) -> None:
        known = self.before.by_resource.get(resource.name)
        start = self.before.start(
            resource, since=self.since, first=self.setting.options.start, night=self.night
        )
        if known is not None:
            self.given[resource.name] = known
        began, said = datetime.now(UTC), None
        with Writer(self.spool, resource, start.until) as writer:
            for page in self.connector.read(resource, start, self.spool):
                writer.write(page.rows)
                if page.bookmark is not None:
                    said = self.given[resource.name] = page.bookmark
        reached = after_reading(resource, said, known, writer.written, began)
        if reached is not None:
            self.given[resource.name] = reached

    def _leave_unread(self, resource: Resource) -> None:
        """An empty file, so that the selects can be run, and the bookmark as it was."""
        self.unread.append(resource.name)
        with Writer(self.spool, resource):
            pass
        known = self.before.by_resource.get(resource.name)
        if known is not None:
            self.given[resource.name] = known

    @cached_property
    def _selects(self) -> Mapping[str, str]:
        """Entity → its select: the company's own, else the kind's."""
        own = {name: one.text for name, one in self.setting.source.entities.items() if one.text}
        return {**self.connector.selects, **own}

    def _reads(self, entity: str) -> tuple[Resource, ...]:
        return reads(self._selects[entity], self.connector.views, self.connector.resources)

    def drop(self, rules: ReadRules) -> Drop:
        source, selects = self.setting.source, self._selects
        places = {name: str(one.sql) for name, one in source.entities.items() if one.text}
        mapped = Mapped(
            source=source.id,
            spool=self.spool,
            resources=tuple(self.connector.resources),
            selects=selects,
            places={name: places.get(name, f"{source.kind}: {name}") for name in selects},
            views=self.connector.views,
            tables=self.connector.tables,
            rules=rules,
            until=self.night.as_of if self.before.is_past else None,
            is_again=self.before.is_past and self.since is None,
        )
        waiting = [name for name in selects if self._must_wait(name)]
        return Drop(
            tuple(mapped.table(name) for name in selects if name not in waiting),
            notes=tuple(self._notes(mapped, waiting)),
            bookmark=None if self.before.is_past else self._bookmark(mapped),
            shortfall=self.shortfall,
        )

    def _refuse_halves(self) -> None:
        """What is read by its changes can never say that something is gone."""
        for entity in self._selects:
            if self.setting.source.mode_of(entity) != "full":
                continue
            halves = [one.name for one in self._reads(entity) if not one.is_whole]
            if halves:
                raise SourceError(
                    f"{self.setting.source.id}: {entity} is mode: full, but of {', '.join(halves)} "
                    "only the changes are read, and what they do not tell has not been deleted: "
                    "leave mode out, or declare no cursor",
                    is_final=True,
                )

    def _must_wait(self, entity: str) -> bool:
        """Whether what was read cannot be taken for what the night held.

        Of a night that is over nobody knows any more what was read whole then; and what is absent
        where not everything was read may be there all the same.
        """
        if self.before.is_past:
            return not any(one.has_past for one in self._reads(entity))
        return bool(self.unread) and self.setting.source.mode_of(entity) == "full"

    def _bookmark(self, mapped: Mapped) -> Mapping[str, Any]:
        handed = mapped.handed()
        return {
            "resources": self.given,
            "mapping": mapped.mapping_hash,
            "columns": {
                name: {**one.shape, **handed.get(name, {})}
                for name, one in self.spool.written.items()
            },
        }

    def _notes(self, mapped: Mapped, waiting: Sequence[str]) -> Iterable[str]:
        if self.before.mapping and self.before.mapping != mapped.mapping_hash:
            yield (
                "the mapping has changed; records that were read before stay as they were mapped "
                "then, unless they are read again: kpi run --since INSTANT"
            )
        if self.before.is_past:
            left_out = sum(one.left_out for one in self.spool.written.values())
            yield (
                f"night {self.night.date} is over: {left_out} records changed later are left out, "
                "and what is landed of it stays as it is"
            )
            if waiting:
                yield (
                    f"nothing is landed of {', '.join(waiting)}: what is read whole, or by a "
                    "growing number, says nothing of a night that is over"
                )
