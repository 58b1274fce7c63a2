"""Salesforce as the core sees it: resources, selects, option tables, reading and checking."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any

from sales_support_kpi.sources.extract.errors import QuotaUsedUp, SourceError
from sales_support_kpi.sources.extract.http import Http
from sales_support_kpi.sources.extract.instants import parse_instant
from sales_support_kpi.sources.extract.mapping import selects_in
from sales_support_kpi.sources.extract.resources import (
    Earlier,
    Finding,
    Page,
    Record,
    Resource,
    Setting,
    Start,
)
from sales_support_kpi.sources.extract.vendors.salesforce.bulk import BulkQuery
from sales_support_kpi.sources.extract.vendors.salesforce.checking import findings
from sales_support_kpi.sources.extract.vendors.salesforce.client import Client, NotKept, classify
from sales_support_kpi.sources.extract.vendors.salesforce.fields import usable_fields
from sales_support_kpi.sources.extract.vendors.salesforce.ids import with_long_ids
from sales_support_kpi.sources.extract.vendors.salesforce.objects import (
    LOOKBACK,
    SObject,
    objects_of,
)
from sales_support_kpi.sources.extract.vendors.salesforce.options import Options
from sales_support_kpi.sources.extract.vendors.salesforce.reader import Reader
from sales_support_kpi.sources.extract.vendors.salesforce.session import Session
from sales_support_kpi.sources.extract.vendors.salesforce.tables import option_tables
from sales_support_kpi.sources.extract.waits import Waits

MAPPINGS = Path(__file__).parent / "mappings"
BIN_DAYS = 15  # deletions are told for that long


class Salesforce:
    """One org, for one pull or one check."""

    def __init__(self, setting: Setting, waits: Waits | None = None) -> None:
        self.options: Options = setting.options
        self.setting, self.waits = setting, waits or Waits()
        self.objects = {one.resource: one for one in objects_of(self.options)}
        lookback = self.options.lookback(LOOKBACK)
        self.resources = tuple(one.as_resource(lookback) for one in self.objects.values())
        mappings = selects_in(MAPPINGS)
        self.selects = {name: sql for name, sql in mappings.items() if name in self.options.read}
        self.views = selects_in(MAPPINGS / "shared")
        self.tables: Mapping[str, list[Record]] = option_tables(
            self.options, tuple(self.objects.values())
        )
        self._starts: dict[str, datetime | None] = {}

    @cached_property
    def client(self) -> Client:
        """Signed in when it is first needed."""
        session = Session(self.setting.credentials, self.options.hosts, self.waits)
        http = Http(
            session.instance_url,
            auth=session,
            hosts=self.options.hosts,
            classify=classify,
            waits=self.waits,
        )
        return Client(session, http, self.options.api_version)

    @cached_property
    def reader(self) -> Reader:
        """Reads objects through the client."""
        bulk = BulkQuery(self.client, sleep=self.waits.pause)
        return Reader(self.client, bulk, self.options.bulk_above, self.setting.now)

    def read(self, resource: Resource, start: Start, earlier: Earlier) -> Iterator[Page]:
        """The pages of one resource.

        Raises:
            SourceError: it cannot be read. That the day's calls are used up is no exception: most
                entities are made of several objects, and half of them would be wrong ones.
        """
        one = self.objects[resource.name]
        self._starts[resource.name] = start.since
        if not one.is_read:
            return
        try:
            for page in self._pages(one, start, earlier):
                yield with_long_ids(page, one)
        except QuotaUsedUp as error:
            raise SourceError(
                f"{error}. Nothing of this pull is landed; the next one begins where this one "
                "did. Salesforce counts calls over the last 24 hours: run it later, or raise the "
                "limit",
                is_final=True,
            ) from None

    def _pages(self, one: SObject, start: Start, earlier: Earlier) -> Iterator[Page]:
        if one.kind == "deleted":
            yield from self._deleted(one, start)
            return
        fields = usable_fields(one, self.client)
        if fields is None:  # the org keeps no such history
            return
        if one.kind == "whole":
            yield from self.reader.whole(one, fields)
        elif one.by is not None:
            yield from self._children(one, fields, earlier)
        else:
            self.reader.told = _told(start)
            yield from self.reader.changed(one, fields, start.since, start.until)
            if one.resource == "accounts" and start.since is not None:
                # those whose contact has changed, so that their next version can be told whole
                ids = earlier.values("contacts", "account_id")
                yield from self.reader.children(one, fields, "Id", ids)

    def _children(
        self, one: SObject, fields: Mapping[str, str], earlier: Earlier
    ) -> Iterator[Page]:
        assert one.by is not None  # noqa: S101
        parents = self._starts.get(one.by.of)
        self._starts[one.resource] = parents
        if parents is not None:
            ids = earlier.values(one.by.of, one.by.column)
            yield from self.reader.children(one, fields, one.by.field, ids)
        elif one.resource != "account_contacts" or self._starts.get("contacts") is not None:
            yield from self.reader.whole(one, fields)

    def _deleted(self, one: SObject, start: Start) -> Iterator[Page]:
        """Deletions since the last pull, also of what has left the recycle bin meanwhile.

        Of a night that lies before what is known, or before what is still told, nothing is asked.
        """
        now = min(self.setting.now, start.until or self.setting.now)
        oldest = self.setting.now - timedelta(days=BIN_DAYS - 1)
        known = dict(start.bookmark or {})
        rows: list[dict[str, Any]] = []
        for name in one.covers:
            since = parse_instant(known.get(name)) or start.since
            if since is None:
                known[name] = now.astimezone(UTC).isoformat()
                continue
            since = max(since - LOOKBACK, oldest)
            if _minute(since) >= _minute(now):
                continue
            try:
                told = self.client.deleted(name, since, now)
            except NotKept:  # the recycle bin has to do
                continue
            rows += [
                {"object": name, "id": gone["id"], "deleted_at": gone["deletedDate"]}
                for gone in told["deletedRecords"]
            ]
            known[name] = str(told.get("latestDateCovered") or now.isoformat())
        yield Page(rows, known)

    def check(self) -> Iterable[Finding]:
        """Sign in, look for every object and field the mapping names, and for the API's limits."""
        return findings(self.client, tuple(self.objects.values()), self.options)

    def close(self) -> None:
        """Let go of connections."""
        if "client" in self.__dict__:
            self.client.close()


def _minute(moment: datetime) -> datetime:
    """As exact as Salesforce takes the bounds of a list of deletions."""
    return moment.replace(second=0, microsecond=0)


def _told(start: Start) -> datetime | None:
    """From when on versions are news: rebuilding older ones would put today's values over them."""
    reached = parse_instant((start.bookmark or {}).get("until"))
    return reached + timedelta(microseconds=1) if reached else start.since
