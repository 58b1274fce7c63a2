"""A real Airflow on this machine: the demo's night (`run`), or UI and schedules (`up`).

Run it as `python -m sales_support_kpi.orchestration.local run|up`; `make run` and `make up` do.
"""

import argparse
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from datetime import date
from pathlib import Path

from sales_support_kpi.config import enabled_sources, load_config
from sales_support_kpi.errors import SalesSupportKpiError
from sales_support_kpi.loopback import free_port
from sales_support_kpi.orchestration.airflow_processes import running_airflow
from sales_support_kpi.orchestration.airflow_settings import USER, LocalSettings
from sales_support_kpi.orchestration.defaults import WRITER_POOL
from sales_support_kpi.orchestration.local_night import explain_failure, run_night
from sales_support_kpi.orchestration.local_systems import (
    Waiter,
    demo_company,
    demo_config,
    no_company,
)
from sales_support_kpi.settings import Home, default_home

DEMO_NIGHT = date(2026, 10, 31)
UI_PORT = 8080


def run(options: argparse.Namespace) -> int:
    """One night through Airflow: start, trigger, wait, stop; then the scorecard."""
    home = Home(options.home)
    config = (options.config or demo_config(options.size)).absolute()
    settings = LocalSettings(home, config, free_port(), is_clock_on=False)
    began = time.monotonic()
    with _company_of(options) as served, running_airflow(settings) as airflow:
        with step("Airflow started"):
            airflow.start()
            rest = airflow.connect()
        say_served(served())
        sources = [source.id for source in enabled_sources(load_config(config))]
        with step(f"night {options.night} run: {', '.join(sources)}, then the warehouse"):
            failed = run_night(rest, sources, options.night, airflow.check_alive, options.timeout)
        for failure in failed:
            say(explain_failure(rest, failure))
        rest.close()
        with step("Airflow stopped"):
            airflow.stop()
    with step("scorecard"):
        shown = _kpi("scorecard", "--home", str(home.root))
    say(f"{time.monotonic() - began:.1f} s in all. Where to look:")
    say(f"  {home.published}/current/scorecard.html   the scorecard, to open, mail or print")
    say(f"  {home.published}/kpi.duckdb      company and teams; kpi_people.duckdb: everything")
    say(f"  {settings.logs}/    what Airflow and every task wrote")
    say("  make up                          the same DAGs with their UI and schedules")
    return shown or (4 if failed else 0)


def up(options: argparse.Namespace) -> int:
    """Airflow with UI and schedules in the foreground, until Ctrl-C."""
    home = Home(options.home)
    config = (options.config or demo_config(options.size)).absolute()
    settings = LocalSettings(home, config, free_port(options.port), is_clock_on=True)
    with _company_of(options) as served, running_airflow(settings) as airflow:
        airflow.start()
        rest = airflow.connect()
        say_served(served())
        rest.make_pool(WRITER_POOL, 1, "One writer: DuckDB has one, and so does a home.")
        rest.close()
        say(f"Airflow: {settings.base_url}")
        say(f"user {USER}, password in {settings.password_file}; logs in {settings.logs}")
        say("Ctrl-C stops everything.")
        try:
            while True:
                airflow.check_alive()
                time.sleep(1)
        except KeyboardInterrupt:
            say("stopping")
    return 0


def _company_of(options: argparse.Namespace) -> AbstractContextManager[Waiter]:
    """The demo's files and systems have to be made; another company has its own."""
    return demo_company(options.size) if options.config is None else no_company()


def say_served(places: Mapping[str, str]) -> None:
    """What the night reads, and where."""
    for place in places.values():
        say(f"       served: {place}")


def say(text: str) -> None:
    """One line of progress; standard output is for results."""
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()


@contextmanager
def step(name: str) -> Iterator[None]:
    """Say how long something took."""
    began = time.monotonic()
    yield
    say(f"{time.monotonic() - began:5.1f} s  {name}")


def _kpi(*arguments: str) -> int:
    command = [sys.executable, "-m", "sales_support_kpi", *arguments]
    return subprocess.run(command, check=False).returncode  # noqa: S603


def parse(arguments: Sequence[str]) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="local", description=__doc__)
    parser.add_argument("command", choices=("run", "up"))
    parser.add_argument("--home", type=Path, default=default_home())
    parser.add_argument("--config", type=Path, help="a company's folder; default: the demo's")
    parser.add_argument("--size", default="S", help="of the demo company")
    parser.add_argument("--night", type=date.fromisoformat, default=DEMO_NIGHT)
    parser.add_argument("--port", type=int, default=UI_PORT, help="of the UI, if it is free")
    parser.add_argument("--timeout", type=float, default=3600.0, help="seconds a night may take")
    return parser.parse_args(arguments)


def main(arguments: Sequence[str] | None = None) -> int:
    """Entry point; its result is the exit code."""
    signal.signal(signal.SIGTERM, _interrupt)
    options = parse(sys.argv[1:] if arguments is None else arguments)
    try:
        return run(options) if options.command == "run" else up(options)
    except SalesSupportKpiError as error:
        say(f"error: {error}")
        return error.exit_code
    except KeyboardInterrupt:
        say("interrupted: everything was stopped")
        return 130


def _interrupt(_signal: int, _frame: object) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())
