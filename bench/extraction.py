"""Tickets over HTTP: ours beside the public `tap-zendesk`, against the same local server.

Ours is measured twice: reading into the spool, and all the way into landing. The tap writes its
records to /dev/null, which is less than any target does with them. It comes from PyPI into an
environment of its own (`BENCH_TAP=/path/of/a/venv` uses one that is there). Its pause after every
450 tickets, made for the limit of another endpoint, is taken out. `BENCH_TICKETS` (100 000) is how
many tickets ours reads, and the memory of a quarter of them is measured beside; the tap reads at
most `BENCH_TAP_TICKETS` (20 000) of them, since it takes its time. On a machine that has other
things to do, compare the seconds of CPU, which include starting up.
"""

import json
import os
import subprocess
import sys
import tempfile
import venv
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import yaml

TICKETS = int(os.environ.get("BENCH_TICKETS", "100000"))
TAP_TICKETS = min(TICKETS, int(os.environ.get("BENCH_TAP_TICKETS", "20000")))
TAP = "tap-zendesk==2.8.2"
GOAL = 3.0
FLAT_MIB = 64
NIGHT = "2026-10-31"

TAP_RUN = """
import json, os, resource, sys, time
port, out = sys.argv[1], os.dup(1)
import singer
import tap_zendesk.streams as streams
from tap_zendesk.sync import sync_stream
streams.AUDITS_REQUEST_PER_MINUTE = float("inf")
streams.Tickets.endpoint = f"http://127.0.0.1:{port}/api/v2/incremental/tickets/cursor.json"
config = {"subdomain": "local", "access_token": "t", "start_date": "2020-01-01T00:00:00Z",
          "page_size": "1000"}
instance = streams.Tickets(None, config)
schema = streams.Stream.load_schema(instance)
streams.Tickets.load_schema = lambda self: schema
mdata = instance.load_metadata()
for one in mdata:
    one["metadata"]["selected"] = True
from singer.catalog import CatalogEntry
from singer.schema import Schema
streams.Tickets.stream = CatalogEntry(tap_stream_id="tickets", stream="tickets",
                                      schema=Schema.from_dict(schema), metadata=mdata)
counted = 0
write = singer.write_record
def count(*args, **kwargs):
    global counted
    counted += 1
    write(*args, **kwargs)
singer.write_record = count
os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
began = time.perf_counter()
sync_stream({}, config["start_date"], instance)
seconds = time.perf_counter() - began
sys.stdout.flush()
used = resource.getrusage(resource.RUSAGE_SELF)
said = {"rows": counted, "seconds": seconds, "cpu": used.ru_utime + used.ru_stime,
        "mib": used.ru_maxrss / 1024}
os.write(out, (json.dumps(said) + "\\n").encode())
"""


