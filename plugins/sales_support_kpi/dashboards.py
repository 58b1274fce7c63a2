"""Superset on what a home has published: `make dashboards`.

Superset cannot share this environment, so it runs in its own one as a child process; what it
shows stands in `dashboards/`, what it remembers and its passwords in `<home>/superset/`.
"""

import argparse
import fcntl
import json
import os
import secrets
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from sales_support_kpi.config.readers import Reader, read_readers
from sales_support_kpi.errors import HomeBusy, InputError, SalesSupportKpiError
from sales_support_kpi.loopback import HOST, free_port
from sales_support_kpi.settings import Home, default_config_dir, default_home, repo_root

PORT = 8088
START_SECONDS = 180.0


@dataclass(frozen=True, slots=True)
class Superset:
    """A running Superset.

    Attributes:
        passwords: by user name; `admin` and every reader.
    """

    base_url: str
    passwords: dict[str, str]


@contextmanager
def running_superset(
    home: Home, readers: Sequence[Reader], python: Path, port: int
) -> Iterator[Superset]:
    """A Superset that shows `home`, provisioned anew, stopped at the end.

    Args:
        home: the home whose published night is shown.
        readers: people beside the administrator.
        python: the interpreter of Superset's environment.
        port: on the loopback interface.

    Raises:
        InputError: nothing has been published.
        HomeBusy: a Superset of this home is running.
    """
    if not (home.published / "current").exists():
        raise InputError(f"{home.published}: nothing has been published yet: run a night first")
    state = home.root / "superset"
    state.mkdir(mode=0o700, parents=True, exist_ok=True)
    with (state / ".running").open("a+", encoding="utf-8") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise HomeBusy(
                f"A Superset of {home.root} is running already; stop it first."
            ) from error
        kept = _secrets(state, readers)
        environment = _environment(home, state, kept["secret_key"])
        passwords = kept["passwords"]
        _provision(python, environment, state, readers, passwords)
        yield from _served(python, environment, state, port, passwords)


def _secrets(state: Path, readers: Sequence[Reader]) -> dict[str, dict[str, str]]:
    """The key and everybody's first password, made once and readable by the owner alone."""
    file = state / "passwords.json"
    kept = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
    kept.setdefault("secret_key", secrets.token_urlsafe(48))
    passwords = kept.setdefault("passwords", {})
    for name in ("admin", *(reader.employee_id for reader in readers)):
        passwords.setdefault(name, secrets.token_urlsafe(12))
    aside = file.with_suffix(".new")
    aside.touch(mode=0o600)
    aside.write_text(json.dumps(kept, indent=2) + "\n", encoding="utf-8")
    aside.replace(file)
    return kept


def _environment(home: Home, state: Path, key: object) -> dict[str, str]:
    inherited = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("PYTHON", "VIRTUAL_ENV", "AIRFLOW", "SUPERSET", "FLASK"))
    }
    return inherited | {
        "FLASK_APP": "superset.app:create_app()",
        "KPI_PUBLISHED": str(home.published),
        "PYTHONPATH": str(repo_root() / "plugins"),  # for the words and signs of the scorecard
        "SUPERSET_CONFIG_PATH": str(repo_root() / "dashboards" / "superset_config.py"),
        "SUPERSET_HOME": str(state),
        "SUPERSET_SECRET_KEY": str(key),
    }


def _provision(
    python: Path,
    environment: dict[str, str],
    state: Path,
    readers: Sequence[Reader],
    passwords: dict[str, str],
) -> None:
    """Superset's own database brought up to date, then the assets, the roles and the people."""
    stamp = state / ".migrated"
    lock = (repo_root() / "dashboards" / "requirements.lock").read_text(encoding="utf-8")
    if not stamp.exists() or stamp.read_text(encoding="utf-8") != lock:
        for step in ("db upgrade", "init"):
            _run([str(python.with_name("superset")), *step.split()], environment, state)
        stamp.write_text(lock, encoding="utf-8")
    people = [{"username": "admin", "role": "admin", "password": passwords["admin"]}]
    people += [
        {
            "username": reader.employee_id,
            "role": reader.role,
            "password": passwords[reader.employee_id],
        }
        for reader in readers
    ]
    script = repo_root() / "dashboards" / "provision.py"
    _run([str(python), str(script)], environment, state, json.dumps(people))


