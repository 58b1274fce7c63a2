"""One night through a running Airflow: every source is triggered, the warehouse follows."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

from sales_support_kpi.errors import SalesSupportKpiError
from sales_support_kpi.orchestration.airflow_rest import FAILED_TASK, FINISHED, AirflowRest
from sales_support_kpi.orchestration.defaults import WRITER_POOL

BUILD = "build_warehouse"
POLL_SECONDS = 0.3
DAGS_SECONDS = 120.0


class NightFailed(SalesSupportKpiError):
    """A run of the night failed; the message holds the task and the end of its log."""


@dataclass(frozen=True, slots=True)
class Run:
    """One run of a DAG."""

    dag_id: str
    run_id: str


def run_night(
    rest: AirflowRest,
    source_ids: Sequence[str],
    night: date,
    check_alive: Callable[[], None],
    seconds: float,
) -> list[Run]:
    """Ingest every source for a night and wait for the warehouse that the announcements start.

    Args:
        rest: a client that is logged in.
        source_ids: the enabled sources.
        night: the night to run.
        check_alive: raises when Airflow has died meanwhile.
        seconds: how long all of it may take.

    Returns:
        The ingest runs that failed: the night was published without them.

    Raises:
        NightFailed: the warehouse was not published, or nothing happened in time.
    """
    watch = _Watch(check_alive, time.monotonic() + seconds)
    ingests = [f"ingest_{source_id}" for source_id in source_ids]
    _wait_for_dags(rest, {*ingests, BUILD}, watch)
    rest.make_pool(WRITER_POOL, 1, "One writer: DuckDB has one, and so does a home.")
    rest.unpause_all()
    for run in rest.unfinished_runs():  # an earlier Airflow of this home was killed
        rest.fail_run(run["dag_id"], run["dag_run_id"])
    rest.forget_waiting_events(BUILD)
    known = {run["dag_run_id"] for run in rest.newest_runs(BUILD)}
    conf = {"night": night.isoformat()}
    runs = [Run(dag_id, rest.trigger(dag_id, conf)) for dag_id in ingests]
    failed = [run for run in runs if _state_at_end(rest, run, watch) == "failed"]
    build = _wait_for_new_run(rest, known, watch) if runs else Run(BUILD, rest.trigger(BUILD, conf))
    if _state_at_end(rest, build, watch) == "failed":
        raise NightFailed("\n".join(explain_failure(rest, run) for run in [*failed, build]))
    return failed


@dataclass(frozen=True, slots=True)
class _Watch:
    check_alive: Callable[[], None]
    deadline: float

    def pause(self, waiting_for: str) -> None:
        self.check_alive()
        if time.monotonic() > self.deadline:
            raise NightFailed(f"{waiting_for} did not come in time")
        time.sleep(POLL_SECONDS)


def _wait_for_dags(rest: AirflowRest, wanted: set[str], watch: _Watch) -> None:
    deadline = time.monotonic() + DAGS_SECONDS
    while missing := wanted - rest.dag_ids():
        if errors := rest.import_errors():
            raise NightFailed("a DAG file cannot be read:\n" + "\n".join(errors))
        if time.monotonic() > deadline:
            raise NightFailed(f"Airflow does not know the DAGs {', '.join(sorted(missing))}")
        watch.pause("reading the DAG files")


def _wait_for_new_run(rest: AirflowRest, known: set[str], watch: _Watch) -> Run:
    while True:
        for run in rest.newest_runs(BUILD):
            if run["dag_run_id"] not in known:
                return Run(BUILD, run["dag_run_id"])
        watch.pause(f"the run of {BUILD} that the announcements start")


def _state_at_end(rest: AirflowRest, run: Run, watch: _Watch) -> str:
    while (state := rest.run_state(run.dag_id, run.run_id)) not in FINISHED:
        watch.pause(f"the end of {run.dag_id} ({state})")
    return state


def explain_failure(rest: AirflowRest, run: Run) -> str:
    """Which task of a run failed first, with the end of its log."""
    tasks = [task for task in rest.tasks(run.dag_id, run.run_id) if task["state"] in FAILED_TASK]
    own = [task for task in tasks if task["state"] == "failed"]
    if not own:
        return f"{run.dag_id} failed (run {run.run_id}); no task says why"
    task = min(own, key=lambda task: task["end_date"] or "")
    log = rest.log_tail(run.dag_id, run.run_id, task)
    return f"{run.dag_id}: the task {task['task_id']} failed; the end of its log:\n{log}"
