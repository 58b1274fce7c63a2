"""The settings of an Airflow on one machine: everything under the home, on loopback alone.

Airflow reads them from the environment; the secrets it generates for itself stay in the files of
its own folder, which only the pipeline's user can enter.
"""

import json
import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from sales_support_kpi.loopback import HOST
from sales_support_kpi.orchestration.schedules import SCHEDULES_SWITCH
from sales_support_kpi.settings import Home, repo_root

USER = "admin"


@dataclass(frozen=True, slots=True)
class LocalSettings:
    """Where a local Airflow lives and what it is told.

    Attributes:
        home: the company's home; Airflow's own files are in its folder `airflow`.
        config: the company's config folder.
        port: of the API server, on loopback.
        is_clock_on: whether schedules start runs by themselves.
    """

    home: Home
    config: Path
    port: int
    is_clock_on: bool

    @property
    def airflow_home(self) -> Path:
        """Airflow's metadata database, logs and secrets."""
        return self.home.root / "airflow"

    @property
    def logs(self) -> Path:
        """Logs of the components and of all tasks."""
        return self.airflow_home / "logs"

    @property
    def password_file(self) -> Path:
        """The generated password of the one user, as JSON."""
        return self.airflow_home / "password.json"

    @property
    def secrets_file(self) -> Path:
        """What the components sign their tokens with, as JSON."""
        return self.airflow_home / "secrets.json"

    @property
    def base_url(self) -> str:
        """Address of the UI and the API."""
        return f"http://{HOST}:{self.port}"

    def environment(self, inherited: Mapping[str, str] = os.environ) -> dict[str, str]:
        """The process environment of every component, and so of every task."""
        kept = {name: value for name, value in inherited.items() if not _is_foreign(name)}
        return kept | {
            "AIRFLOW_HOME": str(self.airflow_home),
            "KPI_HOME": str(self.home.root),
            "KPI_CONFIG": str(self.config.absolute()),
            SCHEDULES_SWITCH: "on" if self.is_clock_on else "off",
            "NO_PROXY": f"{HOST},localhost",
            "no_proxy": f"{HOST},localhost",
            **{f"AIRFLOW__{name}": value for name, value in self._options().items()},
        }

    def _secret(self, name: str) -> str:
        return str(json.loads(self.secrets_file.read_text(encoding="utf-8"))[name])

    def _options(self) -> dict[str, str]:
        return {
            "API__BASE_URL": self.base_url,
            "API__EXPOSE_CONFIG": "False",
            "API__HOST": HOST,
            "API_AUTH__JWT_SECRET": self._secret("jwt_secret"),
            "CORE__DAGS_ARE_PAUSED_AT_CREATION": "False",
            "CORE__DAGS_FOLDER": str(repo_root() / "dags"),
            "CORE__EXECUTION_API_SERVER_URL": f"{self.base_url}/execution/",
            "CORE__EXECUTOR": "LocalExecutor",
            "CORE__DEFAULT_TASK_RETRY_DELAY": "5",
            "CORE__LOAD_EXAMPLES": "False",
            "CORE__PARALLELISM": "4",
            "CORE__PLUGINS_FOLDER": str(repo_root() / "plugins"),
            "CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE": str(self.password_file),
            "CORE__SIMPLE_AUTH_MANAGER_USERS": f"{USER}:admin",
            "DATABASE__SQL_ALCHEMY_CONN": f"sqlite:///{self.airflow_home / 'airflow.db'}",
            "LOGGING__BASE_LOG_FOLDER": str(self.logs),
            "LOGGING__NAMESPACE_LEVELS": "great_expectations=WARNING",
            "SCHEDULER__SCHEDULER_IDLE_SLEEP_TIME": "0.2",
        }


def prepare_folder(settings: LocalSettings) -> None:
    """Make Airflow's folder and its secrets, readable by the pipeline's user alone."""
    settings.logs.mkdir(parents=True, exist_ok=True)
    settings.airflow_home.chmod(0o700)
    _write_once(settings.password_file, {USER: secrets.token_urlsafe(18)})
    _write_once(settings.secrets_file, {"jwt_secret": secrets.token_urlsafe(64)})


def read_password(settings: LocalSettings) -> str:
    """The password of the one user."""
    return str(json.loads(settings.password_file.read_text(encoding="utf-8"))[USER])


def _write_once(file: Path, content: dict[str, str]) -> None:
    if not file.exists():
        aside = file.with_suffix(".new")
        aside.touch(mode=0o600)
        aside.write_text(json.dumps(content) + "\n", encoding="utf-8")
        aside.replace(file)


def _is_foreign(name: str) -> bool:
    """Settings of another Airflow, and what would keep Python from reusing its byte code."""
    return name.startswith("AIRFLOW__") or name == "PYTHONDONTWRITEBYTECODE"
