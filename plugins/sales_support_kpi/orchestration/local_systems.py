"""The demo company beside a local Airflow: its files, and its systems in a process of their own.

Airflow's tasks find the systems by connections in their environment, made up anew for each start.
"""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from sales_support_kpi.errors import SalesSupportKpiError
from sales_support_kpi.settings import repo_root

Waiter = Callable[[], Mapping[str, str]]
SERVED_SIZE = "S"  # the servers hold the company in memory


def demo_folder() -> Path:
    """Where the demo's files are."""
    return repo_root() / "var" / "demo"


def demo_config(size: str) -> Path:
    """The demo company's configuration; larger companies than S are read from files."""
    example = repo_root() / "examples" / "demo_company"
    if size == SERVED_SIZE:
        return example / "config"
    copied = repo_root() / "var" / "demo-config"
    shutil.copytree(example / "config", copied, dirs_exist_ok=True)
    text = (example / "sources-as-files.yml").read_text(encoding="utf-8")
    text = text.replace("../../../var/demo", str(demo_folder()))
    (copied / "sources.yml").write_text(text, encoding="utf-8")
    return copied


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
        if size != SERVED_SIZE:
            yield _after(written)
            return
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


def _after(written: Callable[[], None]) -> Waiter:
    def wait() -> Mapping[str, str]:
        written()
        return {}

    return wait


@contextmanager
def no_company() -> Iterator[Waiter]:
    """Another company has files and systems of its own."""
    yield dict


@contextmanager
def _files(size: str) -> Iterator[Callable[[], None]]:
    """The files, written by a process of its own if they are not there yet."""
    command = [sys.executable, "-m", "sales_support_kpi.sandbox.systems"]
    arguments = ["--files", str(demo_folder()), "--size", size]
    writer = subprocess.Popen([*command, *arguments])  # noqa: S603 - our own interpreter

    def written() -> None:
        if writer.wait():
            raise SalesSupportKpiError("the demo company's files could not be written")

    try:
        yield written
    finally:
        writer.kill()
