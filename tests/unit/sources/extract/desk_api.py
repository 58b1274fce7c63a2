"""An invented API of service cases: pages by cursor, changes since an instant, a bearer token."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sales_support_kpi.sandbox.servers.faults import Script
from sales_support_kpi.sandbox.servers.serving import serve

CASES = {
    "name": "cases",
    "path": "v1/cases",
    "params": {"page_size": 2, "changed_since": "{since}"},
    "data_selector": "data",
    "paginator": {"type": "cursor", "cursor_path": "next", "cursor_param": "cursor"},
    "columns": {"id": "id", "topic": "topic", "state": "state", "channel": "via.channel",
                "opened": "opened", "closed": "closed", "changed": "changed"},
    "key": "id",
    "cursor": "changed",
}  # fmt: skip
SOURCE: dict[str, Any] = {
    "id": "desk",
    "kind": "rest",
    "connection": "desk",
    "options": {"auth": {"type": "bearer"}, "resources": [CASES]},
    "entities": {"requests": "mappings/requests.sql"},
}
REQUESTS = """
select id as request_id, 'inquiry' as kind, topic as subject, channel,
       case state when 'closed' then 'done' else 'open' end as status,
       opened as opened_at, closed as completed_at, changed as updated_at
from cases
"""


@dataclass
class Desk:
    """The API's records, and what breaks it."""

    token: str = "desk-secret-token"  # noqa: S105
    cases: list[dict[str, Any]] = field(default_factory=list)
    script: Script = field(default_factory=Script)
    is_open: bool = False

    PHONE = "010-1234-5678"

    def add(self, number: int | str, changed: str, **more: Any) -> None:
        self.cases.append(
            {"id": number, "topic": f"case {number}", "state": "open", "via": {"channel": "web"},
             "opened": "2026-10-01T00:00:00Z", "closed": None, "changed": changed,
             "phone": self.PHONE, **more}
        )  # fmt: skip

    @contextmanager
    def serve(self) -> Iterator[str]:
        routes = [
            Route("/v1/cases", self._cases, methods=["GET", "POST"]),
            Route("/v1/agents", self._agents),
            Route("/oauth/token", self._token, methods=["POST"]),
            Route("/v1/cases/{case}/moves", self._moves),
        ]
        app = Starlette(routes=routes)
        with serve(app, self.script) as server:
            yield server.url

    async def _cases(self, request: Request) -> Response:
        if not self.is_open and request.headers.get("authorization") != f"Bearer {self.token}":
            return JSONResponse({"error": "who are you?"}, 401)
        asked = request.query_params if request.method == "GET" else await request.json()
        since, until = asked.get("changed_since", ""), asked.get("changed_until", "9")
        rows = sorted(
            (one for one in self.cases if since <= str(one["changed"]) < until),
            key=lambda one: (str(one["changed"]), str(one["id"])),
        )
        first, size = int(asked.get("cursor") or 0), int(asked.get("page_size", 2))
        last = first + size
        body: dict[str, Any] = {"data": rows[first:last], "next": None, "total": len(rows)}
        headers = {}
        if last < len(rows):
            link = str(request.url.include_query_params(cursor=last))
            body |= {"next": str(last), "next_url": link}
            headers = {"Link": f'<{link}>; rel="next"', "X-Next": str(last)}
        return Response(json.dumps(body), media_type="application/json", headers=headers)

    async def _token(self, _: Request) -> Response:
        return JSONResponse({"access_token": f"{self.token}/1", "expires_in": 3600})

    async def _agents(self, request: Request) -> Response:
        page = int(request.query_params.get("page", 1))
        agents = [
            {"id": f"a{page}", "name": f"Agent {page}", "contact": {"email": f"a{page}@acme.test"}}
        ]
        return JSONResponse({"agents": agents if page <= 3 else [], "pages": 3})

    async def _moves(self, request: Request) -> Response:
        case = request.path_params["case"]
        told = [
            {"id": f"{case}-{n}", "case": case, "state": state, "at": f"2026-10-0{n + 1}T01:00:00Z",
             "by": "a1"}
            for n, state in enumerate(("new", "on_hold", "closed"))
        ]  # fmt: skip
        return JSONResponse({"moves": told})
