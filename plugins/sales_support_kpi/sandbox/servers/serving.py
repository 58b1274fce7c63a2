"""Run a vendor's server on the loopback, record what it was asked, and break it on demand.

app + `Script` of faults → `serve(app, script)` → a `Served` with its address and its record.

    with serve(zendesk_app(store), script) as server:
        … server.url, server.seen("/api/v2/incremental/") …
"""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from sales_support_kpi.sandbox.servers.faults import Answer, Cut, Script, Seen

if TYPE_CHECKING:
    import uvicorn

START_SECONDS = 10.0


class Faulty:
    """An ASGI app around the vendor's own, which records and breaks by the script."""

    def __init__(self, app: ASGIApp, script: Script) -> None:
        self.app, self.script = app, script

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        body = await _body(receive)
        seen = _seen(scope, body)
        fault = self.script.take(seen)
        if fault is None:
            await self.app(scope, _replay(body), send)
            return
        usual = await self._usual(scope, body)
        try:
            told = fault(seen, lambda: usual)
        except Cut as cut_off:
            await _send(send, cut_off.whole, cut_off.kept)
            return
        await _send(send, told)

    async def _usual(self, scope: Scope, body: bytes) -> Answer:
        """What the vendor's own app says, held back."""
        messages: list[Message] = []

        async def keep(message: Message) -> None:
            messages.append(message)

        await self.app(scope, _replay(body), keep)
        start = messages[0]
        headers = {name.decode(): text.decode() for name, text in start["headers"]}
        content = b"".join(message.get("body", b"") for message in messages[1:])
        return Answer(start["status"], content, headers)


async def _body(receive: Receive) -> bytes:
    parts = []
    while True:
        message = await receive()
        parts.append(message.get("body", b""))
        if not message.get("more_body"):
            return b"".join(parts)


def _replay(body: bytes) -> Receive:
    async def receive() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    return receive


def _seen(scope: Scope, body: bytes) -> Seen:
    query = dict(parse_qsl(scope["query_string"].decode(), keep_blank_values=True))
    headers = {name.decode().lower(): text.decode("latin-1") for name, text in scope["headers"]}
    return Seen(scope["method"], scope["path"], query, headers, body)


async def _send(send: Send, told: Answer, kept: int | None = None) -> None:
    """Send an answer; with `kept`, promise all of it and break off early."""
    headers = [
        (name.encode(), text.encode("latin-1"))
        for name, text in told.headers.items()
        if name.lower() not in ("content-length", "transfer-encoding")
    ]
    headers.append((b"Content-Length", str(len(told.body)).encode()))
    await send({"type": "http.response.start", "status": told.status, "headers": headers})
    if kept is None:
        await send({"type": "http.response.body", "body": told.body})
        return
    await send({"type": "http.response.body", "body": told.body[:kept], "more_body": True})
    raise ConnectionAbortedError("cut by the script")


@dataclass(frozen=True, slots=True)
class Served:
    """A running server.

    Attributes:
        url: its address, without a slash at the end.
    """

    url: str
    script: Script

    def seen(self, path: str = "", method: str | None = None) -> list[Seen]:
        """The requests whose path matches, in order of arrival."""
        return self.script.seen(path, method)


@contextmanager
def serve(
    app: ASGIApp, script: Script | None = None, *, host: str = "127.0.0.1", port: int = 0
) -> Iterator[Served]:
    """Serve an app from a thread for the length of a `with` block.

    Args:
        app: the vendor's server.
        script: what is to go wrong; an own empty one by default.
        host: the name it is reached by (`localhost` and `127.0.0.1` are two hosts to a client).
        port: 0: any free one.
    """
    import uvicorn

    rules = script or Script()
    listener = socket.create_server(("127.0.0.1", port), backlog=128)
    config = uvicorn.Config(
        Faulty(app, rules),
        http="h11",  # keeps the spelling of header names
        log_level="critical",
        lifespan="off",
        access_log=False,
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, args=([listener],), daemon=True)
    thread.start()
    try:
        _await_start(server, thread)
        yield Served(f"http://{host}:{listener.getsockname()[1]}", rules)
    finally:
        server.should_exit = True
        thread.join(START_SECONDS)
        listener.close()


def _await_start(server: "uvicorn.Server", thread: threading.Thread) -> None:
    deadline = time.monotonic() + START_SECONDS
    while not server.started:
        if not thread.is_alive() or time.monotonic() > deadline:
            raise RuntimeError("the sandbox server did not start")
        time.sleep(0.01)
