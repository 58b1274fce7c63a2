"""A demo company with two published nights, Superset on them, and a headless Chromium."""

import os
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

from sales_support_kpi.dashboards import Reader, running_superset, superset_python
from sales_support_kpi.loopback import free_port
from sales_support_kpi.settings import Home

ROOT = Path(__file__).resolve().parents[2]
CHROMIUM = next((p for name in ("chromium", "google-chrome") if (p := shutil.which(name))), None)
# Without these Chromium looks for hosts that a machine without the internet does not reach.
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
ARTEFACTS = ROOT / "test-artefacts" / "browser"
READERS = (
    Reader("e01", "manager"),
    *(Reader(employee, "lead") for employee in ("e02", "e07")),
    *(Reader(employee, "member") for employee in ("e05", "e06")),
)


def kpi(*arguments):
    command = [sys.executable, "-m", "sales_support_kpi", *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode in (0, 4), done.stderr
    return done.stdout


@pytest.fixture(scope="session")
def home(tmp_path_factory):
    """Two nights of the demo company, from one folder of files."""
    folder = tmp_path_factory.mktemp("demo")
    kept = os.environ.get("KPI_BROWSER_HOME")  # a home to look at again and again
    if kept:
        return Home(Path(kept))
    config = ROOT / "examples" / "demo_company" / "config"
    kpi("sandbox", "generate", folder / "files")
    for night in ("2026-10-30", "2026-10-31"):
        kpi("run", "--source", folder / "files", "--config", config, "--home", folder / "home",
            "--as-of", night)  # fmt: skip
    return Home(folder / "home")


@pytest.fixture(scope="session")
def superset(home):
    if not superset_python().exists():
        pytest.skip("Superset's environment is not there: `make browser-tests` makes it")
    with running_superset(home, READERS, superset_python(), free_port()) as running:
        yield running


@pytest.fixture(scope="session")
def api(superset):
    """Superset's REST API as one user, who logs in once."""
    from tests.browser.superset_page import Api

    return cache(lambda user: Api(superset, user))


@pytest.fixture(scope="session")
def browser():
    if CHROMIUM is None:
        pytest.skip("Chromium is not installed (on Debian: apt-get install chromium)")
    from playwright.sync_api import sync_playwright

    ARTEFACTS.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield running
        running.close()
