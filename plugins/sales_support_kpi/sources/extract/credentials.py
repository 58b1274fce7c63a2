"""Credentials: from Airflow connections, whatever secrets backend holds them, or the environment.

connection id → `Credentials`. Under Airflow the orchestration says how connections are found;
elsewhere `AIRFLOW_CONN_<ID>` in the environment is read, as an URI or as JSON, the way Airflow
reads it. Whatever is secret is remembered for the process, so that no message can carry it.
"""

import json
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, quote, quote_plus, unquote, urlsplit

from sales_support_kpi.sources.extract.errors import SourceError

PREFIX = "AIRFLOW_CONN_"
HIDDEN = "***"
_SHORTEST_SECRET = 4  # shorter ones would hide half of every sentence
_LOOPBACK = ("localhost", "::1")
_SECRET_WORDS = ("password", "secret", "token", "key", "credential", "passphrase", "assertion")
_known: set[str] = set()


@dataclass(frozen=True, slots=True)
class Credentials:
    """What a connection holds; never shows its secrets."""

    connection: str
    kind: str = ""
    host: str = ""
    schema: str = ""
    login: str = ""
    password: str = field(default="", repr=False)
    port: int | None = None
    extra: Mapping[str, Any] = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        remember(self.password)
        for name, value in self.extra.items():
            if isinstance(value, str) and any(word in name.lower() for word in _SECRET_WORDS):
                remember(value)

    def __str__(self) -> str:
        return f"connection {self.connection}"

    @property
    def base_url(self) -> str:
        """Where the system is: scheme, host and port.

        Raises:
            SourceError: there is no host, or the password would travel in the clear.
        """
        if not self.host:
            raise SourceError(f"{self}: it names no host: add it", is_final=True)
        scheme, _, rest = self.host.rpartition("://")
        words = (scheme, self.schema, self.kind)
        scheme = next((word for word in words if word in ("http", "https")), "https")
        rest = rest.rstrip("/")
        url = f"{scheme}://{rest}" + (f":{self.port}" if self.port else "")
        name = urlsplit(url).hostname or ""
        is_near = name in _LOOPBACK or name.startswith("127.")
        if scheme == "http" and not is_near and not self.extra.get("allow_http"):
            raise SourceError(
                f"{self}: http would send the password in the clear: use https, or say "
                '"allow_http": true in its extra within a closed network',
                is_final=True,
            )
        return url

    def need(self, *names: str) -> None:
        """Refuse to go on without these fields (`login`, `password`, or a key of extra).

        Raises:
            SourceError: some are missing.
        """
        lacking = [name for name in names if not (getattr(self, name, "") or self.extra.get(name))]
        if lacking:
            raise SourceError(f"{self}: it lacks {', '.join(lacking)}: add it", is_final=True)


Finder = Callable[[str], Credentials | None]


def credentials_of(connection: str | None, source: str) -> Credentials:
    """The credentials of a connection.

    Raises:
        SourceError: there is no such connection, or it cannot be read.
    """
    if not connection:
        return Credentials(connection="")
    found = _finder.get()(connection)
    if found is None:
        raise SourceError(
            f"source {source}: the connection {connection!r} is not there: add it to Airflow's "
            f"connections, or set {PREFIX}{connection.upper()} in the environment",
            is_final=True,
        )
    return found


@contextmanager
def found_by(finder: Finder) -> Iterator[None]:
    """Look connections up with `finder` for a while (Airflow's, within a task)."""
    token = _finder.set(finder)
    try:
        yield
    finally:
        _finder.reset(token)


def from_environment(connection: str) -> Credentials | None:
    """`AIRFLOW_CONN_<ID>`, an URI or a JSON object.

    Raises:
        SourceError: it is neither.
    """
    text = os.environ.get(PREFIX + connection.upper(), "").strip()
    if not text:
        return None
    try:
        return _from_json(connection, text) if text.startswith("{") else _from_uri(connection, text)
    except (ValueError, TypeError, AttributeError):
        raise SourceError(
            f"{PREFIX}{connection.upper()} is neither a connection URI nor a JSON object: "
            "see Airflow's guide to connections",
            is_final=True,
        ) from None


_finder: ContextVar[Finder] = ContextVar("connections", default=from_environment)


def remember(secret: object) -> None:
    """Never let this text stand in a message again (tokens that are obtained on the way too).

    Nor as a query, a form or JSON spells it.
    """
    text = str(secret or "")
    if len(text) >= _SHORTEST_SECRET:
        spelt = [text, quote(text, safe=""), quote_plus(text)]
        for is_ascii in (True, False):
            inner = json.dumps(text, ensure_ascii=is_ascii)[1:-1]
            spelt += [inner, inner.replace("/", "\\/")]
        _known.update(spelt)


def scrub(text: str) -> str:
    """The text without any secret that is known."""
    for secret in sorted(_known, key=len, reverse=True):
        text = text.replace(secret, HIDDEN)
    return text


def _from_json(connection: str, text: str) -> Credentials:
    values = json.loads(text)
    extra = values.get("extra") or {}
    if isinstance(extra, str):
        extra = json.loads(extra)
    return Credentials(
        connection=connection,
        kind=str(values.get("conn_type") or ""),
        host=str(values.get("host") or ""),
        schema=str(values.get("schema") or ""),
        login=str(values.get("login") or ""),
        password=str(values.get("password") or ""),
        port=int(values["port"]) if values.get("port") else None,
        extra=dict(extra),
    )


def _from_uri(connection: str, text: str) -> Credentials:
    if "://" not in text:
        raise ValueError("no scheme")
    parts = urlsplit(text)
    user, _, place = parts.netloc.rpartition("@")
    login, _, password = user.partition(":")
    host, port = place, ""
    if not place.endswith("]") and ":" in place:
        host, _, port = place.rpartition(":")
    extra: dict[str, Any] = dict(parse_qsl(parts.query, keep_blank_values=True))
    if "__extra__" in extra:
        extra = json.loads(extra["__extra__"])
    return Credentials(
        connection=connection,
        kind=parts.scheme.replace("-", "_"),
        host=unquote(host),
        schema=unquote(parts.path.removeprefix("/")),
        login=unquote(login),
        password=unquote(password),
        port=int(port) if port else None,
        extra=extra,
    )
