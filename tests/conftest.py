"""For all tests: whatever imports Airflow writes its folder where the tests' own process can."""

import atexit
import os
import shutil
import tempfile

_airflow_home = tempfile.mkdtemp(prefix="airflow-of-tests-")
os.environ["AIRFLOW_HOME"] = _airflow_home
atexit.register(shutil.rmtree, _airflow_home, ignore_errors=True)