def report() -> list[str]:
    """Rows per second and peak memory of each, and what follows for the goals."""
    with tempfile.TemporaryDirectory(prefix="bench-extraction-") as folder:
        place = Path(folder)
        tap = _tap(place)
        with _server(TAP_TICKETS) as port:
            theirs = _json_of([str(tap), "-c", TAP_RUN, str(port)])
        small = _ours("read", TICKETS // 4, place / "small")
        read = _ours("read", TICKETS, place / "read")
        land = _ours("land", TICKETS, place / "land")
    ratio = _rate(read) / _rate(theirs)
    grown = read["mib"] - small["mib"]
    return [
        f"{TICKETS:,} tickets over HTTP, a thousand a page",
        _line("ours, read into the spool", read),
        _line("ours, read and landed", land),
        _line(f"{TAP}, to /dev/null, unpaused", theirs),
        (
            f"reading is {ratio:.1f} × as fast, goal ≥ {GOAL:g} ×: {_verdict(ratio >= GOAL)}; "
            f"landing included {_rate(land) / _rate(theirs):.1f} ×"
        ),
        (
            f"memory of four times as many tickets: {grown:+.0f} MiB, "
            f"goal flat (≤ {FLAT_MIB} MiB): {_verdict(grown <= FLAT_MIB)}"
        ),
    ]


def _line(what: str, said: dict[str, Any]) -> str:
    return (
        f"{what:46} {said['rows']:>9,} rows  {said['seconds']:7.1f} s  "
        f"({said['cpu']:.1f} s of CPU)  {_rate(said):>8,.0f} rows/s  peak {said['mib']:5.0f} MiB"
    )


def _rate(said: dict[str, Any]) -> float:
    return float(said["rows"] / said["seconds"])


def _verdict(is_met: bool) -> str:
    return "ok" if is_met else "MISSED"


@contextmanager
def _server(tickets: int) -> Iterator[int]:
    process = subprocess.Popen(  # noqa: S603 - our own interpreter
        [sys.executable, "-m", "bench.extraction_server", str(tickets)],
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        yield int(process.stdout.readline() if process.stdout else 0)
    finally:
        process.terminate()
        process.wait()


def _tap(place: Path) -> Path:
    """The interpreter of an environment that holds the tap."""
    given = os.environ.get("BENCH_TAP")
    folder = Path(given) if given else place / "tap"
    if not given:
        venv.create(folder, with_pip=True)
        pip = [str(folder / "bin" / "pip"), "install", "-q", TAP]
        subprocess.run(pip, check=True, stderr=subprocess.DEVNULL)  # noqa: S603
    return folder / "bin" / "python"


def _ours(step: str, tickets: int, place: Path) -> dict[str, Any]:
    with _server(tickets) as port:
        return _json_of(
            [sys.executable, "-m", "bench.extraction", step, str(place)],
            AIRFLOW_CONN_HELPDESK=f"http://agent%40acme.test:{'key'}@127.0.0.1:{port}",
        )


def _json_of(command: list[str], **environment: str) -> dict[str, Any]:
    printed = subprocess.run(  # noqa: S603 - interpreters chosen here
        command, check=True, capture_output=True, text=True, env={**os.environ, **environment}
    ).stdout
    said: dict[str, Any] = json.loads(printed.splitlines()[-1])
    return said


def _measured(step: str, place: Path) -> dict[str, Any]:
    """One step in this process."""
    import resource
    import time
    from datetime import date

    import pyarrow.parquet as pq

    from sales_support_kpi.config import load_config
    from sales_support_kpi.landing import land
    from sales_support_kpi.night import night_ending
    from sales_support_kpi.settings import Home
    from sales_support_kpi.sources.extract.pulling import pull

    (place / "config").mkdir(parents=True)
    source = {
        "id": "helpdesk",
        "kind": "zendesk",
        "connection": "helpdesk",
        "options": {"kinds": {"inquiry": {"tags": ["price_list"]}}, "events": False},
    }
    (place / "config" / "sources.yml").write_text(yaml.safe_dump([source]), encoding="utf-8")
    config = load_config(place / "config")
    night, home = night_ending(date.fromisoformat(NIGHT), "Asia/Seoul"), Home(place / "home")
    began = time.perf_counter()
    if step == "read":
        (place / "spool").mkdir()
        pull(home, config, config.sources[0], night, place / "spool")
        rows = pq.read_metadata(place / "spool" / "tickets.parquet").num_rows
    else:
        outcome = land(home, config, config.sources[0], night)
        rows = sum(one.rows_landed for one in outcome.loads if one.entity == "requests")
        if outcome.status != "landed":
            raise SystemExit(outcome.message)
    seconds = time.perf_counter() - began
    used = resource.getrusage(resource.RUSAGE_SELF)
    cpu = used.ru_utime + used.ru_stime
    return {"rows": rows, "seconds": seconds, "cpu": cpu, "mib": used.ru_maxrss / 1024}


if __name__ == "__main__":
    sys.stdout.write(json.dumps(_measured(sys.argv[1], Path(sys.argv[2]))) + "\n")
