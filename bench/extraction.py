"""Tickets over HTTP: ours beside the public `tap-zendesk`, against the same local server.

Ours is measured twice: reading into the spool, and all the way into landing. The tap writes its
records to /dev/null, which is less than any target does with them. It comes from PyPI into an
environment of its own (`BENCH_TAP=/path/of/a/venv` uses one that is there). Its pause after every
450 tickets, made for the limit of another endpoint, is taken out. `BENCH_TICKETS` (100 000) is how
many tickets ours reads, and the memory of a quarter of them is measured beside; the tap reads at
most `BENCH_TAP_TICKETS` (20 000) of them, since it takes its time. On a machine that has other
things to do, compare the seconds of CPU, which include starting up.
"""

import os
import sys
import tempfile
from contextlib import AbstractContextManager
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
    rate,
    server,
    speed,
    spooled,
)

TICKETS = int(os.environ.get("BENCH_TICKETS", "100000"))
TAP_TICKETS = min(TICKETS, int(os.environ.get("BENCH_TAP_TICKETS", "20000")))
TAP = "tap-zendesk==2.8.2"
SOURCE = {
    "id": "helpdesk",
    "kind": "zendesk",
    "connection": "helpdesk",
    "options": {"kinds": {"inquiry": {"tags": ["price_list"]}}, "events": False},
}
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
""" + COUNTED.format(
    write="write_record", is_record="1", sync='sync_stream({}, config["start_date"], instance)'
)


def report() -> list[str]:
    """Rows per second and peak memory of each, and what follows for the goals."""
    with tempfile.TemporaryDirectory(prefix="bench-extraction-") as folder:
        place = Path(folder)
        tap = interpreter(TAP, "BENCH_TAP", place)
        with _server(TAP_TICKETS) as port:
            theirs = json_of([str(tap), "-c", TAP_RUN, port])
        small = _ours("read", TICKETS // 4, place / "small")
        read = _ours("read", TICKETS, place / "read")
        land = _ours("land", TICKETS, place / "land")
    return [
        f"{TICKETS:,} tickets over HTTP, a thousand a page",
        line("ours, read into the spool", read),
        line("ours, read and landed", land),
        line(f"{TAP}, to /dev/null, unpaused", theirs),
        f"reading is {speed(read, theirs)}; landing included {rate(land) / rate(theirs):.1f} ×",
        growth(read, small),
    ]


def _server(tickets: int) -> AbstractContextManager[str]:
    return server("bench.extraction_server", str(tickets))


def _ours(step: str, tickets: int, place: Path) -> dict[str, Any]:
    with _server(tickets) as port:
        return json_of(
            [sys.executable, "-m", "bench.extraction", step, str(place)],
            AIRFLOW_CONN_HELPDESK=f"http://agent%40acme.test:{'key'}@127.0.0.1:{port}",
        )


def _take(step: str, place: Path) -> None:
    from sales_support_kpi.landing import land

    home, config, night = company(place, SOURCE)

    def landed() -> int:
        outcome = land(home, config, config.sources[0], night)
        if outcome.status != "landed":
            raise SystemExit(outcome.message)
        return sum(one.rows_landed for one in outcome.loads if one.entity == "requests")

    print_measured(landed if step == "land" else lambda: spooled(home, config, night, "tickets"))


if __name__ == "__main__":
    _take(sys.argv[1], Path(sys.argv[2]))
