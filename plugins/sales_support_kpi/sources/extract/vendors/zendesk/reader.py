"""Reads Zendesk's exports and lists, page by page; drops what no entity needs at once."""

from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from requests import Response

from sales_support_kpi.sources.extract.answers import HttpError
from sales_support_kpi.sources.extract.errors import SourceError
from sales_support_kpi.sources.extract.http import Http
from sales_support_kpi.sources.extract.instants import newest, parse_instant
from sales_support_kpi.sources.extract.resources import Earlier, Page, Resource, Start
from sales_support_kpi.sources.extract.spool import as_text
from sales_support_kpi.sources.extract.vendors.zendesk.crowded import Crowded, events_in
from sales_support_kpi.sources.extract.vendors.zendesk.options import Options
from sales_support_kpi.sources.extract.vendors.zendesk.paging import ExportPaginator, ListPaginator
from sales_support_kpi.sources.extract.waits import Verdict

Json = dict[str, Any]

RECENT = timedelta(minutes=2)  # the vendor refuses a start in the last minute
LIST_PAGE = 100
LISTED_DELETED = timedelta(days=30)
OFFSET_PAGES = 100  # the vendor refuses more of a list that is asked for page by page
_AGENTS = ("agent", "admin")


def classify(response: Response) -> Verdict | None:
    """Too deep an offset is answered like a limit, but waiting does not help."""
    if response.status_code == 429 and b"agination limit" in response.content:
        return "final"
    return None


