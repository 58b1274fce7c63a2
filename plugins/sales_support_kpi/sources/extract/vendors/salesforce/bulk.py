"""Bulk API 2.0: one query as a job, its results as CSV, set by set.

query → job → states until JobComplete → Arrow batches. A set that came short is fetched again by
its own locator; the results stay where they are for days.
"""

import io
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.csv
from requests import Response

from sales_support_kpi.sources.extract.answers import HttpError
from sales_support_kpi.sources.extract.errors import SourceError
from sales_support_kpi.sources.extract.vendors.salesforce.client import (
    ALLOWED,
    Client,
    TooSlow,
    checked,
    problem,
)

SET_ROWS = 25_000
_FIRST_WAIT, _LONGEST_WAIT, _PATIENCE = 0.2, 15.0, 3 * 3600.0  # seconds
_TRIES = 4
_SLOW = ("QUERY_TIMEOUT", "running for too long", "timed out", "timeout")


class NotForBulk(Exception):
    """The object, or the query, is one that Bulk does not take: REST does."""


@dataclass(slots=True)
class BulkQuery:
    """Runs queries as jobs.

    Attributes:
        sleep: waits between two looks at a job.
    """

    client: Client
    sleep: Callable[[float], None] = time.sleep
    set_rows: int = SET_ROWS

    def run(self, text: str, columns: Sequence[str]) -> Iterator[pa.RecordBatch]:
        """The rows of a query over all records, as text, under the names of `columns`.

        Raises:
            TooSlow: the query has to be narrowed.
            NotForBulk: it has to be asked otherwise.
        """
        root = f"{self.client.root}/jobs/query"
        asked = {"operation": "queryAll", "query": text}
        response = self.client.http.post(root, json=asked, allow=ALLOWED)
        if response.status_code == 400 and _is_unfit(*problem(response)):
            raise NotForBulk
        job = f"{root}/{checked(response).json()['id']}"
        self._wait(job)
        yield from self._sets(job, columns)
        with suppress(HttpError):  # its results would go by themselves after a week
            self.client.http.request("DELETE", f"{self.client.http.base_url}{job}")

    def _wait(self, job: str) -> None:
        wait, waited = _FIRST_WAIT, 0.0
        while True:
            told = self.client.get(job).json()
            state = told["state"]
            if state == "JobComplete":
                return
            if state in ("Failed", "Aborted"):
                why = str(told.get("errorMessage") or "no reason given")
                if any(word in why for word in _SLOW):
                    raise TooSlow(why)
                raise SourceError(f"Salesforce's bulk job for {told.get('object')} {state}: {why}")
            if waited > _PATIENCE:
                raise SourceError(f"Salesforce's bulk job is still {state} after three hours")
            self.sleep(wait)
            waited += wait
            wait = min(wait * 1.5, _LONGEST_WAIT)

    def _sets(self, job: str, columns: Sequence[str]) -> Iterator[pa.RecordBatch]:
        locator, seen = "", set()
        while True:
            response, batches = self._set(job, locator, columns)
            yield from batches
            following = response.headers.get("Sforce-Locator", "")
            if following in ("", "null"):  # the word, or nothing at all: the end
                return
            if following in seen:
                raise SourceError("Salesforce's bulk results do not advance", is_final=False)
            seen.add(following)
            locator = following

    def _set(
        self, job: str, locator: str, columns: Sequence[str]
    ) -> tuple[Response, list[pa.RecordBatch]]:
        params = {"maxRecords": str(self.set_rows)}
        if locator:
            params["locator"] = locator
        said = ""
        for _ in range(_TRIES):
            response = self.client.get(f"{job}/results", params, accept="text/csv")
            promised = response.headers.get("Sforce-NumberOfRecords")
            try:
                table = _read(response.content, columns)
            except pa.ArrowInvalid as error:
                said = f"cannot be read: {error}"
                continue
            if promised is None or int(promised) == table.num_rows:
                return response, table.to_batches()
            said = f"promise {promised} records and hold {table.num_rows}"
        raise SourceError(f"Salesforce's bulk results {said}")


def _read(content: bytes, columns: Sequence[str]) -> pa.Table:
    """CSV as text; the line of names is there in the first set, and may be in the others."""
    names = [f"c{at}" for at in range(len(columns))]
    if not content.strip():
        return pa.table({name: pa.array([], pa.string()) for name in columns})
    table = pyarrow.csv.read_csv(
        io.BytesIO(content),
        read_options=pyarrow.csv.ReadOptions(column_names=names, block_size=1 << 20),
        parse_options=pyarrow.csv.ParseOptions(newlines_in_values=True),
        convert_options=pyarrow.csv.ConvertOptions(
            column_types=dict.fromkeys(names, pa.string()),
            null_values=[""],
            strings_can_be_null=True,
            quoted_strings_can_be_null=True,
        ),
    ).rename_columns(list(columns))
    is_named = table.num_rows and table.column(0)[0].as_py() in ("Id", "ID")
    return table.slice(1) if is_named else table


def _is_unfit(code: str, message: str) -> bool:
    return code in ("INVALIDENTITY", "FEATURENOTENABLED") or "not supported by the Bulk" in message
