"""Bulk API 2.0 query jobs of the Salesforce-shaped server: states, sets of results, locators."""

import csv
import io
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from typing import Any, Protocol

import orjson
from starlette.requests import Request
from starlette.responses import Response

from sales_support_kpi.sandbox.servers.salesforce_behaviour import Behaviour
from sales_support_kpi.sandbox.servers.salesforce_org import Org, View
from sales_support_kpi.sandbox.servers.soql import Query, Record, Scalar, SoqlError, check, parse


class Finder(Protocol):
    """Runs a query over the org."""

    def __call__(self, query: Query, *, is_all: bool) -> list[Record]:
        """The records found."""


@dataclass(slots=True)
class _Job:
    query: Query
    is_all: bool
    told: dict[str, Any]
    polls: int = 0
    rows: list[Record] | None = None
    shortened: frozenset[int] = frozenset()


class BulkJobs:
    """The query jobs of one org."""

    def __init__(self, org: Org, behaviour: Behaviour, find: Finder) -> None:
        self.org, self.behaviour, self.find = org, behaviour, find
        self.jobs: dict[str, _Job] = {}

    async def create(self, request: Request) -> Response:
        """POST jobs/query: accept a query, refuse one that is wrong."""
        asked = orjson.loads(await request.body())
        query = parse(asked["query"])
        if query.source not in self.org.objects:
            raise SoqlError("INVALIDENTITY", f"Entity '{query.source}' is not supported")
        view = View(self.org, query.source)
        check(query, view)
        if any(view.type_of(field) in ("base64", "address") for field in query.fields):
            raise SoqlError("FEATURENOTENABLED", "Binary and compound fields are not supported")
        number = f"750{secrets.token_hex(6)}AAA"
        told = {
            "id": number,
            "operation": asked["operation"],
            "object": query.source,
            "state": "UploadComplete",
            "contentType": "CSV",
            "columnDelimiter": asked.get("columnDelimiter", "COMMA"),
            "lineEnding": asked.get("lineEnding", "LF"),
        }
        self.jobs[number] = _Job(query, asked["operation"] == "queryAll", told)
        return _json(told)

    async def status(self, request: Request) -> Response:
        """GET jobs/query/ID: one state further with each poll."""
        job = self._job(request)
        states = self.behaviour.bulk_states
        if job.polls < len(states):
            job.told["state"] = states[job.polls]
            job.polls += 1
            return _json(job.told)
        if job.rows is None:
            try:
                job.rows = self.find(job.query, is_all=job.is_all)
            except Exception as error:  # a job tells every reason
                code = getattr(error, "code", "UNKNOWN")
                told = {"state": "Failed", "errorMessage": f"{code}: {error}"}
                return _json({**job.told, **told})
        done = {"state": "JobComplete", "numberRecordsProcessed": len(job.rows), "retries": 0}
        return _json({**job.told, **done})

    async def results(self, request: Request) -> Response:
        """GET jobs/query/ID/results: one set as CSV; the header tells where to go on."""
        job = self._job(request)
        if job.rows is None:
            raise SoqlError("INVALIDJOBSTATE", "Job is not complete")
        asked = int(request.query_params.get("maxRecords", self.behaviour.bulk_page))
        locator = request.query_params.get("locator")
        start = int(urlsafe_b64decode(locator)) if locator else 0
        end = min(start + min(asked, self.behaviour.bulk_page), len(job.rows))
        rows = job.rows[start:end]
        headers = {"Sforce-NumberOfRecords": str(len(rows))}
        if self.behaviour.short_bulk and start not in job.shortened:
            job.shortened |= {start}
            rows = rows[: -self.behaviour.short_bulk]
        if end < len(job.rows):
            headers["Sforce-Locator"] = urlsafe_b64encode(str(end).encode()).decode()
        elif self.behaviour.bulk_end == "null":
            headers["Sforce-Locator"] = "null"
        has_header = start == 0 or self.behaviour.bulk_header == "each"
        return Response(self._csv(job, rows, has_header), 200, headers, "text/csv")

    async def remove(self, request: Request) -> Response:
        """DELETE jobs/query/ID."""
        self._job(request)
        del self.jobs[request.path_params["job"]]
        return Response(status_code=204)

    def _csv(self, job: _Job, rows: list[Record], has_header: bool) -> str:
        view = View(self.org, job.query.source)
        text = io.StringIO()
        writer = csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="\n")
        if has_header:
            writer.writerow(job.query.fields)
        kinds = [view.type_of(field) for field in job.query.fields]
        for row in rows:
            writer.writerow(
                _cell(view.value(row, field), kind)
                for field, kind in zip(job.query.fields, kinds, strict=True)
            )
        return text.getvalue()

    def _job(self, request: Request) -> _Job:
        job = self.jobs.get(request.path_params["job"])
        if job is None:
            raise SoqlError("NOT_FOUND", "The requested resource does not exist")
        return job


def _cell(value: Scalar, kind: str | None) -> str:
    """A value as Bulk writes it: true, an empty cell for null, instants with Z."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    return f"{str(value)[:-5]}Z" if kind == "datetime" else str(value)


def _json(content: object) -> Response:
    return Response(orjson.dumps(content), media_type="application/json")