def _run(command: list[str], environment: dict[str, str], state: Path, text: str = "") -> None:
    log = state / "provision.log"
    with log.open("ab") as output:
        done = subprocess.run(  # noqa: S603 - Superset's interpreter and our own script
            command,
            env=environment,
            input=text.encode(),
            stdout=output,
            stderr=subprocess.STDOUT,
            check=False,
        )
    if done.returncode:
        end = "\n".join(log.read_text(encoding="utf-8", errors="replace").splitlines()[-25:])
        raise SalesSupportKpiError(f"{' '.join(command)} failed; see {log}\n{end}")


def _served(
    python: Path, environment: dict[str, str], state: Path, port: int, passwords: dict[str, str]
) -> Iterator[Superset]:
    log = state / "server.log"
    with log.open("ab") as output:
        server = subprocess.Popen(  # noqa: S603 - Superset's interpreter
            [
                *(str(python), "-m", "gunicorn", "--workers", "2", "--worker-class", "gthread"),
                *("--threads", "8", "--timeout", "120", "--bind", f"{HOST}:{port}"),
                "superset.app:create_app()",
            ],
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        base_url = f"http://{HOST}:{port}"
        _wait_for(base_url, server, log)
        yield Superset(base_url, passwords)
    finally:
        os.killpg(server.pid, signal.SIGTERM)
        try:
            server.wait(20)
        except subprocess.TimeoutExpired:
            os.killpg(server.pid, signal.SIGKILL)
            server.wait()


def _wait_for(base_url: str, server: "subprocess.Popen[bytes]", log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if server.poll() is not None:
            raise SalesSupportKpiError(f"Superset ended by itself; see {log}")
        try:
            if httpx.get(f"{base_url}/health", timeout=5).is_success:
                return
        except httpx.HTTPError:
            pass
        time.sleep(0.5)
    raise SalesSupportKpiError(f"Superset is not ready after {START_SECONDS:.0f} s; see {log}")


def superset_python() -> Path:
    """The interpreter of Superset's own environment, made by `make dashboards`."""
    return repo_root() / ".venv-superset" / "bin" / "python"


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve until Ctrl-C; the result is the exit code."""
    parser = argparse.ArgumentParser(prog="dashboards", description=__doc__)
    parser.add_argument("--home", type=Path, default=default_home())
    parser.add_argument("--config", type=Path, default=default_config_dir())
    parser.add_argument("--port", type=int, default=PORT, help="if it is free")
    options = parser.parse_args(arguments)
    signal.signal(signal.SIGTERM, lambda *_: signal.raise_signal(signal.SIGINT))
    try:
        readers = read_readers(options.config)
        say(f"Superset is being started on {options.home.absolute() / 'published'} …")
        port = free_port(options.port)
        with running_superset(Home(options.home), readers, superset_python(), port) as superset:
            say(f"dashboards: {superset.base_url}/superset/dashboard/scorecard/")
            say(f"user admin; passwords in {Home(options.home).root / 'superset/passwords.json'}")
            for reader in readers:
                say(f"user {reader.employee_id} ({reader.role})")
            say("Ctrl-C stops it.")
            signal.pause()
    except SalesSupportKpiError as error:
        say(f"error: {error}")
        return error.exit_code
    except KeyboardInterrupt:
        say("stopped")
    return 0


def say(text: str) -> None:
    """One line of progress."""
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()


if __name__ == "__main__":
    sys.exit(main())
