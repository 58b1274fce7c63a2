"""Builds, audits and publishes one night.

Starts as soon as every source has announced the night, or at 04:00 in the company's zone with what
there is by then.

- **Night:** `{"night": "2026-10-31"}` in the run's conf; else what the sources announced; else
  the last day that was over in the company's zone when the run was due.
- **Nothing new** (loads, config and `as_of` are those of what is published): all is skipped.
- **A re-run** gives the same night. A failed audit leaves the last good night in place.
- **With `publish: {to: postgres}`** a last task lets the database server follow; the files are
  published whatever comes of it.
- **If it fails:** `docs/runbook.md#build_warehouse`.
"""

from typing import Any

from airflow.sdk import TriggerRule, dag, get_current_context, task

from sales_support_kpi.config import enabled_sources, load_config
from sales_support_kpi.orchestration import schedules
from sales_support_kpi.orchestration.assets import KPI_MARTS, announced
from sales_support_kpi.orchestration.defaults import DEFAULT_ARGS, WRITER_POOL, start_date
from sales_support_kpi.orchestration.links import night_links
from sales_support_kpi.settings import default_config_dir

config = load_config(default_config_dir())
timezone = config.company.timezone


@dag(
    schedule=schedules.all_announced_or_at(
        [announced(source.id) for source in enabled_sources(config)], "0 4 * * *", timezone
    ),
    start_date=start_date(timezone),
    catchup=False,
    max_active_runs=1,
    default_args=DEFAULT_ARGS,
    tags=["layer:warehouse", "tier:1"],
    doc_md=__doc__,
)
def build_warehouse() -> None:
    """The night's one line: build, audit, publish."""

    @task(pool=WRITER_POOL)
    def build() -> dict[str, Any]:
        from sales_support_kpi.orchestration import steps

        return steps.build(get_current_context())

    @task(pool=WRITER_POOL)
    def audit(built: dict[str, Any]) -> dict[str, Any]:
        from sales_support_kpi.orchestration import steps

        return steps.audit(built)

    @task(pool=WRITER_POOL, outlets=[KPI_MARTS])
    def publish(audited: dict[str, Any]) -> dict[str, Any]:
        from sales_support_kpi.orchestration import steps

        published = steps.publish(audited)
        get_current_context()["outlet_events"][KPI_MARTS].extra = published
        return published

    # Also when nothing was new: what a server missed last time is made good.
    @task(trigger_rule=TriggerRule.NONE_FAILED)
    def serve() -> dict[str, Any]:
        from sales_support_kpi.orchestration import steps

        return steps.serve()

    published = publish(audit(build()))
    published.operator.operator_extra_links = night_links(config.company.links)
    if config.company.publish.to != "files":
        published >> serve()


build_warehouse()
