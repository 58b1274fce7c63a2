"""What all DAGs share: owner, retries, time-outs, the failure callback, the writer's pool, tags."""

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from airflow.sdk import ExceptionRetryPolicy, RetryAction, RetryRule

from sales_support_kpi import errors
from sales_support_kpi.orchestration.callbacks import report_failed_task

OWNER = "sales-support-data"
WRITER_POOL = "warehouse_writer"
"""One slot: DuckDB has one writer, and so does a home."""

TAGS = frozenset({"layer:landing", "layer:warehouse", "tier:1", "tier:2"})
"""All tags a DAG may have."""

FINAL_ERRORS: list[type[BaseException] | str] = [
    errors.AuditFailed,
    errors.BuildFailed,
    errors.ConfigError,
    errors.InputError,
    errors.NoAcceptedLoad,
    errors.UsageError,
]
"""Errors of the data, the models or the configuration: trying again would give them again."""

# How long to wait before a retry is a matter of the installation:
# `[core] default_task_retry_delay`, five minutes unless it says otherwise.
DEFAULT_ARGS: dict[str, Any] = {
    "owner": OWNER,
    "retries": 2,
    "retry_exponential_backoff": True,
    "max_retry_delay": timedelta(minutes=15),
    "retry_policy": ExceptionRetryPolicy(
        [RetryRule(FINAL_ERRORS, RetryAction.FAIL, reason="a retry would end the same way")]
    ),
    "execution_timeout": timedelta(hours=2),
    "on_failure_callback": report_failed_task,
}


READING_TIMEOUT = timedelta(hours=12)
"""A system's first reading may be long, and throttled; it holds nobody else up."""


def start_date(timezone: str) -> datetime:
    """The first day any schedule may fire, in the company's zone; nothing is caught up from it."""
    return datetime(2025, 1, 1, tzinfo=ZoneInfo(timezone))
