"""A Zendesk-shaped server that costs next to nothing: each page is a rendered one, renumbered.

`python -m bench.extraction_server TICKETS` prints its port and serves until it is ended.
"""

import json
import sys
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

from sales_support_kpi.sandbox.servers.zendesk_objects import ticket

PAGE_TICKETS = 1000
FIRST_PAGE = 1_000_001  # pages have seven digits, so that all pages are of equal length
FIRST_STAMP = 1_700_000_000
_EMPTY = json.dumps(
    {
        name: []
        for name in (
            "users", "groups", "ticket_forms", "ticket_fields", "brands", "custom_statuses",
            "organizations", "deleted_tickets", "ticket_events",
        )
    }
    | {"end_of_stream": True, "meta": {"has_more": False}, "count": 0}
).encode()  # fmt: skip


def rendered_page() -> bytes:
    """A thousand tickets whose ids begin with 7777777, all stamped 1777777777."""
    created = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
    tickets = [
        ticket(
            int(f"7777777{at:03d}"),
            created,
            updated=created + timedelta(hours=3, seconds=at),
            custom_fields={360_000_000_000 + n: f"value {n}" for n in range(10)},
            description="The customer asks for the current price list and a sample. " * 8,
            status="solved" if at % 3 else "open",
            tags=["sales", "price_list"],
            assignee_id=900_000 + at % 17,
            requester_id=800_000 + at,
            group_id=700_001,
            metric_set={"ticket_id": at, "solved_at": "2026-01-05T12:00:00Z", "reopens": 0},
        )
        | {"generated_timestamp": 1_777_777_777}
        for at in range(PAGE_TICKETS)
    ]
    return json.dumps({"tickets": tickets}, ensure_ascii=False).encode()[:-1]


PAGE = rendered_page()


class Handler(BaseHTTPRequestHandler):
    """Answers the cursor-based export of tickets; everything else is empty."""

    protocol_version = "HTTP/1.1"
    pages = 1

    def do_GET(self) -> None:
        """One page."""
        parts = urlsplit(self.path)
        if "incremental/tickets/cursor" not in parts.path:
            self._say(_EMPTY)
            return
        number = int(parse_qs(parts.query).get("cursor", ["1"])[0])
        page = PAGE.replace(b"7777777", str(FIRST_PAGE + number).encode())
        stamped = page.replace(
            b"1" + str(FIRST_PAGE + number).encode() + b"77", str(FIRST_STAMP + number).encode()
        )
        is_end = number >= self.pages
        tail = {
            "after_cursor": str(number + 1),
            "after_url": f"http://{self.headers['Host']}{parts.path}?cursor={number + 1}",
            "before_url": None,
            "end_of_stream": is_end,
        }
        self._say(stamped + b"," + json.dumps(tail).encode()[1:])

    def _say(self, body: bytes) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "application/json; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def main() -> None:
    """Serve on any free port."""
    Handler.pages = int(sys.argv[1]) // PAGE_TICKETS
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    sys.stdout.write(f"{server.server_port}\n")
    sys.stdout.flush()
    server.serve_forever()


if __name__ == "__main__":
    main()
