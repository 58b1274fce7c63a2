"""A server that speaks Salesforce's REST query, Bulk API 2.0 and OAuth over an `Org`.

`serve(salesforce_app(org, Behaviour(…)))` → an address for a connection. What a vendor's server
can do wrong by itself is set in `Behaviour`; what any server can do, in the script of `serve`.
"""

import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sales_support_kpi.sandbox.servers.salesforce_behaviour import Behaviour
from sales_support_kpi.sandbox.servers.salesforce_bulk import BulkJobs
from sales_support_kpi.sandbox.servers.salesforce_org import Org, View
from sales_support_kpi.sandbox.servers.soql import Query, Record, SoqlError, parse, run, vendor_time

CLIENT_ID, CLIENT_SECRET, REFRESH_TOKEN = "demo-client", "demo-secret", "demo-refresh"
_DATA = "/services/data/{version}"
_DELETIONS_DAYS = 30
_LIVING = ("Task", "Event")  # archived ones are only found by queryAll

Handler = Callable[[Request], Awaitable[Response]]


class ApiError(Exception):
    """What Salesforce answers with a list of one code and message."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status, self.code, self.message = status, code, message


@dataclass(slots=True)
class _Locator:
    rows: list[Record]
    query: Query
    page: int = 0


@dataclass(slots=True)
class _State:
    tokens: dict[str, int] = field(default_factory=dict)
    locators: dict[str, _Locator] = field(default_factory=dict)
    calls: int = 0


def salesforce_app(
    org: Org, behaviour: Behaviour | None = None, client: tuple[str, str] | None = None
) -> Starlette:
    """The org as a server; the behaviour may be changed while it runs.

    `client` is the id and secret of the one connected app.
    """
    known = client or (CLIENT_ID, CLIENT_SECRET)
    return _Salesforce(org, behaviour or Behaviour(), known).app()


class _Salesforce:
    def __init__(self, org: Org, behaviour: Behaviour, client: tuple[str, str]) -> None:
        self.org, self.behaviour, self.client, self.state = org, behaviour, client, _State()
        self.bulk = BulkJobs(org, behaviour, self._find)

    def app(self) -> Starlette:
        routes = [
            Route("/services/oauth2/token", self._guarded(self.token), methods=["POST"]),
            Route("/services/data", self._guarded(self.versions)),
            *(
                Route(f"{_DATA}{path}", self._guarded(self._signed_in(handler)), methods=[method])
                for method, path, handler in (
                    ("GET", "/query", self.query),
                    ("GET", "/queryAll", self.query),
                    ("GET", "/query/{locator}", self.more),
                    ("GET", "/sobjects", self.objects),
                    ("GET", "/sobjects/{name}/describe", self.describe),
                    ("GET", "/sobjects/{name}/deleted", self.deleted),
                    ("GET", "/limits", self.limits),
                    ("POST", "/jobs/query", self.bulk.create),
                    ("GET", "/jobs/query/{job}", self.bulk.status),
                    ("GET", "/jobs/query/{job}/results", self.bulk.results),
                    ("DELETE", "/jobs/query/{job}", self.bulk.remove),
                )
            ),
        ]
        app = Starlette(routes=routes)
        app.router.redirect_slashes = False
        for route in routes:  # some paths are documented with a slash at the end
            app.router.routes.append(
                Route(f"{route.path}/", route.endpoint, methods=sorted(route.methods or ()))
            )
        return app

    def _guarded(self, handler: Handler) -> Handler:
        async def guarded(request: Request) -> Response:
            try:
                return await handler(request)
            except ApiError as error:
                return _json([{"message": error.message, "errorCode": error.code}], error.status)
            except SoqlError as error:
                return _json([{"message": error.message, "errorCode": error.code}], 400)

        return guarded

    def _signed_in(self, handler: Handler) -> Handler:
        async def signed_in(request: Request) -> Response:
            self._check_session(request)
            self.state.calls += 1
            allowed = self.behaviour.calls_per_day
            if allowed is not None and self.state.calls > allowed:
                message = "TotalRequests Limit exceeded."
                raise ApiError(403, "REQUEST_LIMIT_EXCEEDED", message)
            response = await handler(request)
            used = f"api-usage={self.state.calls}/{allowed or 100_000}"
            response.headers["Sforce-Limit-Info"] = used
            return response

        return signed_in

    def _check_session(self, request: Request) -> None:
        token = request.headers.get("authorization", "").removeprefix("Bearer ")
        left = self.state.tokens.get(token, 0)
        if not left:
            raise ApiError(401, "INVALID_SESSION_ID", "Session expired or invalid")
        self.state.tokens[token] = left - 1

    async def token(self, request: Request) -> Response:
        form = {str(key): str(value) for key, value in (await request.form()).items()}
        grant = form.get("grant_type")
        if (form.get("client_id"), form.get("client_secret")) != self.client:
            told = {"error": "invalid_client", "error_description": "invalid client credentials"}
            return _json(told, 400)
        if grant == "refresh_token" and form.get("refresh_token") != REFRESH_TOKEN:
            told = {"error": "invalid_grant", "error_description": "expired access/refresh token"}
            return _json(told, 400)
        if grant not in ("client_credentials", "refresh_token"):
            told = {"error": "unsupported_grant_type", "error_description": "not supported"}
            return _json(told, 400)
        token = f"00Ddemo!{secrets.token_urlsafe(24)}"
        calls = self.behaviour.calls_per_token
        self.state.tokens[token] = -1 if calls is None else calls
        return _json(
            {
                "access_token": token,
                "instance_url": str(request.base_url).rstrip("/"),
                "id": f"{request.base_url}id/00D000000000001EAA/005000000000001AAA",
                "token_type": "Bearer",
                "issued_at": str(int(datetime.now(UTC).timestamp() * 1000)),
                "signature": "c2FuZGJveA==",
            }
        )

    async def versions(self, _: Request) -> Response:
        known = ("60.0", "61.0", "62.0", "63.0", "64.0")
        return _json(
            [{"label": one, "url": f"/services/data/v{one}", "version": one} for one in known]
        )

    async def query(self, request: Request) -> Response:
        text = request.query_params.get("q")
        if not text:
            raise ApiError(400, "MALFORMED_QUERY", "SOQL statement is missing")
        query = parse(text)
        rows = self._find(query, is_all="queryAll" in request.url.path)
        if query.is_count:
            return _json({"totalSize": len(rows), "done": True, "records": []})
        name = f"0r8{secrets.token_hex(6)}"
        self.state.locators[name] = _Locator(rows, query)
        return self._page(request, name, 0)

    async def more(self, request: Request) -> Response:
        name, _, start = request.path_params["locator"].rpartition("-")
        locator = self.state.locators.get(name)
        if locator is not None:
            last = self.behaviour.locator_dies_after
            if last is not None and locator.page >= last:
                del self.state.locators[name]
                locator = None
        if locator is None:
            raise ApiError(400, "INVALID_QUERY_LOCATOR", "invalid query locator")
        locator.page += 1
        return self._page(request, name, int(start))

    def _page(self, request: Request, name: str, start: int) -> Response:
        locator = self.state.locators[name]
        sizes = self.behaviour.page_sizes
        end = start + sizes[locator.page % len(sizes)]
        version = request.path_params["version"]
        view = View(self.org, locator.query.source)
        records = [
            _told(view, record, locator.query, version) for record in locator.rows[start:end]
        ]
        is_done = end >= len(locator.rows)
        told: dict[str, Any] = {"totalSize": len(locator.rows), "done": is_done}
        if not is_done:
            path = _DATA.format(version=self.behaviour.next_version or version)
            told["nextRecordsUrl"] = f"{path}/query/{name}-{end}"
        return _json({**told, "records": records})

    def _find(self, query: Query, *, is_all: bool) -> list[Record]:
        if query.source not in self.org.objects:
            message = f"sObject type '{query.source}' is not supported."
            raise ApiError(400, "INVALID_TYPE", message)
        target = self.org.objects[query.source]
        rows = list(target.records.values())
        if not is_all:
            rows = [row for row in rows if not row.get("IsDeleted")]
            if query.source in _LIVING:
                rows = [row for row in rows if not row.get("IsArchived")]
        found = run(query, rows, View(self.org, query.source))
        above = self.behaviour.timeout_above
        if above is not None and len(found) > above:
            raise ApiError(400, "QUERY_TIMEOUT", "Your query request was running for too long.")
        return found

    async def objects(self, _: Request) -> Response:
        return _json({"sobjects": [{"name": name} for name in self.org.objects]})

    async def describe(self, request: Request) -> Response:
        target = self.org.objects.get(request.path_params["name"])
        if target is None:
            raise ApiError(404, "NOT_FOUND", "The requested resource does not exist")
        fields = [
            {
                "name": one.name,
                "type": one.type,
                "calculated": one.is_formula,
                "custom": one.name.endswith("__c"),
                "referenceTo": [one.reference] if one.reference else [],
                "relationshipName": _relation(one.name) if one.reference else None,
                "picklistValues": [{"value": word, "active": True} for word in one.values],
            }
            for one in target.visible()
        ]
        return _json({"name": target.name, "queryable": True, "fields": fields})

    async def deleted(self, request: Request) -> Response:
        """What was deleted: seconds do not count, the last minute is not told yet."""
        name = request.path_params["name"]
        start, end = (
            datetime.fromisoformat(request.query_params[bound]).replace(second=0)
            for bound in ("start", "end")
        )
        oldest = self.behaviour.clock() - timedelta(days=_DELETIONS_DAYS)
        if start >= end or start < oldest:
            message = "startDate must be before endDate and within the last 30 days"
            raise ApiError(400, "INVALID_REPLICATION_DATE", message)
        covered = vendor_time(end - timedelta(minutes=1))
        found = [
            {"id": number, "deletedDate": at}
            for number, at in self.org.deleted.get(name, [])
            if vendor_time(start) <= at < covered
        ]
        dates = {"earliestDateAvailable": vendor_time(oldest), "latestDateCovered": covered}
        return _json({"deletedRecords": found, **dates})

    async def limits(self, _: Request) -> Response:
        most = self.behaviour.calls_per_day or 100_000
        left = max(0, most - self.state.calls)
        return _json({"DailyApiRequests": {"Max": most, "Remaining": left}})


def _relation(name: str) -> str:
    return f"{name[:-1]}r" if name.endswith("__c") else name.removesuffix("Id")


def _told(view: View, record: Record, query: Query, version: str) -> dict[str, Any]:
    """A record as REST writes it: a parent's fields are an object of their own."""
    path = _DATA.format(version=version)
    url = f"{path}/sobjects/{query.source}/{record['Id']}"
    told: dict[str, Any] = {"attributes": {"type": query.source, "url": url}}
    for name in query.fields:
        parent, _, rest = name.partition(".")
        if not rest:
            told[name] = record.get(name)
        elif view.parent(record, parent) is None:
            told[parent] = None
        else:
            inner = told.setdefault(parent, {"attributes": {"type": parent}})
            inner[rest] = view.value(record, name)
    return told


def _json(content: object, status: int = 200) -> Response:
    return Response(orjson.dumps(content), status, media_type="application/json")
