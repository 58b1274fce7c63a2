"""An answer is kept under the night that it was read from, whatever is published meanwhile."""

import json
import os
import subprocess

import pytest

from sales_support_kpi.dashboards import superset_python
from sales_support_kpi.settings import repo_root

pytestmark = pytest.mark.browser

# In Superset's own Python, without a server: the key is asked for, a night is published (or rolled
# back), and only then the connection is opened.
ASKED = """
import json, os, sys
from flask import Flask
from pathlib import Path
from sqlalchemy.engine import make_url
import superset_config as config

def opened():
    url = make_url("duckdb:///kpi.duckdb")
    uri, params = config.DB_CONNECTION_MUTATOR(url, {}, "e01", None, None)
    return Path(uri.database).parent.name, params["connect_args"]

def point(night):
    (config.PUBLISHED / "aside").symlink_to(f"nights/{night}")
    (config.PUBLISHED / "aside").rename(config.PUBLISHED / "current")

app, said = Flask("any"), []
for before, after in (("a", "b"), ("b", "a")):
    point(before)
    with app.app_context():
        key = config.night()
        point(after)
        said.append([key, opened()[0], config.night()])
    with app.app_context():
        said.append([config.night(), opened()[0]])
json.dump([said, opened()[1]], sys.stdout)
"""


def test_a_publish_between_key_and_query_does_not_mix_two_nights(tmp_path):
    if not superset_python().exists():
        pytest.skip("Superset's environment is not there: `make browser-tests` makes it")
    for night in ("a", "b"):
        (tmp_path / "nights" / night).mkdir(parents=True)
    paths = [repo_root() / "plugins", repo_root() / "dashboards"]
    done = subprocess.run(
        [superset_python(), "-c", ASKED],
        env={
            "PATH": os.environ["PATH"],
            "PYTHONPATH": os.pathsep.join(map(str, paths)),
            "KPI_PUBLISHED": str(tmp_path),
            "SUPERSET_HOME": str(tmp_path),
            "SUPERSET_SECRET_KEY": "any",
        },
        capture_output=True,
        text=True,
        check=True,
    )
    said, arguments = json.loads(done.stdout)
    assert said == [["a", "a", "a"], ["b", "b"], ["b", "b", "b"], ["a", "a"]]
    assert arguments["read_only"] is True
    assert arguments["config"]["enable_external_access"] == "false"