class Reader:
    """The resources of one account."""

    def __init__(self, http: Http, options: Options, now: datetime) -> None:
        self.http, self.options, self.now = http, options, now
        self.deleted: set[str] = set()  # tickets, as far as the list of deleted ones reaches

    def read(self, resource: Resource, start: Start, earlier: Earlier) -> Iterator[Page]:
        """The pages of one resource."""
        name = resource.name
        if name == "tickets":
            for page in self._by_cursor(resource, start, {"include": "metric_sets"}):
                yield Page(self._tickets(page.rows), page.bookmark)
        elif name == "users":
            known = set(earlier.values("tickets", "assignee_id"))
            for page in self._by_cursor(resource, start, {}):
                yield Page(self._people(page.rows, known), page.bookmark)
        elif name == "ticket_events":
            yield from self._events(start)
        elif name == "deleted_tickets":
            yield from self._deleted()
        elif name == "organizations":
            yield from self._organizations()
        elif name == "satisfaction_ratings":
            since = {"start_time": _seconds(start.since)} if start.since else {}
            yield from self.whole(name, since)
        elif name in self.options.lists:
            yield from self.whole(name)

    def whole(self, name: str, params: Mapping[str, object] | None = None) -> Iterator[Page]:
        """A list from its first to its last page."""
        asked = {"page[size]": LIST_PAGE, **(params or {})}
        for page in self.http.paginate(
            f"/api/v2/{name}", params=asked, paginator=ListPaginator(), data_selector=name
        ):
            yield Page(list(page))

    def _by_cursor(
        self, resource: Resource, start: Start, params: Mapping[str, object]
    ) -> Iterator[Page]:
        """A cursor-based export, from the last cursor on or from a time.

        The cursor that is kept is the newest one that lies the look-back before the newest record:
        so each reading begins a page or so earlier than the last one ended, and a record that
        became visible late is met. Without such a cursor yet, the time is kept instead.
        """
        safe = start.bookmark.get("cursor") if start.bookmark else None
        asked = {"cursor": safe} if safe else {"start_time": self._start(start.since)}
        cursors: list[tuple[datetime, str]] = []
        reached = parse_instant(start.bookmark.get("until")) if start.bookmark else None
        for page in self._export(
            f"{resource.name}/cursor", resource.name, {**params, **asked},
            ExportPaginator("cursor", "after_cursor"),
        ):  # fmt: skip
            rows, cursor = list(page), page.response.json().get("after_cursor")
            marks = [as_text(row.get(resource.cursor or "")) for row in rows]
            if start.until and marks and (parse_instant(marks[0]) or start.until) > start.until:
                return  # in the order of change: all that follows lies after the night
            latest = newest(marks)
            reached = max((one for one in (reached, latest) if one), default=None)
            if cursor and latest:
                cursors.append((latest, cursor))
            while cursors and reached and cursors[0][0] <= reached - resource.lookback:
                safe = cursors.pop(0)[1]
            yield Page(rows, _bookmark(reached, safe))

    def _by_time(self, name: str, start: int) -> Iterator[tuple[list[Json], int | None]]:
        """A time-based export: its records, and the time up to which it has been read."""
        asked: int | None = start
        for page in self._export(
            name, name, {"start_time": start}, ExportPaginator("start_time", "end_time")
        ):
            told = page.response.json()
            end = told.get("end_time")
            yield list(page), end
            if end is not None and asked == end and not told.get("end_of_stream", True):
                raise Crowded(end)
            asked = end

    def _export(
        self, path: str, name: str, params: Mapping[str, object], paginator: ExportPaginator
    ) -> Iterator[Any]:
        pages = self.http.paginate(
            f"/api/v2/incremental/{path}", params=dict(params), paginator=paginator,
            data_selector=name,
        )  # fmt: skip
        try:
            yield from pages
        except HttpError as error:
            if error.status == 400 and b"StartTimeTooRecent" in error.response.content:
                return  # by the vendor's clock everything up to now has been read
            raise

    def _events(self, start: Start) -> Iterator[Page]:
        if not self.options.events:
            return
        begin: int | None = self._start(start.since)
        until = _seconds(start.until) if start.until else None
        while begin is not None:
            begin = yield from self._events_from(begin, until)

    def _events_from(self, begin: int, until: int | None) -> Generator[Page, None, int | None]:
        """Changes of status from a second on; gives the second to go on with, if there is one."""
        try:
            for rows, end in self._by_time("ticket_events", begin):
                yield _changes(rows, end)
                if until is not None and end is not None and end >= until:
                    return None  # in the order of time: all that follows lies after the night
        except Crowded as error:
            yield _changes(events_in(self.http, error.second), error.second)
            return error.second + 1
        return None

    def _deleted(self) -> Iterator[Page]:
        """When tickets were deleted; asked only when the export holds deleted ones.

        Newest first, and no further than there are deleted ones to be dated: the list may be asked
        ten times a minute only. It forgets after 30 days; then the ticket's last change stands.
        """
        missing = set(self.deleted)
        if not missing:
            return
        asked = {"sort_by": "deleted_at", "sort_order": "desc", "per_page": LIST_PAGE}
        for page in range(1, OFFSET_PAGES + 1):
            path = "/api/v2/deleted_tickets"
            told = self.http.get(path, params={**asked, "page": page}).json()
            rows = told.get("deleted_tickets") or []
            yield Page(rows)
            missing -= {str(row["id"]) for row in rows}
            if not missing or not rows or told.get("next_page") is None:
                return

    def _organizations(self) -> Iterator[Page]:
        if "organizations" in self.options.lists:
            try:
                for rows, _ in self._by_time("organizations", 0):
                    yield Page(rows)
            except Crowded as error:
                raise SourceError(
                    f"Zendesk holds more organisations changed in the second {error.second} than "
                    "it puts on a page: read them from a field of the ticket instead"
                ) from None

    def _tickets(self, rows: Any) -> Sequence[Json]:  # noqa: ANN401
        """Only the fields that the options name, of what a team may ask its customers for."""
        kept = {int(one) for one in self.options.ticket_fields}
        for row in rows:
            fields = row.get("custom_fields") or []
            row["custom_fields"] = [one for one in fields if one.get("id") in kept]
            if not self.options.subjects:
                row["subject"] = None
            if row.get("status") == "deleted" and self._is_listed(row):
                self.deleted.add(str(row["id"]))
        return rows  # type: ignore[no-any-return]

    def _people(self, rows: Any, assignees: set[str]) -> Sequence[Json]:  # noqa: ANN401
        """Agents, who was assigned a ticket, and colleagues; customers' people are dropped."""
        domains = {one.casefold().removeprefix("@") for one in self.options.colleagues.domains}
        return [
            row
            for row in rows
            if row.get("role") in _AGENTS
            or str(row["id"]) in assignees
            or str(row.get("email") or "").casefold().rpartition("@")[2] in domains
        ]

    def _is_listed(self, row: Json) -> bool:
        changed = parse_instant(row.get("generated_timestamp"))
        return changed is None or changed > self.now - LISTED_DELETED

    def _start(self, since: datetime | None) -> int:
        """A time the vendor takes: not within the last minute."""
        return 0 if since is None else min(_seconds(since), _seconds(self.now - RECENT))


def status_change(event: Json) -> Json | None:
    """What an audit says of the ticket's status; None: nothing."""
    found: Json = {}
    for child in event.get("child_events") or ():
        for name in ("status", "custom_status_id"):
            is_named = child.get("field_name") == name
            if name not in child and not is_named:
                continue
            found[name] = child.get("value") if is_named else child[name]
            found["is_first"] = found.get("is_first") or child.get("event_type") == "Create"
            if child.get("event_type") == "Change":
                found[f"previous_{name}"] = child.get("previous_value")
    if not found:
        return None
    moment = event.get("created_at") or _said(event.get("timestamp"))
    told = {name: event.get(name) for name in ("id", "ticket_id", "timestamp", "updater_id")}
    return {**told, "occurred_at": moment, **found}


def _changes(events: Iterable[Json], end: int | None) -> Page:
    until = None if end is None else {"until": _said(end)}
    return Page([row for one in events if (row := status_change(one))], until)


def _bookmark(reached: datetime | None, cursor: object) -> dict[str, Any] | None:
    if reached is None and cursor is None:
        return None
    until = {"until": reached.isoformat()} if reached else {}
    return {**until, "cursor": cursor} if cursor else until


def _seconds(moment: datetime) -> int:
    return int(moment.timestamp())


def _said(second: object) -> str | None:
    return datetime.fromtimestamp(int(str(second)), UTC).isoformat() if second else None
