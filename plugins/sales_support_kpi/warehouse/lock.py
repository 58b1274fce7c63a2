"""One writer per home: a lock that the CLI and every DAG obey, and that says who holds it."""

import json
import os
import shlex
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from sales_support_kpi.errors import HomeBusy
from sales_support_kpi.settings import Home


@contextmanager
def writer_lock(home: Home, wait_seconds: float = 0.0) -> Iterator[None]:
    """Hold the home for writing; the operating system gives it back should the process die.

    Nested use within one thread of control is allowed.

    Raises:
        HomeBusy: somebody else held it for all of `wait_seconds`.
    """
    from filelock import FileLock, Timeout

    home.root.mkdir(parents=True, exist_ok=True)
    lock = FileLock(home.lock_file, mode=0o600, is_singleton=True)
    try:
        lock.acquire(timeout=wait_seconds)
    except Timeout as error:
        raise HomeBusy(_who_holds(home)) from error
    try:
        if lock.lock_counter == 1:
            _sign(home)
        yield
    finally:
        if lock.lock_counter == 1:
            _holder_file(home).unlink(missing_ok=True)
        lock.release()


def _holder_file(home: Home) -> Path:
    return home.root / ".lock-holder.json"


def _sign(home: Home) -> None:
    holder = {
        "pid": os.getpid(),
        "command": shlex.join([Path(sys.argv[0]).name, *sys.argv[1:]]),
        "since": datetime.now(UTC).isoformat(timespec="seconds"),
    }
    aside = home.root / f".lock-holder-{os.getpid()}.json"
    aside.write_text(json.dumps(holder), encoding="utf-8")
    aside.replace(_holder_file(home))


def _who_holds(home: Home) -> str:
    try:
        holder = json.loads(_holder_file(home).read_text(encoding="utf-8"))
        who = f"process {holder['pid']} (`{holder['command']}`) since {holder['since']}"
    except (OSError, ValueError, KeyError):
        who = "another process"
    return f"{home.root} is being written to by {who}; wait for it to end, or stop it, and retry."
