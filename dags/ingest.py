"""Lands one source each night: extract, check at the in-door, accept; then announce.

The night is announced whatever came of it, so that the warehouse never waits for a source that
is down.

- **Night:** `{"night": "2026-10-31"}` in the run's conf; else the last day that was over in the
  company's zone when the run was due.
- **A second run of a night**, or a backfill, lands only what is not landed yet. `{"since":
  "2026-10-01"}` in the conf reads a system again from there on.
- **If it fails:** `docs/runbook.md#ingest`. The last accepted load is used, its KPIs are stale.
"""

from typing import Any

from airflow.providers.standard.operators.empty import EmptyOperator
from airflow.sdk import dag, get_current_context, task

from sales_support_kpi.config import Source, enabled_sources, load_config
from sales_support_kpi.orchestration import schedules
from sales_support_kpi.orchestration.assets import announced
from sales_support_kpi.orchestration.defaults import (
    DEFAULT_ARGS,
    READING_TIMEOUT,
    WRITER_POOL,
    start_date,
)
from sales_support_kpi.settings import default_config_dir


def ingest_dag(source: Source, timezone: str) -> None:
    """Declare the DAG of one source."""
    asset = announced(source.id)

    @dag(
        dag_id=f"ingest_{source.id}",
        schedule=schedules.at(source.schedule, timezone),
        start_date=start_date(timezone),
        catchup=False,
        max_active_runs=1,
        default_args=DEFAULT_ARGS,
        tags=["layer:landing", "tier:1"],
        doc_md=__doc__,
    )
    def ingest() -> None:
        @task(**landing_settings(source))
        def land() -> dict[str, Any]:
            from sales_support_kpi.orchestration import steps

            return steps.land(source.id, get_current_context())

        @task(trigger_rule="all_done", outlets=[asset])
        def announce(landed: dict[str, Any] | None) -> None:
            from sales_support_kpi.orchestration import steps

            context = get_current_context()
            context["outlet_events"][asset].extra = steps.announcement(landed, context)

        # The run fails when the landing did, although it was announced.
        landed = land()
        announced_night = announce(landed)
        [landed, announced_night] >> EmptyOperator(task_id="confirm_landing")

    ingest()


def landing_settings(source: Source) -> dict[str, Any]:
    """Files are read while they are landed; a system takes its time before it waits its turn."""
    if source.kind == "files":
        return {"pool": WRITER_POOL}
    return {"execution_timeout": READING_TIMEOUT}


config = load_config(default_config_dir())
for source in enabled_sources(config):
    ingest_dag(source, config.company.timezone)
