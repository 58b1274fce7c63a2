"""The REST API: queries page by page, describe, deletions, limits; and its errors by code."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from requests import Response

from sales_support_kpi.sources.extract.errors import SourceError
from sales_support_kpi.sources.extract.http import Http
from sales_support_kpi.sources.extract.vendors.salesforce import soql
from sales_support_kpi.sources.extract.vendors.salesforce.session import Session
from sales_support_kpi.sources.extract.waits import Verdict

ALLOWED = (400, 403, 404)
_SLOW = ("QUERY_TIMEOUT", "REQUEST_RUNNING_TOO_LONG", "OPERATION_TOO_LARGE")
_GONE = ("INVALID_QUERY_LOCATOR", "INVALID_QUERY_MORE")
_NOT_KEPT = ("INVALID_TYPE_FOR_OPERATION", "INVALID_TYPE", "NOT_FOUND")


class LocatorGone(Exception):
    """The place in a query is lost; it has to be asked again from the last record."""


class NotKept(Exception):
    """Salesforce keeps no list of deletions of this object."""


class TooSlow(Exception):
    """A query that Salesforce gives up on: a narrower one may succeed."""


@dataclass(frozen=True, slots=True)
class Batch:
    """One page of a query: its records, and how many the whole query finds."""

    records: list[dict[str, Any]]
    total: int


@dataclass(frozen=True, slots=True)
class FieldInfo:
    """What describe says of a field; `values` of a picklist, active or not."""

    type: str
    is_formula: bool
    reference: str | None
    relation: str | None
    values: tuple[str, ...] = ()


def classify(response: Response) -> Verdict | None:
    """How the core is to take a refusal."""
    if response.ok:
        return None
    code, message = problem(response)
    if code == "REQUEST_LIMIT_EXCEEDED":
        # the daily limit rolls over 24 hours: waiting is no use; too many at once passes soon
        return "retry" if message.lower().startswith("concurrent") else "quota"
    return "ok" if code in (*_SLOW, *_GONE) else None  # handled by who asked


def problem(response: Response) -> tuple[str, str]:
    """Code and message of an error."""
    try:
        told = response.json()
    except ValueError:
        return "", ""
    first = told[0] if isinstance(told, list) and told else told
    if not isinstance(first, dict):
        return "", ""
    return str(first.get("errorCode", "")), " ".join(str(first.get("message", "")).split())


class Client:
    """One org, signed in when it is first asked."""

    def __init__(self, session: Session, http: Http, version: str) -> None:
        self.session, self.http = session, http
        self.root = f"/services/data/v{version}"
        self._described: dict[str, Mapping[str, FieldInfo] | None] = {}

    def query(self, text: str) -> Iterator[Batch]:
        """All pages of a query over all records, deleted and archived ones too.

        Raises:
            LocatorGone: the rest cannot be had in this way.
            TooSlow: the query has to be narrowed.
        """
        path, params = f"{self.root}/queryAll", {"q": text}
        seen: set[str] = set()
        while True:
            told = self.get(path, params).json()
            yield Batch(told["records"], int(told["totalSize"]))
            if told.get("done", True) or not told.get("nextRecordsUrl"):
                return
            path, params = str(told["nextRecordsUrl"]), {}
            if path in seen:
                raise SourceError(f"Salesforce leads back to {path}: the query does not advance")
            seen.add(path)

    def count(self, text: str) -> int:
        """The number that a query for `count()` finds."""
        told = self.get(f"{self.root}/queryAll", {"q": text}).json()
        return int(told["totalSize"])

    def describe(self, name: str) -> Mapping[str, FieldInfo] | None:
        """Field → what it is, of those the user may see; None: there is no such object."""
        if name not in self._described:
            self._described[name] = self._describe(name)
        return self._described[name]

    def _describe(self, name: str) -> Mapping[str, FieldInfo] | None:
        response = self.http.get(f"{self.root}/sobjects/{name}/describe", allow=ALLOWED)
        if response.status_code == 404:
            return None
        told = checked(response).json()
        return {
            field["name"]: FieldInfo(
                field["type"],
                bool(field.get("calculated")),
                next(iter(field.get("referenceTo") or ()), None),
                field.get("relationshipName"),
                tuple(one["value"] for one in field.get("picklistValues") or ()),
            )
            for field in told["fields"]
        }

    def deleted(self, name: str, start: datetime, end: datetime) -> dict[str, Any]:
        """What was deleted in that time, purged records too.

        Raises:
            NotKept: of this object it cannot be told.
        """
        params = {"start": soql.instant(start), "end": soql.instant(end)}
        path = f"{self.root}/sobjects/{name}/deleted/"
        response = self.http.get(path, params=params, allow=(*ALLOWED, 405))
        if not response.ok and (
            response.status_code in (404, 405) or problem(response)[0] in _NOT_KEPT
        ):
            raise NotKept(name)
        told: dict[str, Any] = checked(response).json()
        return told

    def calls_left(self) -> tuple[int, int]:
        """Calls of the API that are left today, and all of them."""
        told = self.get(f"{self.root}/limits").json()["DailyApiRequests"]
        return int(told["Remaining"]), int(told["Max"])

    def get(
        self, path: str, params: Mapping[str, str] | None = None, accept: str = "application/json"
    ) -> Response:
        """A good answer, or the exception that fits."""
        headers = {"Accept": accept}
        return checked(self.http.get(path, params=params, headers=headers, allow=ALLOWED))

    def close(self) -> None:
        """Let go of connections."""
        self.http.close()
        self.session.close()


def checked(response: Response) -> Response:
    """A good answer as it is.

    Raises:
        LocatorGone, TooSlow: what the caller can help.
        SourceError: what a person has to.
    """
    if response.ok:
        return response
    code, message = problem(response)
    if code in _GONE:
        raise LocatorGone(message)
    if code in _SLOW:
        raise TooSlow(message)
    said = f"{code}: {message}" if code else f"status {response.status_code}"
    raise SourceError(f"Salesforce refuses: {said}", is_final=True)
