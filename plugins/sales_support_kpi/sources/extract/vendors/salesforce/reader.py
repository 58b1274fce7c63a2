"""Reads one object whole or since an instant: nothing lost, nothing doubled, memory flat.

window of SystemModstamp → count → REST pages in order of (SystemModstamp, Id), or a bulk job.
A place that is lost is found again by the last record; a query that takes too long is asked in
parts: of its time, of the ids it names, or of the ids there are.
"""

import math
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any

import pyarrow as pa

from sales_support_kpi.sources.extract.errors import SourceError
from sales_support_kpi.sources.extract.instants import parse_instant
from sales_support_kpi.sources.extract.resources import Page
from sales_support_kpi.sources.extract.vendors.salesforce import soql
from sales_support_kpi.sources.extract.vendors.salesforce.bulk import BulkQuery, NotForBulk
from sales_support_kpi.sources.extract.vendors.salesforce.client import (
    Client,
    LocatorGone,
    TooSlow,
)
from sales_support_kpi.sources.extract.vendors.salesforce.objects import SObject

STAMP = "SystemModstamp"
CHILDREN_AT_ONCE = 300  # ids in one query: an address may hold about 16,000 characters
MANY_CHILDREN = 20_000  # from here on reading all of them is less work
SLICE = 20_000  # records at once of an object that is too slow as a whole
_FOUNDED = datetime(1999, 3, 1, tzinfo=UTC)  # no record of Salesforce is older
_NARROWEST = timedelta(seconds=2)
_VAIN_TRIES = 5


class Reader:
    """Reads objects through one client.

    Attributes:
        told: put on each record as `read_since`: earlier versions have been landed already.
    """

    def __init__(self, client: Client, bulk: BulkQuery, bulk_above: float, now: datetime) -> None:
        self.client, self.bulk = client, bulk
        self.bulk_above, self.now = bulk_above, now
        self.told: datetime | None = None
        self._reached: datetime | None = None  # how far the window at hand has been read

    def changed(
        self,
        one: SObject,
        fields: Mapping[str, str],
        since: datetime | None,
        until: datetime | None,
    ) -> Iterator[Page]:
        """What changed in a window."""
        windows = [(since, until)]
        while windows:
            start, end = windows.pop()
            try:
                self._reached = None
                where = soql.window(STAMP, start, end)
                yield from self._select(one, fields, where, (STAMP, "Id"))
            except TooSlow as error:
                start = self._reached or start
                low, high = start or _FOUNDED, end or self.now + timedelta(days=1)
                if high - low < _NARROWEST:
                    raise _too_slow(one, error) from error
                middle = (low + (high - low) / 2).replace(microsecond=0)
                windows += [(middle, end), (start, middle)]

    def whole(self, one: SObject, fields: Mapping[str, str]) -> Iterator[Page]:
        """All records of an object that has no use for a window."""
        try:
            yield from self._select(one, fields, (), ("Id",))
        except TooSlow:
            yield from self._in_slices(one, fields)

    def children(
        self, one: SObject, fields: Mapping[str, str], field: str, ids: Iterable[str]
    ) -> Iterator[Page]:
        """The records whose `field` is one of `ids`."""
        rest = iter(ids)
        some = list(islice(rest, MANY_CHILDREN))
        if len(some) == MANY_CHILDREN:
            yield from self.whole(one, fields)
            return
        chunks = [some[at : at + CHILDREN_AT_ONCE] for at in range(0, len(some), CHILDREN_AT_ONCE)]
        while chunks:
            chunk = chunks.pop(0)
            try:
                yield from self._pages(one, fields, (soql.one_of(field, chunk),), ("Id",))
            except TooSlow as error:
                half = len(chunk) // 2
                if not half:
                    raise _too_slow(one, error) from error
                chunks[:0] = [chunk[:half], chunk[half:]]

    def _in_slices(self, one: SObject, fields: Mapping[str, str]) -> Iterator[Page]:
        """All records in the order of their ids, as many at a time as are found in time."""
        most, last = SLICE, ""
        while True:
            where = (soql.after(("Id",), (last,)),) if last else ()
            had = 0
            try:
                for page in self._pages(one, fields, where, ("Id",), most):
                    had, last = had + len(page.rows), page.rows[-1]["Id"]
                    yield page
            except TooSlow as error:
                if most == 1:
                    raise _too_slow(one, error) from error
                most = max(1, most // 4)
                continue
            if had < most:
                return

    def _select(
        self,
        one: SObject,
        fields: Mapping[str, str],
        where: tuple[str, ...],
        order: tuple[str, ...],
    ) -> Iterator[Page]:
        try:
            count: float = self.client.count(soql.select(("count()",), one.name, where))
        except TooSlow:
            if where:  # a window, which can be narrowed
                raise
            count = math.inf
        if count > self.bulk_above:
            try:
                yield from self._in_bulk(one, fields, where)
            except NotForBulk:
                yield from self._pages(one, fields, where, order)
        elif count:
            yield from self._pages(one, fields, where, order)

    def _pages(
        self,
        one: SObject,
        fields: Mapping[str, str],
        where: tuple[str, ...],
        order: tuple[str, ...],
        most: int | None = None,
    ) -> Iterator[Page]:
        """A query by REST; when its place is lost, from the last record on."""
        asked = tuple(dict.fromkeys((*fields.values(), *order)))
        last: tuple[str, ...] | None = None
        vain = 0
        while vain < _VAIN_TRIES:
            rest = where if last is None else (*where, soql.after(order, last))
            had, total, before = 0, 0, last
            try:
                for batch in self.client.query(soql.select(asked, one.name, rest, order, most)):
                    had, total = had + len(batch.records), batch.total
                    if not batch.records:
                        continue
                    last = tuple(_literal(batch.records[-1][name]) for name in order)
                    if order[0] == STAMP:
                        self._reached = parse_instant(last[0])
                    yield Page(self._marked(batch.records))
            except LocatorGone:
                vain = 0 if last != before else vain + 1
                continue
            if had >= total:
                return
            vain = 0 if last != before else vain + 1
        raise SourceError(f"{one.name}: Salesforce loses the query's place again and again")

    def _in_bulk(
        self, one: SObject, fields: Mapping[str, str], where: tuple[str, ...]
    ) -> Iterator[Page]:
        """A query by a bulk job."""
        asked = tuple(dict.fromkeys(("Id", *fields.values())))
        for batch in self.bulk.run(soql.select(asked, one.name, where), asked):
            yield Page(self._columns(batch, fields))

    def _marked(self, records: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """REST records with what the mappings want to know of the reading itself."""
        if self.told is not None:
            for record in records:
                record["read_since"] = self.told.isoformat()
        return records

    def _columns(self, batch: pa.RecordBatch, fields: Mapping[str, str]) -> pa.RecordBatch:
        """A bulk batch under the names of the mappings; what is not there is left to the core."""
        arrays = {name: batch.column(path) for name, path in fields.items()}
        if self.told is not None:
            arrays["read_since"] = pa.array([self.told.isoformat()] * batch.num_rows, pa.string())
        return pa.RecordBatch.from_pydict(arrays)


def _too_slow(one: SObject, error: TooSlow) -> SourceError:
    return SourceError(f"{one.name}: Salesforce takes too long, however little is asked: {error}")


def _literal(value: str) -> str:
    """An instant as a query wants it (`+0000` becomes `Z`); an id as it is."""
    return f"{value[:-5]}Z" if value.endswith("+0000") else value
