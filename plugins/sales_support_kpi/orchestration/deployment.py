"""Prepare a deployed Airflow before its services start: schema, writer's pool, password.

Run once per start, as `python -m sales_support_kpi.orchestration.deployment`, with Airflow's
settings and `KPI_ADMIN_PASSWORD` in the environment. Running it again changes nothing.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

from sales_support_kpi.errors import ConfigError, SalesSupportKpiError
from sales_support_kpi.orchestration.airflow_settings import USER
from sales_support_kpi.orchestration.defaults import WRITER_POOL

PASSWORD_VARIABLE = "KPI_ADMIN_PASSWORD"  # noqa: S105 - a name, not a password
PASSWORDS_FILE_VARIABLE = "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE"
MIN_PASSWORD_LENGTH = 12


def write_password(file: Path, password: str) -> None:
    """The administrator's password where Airflow's simple auth manager looks for it."""
    file.parent.mkdir(parents=True, exist_ok=True)
    aside = file.with_suffix(".new")
    aside.unlink(missing_ok=True)
    aside.touch(mode=0o600)
    aside.write_text(json.dumps({USER: password}) + "\n", encoding="utf-8")
    aside.replace(file)


def prepare() -> None:
    """Do all of it.

    Raises:
        ConfigError: something is missing in the environment; all of it at once.
    """
    password = os.environ.get(PASSWORD_VARIABLE, "")
    passwords_file = os.environ.get(PASSWORDS_FILE_VARIABLE, "")
    problems = []
    if len(password) < MIN_PASSWORD_LENGTH:
        problems.append(f"{PASSWORD_VARIABLE} needs at least {MIN_PASSWORD_LENGTH} characters")
    if not passwords_file:
        problems.append(f"{PASSWORDS_FILE_VARIABLE} is not set")
    if problems:
        raise ConfigError(problems)
    _airflow("db", "migrate")
    _airflow("pools", "set", WRITER_POOL, "1", "One writer: DuckDB has one, and so does a home.")
    write_password(Path(passwords_file), password)


def _airflow(*arguments: str) -> None:
    command = [sys.executable, "-m", "airflow", *arguments]
    code = subprocess.run(command, check=False).returncode  # noqa: S603 - our own interpreter
    if code:
        raise SalesSupportKpiError(f"airflow {' '.join(arguments[:2])} ended with exit code {code}")


def main() -> int:
    """Entry point; its result is the exit code."""
    try:
        prepare()
    except SalesSupportKpiError as error:
        sys.stderr.write(f"error: {error}\n")
        return error.exit_code
    return 0


if __name__ == "__main__":
    sys.exit(main())
