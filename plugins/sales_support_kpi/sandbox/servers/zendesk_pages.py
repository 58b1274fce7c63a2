"""Pages, cursors and refusals as Zendesk's API words them."""

import base64
import json
from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import Response

from sales_support_kpi.sandbox.servers.zendesk_objects import Json
from sales_support_kpi.sandbox.servers.zendesk_store import Mark

LIST_PAGE = 100
OFFSET_PAGES = 100


class Refused(Exception):
    """An answer that is not 200."""

    def __init__(self, status: int, body: object, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(status)
        self.answer = json_answer(body, status, headers)


def json_answer(
    body: object, status: int = 200, headers: Mapping[str, str] | None = None
) -> Response:
    """A JSON answer, Korean as it is."""
    text = json.dumps(body, ensure_ascii=False).encode()
    return Response(text, status, dict(headers or {}), "application/json; charset=utf-8")


def write_cursor(mark: Mark) -> str:
    """A cursor as the vendor's look."""
    return base64.b64encode(f"{mark[0]}.0||{mark[1]}".encode()).decode()


def read_cursor(cursor: str) -> Mark:
    """Where a cursor stands.

    Raises:
        Refused: it is none.
    """
    try:
        second, _, record_id = base64.b64decode(cursor, validate=True).decode().partition(".0||")
        return int(second), int(record_id)
    except ValueError:
        raise Refused(400, {"error": "InvalidCursor", "description": "Bad cursor"}) from None


def url_of(request: Request, values: Mapping[str, str], drop: tuple[str, ...] = ()) -> str:
    """The address of a request with other values in its query."""
    url = request.url.remove_query_params(drop) if drop else request.url
    return str(url.include_query_params(**values))


def page_of(rows: list[Json], name: str, request: Request) -> Json:
    """A list: all of it, a page by its number, or a page behind `page[after]`."""
    wanted = request.query_params.get("page[size]", "")
    if not wanted.isdigit():
        return _page_by_number(rows, name, request)
    size = max(1, min(int(wanted), LIST_PAGE))
    after = request.query_params.get("page[after]", "")
    start = int(base64.b64decode(after).decode()) if after else 0
    has_more = start + size < len(rows)
    cursor = base64.b64encode(str(start + size).encode()).decode()
    following = url_of(request, {"page[after]": cursor}) if has_more else None
    return {
        name: rows[start : start + size],
        "meta": {"has_more": has_more, "after_cursor": cursor if has_more else None},
        "links": {"next": following, "prev": None},
    }


def _page_by_number(rows: list[Json], name: str, request: Request) -> Json:
    size, number = (request.query_params.get(key, "") for key in ("per_page", "page"))
    if not size.isdigit():
        return {name: rows, "count": len(rows), "next_page": None, "previous_page": None}
    count, at = min(int(size), LIST_PAGE), int(number or 1)
    if at > OFFSET_PAGES:
        raise Refused(429, {"error": "Pagination limit reached for offset model"})
    has_more = at * count < len(rows)
    return {
        name: rows[(at - 1) * count : at * count],
        "count": len(rows),
        "next_page": url_of(request, {"page": str(at + 1)}) if has_more else None,
        "previous_page": url_of(request, {"page": str(at - 1)}) if at > 1 else None,
    }
