"""The demo company beside a local Airflow: its files, and its systems in a process of their own.

Airflow's tasks find the systems by connections in their environment, made up anew for each start.
"""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, nullcontext
from pathlib import Path

from sales_support_kpi.errors import SalesSupportKpiError
from sales_support_kpi.settings import repo_root

Waiter = Callable[[], Mapping[str, str]]


def demo_folder() -> Path:
    """Where the demo's files are."""
    return repo_root() / "var" / "demo"


@contextmanager
def demo_company(size: str) -> Iterator[Waiter]:
    """Write the demo's files and serve its systems, both while Airflow starts.

    What is given waits until all of it is there, and says what is served where.

    Raises:
        SalesSupportKpiError: the files could not be written, or a system not be served.
    """
    from sales_support_kpi.sandbox.systems import connections

    demo_folder().mkdir(parents=True, exist_ok=True)
    os.environ.update(connections(demo_folder()))
    command = [sys.executable, "-m", "sales_support_kpi.sandbox.systems", "--size", size]
    with _files(size) as written:
        server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)  # noqa: S603
        try:

            def wait() -> Mapping[str, str]:
                written()
                line = server.stdout.readline() if server.stdout else ""
                if not line:
                    raise SalesSupportKpiError("the demo company's systems could not be served")
                places: Mapping[str, str] = json.loads(line)["ready"]
                return places

            yield wait
        finally:
            server.terminate()
            server.wait()


@contextmanager
def no_company() -> Iterator[Waiter]:
    """Another company has files and systems of its own."""
    with nullcontext():
        yield dict


@contextmanager
def _files(size: str) -> Iterator[Callable[[], None]]:
    """The files, written by a process of its own if they are not there yet."""
    directory = demo_folder()
    stamp = directory.with_name("demo.size")
    if stamp.exists() and stamp.read_text(encoding="utf-8") == size:
        yield lambda: None
        return
    stamp.unlink(missing_ok=True)
    command = [sys.executable, "-m", "sales_support_kpi.sandbox"]
    writer = subprocess.Popen([*command, "--out", str(directory), "--size", size])  # noqa: S603

    def written() -> None:
        if writer.wait():
            raise SalesSupportKpiError("the demo company's files could not be written")
        stamp.write_text(size, encoding="utf-8")

    try:
        yield written
    finally:
        writer.kill()
