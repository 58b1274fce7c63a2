"""What a foreign server may do to a reading, tried over real HTTP against a scripted one."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest
from desk_api import Desk
from dlt.sources.helpers.rest_client.auth import BearerTokenAuth
from dlt.sources.helpers.rest_client.paginators import (
    JSONLinkPaginator,
    JSONResponseCursorPaginator,
)

from sales_support_kpi.sandbox.servers.faults import (
    Script,
    answer,
    cut,
    redirect,
    rewritten,
    truncated,
    with_headers,
)
from sales_support_kpi.sandbox.servers.serving import serve
from sales_support_kpi.sources.extract.answers import HttpError
from sales_support_kpi.sources.extract.auth import client_credentials
from sales_support_kpi.sources.extract.credentials import Credentials
from sales_support_kpi.sources.extract.errors import QuotaUsedUp, SourceError
from sales_support_kpi.sources.extract.http import Http
from sales_support_kpi.sources.extract.waits import Waits

NOW = datetime(2026, 11, 1, 3, 0, tzinfo=UTC)
EDGE = '{"detail": "Rate limited by edge protection", "status": "429"}'


class Clockwork:
    """Pauses that pass at once, and how long each was asked to be."""

    def __init__(self) -> None:
        self.pauses: list[float] = []

    def waits(self, **more: Any) -> Waits:
        return Waits(pause=self.pauses.append, now=lambda: NOW, **more)


@pytest.fixture
def clock() -> Clockwork:
    return Clockwork()


@pytest.fixture
def served() -> Iterator[tuple[Desk, str]]:
    desk = Desk()
    for number in range(5):
        desk.add(number, f"2026-10-0{number + 1}T09:00:00Z")
    with desk.serve() as url:
        yield desk, url


@pytest.fixture
def script(served: tuple[Desk, str]) -> Script:
    return served[0].script


@pytest.fixture
def http(served: tuple[Desk, str], clock: Clockwork) -> Http:
    desk, url = served
    return Http(url, auth=BearerTokenAuth(token=desk.token), waits=clock.waits())


def read(http: Http, **paginator: Any) -> list[int]:
    pages = http.paginate(
        "v1/cases",
        params={"page_size": 2},
        data_selector="data",
        paginator=JSONResponseCursorPaginator(
            **{"cursor_path": "next", "cursor_param": "cursor", **paginator}
        ),
    )
    return [row["id"] for page in pages for row in page]


ALL = [0, 1, 2, 3, 4]


@pytest.mark.parametrize(
    ("header", "pauses"),
    [
        ({"Retry-After": "7"}, [7]),
        ({"retry-after": "7"}, [7]),
        ({"RETRY-AFTER": format_datetime(NOW + timedelta(seconds=9), usegmt=True)}, [9]),
        ({"Retry-After": format_datetime(NOW - timedelta(seconds=9), usegmt=True)}, [0]),
        ({"Retry-After": "soon"}, [pytest.approx(1, abs=0.3)]),
        ({}, [pytest.approx(1, abs=0.3)]),
    ],
)
def test_a_pause_that_is_asked_for_is_made(
    http: Http, script: Script, clock: Clockwork, header: dict[str, str], pauses: list[float]
) -> None:
    script.add(answer(429, {"error": "APIRateLimitExceeded"}, header), skip=1)

    assert read(http) == ALL
    assert clock.pauses == pauses


@pytest.mark.parametrize("body", [{"error": "APIRateLimitExceeded"}, EDGE, "Too Many Requests", ""])
@pytest.mark.parametrize("status", [429, 503])
def test_throttling_is_understood_whatever_its_text(
    http: Http, script: Script, body: object, status: int
) -> None:
    script.add(answer(status, body), skip=1, times=3)

    assert read(http) == ALL


def test_pauses_that_add_up_to_too_much_end_the_reading(
    http: Http, script: Script, clock: Clockwork
) -> None:
    script.add(answer(429, "busy", {"Retry-After": "800"}), times=None)

    with pytest.raises(SourceError, match="add up to more than 30 minutes"):
        read(http)
    assert clock.pauses == [800, 800]


def test_a_pause_of_hours_means_that_todays_quota_is_used_up(
    http: Http, script: Script, clock: Clockwork
) -> None:
    script.add(answer(429, "daily limit", {"Retry-After": "50000"}), times=None)

    with pytest.raises(QuotaUsedUp, match=r"2026-11-01 16:53 UTC") as raised:
        read(http)
    assert raised.value.until == NOW + timedelta(seconds=50000)
    assert raised.value.is_final
    assert clock.pauses == []


def test_a_vendor_says_what_its_own_answers_mean(
    served: tuple[Desk, str], clock: Clockwork
) -> None:
    desk, url = served
    desk.script.add(answer(403, [{"errorCode": "REQUEST_LIMIT_EXCEEDED"}]))

    def classify(response: Any) -> Any:
        return "quota" if b"REQUEST_LIMIT" in response.content else None

    http = Http(url, auth=BearerTokenAuth(token=desk.token), classify=classify, waits=clock.waits())
    with pytest.raises(QuotaUsedUp):
        read(http)


@pytest.mark.parametrize("status", [500, 502, 504, 408])
def test_a_server_that_stumbles_is_asked_again(http: Http, script: Script, status: int) -> None:
    script.add(answer(status, "<html>oops</html>"), skip=2, times=4)

    assert read(http) == ALL


def test_a_server_that_stays_down_is_given_up(http: Http, script: Script) -> None:
    script.add(answer(500, "oops"), times=None)

    with pytest.raises(SourceError, match="given up after 8 attempts: 500 oops") as raised:
        read(http)
    assert not raised.value.is_final
    assert len(script.seen()) == 8


@pytest.mark.parametrize(
    "fault", [cut(30), truncated(30), truncated(0), answer(200, "<html>back soon</html>")]
)
def test_a_body_that_is_cut_or_malformed_is_asked_for_again(
    http: Http, script: Script, fault: Any
) -> None:
    script.add(fault, skip=1, times=2)

    assert read(http) == ALL


def test_a_server_that_is_not_there_is_said_so() -> None:
    http = Http("http://127.0.0.1:1", waits=Waits(attempts=2, pause=lambda _: None))

    with pytest.raises(SourceError, match=r"GET http://127.0.0.1:1/v1/cases: given up after 2"):
        read(http)


class Renewing(BearerTokenAuth):  # type: ignore[misc]
    """A token that a renewal makes good, or does not."""

    def __init__(self, tokens: list[str]) -> None:
        super().__init__(token=tokens[0])
        self.tokens = tokens[1:]

    def renew(self) -> None:
        if self.tokens:
            self.token = self.tokens.pop(0)


def renewing(served: tuple[Desk, str], clock: Clockwork, *tokens: str) -> Http:
    return Http(served[1], auth=Renewing(list(tokens)), waits=clock.waits())


def test_an_expired_token_is_renewed_and_the_same_page_read(
    served: tuple[Desk, str], clock: Clockwork
) -> None:
    http = renewing(served, clock, "stale", served[0].token)

    assert read(http) == ALL
    assert len(served[0].script.seen()) == 4


def test_a_token_that_expires_during_a_pause_is_renewed_too(
    served: tuple[Desk, str], clock: Clockwork
) -> None:
    desk = served[0]
    http = renewing(served, clock, desk.token, "second-token")

    def expire(seconds: float) -> None:
        desk.token = "second-token"  # noqa: S105

    http.waits = Waits(pause=expire, now=lambda: NOW)
    desk.script.add(answer(429, "busy", {"Retry-After": "30"}), skip=1)

    assert read(http) == ALL


def test_a_token_that_stays_refused_ends_the_reading(
    served: tuple[Desk, str], clock: Clockwork
) -> None:
    http = renewing(served, clock, "stale", "stale-2")

    with pytest.raises(HttpError, match=r"401") as raised:
        read(http)
    assert raised.value.is_final
    assert len(served[0].script.seen()) == 4


def test_a_refusal_is_final_and_not_asked_again(http: Http, script: Script) -> None:
    script.add(answer(403, {"error": "no permission"}))

    with pytest.raises(HttpError, match=r"403 .*no permission") as raised:
        read(http)
    assert raised.value.is_final
    assert len(script.seen()) == 1


def test_a_missing_child_may_be_taken_as_an_answer(http: Http, script: Script) -> None:
    script.add(answer(404, {"error": "RecordNotFound"}))

    assert http.get("v1/cases", allow=(404,)).status_code == 404


def test_tokens_are_fetched_and_fetched_again(served: tuple[Desk, str], clock: Clockwork) -> None:
    desk, url = served
    script = Script()

    async def app(scope: Any, receive: Any, send: Any) -> None:
        from starlette.responses import JSONResponse

        token = f"issued-{len(script.seen())}"
        await JSONResponse({"access_token": token, "expires_in": 3600})(scope, receive, send)

    with serve(app, script) as tokens:
        credentials = Credentials("desk", login="client", password="client-secret")  # noqa: S106
        auth = client_credentials(f"{tokens.url}/token", credentials, {"scope": "read"})
        desk.token = "issued-2"  # noqa: S105 - the first one is refused
        assert read(Http(url, auth=auth, waits=clock.waits())) == ALL
    assert [seen.body for seen in script.seen("/token")] == [
        b"client_id=client&client_secret=client-secret&grant_type=client_credentials&scope=read"
    ] * 2
    assert "client-secret" not in repr(credentials)


def test_credentials_never_go_to_another_host(http: Http, script: Script) -> None:
    with serve(lambda *_: None, stranger := Script(), host="localhost") as other:  # type: ignore[arg-type,return-value]
        script.add(redirect(f"{other.url}/v1/cases"))
        with pytest.raises(SourceError, match=r"leads to http://localhost:.*which is not asked"):
            read(http)
        script.clear()
        script.add(rewritten(lambda body: body | {"next": f"{other.url}/v1/cases?cursor=2"}))
        with pytest.raises(SourceError, match=r"add it to options.hosts"):
            list(
                http.paginate(
                    "v1/cases", params={"page_size": 2}, data_selector="data",
                    paginator=JSONLinkPaginator("next"),
                )
            )  # fmt: skip
        assert stranger.seen() == []


def test_a_redirect_within_the_system_is_followed(
    http: Http, script: Script, served: tuple[Desk, str]
) -> None:
    script.add(redirect(f"{served[1]}/v1/cases?page_size=9"))

    assert read(http) == ALL


def test_redirects_in_a_circle_end(http: Http, script: Script, served: tuple[Desk, str]) -> None:
    script.add(redirect("/v1/other", 301), path="cases", times=None)
    script.add(redirect("/v1/cases", 302), path="other", times=None)

    with pytest.raises(SourceError, match=r"redirected too often|does not advance"):
        http.get("v1/cases")
    assert len(script.seen()) <= 6


@pytest.mark.parametrize("stuck_at", ["2", "0"])
def test_a_cursor_that_does_not_advance_ends_the_reading(
    http: Http, script: Script, stuck_at: str
) -> None:
    script.add(rewritten(lambda body: body | {"next": stuck_at}), times=None)
    pages = http.paginate(
        "v1/cases", params={"page_size": 2}, data_selector="data",
        paginator=JSONResponseCursorPaginator("next", "cursor"),
    )  # fmt: skip
    seen: list[int] = []

    with pytest.raises(SourceError, match="the cursor does not advance"):
        seen.extend(row["id"] for page in pages for row in page)
    assert len(script.seen()) == 2


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda body: {"items": body["data"], "next": body["next"]}, "has no 'data'"),
        (lambda body: body | {"data": ["a", "b"]}, "are no records"),
        (lambda body: {"error": "maintenance"}, "has no 'data'"),
    ],
)
def test_an_answer_of_another_shape_is_no_empty_page(
    http: Http, script: Script, change: Callable[[Any], Any], said: str
) -> None:
    script.add(rewritten(change), skip=1)

    with pytest.raises(SourceError, match=said):
        read(http)


def test_an_empty_page_and_unknown_fields_are_nothing_special(http: Http, script: Script) -> None:
    script.add(rewritten(lambda body: body | {"data": [], "new": {"a": 1}}), skip=1)
    script.add(with_headers({"X-New": "1"}), times=None)

    assert read(http) == [0, 1, 4]


def test_errors_hold_no_secret(served: tuple[Desk, str], clock: Clockwork) -> None:
    desk, url = served
    Credentials("desk", password=desk.token)
    desk.script.add(
        lambda seen, _: answer(400, {"you sent": seen.headers["authorization"]})(seen, _)
    )
    http = Http(url, auth=BearerTokenAuth(token=desk.token), waits=clock.waits())

    with pytest.raises(HttpError, match=r"Bearer \*\*\*") as raised:
        read(http)
    assert desk.token not in str(raised.value)
