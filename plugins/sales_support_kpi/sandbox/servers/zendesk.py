"""A server that speaks Zendesk's Support API over a `ZendeskStore`.

It answers what an extractor asks: the cursor-based exports of tickets and users, the
time-based ones of ticket events and organisations, the lists that give names to ids, deleted
tickets, ratings.
Tests hold its answers against the vendor's own description of the API.
"""

import hmac
import json
from urllib.parse import parse_qsl

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sales_support_kpi.sandbox.servers.zendesk_account import PAGE, Account
from sales_support_kpi.sandbox.servers.zendesk_objects import Json, seconds
from sales_support_kpi.sandbox.servers.zendesk_pages import (
    Refused,
    json_answer,
    page_of,
    read_cursor,
    url_of,
    write_cursor,
)
from sales_support_kpi.sandbox.servers.zendesk_store import Mark, Stream, ZendeskStore

RECENT_SECONDS = 60

_LISTS = (
    "groups", "brands", "ticket_fields", "ticket_forms", "deleted_tickets", "satisfaction_ratings",
    "custom_statuses", "organization_fields", "tags",
)  # fmt: skip


def zendesk_app(store: ZendeskStore, account: Account | None = None) -> Starlette:
    """The account as a web application."""
    server = _Server(store, account or Account())
    routes = [
        Route("/oauth/tokens", server.token, methods=["POST"]),
        Route("/api/v2/{path:path}", server.read, methods=["GET"]),
    ]
    return Starlette(routes=routes)


_MISSING = {"error": "RecordNotFound", "description": "Not found"}
_TOO_RECENT = {
    "error": "StartTimeTooRecent",
    "description": "Too recent start_time. Use a start_time older than 60 seconds",
}


