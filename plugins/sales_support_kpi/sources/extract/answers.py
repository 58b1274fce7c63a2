"""Answers of a foreign system: read as JSON once, and spoken of without secrets."""

import logging
from typing import Any
from urllib.parse import urlsplit

import orjson
from dlt.common.jsonpath import find_values
from dlt.sources.helpers.rest_client.client import PageData
from requests import PreparedRequest, Response

from sales_support_kpi.sources.extract.credentials import scrub
from sales_support_kpi.sources.extract.errors import SourceError

_EXCERPT, _SEARCHED = 300, 64_000
_NO_CONTENT = 204


class HttpError(SourceError):
    """The system answered with an error that trying again does not mend."""

    def __init__(self, message: str, response: Response, *, is_final: bool = True) -> None:
        self.response = response
        self.status = int(response.status_code)
        super().__init__(message, is_final=is_final)


class Again(Exception):
    """This attempt came to nothing; another one may not."""

    def __init__(self, why: str, *, wait: float | None = None) -> None:
        self.wait = wait
        super().__init__(why)


def refuse_other_shapes(page: PageData[Any], selector: str) -> None:
    """An answer without its list of records is none; taking it for an empty one loses records."""
    where = named(page.response.request)
    if not page and not find_values(selector, page.response.json()):
        raise SourceError(f"{where}: the answer has no {selector!r}: has the API changed?")
    if any(not isinstance(row, dict) for row in page):
        raise SourceError(f"{where}: what is at {selector!r} are no records: has the API changed?")


def origin(url: str | None) -> str:
    """Scheme, host and port, the port always written."""
    parts = urlsplit(url or "")
    port = parts.port or {"https": 443, "http": 80}.get(parts.scheme, 0)
    return f"{parts.scheme}://{(parts.hostname or '').lower()}:{port}"


def excerpt(response: Response) -> str:
    """The beginning of an answer's text, without secrets and on one line."""
    text = response.content[:_SEARCHED].decode("utf-8", "replace")
    return scrub(" ".join(text.split()))[:_EXCERPT]


def parsed(response: Response, *, is_wanted: bool) -> Response:
    """JSON read once: what claims to be JSON, or has to be, and is none came to harm on its way."""
    kind = response.headers.get("Content-Type", "").lower()
    if not is_wanted and ("json" not in kind or response.status_code == _NO_CONTENT):
        return response
    try:
        value = orjson.loads(response.content)
    except orjson.JSONDecodeError as error:
        raise Again(f"the answer is damaged, or no JSON: {error}") from None
    response.json = lambda **_: value  # type: ignore[method-assign]
    return response


def named(request: PreparedRequest) -> str:
    """A request as messages name it: without its query, which may hold secrets."""
    parts = urlsplit(str(request.url))
    return scrub(f"{request.method} {parts.scheme}://{parts.netloc}{parts.path}")


def why(error: Exception) -> str:
    """What went wrong, without secrets."""
    return scrub(f"{type(error).__name__}: {error}")[:_EXCERPT]


class _Scrubbing(logging.Filter):
    """Keeps secrets out of what libraries log about requests."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg, record.args = scrub(record.getMessage()), ()
        return True


_SCRUBBING = _Scrubbing()


def keep_logs_clean() -> None:
    """Let no library write a secret into a log."""
    for name in ("urllib3.connectionpool", "dlt"):
        logging.getLogger(name).addFilter(_SCRUBBING)
