"""`kind: rest`: any JSON API, declared in sources.yml without a line of Python.

options → dlt's paginators and auth over our session → pages. The mapping to entities is SQL, named
under the source's `entities:`.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Any
from urllib.parse import quote

from sales_support_kpi.sources.extract.answers import HttpError
from sales_support_kpi.sources.extract.auth import auth_of
from sales_support_kpi.sources.extract.errors import SourceError
from sales_support_kpi.sources.extract.http import Http
from sales_support_kpi.sources.extract.resources import (
    ConnectorBase,
    Earlier,
    Finding,
    Page,
    Record,
    Resource,
    Setting,
    Start,
)
from sales_support_kpi.sources.extract.rest_options import Options, Paginator, RestResource
from sales_support_kpi.sources.extract.spool import as_text, getter

_GONE = (404, 410)
_MOST_GONE = 10  # that many in a row from the first on, and it is the path that is wrong
_MOMENTS = ("{since}", "{until}")


def connect(setting: Setting) -> "Rest":
    """Open the API."""
    return Rest(setting)


class Rest(ConnectorBase):
    """An API by declaration."""

    def __init__(self, setting: Setting) -> None:
        super().__init__(setting)
        self.options: Options = setting.options
        credentials = setting.credentials
        self.http = Http(
            self.options.base_url or credentials.base_url,
            auth=auth_of(self.options.auth, credentials) if self.options.auth else None,
            hosts=self.options.hosts,
            headers={name: str(value) for name, value in self.options.headers.items()},
        )
        self.declared = {one.name: one for one in self.options.resources}

    @cached_property
    def resources(self) -> Sequence[Resource]:
        """The endpoints, in the order they are declared."""
        return [
            Resource(
                one.name, one.columns, one.key, one.cursor, self.options.lookback(one.lookback)
            )
            for one in self.options.resources
        ]

    def read(self, resource: Resource, start: Start, earlier: Earlier) -> Iterator[Page]:
        """Every page, for every record of its parent if it has one."""
        declared = self.declared[resource.name]
        moments = _moments(declared, start)
        if not declared.parents:
            yield from self._pages(declared, moments)
            return
        parent, column = declared.parents[0]
        gone = 0
        for asked, value in enumerate(earlier.values(parent, column), 1):
            try:
                yield from self._pages(declared, {**moments, _place(parent, column): value})
            except HttpError as error:
                if error.status not in _GONE:
                    raise
                gone += 1  # its parent has been deleted meanwhile
                if asked == gone == _MOST_GONE:
                    raise SourceError(
                        f"{error}: of the first {gone} none was found: correct the path of "
                        f"{declared.name}",
                        is_final=True,
                    ) from None

    def check(self) -> Iterator[Finding]:
        """Read the first page of every endpoint; of one below another, that of its first record."""
        seen: dict[str, Sequence[Record]] = {}
        for one in self.options.resources:
            try:
                yield self._check(one, seen)
            except SourceError as error:
                yield Finding(False, f"{one.name}: {error}")

    def _check(self, one: RestResource, seen: dict[str, Sequence[Record]]) -> Finding:
        moments = _moments(one, Start(since=self.setting.now - timedelta(days=1)))
        for parent, column in one.parents:
            value = getter(self.declared[parent].columns[column])
            found = next(
                (text for row in seen.get(parent, ()) if (text := as_text(value(row)))), None
            )
            if found is None:
                return Finding(True, f"{one.name}: not tried, since no record of {parent} is there")
            moments[_place(parent, column)] = found
        rows = next(iter(self._pages(one, moments)), Page(())).rows
        seen[one.name] = rows
        lacking = [
            place
            for place in one.columns.values()
            if rows and not any(place.split(".")[0] in row or place in row for row in rows)
        ]
        if lacking:
            there = ", ".join(sorted({name for row in rows for name in row}))
            said = f"{one.name}: no record has {', '.join(lacking)}; there are: {there}"
            return Finding(False, said)
        return Finding(True, f"{one.name}: {len(rows)} records on its first page")

    def close(self) -> None:
        """Let go of the connection."""
        self.http.close()

    def _pages(self, declared: RestResource, moments: Mapping[str, str]) -> Iterator[Page]:
        body = _filled(declared.json_body, moments) if declared.json_body is not None else None
        for page in self.http.paginate(
            _put_in(declared.path, {name: quote(text, safe="") for name, text in moments.items()}),
            method=declared.method,
            params=_filled(declared.params, moments),
            json=body,
            paginator=_paginator(declared.paginator or self.options.paginator),
            data_selector=declared.data_selector,
        ):
            yield Page(page)


def _place(parent: str, column: str) -> str:
    return f"{{resources.{parent}.{column}}}"


def _paginator(declared: Paginator) -> Any:  # noqa: ANN401 - one of dlt's
    from dlt.sources.rest_api.config_setup import create_paginator

    config: Any = declared.model_dump(exclude_unset=True)
    return create_paginator(config)


def _moments(declared: RestResource, start: Start) -> dict[str, str]:
    found = {"{since}": start.since, "{until}": start.until}
    return {
        name: _written(moment, declared.since_format)
        for name, moment in found.items()
        if moment is not None
    }


def _written(moment: datetime, form: str) -> str:
    if form == "epoch":
        return str(int(moment.timestamp()))
    return moment.astimezone(UTC).strftime(form)


def _filled(values: Mapping[str, Any], moments: Mapping[str, str]) -> dict[str, Any]:
    """Parameters with their placeholders filled; those that ask for what is not known are left."""
    filled: dict[str, Any] = {}
    for name, value in values.items():
        if isinstance(value, Mapping):
            inner = _filled(value, moments)
            if inner or not value:
                filled[name] = inner
            continue
        text = _put_in(value, moments) if isinstance(value, str) else value
        if not (isinstance(text, str) and any(one in text for one in _MOMENTS)):
            filled[name] = text
    return filled


def _put_in(text: str, moments: Mapping[str, str]) -> str:
    for name, moment in moments.items():
        text = text.replace(name, moment)
    return text
