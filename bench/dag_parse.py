"""What parsing each DAG file costs beyond `import airflow.sdk`, in a fresh interpreter."""

import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
GOAL_SECONDS = 0.3
RUNS = 5
SCRIPT = """
import runpy, sys, time
import airflow.sdk
airflow.sdk.DAG, airflow.sdk.task, airflow.sdk.Asset  # its names are loaded lazily
began = time.perf_counter()
runpy.run_path(sys.argv[1])
print("SECONDS", time.perf_counter() - began)
"""


def seconds_to_parse(dag_file: Path, airflow_home: str) -> float:
    """One measurement."""
    environment = os.environ | {
        "AIRFLOW_HOME": airflow_home,
        "KPI_CONFIG": str(ROOT / "examples" / "demo_company" / "config"),
    }
    printed = subprocess.run(  # noqa: S603 - our own interpreter
        [sys.executable, "-c", SCRIPT, str(dag_file)],
        env=environment,
        capture_output=True,
        check=True,
        text=True,
    ).stdout
    return float(printed.rpartition("SECONDS")[2])


def report() -> list[str]:
    """Median of the runs per file, beside the goal."""
    with tempfile.TemporaryDirectory() as airflow_home:
        lines = []
        for dag_file in sorted((ROOT / "dags").glob("*.py")):
            seconds_to_parse(dag_file, airflow_home)  # byte code and disk cache
            median = statistics.median(
                seconds_to_parse(dag_file, airflow_home) for _ in range(RUNS)
            )
            verdict = "ok" if median <= GOAL_SECONDS else "MISSED"
            lines.append(f"{dag_file.name:24} {median:.2f} s  (goal ≤ {GOAL_SECONDS} s: {verdict})")
    return lines
