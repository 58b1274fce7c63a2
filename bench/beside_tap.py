"""Reading beside a public tap: the same local server, the same figures of both.

Servers and readings are processes of their own, so that memory and CPU are theirs alone. A tap
comes from PyPI into an environment of its own, unless a variable names one that is there.
"""

import json
import os
import resource
import subprocess
import sys
import time
import venv
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

if TYPE_CHECKING:
    from sales_support_kpi.config import Config
    from sales_support_kpi.night import Night
    from sales_support_kpi.settings import Home

GOAL = 3.0
FLAT_MIB = 64
NIGHT = "2026-10-31"

# Around what a tap runs: it counts its records and sends them to /dev/null, which is less than any
# target does with them.
COUNTED = """
counted, write = 0, singer.{write}
def count(*args, **kwargs):
    global counted
    counted += {is_record}
    write(*args, **kwargs)
singer.{write} = count
os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
began = time.perf_counter()
{sync}
seconds = time.perf_counter() - began
sys.stdout.flush()
used = resource.getrusage(resource.RUSAGE_SELF)
said = {{"rows": counted, "seconds": seconds, "cpu": used.ru_utime + used.ru_stime,
         "mib": used.ru_maxrss / 1024}}
os.write(out, (json.dumps(said) + "\\n").encode())
"""


def line(what: str, said: Mapping[str, Any]) -> str:
    """One reading in figures."""
    return (
        f"{what:46} {said['rows']:>9,} rows  {said['seconds']:7.1f} s  "
        f"({said['cpu']:.1f} s of CPU)  {rate(said):>8,.0f} rows/s  peak {said['mib']:5.0f} MiB"
    )


def rate(said: Mapping[str, Any]) -> float:
    """Rows a second."""
    return float(said["rows"] / said["seconds"])


def speed(ours: Mapping[str, Any], theirs: Mapping[str, Any]) -> str:
    """How many times as fast as the tap, against the goal."""
    times = rate(ours) / rate(theirs)
    return f"{times:.1f} × as fast, goal ≥ {GOAL:g} ×: {'ok' if times >= GOAL else 'MISSED'}"


def growth(whole: Mapping[str, Any], quarter: Mapping[str, Any]) -> str:
    """What four times as many rows cost in memory, against the goal."""
    grown = whole["mib"] - quarter["mib"]
    verdict = "ok" if grown <= FLAT_MIB else "MISSED"
    return (
        f"memory of four times as many: {grown:+.0f} MiB, goal flat (≤ {FLAT_MIB} MiB): {verdict}"
    )


def interpreter(tap: str, variable: str, place: Path) -> Path:
    """The interpreter of an environment that holds the tap."""
    given = os.environ.get(variable)
    folder = Path(given) if given else place / "tap"
    if not given:
        venv.create(folder, with_pip=True)
        pip = [str(folder / "bin" / "pip"), "install", "-q", tap]
        subprocess.run(pip, check=True, stderr=subprocess.DEVNULL)  # noqa: S603
    return folder / "bin" / "python"


@contextmanager
def server(*arguments: str) -> Iterator[str]:
    """A module of ours that serves; what it says first is where."""
    process = subprocess.Popen(  # noqa: S603 - our own interpreter
        [sys.executable, "-m", *arguments], stdout=subprocess.PIPE, text=True
    )
    try:
        yield process.stdout.readline().strip() if process.stdout else ""
    finally:
        process.terminate()
        process.wait()


def json_of(command: list[str], **environment: str) -> dict[str, Any]:
    """The last line that a process prints."""
    printed = subprocess.run(  # noqa: S603 - interpreters chosen here
        command, check=True, capture_output=True, text=True, env={**os.environ, **environment}
    ).stdout
    said: dict[str, Any] = json.loads(printed.splitlines()[-1])
    return said


def company(place: Path, source: Mapping[str, Any]) -> "tuple[Home, Config, Night]":
    """A home below `place`, and a configuration with one source."""
    from datetime import date

    from sales_support_kpi.config import load_config
    from sales_support_kpi.night import night_ending
    from sales_support_kpi.settings import Home

    (place / "config").mkdir(parents=True)
    (place / "config" / "sources.yml").write_text(yaml.safe_dump([dict(source)]), encoding="utf-8")
    night = night_ending(date.fromisoformat(NIGHT), "Asia/Seoul")
    return Home(place / "home"), load_config(place / "config"), night


def spooled(home: "Home", config: "Config", night: "Night", resource_name: str) -> int:
    """Read the one source into a spool; how many rows of a resource are there."""
    import pyarrow.parquet as pq

    from sales_support_kpi.sources.extract.pulling import pull

    spool = home.root.parent / "spool"
    spool.mkdir()
    pull(home, config, config.sources[0], night, spool)
    return int(pq.read_metadata(spool / f"{resource_name}.parquet").num_rows)


def print_measured(step: Callable[[], int]) -> None:
    """Take one step in this process, and say what it cost as a line of JSON."""
    began = time.perf_counter()
    rows = step()
    seconds = time.perf_counter() - began
    used = resource.getrusage(resource.RUSAGE_SELF)
    cpu = used.ru_utime + used.ru_stime
    said = {"rows": rows, "seconds": seconds, "cpu": cpu, "mib": used.ru_maxrss / 1024}
    sys.stdout.write(json.dumps(said) + "\n")
