"""The DAG folder as Airflow sees it, for a company of three sources, one of them switched off."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent

SOURCES = """
- {id: crm, kind: files, path: inbox/crm}
- {id: helpdesk, kind: files, path: inbox/helpdesk, schedule: "30 1 * * *"}
- {id: retired, kind: files, path: inbox/retired, enabled: false}
"""


@pytest.fixture(scope="session")
def load_dags(tmp_path_factory):
    """Load the DAG folder in a fresh interpreter, with these texts in the config folder."""

    def load(files=(), **environment):
        folder = tmp_path_factory.mktemp("company")
        for name, text in {"sources.yml": SOURCES, **dict(files)}.items():
            (folder / name).write_text(text, encoding="utf-8")
        inherited = {k: v for k, v in os.environ.items() if not k.startswith(("AIRFLOW", "KPI_"))}
        done = subprocess.run(
            [sys.executable, str(HERE / "describe_dags.py")],
            env={
                **inherited,
                "AIRFLOW_HOME": str(tmp_path_factory.mktemp("airflow")),
                "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
                "KPI_CONFIG": str(folder),
                "KPI_HOME": str(folder / "var"),
                **environment,
            },
            capture_output=True,
            text=True,
            check=False,
        )
        lines = [line for line in done.stdout.splitlines() if line.startswith("DAGS=")]
        assert lines, done.stderr
        return json.loads(lines[0].removeprefix("DAGS="))

    return load


@pytest.fixture(scope="session")
def loaded(load_dags):
    return load_dags()


@pytest.fixture(scope="session")
def dags(loaded):
    assert loaded["import_errors"] == {}
    return loaded["dags"]
