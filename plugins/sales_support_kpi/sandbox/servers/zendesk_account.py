"""Who may read a Zendesk account, and how much: keys, tokens, limits, the clock they go by."""

import base64
import binascii
import hmac
import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

PAGE = 1000
LIMITS = {"/api/v2/incremental/": 10, "/api/v2/deleted_tickets": 10}
"""Requests a minute by path, as the vendor states them; `Account.limits` may hold other ones."""


@dataclass(slots=True)
class Account:
    """Who may read, and how much.

    Attributes:
        email: with `api_token`, what Basic authentication has to say (`email/token`).
        clients: OAuth client id → secret; they get tokens that live for `token_seconds`.
        tokens: bearer tokens that are good, and until when.
        limits: requests a minute by beginning of the path; empty: none.
        clock: seconds since 1970, by which all of this goes.
        page: records per page of an export.
        whole_seconds: whether a page of a time-based export takes all records of its last second;
            if not, more records in one second than a page holds make it repeat itself for ever.
        is_admin: exports answer 403 to others.
    """

    email: str = "reader@example.com"
    api_token: str = "sandbox-token"  # noqa: S105 - invented
    clients: dict[str, str] = field(default_factory=dict)
    token_seconds: int = 3600
    tokens: dict[str, float] = field(default_factory=dict)
    limits: Mapping[str, int] = field(default_factory=dict)
    clock: Callable[[], float] = time.time
    page: int = PAGE
    whole_seconds: bool = True
    is_admin: bool = True
    _asked: dict[str, deque[float]] = field(default_factory=dict)
    _issued: int = 0

    def issue(self, *, lifetime: float | None = None) -> str:
        """A new bearer token."""
        self._issued += 1
        token = f"sandbox-bearer-{self._issued}"
        self.tokens[token] = self.clock() + (self.token_seconds if lifetime is None else lifetime)
        return token

    def knows(self, authorization: str) -> bool:
        """Whether an Authorization header lets its bearer in."""
        kind, _, secret = authorization.partition(" ")
        if kind.lower() == "bearer":
            return self.tokens.get(secret, 0) > self.clock()
        try:
            said = base64.b64decode(secret, validate=True).decode()
        except (binascii.Error, UnicodeDecodeError):
            return False
        wanted = f"{self.email}/token:{self.api_token}"
        return kind.lower() == "basic" and hmac.compare_digest(said, wanted)

    def wait_for(self, path: str) -> int:
        """Seconds to wait before this path may be asked again; 0: go on."""
        for start, limit in self.limits.items():
            if not path.startswith(start):
                continue
            asked, now = self._asked.setdefault(start, deque()), self.clock()
            while asked and asked[0] <= now - 60:
                asked.popleft()
            if len(asked) >= limit:
                return max(1, int(asked[0] + 60 - now) + 1)
            asked.append(now)
        return 0
