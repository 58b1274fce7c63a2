"""The structured line of a failed task."""

import json
import logging
from types import SimpleNamespace

from sales_support_kpi.orchestration.callbacks import report_failed_task

TASK = SimpleNamespace(
    dag_id="build_warehouse", task_id="audit", run_id="manual__1", try_number=2, state="failed"
)


def test_a_failed_task_is_one_line_of_json(caplog):
    error = ValueError("정확도\nbelow its guard")
    with caplog.at_level(logging.ERROR, logger="sales_support_kpi.alerts"):
        report_failed_task({"task_instance": TASK, "exception": error})
    (record,) = caplog.records
    assert "\n" not in record.getMessage()
    assert json.loads(record.getMessage()) == {
        "event": "task_failed",
        "dag_id": "build_warehouse",
        "task_id": "audit",
        "run_id": "manual__1",
        "try_number": 2,
        "error": "ValueError",
        "message": "정확도\nbelow its guard",
    }


def test_a_task_that_was_killed_has_no_exception_and_is_reported_all_the_same(caplog):
    with caplog.at_level(logging.ERROR, logger="sales_support_kpi.alerts"):
        report_failed_task({"task_instance": TASK})
    assert json.loads(caplog.records[0].getMessage())["error"] is None
