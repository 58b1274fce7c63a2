"""Seconds with more changes than a page of a time-based export holds.

Such a page leads to itself. What happened in that second is then asked ticket by ticket, of those
that were changed in it or later, and the export goes on with the next second.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from sales_support_kpi.sources.extract.errors import SourceError
from sales_support_kpi.sources.extract.http import Http
from sales_support_kpi.sources.extract.instants import parse_instant
from sales_support_kpi.sources.extract.vendors.zendesk.paging import ExportPaginator, ListPaginator

Json = dict[str, Any]

MOST_TICKETS = 20_000  # a request each; at 700 a minute half an hour


class Crowded(Exception):
    """A page of a time-based export that leads to itself."""

    def __init__(self, second: int) -> None:
        super().__init__(second)
        self.second = second


def events_in(http: Http, second: int) -> Iterator[Json]:
    """The audits of one second, in the shape of the export of ticket events.

    Raises:
        SourceError: too many tickets have been changed since.
    """
    moment = datetime.fromtimestamp(second, UTC)
    for count, ticket in enumerate(_changed_since(http, moment)):
        if count == MOST_TICKETS:
            raise SourceError(
                f"Zendesk holds more changes in the second of {moment.isoformat()} than it puts "
                "on a page, and too many tickets have changed since to be asked one by one: say "
                "events: false in the source's options to read tickets without their history"
            )
        for audit in _audits(http, ticket):
            if parse_instant(audit.get("created_at")) == moment:
                yield _as_event(audit, second)


def _changed_since(http: Http, moment: datetime) -> Iterator[str]:
    """Tickets with an event at or after a moment: an event moves `updated_at`."""
    asked = {"start_time": int(moment.timestamp())}
    for page in http.paginate(
        "/api/v2/incremental/tickets/cursor", params=asked, data_selector="tickets",
        paginator=ExportPaginator("cursor", "after_cursor"),
    ):  # fmt: skip
        for row in page:
            created = parse_instant(row.get("created_at"))
            updated = parse_instant(row.get("updated_at"))
            if (created is None or created <= moment) and (updated is None or updated >= moment):
                yield str(row["id"])


def _audits(http: Http, ticket: str) -> Iterator[Json]:
    """A ticket's audits; none where it has been deleted."""
    path, asked = f"/api/v2/tickets/{ticket}/audits", {"page[size]": 100}
    first = http.get(path, params=asked, allow=(404,))
    if first.status_code == 404:
        return
    if not (first.json().get("meta") or {}).get("has_more"):
        yield from first.json().get("audits") or ()
        return
    for page in http.paginate(
        path, params=asked, paginator=ListPaginator(), data_selector="audits"
    ):
        yield from page


def _as_event(audit: Json, second: int) -> Json:
    return {
        "id": audit.get("id"),
        "ticket_id": audit.get("ticket_id"),
        "timestamp": second,
        "created_at": audit.get("created_at"),
        "updater_id": audit.get("author_id"),
        "child_events": [
            {**one, "event_type": one.get("type")} for one in audit.get("events") or ()
        ],
    }
