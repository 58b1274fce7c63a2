"""Airflow's components as child processes: started together, watched, and stopped together."""

import fcntl
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import IO

from sales_support_kpi.errors import HomeBusy, SalesSupportKpiError
from sales_support_kpi.loopback import HOST
from sales_support_kpi.orchestration.airflow_rest import AirflowRest
from sales_support_kpi.orchestration.airflow_settings import (
    USER,
    LocalSettings,
    prepare_folder,
    read_password,
)

COMPONENTS = ("scheduler", "dag_processor", "metadatabase")
START_SECONDS = 180.0
STOP_SECONDS = 20.0


class AirflowStopped(SalesSupportKpiError):
    """A component ended by itself, or did not get ready in time."""


class LocalAirflow:
    """API server, scheduler and DAG processor of one home.

    No triggerer: nothing here defers.
    """

    def __init__(self, settings: LocalSettings, lock: IO[str]) -> None:
        self.settings = settings
        self._lock = lock  # stays held as long as one of the components lives
        self._processes: dict[str, subprocess.Popen[bytes]] = {}

    def start(self) -> None:
        """Bring the metadata database up to date, then start every component."""
        self._migrate()
        commands = {
            "api-server": ["api-server", "--host", HOST, "--port", str(self.settings.port)],
            "scheduler": ["scheduler", "--skip-serve-logs"],
            "dag-processor": ["dag-processor"],
        }
        for name, arguments in commands.items():
            with (self.settings.logs / f"{name}.log").open("wb") as output:
                self._processes[name] = subprocess.Popen(  # noqa: S603 - our own interpreter
                    [*_airflow(), *arguments],
                    env=self.settings.environment(),
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=subprocess.STDOUT,
                    start_new_session=True,
                    pass_fds=(self._lock.fileno(),),
                )

    def _migrate(self) -> None:
        stamp = self.settings.airflow_home / ".migrated"
        wanted = version("apache-airflow-core")
        database = self.settings.airflow_home / "airflow.db"
        if database.exists() and stamp.exists() and stamp.read_text(encoding="utf-8") == wanted:
            return
        log = self.settings.logs / "migrate.log"
        with log.open("wb") as output:
            done = subprocess.run(  # noqa: S603 - our own interpreter
                [*_airflow(), "db", "migrate"],
                env=self.settings.environment(),
                stdout=output,
                stderr=subprocess.STDOUT,
                check=False,
            )
        if done.returncode:
            raise AirflowStopped(f"airflow db migrate failed; see {log}\n{tail(log)}")
        database.chmod(0o600)
        stamp.write_text(wanted, encoding="utf-8")

    def connect(self) -> AirflowRest:
        """Wait until all components are healthy; a client that is logged in."""
        rest = AirflowRest(self.settings.base_url, USER, read_password(self.settings))
        deadline = time.monotonic() + START_SECONDS
        while True:
            self.check_alive()
            health = rest.health()
            if all(health.get(name) == "healthy" for name in COMPONENTS):
                rest.log_in()
                return rest
            if time.monotonic() > deadline:
                raise AirflowStopped(
                    f"Airflow is not ready after {START_SECONDS:.0f} s ({health or 'no answer'}); "
                    f"logs: {self.settings.logs}"
                )
            time.sleep(0.2)

    def check_alive(self) -> None:
        """Raise when a component has ended by itself.

        Raises:
            AirflowStopped: with the end of the component's log.
        """
        for name, process in self._processes.items():
            if process.poll() is not None:
                log = self.settings.logs / f"{name}.log"
                raise AirflowStopped(
                    f"airflow {name} ended with exit code {process.returncode}; see {log}\n"
                    f"{tail(log)}"
                )

    def stop(self) -> None:
        """End all components, politely first; none of their children stays behind.

        The API server goes last: tasks tell it how they ended.
        """
        server = self._processes.pop("api-server", None)
        for group in (list(self._processes.values()), [server] if server else []):
            _end(group)
        self._processes.clear()


def _end(processes: list[subprocess.Popen[bytes]]) -> None:
    for process in processes:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
    deadline = time.monotonic() + STOP_SECONDS
    for process in processes:
        try:
            process.wait(max(0.1, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            continue
    for process in processes:
        try:
            os.killpg(process.pid, signal.SIGKILL)
        except ProcessLookupError:
            continue
        process.wait()


@contextmanager
def running_airflow(settings: LocalSettings) -> Iterator[LocalAirflow]:
    """A local Airflow to be started, whose components are stopped in any case.

    Raises:
        HomeBusy: an Airflow of this home is running already.
    """
    prepare_folder(settings)
    with (settings.airflow_home / ".running").open("a+", encoding="utf-8") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise HomeBusy(
                f"An Airflow of {settings.home.root} is running already (`make up` or `make run` "
                "in another terminal?); stop it and retry."
            ) from error
        airflow = LocalAirflow(settings, lock)
        try:
            yield airflow
        finally:
            airflow.stop()


def tail(log: Path, lines: int = 25) -> str:
    """The end of a log file."""
    text = log.read_text(encoding="utf-8", errors="replace") if log.exists() else ""
    return "\n".join(text.splitlines()[-lines:])


def _airflow() -> list[str]:
    return [sys.executable, "-m", "airflow"]
