"""A server that speaks SurveyMonkey's API v3 over a `SurveyMonkeyStore`.

Surveys, their details and pages, responses in bulk; a quota a day and a minute, told in headers.

    store = SurveyMonkeyStore()  # filled with what `surveymonkey_objects.py` makes
    store.surveys["100"] = survey("100", "Material requests", [page("1", [rating("11", …)])])
    store.put_response(response("9001", "100", submitted, {"11": choice("12")}))
"""

import json
import math
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sales_support_kpi.sandbox.servers.surveymonkey_objects import Json

BULK_PAGE = 100
LIST_PAGE = 1000
DETAILS_PAGES = 100
DETAILS_QUESTIONS = 1000


@dataclass(slots=True)
class SurveyMonkeyStore:
    """One account: details by survey id, responses by survey id and response id.

    Attributes:
        is_exclusive: `start_modified_at` leaves its own second out: the vendor does not say.
    """

    surveys: dict[str, Json] = field(default_factory=dict)
    is_exclusive: bool = False
    responses: dict[str, dict[str, Json]] = field(default_factory=dict)

    def put_response(self, one: Json) -> None:
        """Add a response, or its newest state."""
        self.responses.setdefault(str(one["survey_id"]), {})[str(one["id"])] = one


@dataclass(slots=True)
class Quota:
    """Who may read, and how often.

    Attributes:
        token: the access token.
        per_day: requests a day; the day ends at `resets_at` by the clock, None: no limit.
        clock: seconds since 1970.
        is_revoked: the owner has withdrawn the app's grant.
    """

    token: str = "sandbox-token"  # noqa: S105 - invented
    per_day: int | None = None
    clock: Callable[[], float] = time.time
    is_revoked: bool = False
    used: int = 0
    _day: int = 0

    def take(self) -> tuple[bool, dict[str, str]]:
        """Count one request: whether it may pass, and the headers that say what is left."""
        now = self.clock()
        day = math.floor(now / 86400)
        if day != self._day:
            self._day, self.used = day, 0
        reset = str(int((day + 1) * 86400 - now))
        may_pass = self.per_day is None or self.used < self.per_day
        self.used += may_pass
        limit = self.per_day or 1_000_000
        return may_pass, {
            "X-Ratelimit-App-Global-Day-Limit": str(limit),
            "X-Ratelimit-App-Global-Day-Remaining": str(max(0, limit - self.used)),
            "X-Ratelimit-App-Global-Day-Reset": reset,
            "X-Ratelimit-App-Global-Minute-Limit": "120",
            "X-Ratelimit-App-Global-Minute-Remaining": "119",
            "X-Ratelimit-App-Global-Minute-Reset": "60",
        }


def surveymonkey_app(store: SurveyMonkeyStore, quota: Quota | None = None) -> Starlette:
    """The account as a web application."""
    server = _Server(store, quota or Quota())
    return Starlette(routes=[Route("/v3/{path:path}", server.read, methods=["GET"])])


