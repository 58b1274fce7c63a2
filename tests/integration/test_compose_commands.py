"""The commands of docker-compose.yml, run without containers against a real PostgreSQL.

What a machine without a container engine can exercise: each service's own command and health check
with its own environment, hosts and paths replaced by local ones. Not exercised: building the
image, the network between containers, volumes and their owners.
"""

import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import time
from datetime import date
from pathlib import Path

import httpx
import pytest
import sqlalchemy as sa
import yaml

from sales_support_kpi.loopback import free_port
from sales_support_kpi.orchestration.airflow_rest import AirflowRest
from sales_support_kpi.orchestration.local_night import run_night
from sales_support_kpi.sandbox.servers import postgres
from sales_support_kpi.settings import Home
from sales_support_kpi.warehouse.published import current_manifest

ROOT = Path(__file__).resolve().parents[2]
SOURCES = ("crm", "helpdesk", "surveys", "office")
NIGHT = date(2026, 10, 31)
SECRETS = {
    "POSTGRES_PASSWORD": "only-for-this-test",
    "KPI_ADMIN_PASSWORD": "only-for-this-test-too",
    "AIRFLOW_FERNET_KEY": "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=",
    "AIRFLOW_JWT_SECRET": "j" * 64,
    "AIRFLOW_SECRET_KEY": "s" * 64,
}
START_SECONDS = 300

pytestmark = pytest.mark.integration


