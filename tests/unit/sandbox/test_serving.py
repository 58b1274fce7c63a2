"""The shared base of the sandbox's servers: it records, and it breaks what the script says."""

import http.client
import json

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

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


async def _echo(request: Request) -> JSONResponse:
    body = (await request.body()).decode()
    return JSONResponse({"path": request.url.path, "body": body, "items": list(range(100))})


APP = Starlette(routes=[Route("/{rest:path}", _echo, methods=["GET", "POST"])])


def test_requests_are_answered_and_recorded() -> None:
    with serve(APP) as server:
        told = httpx.post(f"{server.url}/a/b?x=1&y=", content="hello", headers={"X-Own": "7"})
    assert told.json()["body"] == "hello"
    (seen,) = server.seen("/a/")
    assert (seen.method, seen.query, seen.body) == ("POST", {"x": "1", "y": ""}, b"hello")
    assert seen.headers["x-own"] == "7"


def test_a_fault_takes_its_turn_and_no_more() -> None:
    script = Script()
    script.add(answer(429, "slow down", {"Retry-After": "3"}), path="^/a", skip=1, times=2)
    with serve(APP, script) as server:
        told = [httpx.get(f"{server.url}/a") for _ in range(4)]
        assert httpx.get(f"{server.url}/b").status_code == 200
    assert [one.status_code for one in told] == [200, 429, 429, 200]
    assert told[1].text == "slow down"
    assert told[1].headers["retry-after"] == "3"


def test_a_fault_can_wait_for_a_condition_and_an_answer_in_json() -> None:
    script = Script()
    script.add(answer(500, {"error": "x"}), when=lambda seen: seen.query.get("page") == "2")
    with serve(APP, script) as server:
        assert httpx.get(f"{server.url}/a?page=1").status_code == 200
        broken = httpx.get(f"{server.url}/a?page=2")
    assert (broken.status_code, broken.json()) == (500, {"error": "x"})


def test_a_cut_body_breaks_the_connection() -> None:
    script = Script()
    script.add(cut(20))
    with serve(APP, script) as server, pytest.raises(httpx.RemoteProtocolError):
        httpx.get(f"{server.url}/a")


def test_a_truncated_body_is_whole_to_http_and_broken_to_json() -> None:
    script = Script()
    script.add(truncated(20))
    with serve(APP, script) as server:
        told = httpx.get(f"{server.url}/a")
    assert len(told.content) == 20
    with pytest.raises(json.JSONDecodeError):
        told.json()


def test_an_answer_can_be_rewritten_and_its_headers_changed() -> None:
    script = Script()
    script.add(rewritten(lambda page: {"was": page["path"]}))
    script.add(with_headers({"X-Rate-Limit": "5"}, drop=("content-type",)))
    with serve(APP, script) as server:
        assert httpx.get(f"{server.url}/a").json() == {"was": "/a"}
        connection = http.client.HTTPConnection(server.url.removeprefix("http://"))
        connection.request("GET", "/a")
        headers = dict(connection.getresponse().getheaders())
        connection.close()
    assert headers["X-Rate-Limit"] == "5"
    assert "content-type" not in {name.lower() for name in headers}


def test_a_redirect_to_another_host_is_told_apart() -> None:
    script = Script()
    with serve(APP) as other, serve(APP, script, host="localhost") as server:
        script.add(redirect(f"{other.url}/elsewhere"))
        told = httpx.get(f"{server.url}/a", follow_redirects=True)
        assert told.json()["path"] == "/elsewhere"
        assert [seen.path for seen in other.seen()] == ["/elsewhere"]
        assert server.url.startswith("http://localhost:")


def test_a_cleared_script_breaks_nothing_and_remembers_nothing() -> None:
    script = Script()
    script.add(answer(500), times=None)
    with serve(APP, script) as server:
        assert httpx.get(server.url).status_code == 500
        script.clear()
        assert httpx.get(server.url).status_code == 200
    assert len(server.seen()) == 1
