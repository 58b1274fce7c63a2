"""Salesforce events over HTTP: ours beside the public `tap-salesforce`, against the same server.

Ours reads by REST and by Bulk 2.0 into the spool; the tap reads by REST (it knows Bulk 1 only) and
writes to /dev/null. `BENCH_EVENTS` (100 000) is how many ours reads, a quarter of them beside for
the memory; the tap reads at most `BENCH_TAP_EVENTS` (20 000). It comes from PyPI into an
environment of its own (`BENCH_TAP_SALESFORCE=/path/of/a/venv` uses one that is there). On a
machine that has other things to do, compare the seconds of CPU, which include starting up.
"""

import json
import os
import subprocess
import sys
import tempfile
import threading
import venv
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import yaml

from sales_support_kpi.sandbox.servers.salesforce import CLIENT_ID, CLIENT_SECRET

EVENTS = int(os.environ.get("BENCH_EVENTS", "100000"))
TAP_EVENTS = min(EVENTS, int(os.environ.get("BENCH_TAP_EVENTS", "20000")))
TAP = "tap-salesforce==2.8.1"
GOAL = 3.0
FLAT_MIB = 64

TAP_RUN = """
import json, os, resource, sys, time
url, fields, out = sys.argv[1], sys.argv[2].split(), os.dup(1)
import logging; logging.disable(logging.CRITICAL)
import requests
from singer import metadata
from tap_salesforce import sync
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
counted, write = 0, sync.singer.write_message
def count(message, **kwargs):
    global counted
    counted += isinstance(message, sync.singer.RecordMessage)
    write(message, **kwargs)
sync.singer.write_message = count
os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
began = time.perf_counter()
sync.sync_stream(sf, entry, {})
seconds = time.perf_counter() - began
sys.stdout.flush()
used = resource.getrusage(resource.RUSAGE_SELF)
said = {"rows": counted, "seconds": seconds, "cpu": used.ru_utime + used.ru_stime,
        "mib": used.ru_maxrss / 1024}
os.write(out, (json.dumps(said) + "\\n").encode())
"""
FIELDS = (
    "Id CreatedDate LastModifiedDate SystemModstamp IsDeleted AccountId WhatId ActivityDate "
    "IsAllDayEvent IsRecurrence IsChild OwnerId Type StartDateTime"
)


def report() -> list[str]:
    """Rows per second and peak memory of each, and what follows for the goals."""
    with tempfile.TemporaryDirectory(prefix="bench-salesforce-") as folder:
        place = Path(folder)
        tap = _tap(place)
        with _server(TAP_EVENTS) as url:
            theirs = _json_of([str(tap), "-c", TAP_RUN, url, FIELDS, CLIENT_ID, CLIENT_SECRET])
        small = {way: _ours(way, EVENTS // 4, place / f"small_{way}") for way in ("rest", "bulk")}
        whole = {way: _ours(way, EVENTS, place / way) for way in ("rest", "bulk")}
    lines = [f"{EVENTS:,} events of 14 fields over HTTP, two thousand a page"]
    lines += [_line(f"ours by {way}, into the spool", said) for way, said in whole.items()]
    lines.append(_line(f"{TAP} by rest, to /dev/null", theirs))
    for way, said in whole.items():
        times, grown = _rate(said) / _rate(theirs), said["mib"] - small[way]["mib"]
        flat = f"memory of four times as many: {grown:+.0f} MiB, goal flat (≤ {FLAT_MIB} MiB)"
        lines += [
            f"{way}: {times:.1f} × as fast, goal ≥ {GOAL:g} ×: {_verdict(times >= GOAL)}",
            f"{way}: {flat}: {_verdict(grown <= FLAT_MIB)}",
        ]
    return lines


def _line(what: str, said: dict[str, Any]) -> str:
    return (
        f"{what:46} {said['rows']:>9,} rows  {said['seconds']:7.1f} s  "
        f"({said['cpu']:.1f} s of CPU)  {_rate(said):>8,.0f} rows/s  peak {said['mib']:5.0f} MiB"
    )


def _rate(said: dict[str, Any]) -> float:
    return float(said["rows"] / said["seconds"])


def _verdict(is_met: bool) -> str:
    return "ok" if is_met else "MISSED"


def _tap(place: Path) -> Path:
    given = os.environ.get("BENCH_TAP_SALESFORCE")
    folder = Path(given) if given else place / "tap"
    if not given:
        venv.create(folder, with_pip=True)
        pip = [str(folder / "bin" / "pip"), "install", "-q", TAP]
        subprocess.run(pip, check=True, stderr=subprocess.DEVNULL)  # noqa: S603
    return folder / "bin" / "python"


@contextmanager
def _server(events: int) -> Iterator[str]:
    process = subprocess.Popen(  # noqa: S603 - our own interpreter
        [sys.executable, "-m", "bench.salesforce", "serve", str(events)],
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        yield process.stdout.readline().strip() if process.stdout else ""
    finally:
        process.terminate()
        process.wait()


def _json_of(command: list[str], **environment: str) -> dict[str, Any]:
    printed = subprocess.run(  # noqa: S603 - interpreters chosen here
        command, check=True, capture_output=True, text=True, env={**os.environ, **environment}
    ).stdout
    said: dict[str, Any] = json.loads(printed.splitlines()[-1])
    return said


def _ours(way: str, events: int, place: Path) -> dict[str, Any]:
    with _server(events) as url:
        address = url.removeprefix("http://")
        return _json_of(
            [sys.executable, "-m", "bench.salesforce", way, str(place)],
            AIRFLOW_CONN_CRM=f"http://{CLIENT_ID}:{CLIENT_SECRET}@{address}",
        )


def _measured(way: str, place: Path) -> dict[str, Any]:
    """One reading in this process."""
    import resource
    import time
    from datetime import date

    import pyarrow.parquet as pq

    from sales_support_kpi.config import load_config
    from sales_support_kpi.night import night_ending
    from sales_support_kpi.settings import Home
    from sales_support_kpi.sources.extract.pulling import pull

    (place / "config").mkdir(parents=True)
    options = {
        "read": ["activities"],
        "activities": {"tasks": False},
        "bulk_above": 0 if way == "bulk" else 1_000_000_000,
    }
    source = {"id": "crm", "kind": "salesforce", "connection": "crm", "options": options}
    (place / "config" / "sources.yml").write_text(yaml.safe_dump([source]), encoding="utf-8")
    config = load_config(place / "config")
    night, spool = night_ending(date(2026, 10, 31), "Asia/Seoul"), place / "spool"
    spool.mkdir()
    began = time.perf_counter()
    pull(Home(place / "home"), config, config.sources[0], night, spool)
    seconds = time.perf_counter() - began
    rows = pq.read_metadata(spool / "events.parquet").num_rows
    used = resource.getrusage(resource.RUSAGE_SELF)
    cpu = used.ru_utime + used.ru_stime
    return {"rows": rows, "seconds": seconds, "cpu": cpu, "mib": used.ru_maxrss / 1024}


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
        said = _measured(sys.argv[1], Path(sys.argv[2]))
        sys.stdout.write(json.dumps(said) + "\n")