@pytest.fixture(scope="module")
def database():
    """A server of its own on loopback, with the user and database of the compose file."""
    place, port = postgres.find(), free_port()
    if place is None:
        pytest.skip("PostgreSQL is not installed (Debian: apt-get install postgresql)")
    with postgres.running(place, port, "airflow", SECRETS["POSTGRES_PASSWORD"]) as url:
        engine = sa.create_engine(url, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.execute(sa.text("create database airflow"))
        engine.dispose()
        yield port


@pytest.fixture(scope="module")
def stack(database, tmp_path_factory):
    """The services of the compose file, with hosts, ports and paths of this machine."""
    folder = tmp_path_factory.mktemp("stack")
    example = ROOT / "examples" / "demo_company"
    config = shutil.copytree(example / "config", folder / "company/config")
    sources = (example / "sources-as-files.yml").read_text(encoding="utf-8")
    (config / "sources.yml").write_text(sources.replace("../../../var/demo", "../files"))
    sandbox = [sys.executable, "-m", "sales_support_kpi.sandbox", "--factor", "0.1"]
    files = ["--out", str(folder / "company" / "files")]
    subprocess.run([*sandbox, *files], check=True, capture_output=True)
    api, health = free_port(), free_port()
    text = (ROOT / "docker-compose.yml").read_text(encoding="utf-8")
    values = {**SECRETS, "KPI_COMPANY": str(folder / "company"), "KPI_SCHEDULES": "off"}
    text = re.sub(
        r"\$\{([A-Z_]+)(?::-([^}]*)|:\?[^}]*)?\}", lambda m: values.get(m[1], m[2] or ""), text
    )
    for theirs, ours in {
        "@postgres:5432": f"@127.0.0.1:{database}",
        "http://api-server:8080": f"http://127.0.0.1:{api}",
        '"8080"': f'"{api}"',
        '"8974"': f'"{health}"',
        "/srv/kpi": str(folder),
        "/opt/sales-support-kpi": str(ROOT),
    }.items():
        assert theirs in text, f"{theirs} is gone from docker-compose.yml"
        text = text.replace(theirs, ours)
    return Stack(yaml.safe_load(text)["services"], folder, api)


class Stack:
    """Runs services' commands as the image would: the environment's programs come first."""

    def __init__(self, services, folder, api_port):
        self.services = services
        self.folder = folder
        self.api = f"http://127.0.0.1:{api_port}"

    def environment(self, service):
        path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
        inherited = {"PATH": path, "HOME": str(self.folder), "NO_PROXY": "127.0.0.1"}
        return inherited | self.services[service]["environment"]

    def start(self, service):
        log = (self.folder / f"{service}.log").open("wb")
        return subprocess.Popen(
            self.services[service]["command"],
            env=self.environment(service),
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )

    def is_healthy(self, service):
        check = self.services[service]["healthcheck"]["test"]
        assert check[0] == "CMD", shlex.join(check)
        done = subprocess.run(
            check[1:], env=self.environment(service), check=False, capture_output=True
        )
        return done.returncode == 0

    def log(self, service):
        return (self.folder / f"{service}.log").read_text(errors="replace")[-4000:]


@pytest.fixture(scope="module")
def prepared(stack):
    """`init` has run, twice: a restart of the stack runs it again."""
    for _ in range(2):
        init = stack.start("init")
        assert init.wait(START_SECONDS) == 0, stack.log("init")
    return stack


@pytest.fixture(scope="module")
def running(prepared):
    processes = {
        name: prepared.start(name) for name in ("api-server", "scheduler", "dag-processor")
    }
    try:
        yield prepared, processes
    finally:
        for process in reversed(processes.values()):
            process.terminate()
        for process in processes.values():
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()


def test_init_refuses_a_start_without_the_administrator_s_password(stack):
    environment = stack.environment("init")
    del environment["KPI_ADMIN_PASSWORD"]
    done = subprocess.run(
        stack.services["init"]["command"], env=environment, capture_output=True, check=False
    )
    assert done.returncode == 2
    assert b"KPI_ADMIN_PASSWORD" in done.stderr
    assert b"Traceback" not in done.stderr


def test_init_leaves_the_password_private_and_out_of_the_log(prepared):
    file = prepared.folder / "airflow" / "password.json"
    assert json.loads(file.read_text()) == {"admin": SECRETS["KPI_ADMIN_PASSWORD"]}
    assert file.stat().st_mode & 0o777 == 0o600
    assert SECRETS["KPI_ADMIN_PASSWORD"] not in prepared.log("init")


def test_every_service_becomes_healthy_and_the_writer_s_pool_is_there(running):
    stack, processes = running
    waiting = set(processes)
    deadline = time.monotonic() + START_SECONDS
    while waiting:
        for name in sorted(waiting):
            assert processes[name].poll() is None, stack.log(name)
            if stack.is_healthy(name):
                waiting.discard(name)
        assert time.monotonic() < deadline, {name: stack.log(name) for name in waiting}
        time.sleep(0.5)

    client = httpx.Client(base_url=stack.api, trust_env=False, timeout=30)
    login = {"username": "admin", "password": SECRETS["KPI_ADMIN_PASSWORD"]}
    token = client.post("/auth/token", json=login).raise_for_status().json()["access_token"]
    client.headers["Authorization"] = f"Bearer {token}"
    pool = client.get("/api/v2/pools/warehouse_writer").raise_for_status().json()
    assert pool["slots"] == 1


def test_a_night_is_published_on_postgresql(running):
    stack, _ = running
    rest = AirflowRest(stack.api, "admin", SECRETS["KPI_ADMIN_PASSWORD"])
    rest.log_in()
    failed = run_night(rest, SOURCES, NIGHT, check_alive=lambda: None, seconds=900)
    assert failed == []
    assert current_manifest(Home(stack.folder / "home")).night == NIGHT


def test_a_wrong_password_opens_nothing(running):
    stack, _ = running
    login = {"username": "admin", "password": "admin"}
    answer = httpx.post(f"{stack.api}/auth/token", json=login, trust_env=False, timeout=30)
    assert answer.status_code == 401


def test_a_stopped_scheduler_is_noticed(running):
    stack, processes = running
    processes["scheduler"].terminate()
    processes["scheduler"].wait(60)
    assert not stack.is_healthy("scheduler")
