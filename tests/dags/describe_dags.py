"""Load the DAG folder as Airflow does and print what is in it as JSON.

Run by the tests in a process of its own: Airflow settles its configuration when it is imported, and
what a DAG file imports can only be seen in a fresh interpreter.
"""

import json
import sys
from datetime import UTC, datetime
from pathlib import Path

DAGS = Path(__file__).resolve().parents[2] / "dags"
HEAVY = ("dbt", "dlt", "duckdb", "great_expectations", "openpyxl", "pandas", "pyarrow", "scipy")


def timetable_of(dag):
    """The times a DAG starts by the clock, from an evening in November on."""
    from airflow.serialization.encoders import coerce_to_core_timetable
    from airflow.timetables.base import TimeRestriction

    timetable = coerce_to_core_timetable(dag.timetable)
    after = datetime(2026, 11, 19, 12, tzinfo=UTC)
    starts, last = [], None
    for _ in range(3):
        info = timetable.next_dagrun_info(
            last_automated_data_interval=last,
            restriction=TimeRestriction(earliest=after, latest=None, catchup=True),
        )
        if info is None:
            break
        starts.append(info.run_after.isoformat())
        last = info.data_interval
    condition = getattr(dag.timetable, "asset_condition", None)
    assets = sorted(asset.name for asset in condition.objects) if condition else []
    return {"type": type(dag.timetable).__name__, "starts": starts, "assets": assets}


def task_of(task):
    """What the house rules are about."""
    return {
        "id": task.task_id,
        "operator": type(task).__name__,
        "owner": task.owner,
        "retries": task.retries,
        "has_retry_policy": task.has_retry_policy,
        "timeout_seconds": task.execution_timeout.total_seconds() if task.execution_timeout else 0,
        "callbacks": [callback.__name__ for callback in task.on_failure_callback],
        "pool": task.pool,
        "trigger_rule": task.trigger_rule.value,
        "outlets": [outlet.name for outlet in task.outlets],
        "downstream": sorted(task.downstream_task_ids),
    }


def serialized(dag):
    """What Airflow compares to see a new version, less where this process keeps its settings."""
    from airflow.serialization.serialized_objects import DagSerialization

    content = DagSerialization.to_dict(dag)
    content["dag"].pop("_processor_dags_folder", None)
    return json.dumps(content, sort_keys=True)


def describe():
    """Everything the tests ask about."""
    import airflow.sdk  # noqa: F401 - what it imports is not the DAG files' doing

    before = set(sys.modules)
    from airflow.dag_processing.dagbag import DagBag

    bag = DagBag(dag_folder=str(DAGS))
    parsed = {name.partition(".")[0] for name in set(sys.modules) - before}

    return {
        "import_errors": bag.import_errors,
        "heavy": sorted(parsed.intersection(HEAVY)),
        "dags": {
            dag_id: {
                "doc_md": dag.doc_md,
                "tags": sorted(dag.tags),
                "catchup": dag.catchup,
                "max_active_runs": dag.max_active_runs,
                "start_date": dag.start_date.isoformat(),
                "timetable": timetable_of(dag),
                "tasks": {task.task_id: task_of(task) for task in dag.tasks},
                "serialized": serialized(dag),
            }
            for dag_id, dag in bag.dags.items()
        },
    }


if __name__ == "__main__":
    print("DAGS=" + json.dumps(describe()))  # noqa: T201 - its output is what it is for