class _Refused(Exception):
    def __init__(self, status: int, code: int, name: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.body: Json = {
            "error": {
                "id": str(code),
                "name": name,
                "docs": "https://developer.surveymonkey.com/api/v3/#error-codes",
                "message": message,
                "http_status_code": status,
            }
        }


_TOO_MANY = _Refused(429, 1040, "Rate limit reached", "Too many requests were made.")


class _Server:
    def __init__(self, store: SurveyMonkeyStore, quota: Quota) -> None:
        self.store, self.quota = store, quota

    async def read(self, request: Request) -> Response:
        """Anything below /v3."""
        headers: dict[str, str] = {}
        try:
            self._admit(request)
            may_pass, headers = self.quota.take()
            told = self._route(request) if may_pass else _TOO_MANY.body
            return _json(told, 200 if may_pass else 429, headers)
        except _Refused as refused:
            return _json(refused.body, refused.status, headers)

    def _admit(self, request: Request) -> None:
        authorization = request.headers.get("authorization", "")
        if not authorization:
            raise _Refused(401, 1010, "Authorization Error", "No authorization token was provided.")
        if authorization.lower() != f"bearer {self.quota.token}".lower():
            raise _Refused(401, 1011, "Authorization Error", "The authorization token is invalid.")
        if self.quota.is_revoked:
            revoked = _Refused(401, 1012, "Authorization Error", "")
            revoked.body = {"status": 1, "errmsg": "Client revoked access grant"}
            raise revoked

    def _route(self, request: Request) -> Json:
        parts = request.path_params["path"].strip("/").split("/")
        if parts == ["users", "me"]:
            return {"id": "1", "username": "reader", "account_type": "enterprise"}
        if parts[0] != "surveys":
            raise _Refused(404, 1020, "Resource Not Found", "There is no such path.")
        if len(parts) == 1:
            return _page(request, [_short(one) for one in self.store.surveys.values()], LIST_PAGE)
        found = self.store.surveys.get(parts[1])
        if found is None:
            raise _Refused(404, 1020, "Resource Not Found", "There is no survey of that id.")
        return self._of_survey(found, parts[2:], request)

    def _of_survey(self, found: Json, rest: list[str], request: Request) -> Json:
        if not rest:
            counts = {
                "question_count": _question_count(found),
                "page_count": len(found["pages"]),
            }
            return _short(found) | counts
        if rest == ["details"]:
            return _details(found)
        if rest == ["responses", "bulk"]:
            return self._bulk(str(found["id"]), request)
        if rest == ["pages"]:
            return _page(request, [_without_questions(one) for one in found["pages"]], LIST_PAGE)
        if len(rest) == 3 and rest[0] == "pages" and rest[2] == "questions":
            (one,) = [one for one in found["pages"] if one["id"] == rest[1]] or [{"questions": []}]
            return _page(request, [_short_question(each) for each in one["questions"]], LIST_PAGE)
        if len(rest) == 4 and rest[0] == "pages" and rest[2] == "questions":
            for one in found["pages"]:
                for question in one["questions"]:
                    if (one["id"], question["id"]) == (rest[1], rest[3]):
                        return dict(question)
        raise _Refused(404, 1020, "Resource Not Found", "There is no such path.")

    def _bulk(self, survey_id: str, request: Request) -> Json:
        asked = request.query_params
        rows = list(self.store.responses.get(survey_id, {}).values())
        for name, column in (("modified", "date_modified"), ("created", "date_created")):
            start, end = asked.get(f"start_{name}_at"), asked.get(f"end_{name}_at")
            rows = [row for row in rows if not start or _moment(row[column]) >= _moment(start)]
            if start and self.store.is_exclusive:
                rows = [row for row in rows if _moment(row[column]) != _moment(start)]
            rows = [row for row in rows if not end or _moment(row[column]) < _moment(end)]
        if "status" in asked:
            rows = [row for row in rows if row["response_status"] == asked["status"]]
        by = asked.get("sort_by", "date_modified")
        rows.sort(key=lambda row: (row[by], row["id"]), reverse=asked.get("sort_order") == "DESC")
        return _page(request, rows, BULK_PAGE)


def _json(body: object, status: int, headers: Mapping[str, str]) -> Response:
    text = json.dumps(body, ensure_ascii=False).encode()
    return Response(text, status, dict(headers), "application/json")


def _moment(text: str) -> datetime:
    at = datetime.fromisoformat(text.strip().replace(" ", "T", 1))
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def _number(request: Request, name: str, default: int) -> int:
    text = request.query_params.get(name, str(default))
    if not text.isdigit() or int(text) < 1:
        raise _Refused(400, 1004, "Invalid Data", f"{name} must be a number above 0.")
    return int(text)


def _page(request: Request, rows: list[Json], most: int) -> Json:
    page = _number(request, "page", 1)
    size = _number(request, "per_page", 50)
    if size > most:
        raise _Refused(400, 1003, "Invalid Data", f"per_page is at most {most}.")
    links = {"self": str(request.url)}
    if page * size < len(rows):
        links["next"] = str(request.url.include_query_params(page=page + 1))
    return {
        "data": rows[(page - 1) * size : page * size],
        "per_page": size,
        "page": page,
        "total": len(rows),
        "links": links,
    }


def _short(found: Json) -> Json:
    names = ("id", "title", "nickname", "href", "date_created", "date_modified")
    return {name: found.get(name) for name in names}


def _question_count(found: Json) -> int:
    return sum(len(one["questions"]) for one in found["pages"])


def _without_questions(one: Json) -> Json:
    return {name: value for name, value in one.items() if name != "questions"}


def _short_question(one: Json) -> Json:
    """A question as lists show it: its heading, not its choices."""
    return {"id": one["id"], "position": one["position"], "heading": one["headings"][0]["heading"]}


def _details(found: Json) -> Json:
    """The details: refused for very many questions, cut after a hundred pages."""
    count = _question_count(found)
    if count > DETAILS_QUESTIONS:
        raise _Refused(413, 1030, "Request Entity Too Large", "The survey is too large.")
    return {
        **found,
        "page_count": len(found["pages"]),
        "question_count": count,
        "pages": found["pages"][:DETAILS_PAGES],
    }
