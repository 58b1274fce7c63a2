"""Salesforce events over HTTP: ours beside the public `tap-salesforce`, against the same server.

Ours reads by REST and by Bulk 2.0 into the spool; the tap reads by REST (it knows Bulk 1 only) and
writes to /dev/null. `BENCH_EVENTS` (100 000) is how many ours reads, a quarter of them beside for
the memory; the tap reads at most `BENCH_TAP_EVENTS` (20 000). It comes from PyPI into an
environment of its own (`BENCH_TAP_SALESFORCE=/path/of/a/venv` uses one that is there). On a
machine that has other things to do, compare the seconds of CPU, which include starting up.
"""

import os
import sys
import tempfile
import threading
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from bench.beside_tap import (
    COUNTED,
    company,
    growth,
    interpreter,
    json_of,
    line,
    print_measured,
    server,
    speed,
    spooled,
)
from sales_support_kpi.sandbox.servers.salesforce import CLIENT_ID, CLIENT_SECRET

EVENTS = int(os.environ.get("BENCH_EVENTS", "100000"))
TAP_EVENTS = min(EVENTS, int(os.environ.get("BENCH_TAP_EVENTS", "20000")))
TAP = "tap-salesforce==2.8.1"
WAYS = ("rest", "bulk")
FIELDS = (
    "Id CreatedDate LastModifiedDate SystemModstamp IsDeleted AccountId WhatId ActivityDate "
    "IsAllDayEvent IsRecurrence IsChild OwnerId Type StartDateTime"
)


TAP_RUN = """
import json, os, resource, sys, time
url, fields, out = sys.argv[1], sys.argv[2].split(), os.dup(1)
import logging; logging.disable(logging.CRITICAL)
import requests
from singer import metadata
from tap_salesforce import sync
singer = sync.singer
from tap_salesforce.salesforce import Salesforce, field_to_property_schema
sf = Salesforce(api_type="REST", default_start_date="2000-01-01T00:00:00Z",
                quota_percent_total=99, quota_percent_per_run=99, select_fields_by_default=True)
asked = {"grant_type": "client_credentials", "client_id": sys.argv[3], "client_secret": sys.argv[4]}
told = requests.post(url + "/services/oauth2/token", data=asked).json()
sf.access_token, sf.instance_url = told["access_token"], url
mdata, properties = metadata.new(), {}
for field in sf.describe("Event")["fields"]:
    if field["name"] in fields:
        field |= {"nillable": True, "length": 255, "scale": 0, "precision": 0}
        schema, mdata = field_to_property_schema(field, mdata)
        properties[field["name"]] = schema
        mdata = metadata.write(mdata, ("properties", field["name"]), "selected", True)
mdata = metadata.write(mdata, (), "replication-key", "SystemModstamp")
mdata = metadata.write(mdata, (), "selected", True)
entry = {"stream": "Event", "tap_stream_id": "Event", "metadata": metadata.to_list(mdata),
         "schema": {"type": "object", "properties": properties}}
""" + COUNTED.format(
    write="write_message",
    is_record="isinstance(args[0], singer.RecordMessage)",
    sync="sync.sync_stream(sf, entry, {})",
)


def report() -> list[str]:
    """Rows per second and peak memory of each, and what follows for the goals."""
    with tempfile.TemporaryDirectory(prefix="bench-salesforce-") as folder:
        place = Path(folder)
        tap = interpreter(TAP, "BENCH_TAP_SALESFORCE", place)
        with _server(TAP_EVENTS) as url:
            theirs = json_of([str(tap), "-c", TAP_RUN, url, FIELDS, CLIENT_ID, CLIENT_SECRET])
        small = {way: _ours(way, EVENTS // 4, place / f"small_{way}") for way in WAYS}
        whole = {way: _ours(way, EVENTS, place / way) for way in WAYS}
    lines = [f"{EVENTS:,} events of 14 fields over HTTP, two thousand a page"]
    lines += [line(f"ours by {way}, into the spool", said) for way, said in whole.items()]
    lines.append(line(f"{TAP} by rest, to /dev/null", theirs))
    for way, said in whole.items():
        lines += [f"{way}: {speed(said, theirs)}", f"{way}: {growth(said, small[way])}"]
    return lines


def _server(events: int) -> AbstractContextManager[str]:
    return server("bench.salesforce", "serve", str(events))


def _ours(way: str, events: int, place: Path) -> dict[str, Any]:
    with _server(events) as url:
        address = url.removeprefix("http://")
        return json_of(
            [sys.executable, "-m", "bench.salesforce", way, str(place)],
            AIRFLOW_CONN_CRM=f"http://{CLIENT_ID}:{CLIENT_SECRET}@{address}",
        )


def _take(way: str, place: Path) -> None:
    options = {
        "read": ["activities"],
        "activities": {"tasks": False},
        "bulk_above": 0 if way == "bulk" else 1_000_000_000,
    }
    source = {"id": "crm", "kind": "salesforce", "connection": "crm", "options": options}
    home, config, night = company(place, source)
    print_measured(lambda: spooled(home, config, night, "events"))


def _serve(events: int) -> None:
    """Events, three in a second, until this process is ended."""
    from sales_support_kpi.sandbox.servers.salesforce import salesforce_app
    from sales_support_kpi.sandbox.servers.salesforce_behaviour import Behaviour
    from sales_support_kpi.sandbox.servers.salesforce_org import Org, record_id
    from sales_support_kpi.sandbox.servers.serving import serve
    from sales_support_kpi.sandbox.servers.soql import vendor_time

    began, org = datetime(2025, 1, 1, tzinfo=UTC), Org()
    records = []
    for number in range(1, events + 1):
        at = vendor_time(began + timedelta(seconds=number // 3))
        said = dict.fromkeys(FIELDS.split(), False) | {"Type": "Meeting", "StartDateTime": at}
        said |= dict.fromkeys(("CreatedDate", "LastModifiedDate", "SystemModstamp"), at)
        said |= {
            "Id": record_id("00U", number),
            "ActivityDate": at[:10],
            "OwnerId": record_id("005", number % 50 + 1),
            "AccountId": record_id("001", number % 5000 + 1),
            "WhatId": record_id("006", number % 9000 + 1),
        }
        records.append(said)
    org.load("Event", records)
    with serve(salesforce_app(org, Behaviour(bulk_states=()))) as server:
        sys.stdout.write(f"{server.url}\n")
        sys.stdout.flush()
        threading.Event().wait()


if __name__ == "__main__":
    if sys.argv[1] == "serve":
        _serve(int(sys.argv[2]))
    else:
        _take(sys.argv[1], Path(sys.argv[2]))