class _Server:
    def __init__(self, store: ZendeskStore, account: Account) -> None:
        self.store, self.account = store, account

    async def token(self, request: Request) -> Response:
        """OAuth: client credentials, or a refresh token (any that was issued)."""
        body = await request.body()
        is_json = "json" in request.headers.get("content-type", "")
        form = json.loads(body) if is_json else dict(parse_qsl(body.decode()))
        secret = self.account.clients.get(str(form.get("client_id")))
        if secret is None or not hmac.compare_digest(secret, str(form.get("client_secret"))):
            said = "Client authentication failed due to unknown client."
            return json_answer({"error": "invalid_client", "error_description": said}, 401)
        if form.get("grant_type") not in ("client_credentials", "refresh_token"):
            return json_answer({"error": "unsupported_grant_type"}, 400)
        return json_answer(
            {
                "access_token": self.account.issue(),
                "token_type": "bearer",
                "scope": form.get("scope") or "read",
                "expires_in": self.account.token_seconds,
            }
        )

    async def read(self, request: Request) -> Response:
        """Anything below /api/v2."""
        try:
            self._admit(request)
            return self._route(request)
        except Refused as refused:
            return refused.answer

    def _admit(self, request: Request) -> None:
        authorization = request.headers.get("authorization", "")
        if not self.account.knows(authorization):
            is_bearer = authorization.lower().startswith("bearer")
            expired = {
                "error": "invalid_token",
                "error_description": "The access token provided is expired, revoked or malformed.",
            }
            raise Refused(401, expired if is_bearer else {"error": "Couldn't authenticate you"})
        wait = self.account.wait_for(request.url.path)
        if wait:
            said = {
                "error": "APIRateLimitExceeded",
                "description": "Too many requests",
            }
            raise Refused(429, said, {"Retry-After": str(wait)})

    def _route(self, request: Request) -> Response:
        path = request.path_params["path"].removesuffix(".json").strip("/")
        parts = path.split("/")
        if parts[0] == "incremental":
            return self._incremental(parts[1:], request)
        if path == "users/me":
            role = "admin" if self.account.is_admin else "agent"
            return json_answer({"user": {"id": 1, "name": "Reader", "role": role}})
        if parts[0] == "tickets" and len(parts) > 1:
            return self._ticket(parts, request)
        if path in _LISTS:
            return self._list(path, request)
        raise Refused(404, {"error": "InvalidEndpoint", "description": "Not found"})

    def _ticket(self, parts: list[str], request: Request) -> Response:
        """A ticket's audits, which are gone with it."""
        found = self.store.tickets.get(int(parts[1])) if parts[1].isdigit() else None
        if found is None or found["status"] == "deleted" or parts[2:] != ["audits"]:
            raise Refused(404, _MISSING)
        audits = [
            _audit(event)
            for _, event in self.store.ticket_events.after((0, 0), 2**40, 2**40)
            if event["ticket_id"] == found["id"]
        ]
        return json_answer(page_of(audits, "audits", request))

    def _list(self, name: str, request: Request) -> Response:
        rows: list[Json] = getattr(self.store, name)
        since = request.query_params.get("start_time")
        if name == "satisfaction_ratings" and since:
            rows = [row for row in rows if seconds(row["created_at"]) >= int(since)]
        by = request.query_params.get("sort_by")
        if name == "deleted_tickets" and by in ("id", "subject", "deleted_at"):
            is_down = request.query_params.get("sort_order") == "desc"
            rows = sorted(rows, key=lambda row: row[by], reverse=is_down)
        return json_answer(page_of(rows, name, request))

    def _incremental(self, parts: list[str], request: Request) -> Response:
        if not self.account.is_admin:
            said = "You do not have access to this page."
            raise Refused(403, {"error": {"title": "Forbidden", "message": said}})
        streams = {
            "tickets": self.store.tickets,
            "users": self.store.people,
            "ticket_events": self.store.ticket_events,
            "organizations": self.store.organizations,
        }
        stream = streams.get(parts[0])
        if stream is None:
            raise Refused(404, {"error": "InvalidEndpoint", "description": "Not found"})
        if parts[1:] == ["cursor"] and parts[0] in ("tickets", "users"):
            return self._by_cursor(parts[0], stream, request)
        return self._by_time(parts[0], stream, request)

    def _by_cursor(self, name: str, stream: Stream, request: Request) -> Response:
        cursor = request.query_params.get("cursor")
        mark = read_cursor(cursor) if cursor else (self._start(request) - 1, 2**62)
        until, limit = self._until(), self._limit(request)
        found = stream.after(mark, until, limit)
        last = found[-1][0] if found else (mark if cursor else None)
        is_end = len(found) < limit or not stream.after(found[-1][0], until, 1)
        after = None if last is None else write_cursor(last)
        return json_answer(
            {
                name: self._records(name, [row for _, row in found], request),
                "after_url": after and url_of(request, {"cursor": after}, ("start_time",)),
                "before_url": None,
                "after_cursor": after,
                "before_cursor": None,
                "end_of_stream": is_end,
            }
        )

    def _by_time(self, name: str, stream: Stream, request: Request) -> Response:
        start = self._start(request)
        until, limit = self._until(), self._limit(request)
        found = stream.after((start - 1, 2**62), until, limit)
        if found and self.account.whole_seconds:
            found = _in_whole_seconds(stream, found, start, until)
        end = found[-1][0][0] if found else None
        is_end = not found or not stream.after(found[-1][0], until, 1)
        following = None if end is None else url_of(request, {"start_time": str(end)})
        return json_answer(
            {
                name: self._records(name, [row for _, row in found], request),
                "count": len(found),
                "end_of_stream": is_end,
                "end_time": end,
                "next_page": following,
            }
        )

    def _records(self, name: str, rows: list[Json], request: Request) -> list[Json]:
        if name != "tickets":
            return rows
        if request.query_params.get("exclude_deleted") == "true":
            rows = [row for row in rows if row["status"] != "deleted"]
        if "metric_sets" not in request.query_params.get("include", ""):
            return rows
        return [{**row, "metric_set": self.store.metric_sets.get(row["id"])} for row in rows]

    def _start(self, request: Request) -> int:
        text = request.query_params.get("start_time", "")
        if not text.isdigit():
            said = "Missing parameter start_time or cursor"
            raise Refused(400, {"error": "StartTimeMissing", "description": said})
        if int(text) > self.account.clock() - RECENT_SECONDS:
            raise Refused(400, _TOO_RECENT)
        return int(text)

    def _until(self) -> int:
        """The last second that is told: the most recent minute never is."""
        return int(self.account.clock()) - RECENT_SECONDS

    def _limit(self, request: Request) -> int:
        wanted = request.query_params.get("per_page", "")
        return max(1, min(int(wanted) if wanted.isdigit() else PAGE, self.account.page))


def _in_whole_seconds(
    stream: Stream, found: list[tuple[Mark, Json]], start: int, until: int
) -> list[tuple[Mark, Json]]:
    """The page up to the end of its last second, and beyond the second it was asked from."""
    found = found + stream.rest_of_second(found[-1][0])
    if found[-1][0][0] == start:
        following = stream.after(found[-1][0], until, 1)
        found += following
        found += stream.rest_of_second(following[-1][0]) if following else []
    return found


def _audit(event: Json) -> Json:
    """An audit as a ticket's own list shows it: other names than in the export."""
    return {
        "id": event["id"],
        "ticket_id": event["ticket_id"],
        "created_at": event["created_at"],
        "author_id": event["updater_id"],
        "metadata": {},
        "via": {"channel": "web"},
        "events": [
            {
                "id": child["id"],
                "type": child["event_type"],
                "field_name": name,
                "value": value,
                "previous_value": child.get("previous_value"),
            }
            for child in event["child_events"]
            for name, value in child.items()
            if name in ("status", "custom_status_id")
        ],
    }
