"""What happens when a task has failed for good: one structured line, made to be searched for.

The line is where alerts attach: a log shipper needs no more than `"event": "task_failed"`.
"""

import json
import logging
from collections.abc import Mapping
from typing import Any

logger = logging.getLogger("sales_support_kpi.alerts")


def describe_failure(context: Mapping[str, Any]) -> dict[str, str | int | None]:
    """The facts of a failed task, as plain JSON values."""
    task_instance = context["task_instance"]
    error = context.get("exception")
    return {
        "event": "task_failed",
        "dag_id": task_instance.dag_id,
        "task_id": task_instance.task_id,
        "run_id": task_instance.run_id,
        "try_number": task_instance.try_number,
        "error": type(error).__name__ if error is not None else None,
        "message": str(error) if error is not None else None,
    }


def report_failed_task(context: Mapping[str, Any]) -> None:
    """Airflow's `on_failure_callback`: log the failure as one line of JSON."""
    logger.error(json.dumps(describe_failure(context), ensure_ascii=False, sort_keys=True))
