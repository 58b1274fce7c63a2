"""What can go wrong with a vendor's server, by script; and the record of what it was asked.

    script = Script()
    script.add(answer(429, "slow down", {"Retry-After": "1"}), path="/incremental/", times=2)
    script.add(cut(40), path="/users", skip=3)

Of faults that match one request, the first that was added takes it.
"""

import json
import re
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

Headers = dict[str, str]


@dataclass(frozen=True, slots=True)
class Seen:
    """One request as it arrived; header names in lower case, later query values win."""

    method: str
    path: str
    query: dict[str, str]
    headers: Headers
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class Answer:
    """What the server says; `headers` as they are spelt on the wire."""

    status: int
    body: bytes
    headers: Headers


Fault = Callable[[Seen, Callable[[], Answer]], Answer]
"""What happens to one request: `(request, the answer the vendor would give) → the answer`."""


class Cut(Exception):
    """The connection dies after `kept` bytes of the body."""

    def __init__(self, whole: Answer, kept: int) -> None:
        super().__init__("cut")
        self.whole, self.kept = whole, kept


def answer(status: int, body: object = "", headers: Mapping[str, str] | None = None) -> Fault:
    """Always that answer: text as it is, anything else as JSON."""
    is_text = isinstance(body, str)
    kind = "text/plain; charset=utf-8" if is_text else "application/json; charset=utf-8"
    text = body if isinstance(body, str) else json.dumps(body, ensure_ascii=False)
    return lambda *_: Answer(status, text.encode(), {"Content-Type": kind, **(headers or {})})


def cut(kept: int = 40) -> Fault:
    """The vendor's own answer, but the connection dies after `kept` bytes of its body."""

    def fault(_: Seen, usual: Callable[[], Answer]) -> Answer:
        raise Cut(usual(), kept)

    return fault


def truncated(kept: int = 40) -> Fault:
    """A whole HTTP answer whose JSON ends after `kept` bytes."""

    def fault(_: Seen, usual: Callable[[], Answer]) -> Answer:
        whole = usual()
        return Answer(whole.status, whole.body[:kept], whole.headers)

    return fault


def rewritten(change: Callable[[Any], Any]) -> Fault:
    """The vendor's own JSON answer after `change`, which returns it or alters it in place."""

    def fault(_: Seen, usual: Callable[[], Answer]) -> Answer:
        whole = usual()
        content = json.loads(whole.body)
        changed = change(content)
        body = json.dumps(content if changed is None else changed, ensure_ascii=False).encode()
        return Answer(whole.status, body, whole.headers)

    return fault


def with_headers(headers: Mapping[str, str], drop: tuple[str, ...] = ()) -> Fault:
    """The vendor's own answer with more headers, and without those named in `drop`."""
    dropped = {name.lower() for name in drop}

    def fault(_: Seen, usual: Callable[[], Answer]) -> Answer:
        whole = usual()
        kept = {name: text for name, text in whole.headers.items() if name.lower() not in dropped}
        return Answer(whole.status, whole.body, {**kept, **headers})

    return fault


def redirect(url: str, status: int = 302) -> Fault:
    """Send the client elsewhere."""
    return answer(status, "", {"Location": url})


@dataclass(slots=True)
class _Rule:
    fault: Fault
    pattern: re.Pattern[str]
    method: str | None
    skip: int
    times: int | None
    when: Callable[[Seen], bool] | None

    def takes(self, seen: Seen) -> bool:
        if self.times == 0 or not self.pattern.search(seen.path):
            return False
        if self.method and self.method != seen.method:
            return False
        if self.when and not self.when(seen):
            return False
        if self.skip:
            self.skip -= 1
            return False
        if self.times is not None:
            self.times -= 1
        return True


@dataclass(slots=True)
class Script:
    """What is to go wrong, and everything that was asked; safe to change while serving."""

    rules: list[_Rule] = field(default_factory=list)
    requests: list[Seen] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def add(
        self,
        fault: Fault,
        *,
        path: str = "",
        method: str | None = None,
        skip: int = 0,
        times: int | None = 1,
        when: Callable[[Seen], bool] | None = None,
    ) -> None:
        """Break requests whose path matches the regular expression `path`.

        Args:
            fault: what happens to them.
            path: searched for in the path.
            method: GET, POST …; left out: any.
            skip: that many matching requests are answered as usual first.
            times: how many are broken; None: all from then on.
            when: a further condition, asked only of requests that match so far.
        """
        with self.lock:
            self.rules.append(_Rule(fault, re.compile(path), method, skip, times, when))

    def clear(self) -> None:
        """Nothing goes wrong any more, and nothing was asked yet."""
        with self.lock:
            self.rules.clear()
            self.requests.clear()

    def seen(self, path: str = "", method: str | None = None) -> list[Seen]:
        """The requests whose path matches, in order of arrival."""
        with self.lock:
            return [
                one
                for one in self.requests
                if re.search(path, one.path) and method in (None, one.method)
            ]

    def take(self, seen: Seen) -> Fault | None:
        """Note a request; the fault that is due for it."""
        with self.lock:
            self.requests.append(seen)
            return next((rule.fault for rule in self.rules if rule.takes(seen)), None)
