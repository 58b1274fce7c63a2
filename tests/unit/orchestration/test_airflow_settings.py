"""A local Airflow keeps to loopback and to the home, and its secrets to one user."""

import json
import stat
from pathlib import Path

import pytest

from sales_support_kpi.orchestration.airflow_settings import (
    LocalSettings,
    prepare_folder,
    read_password,
)
from sales_support_kpi.settings import Home


@pytest.fixture
def settings(tmp_path):
    one = LocalSettings(Home(tmp_path / "home"), tmp_path / "config", 18080, is_clock_on=False)
    prepare_folder(one)
    return one


def test_everything_stays_on_loopback_and_under_the_home(settings):
    environment = settings.environment({})
    assert environment["AIRFLOW_HOME"] == str(settings.home.root / "airflow")
    assert environment["AIRFLOW__API__HOST"] == "127.0.0.1"
    assert environment["AIRFLOW__API__BASE_URL"] == "http://127.0.0.1:18080"
    assert str(settings.home.root) in environment["AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"]
    assert environment["AIRFLOW__CORE__LOAD_EXAMPLES"] == "False"
    assert environment["KPI_HOME"] == str(settings.home.root)
    assert Path(environment["KPI_CONFIG"]).is_absolute()


def test_the_settings_of_another_airflow_are_not_inherited(settings):
    inherited = {"AIRFLOW__CORE__EXECUTOR": "Celery", "AIRFLOW__X__Y": "z", "LANG": "ko_KR.UTF-8"}
    environment = settings.environment(inherited)
    assert environment["AIRFLOW__CORE__EXECUTOR"] == "LocalExecutor"
    assert "AIRFLOW__X__Y" not in environment
    assert environment["LANG"] == "ko_KR.UTF-8"


def test_calls_to_loopback_never_go_through_a_proxy(settings):
    environment = settings.environment({"HTTP_PROXY": "http://proxy:3128", "NO_PROXY": ""})
    assert "127.0.0.1" in environment["NO_PROXY"].split(",")


def test_clocks_are_off_for_the_demo_and_on_for_a_day_s_work(settings, tmp_path):
    assert settings.environment({})["KPI_SCHEDULES"] == "off"
    working = LocalSettings(settings.home, tmp_path, 18080, is_clock_on=True)
    assert working.environment({})["KPI_SCHEDULES"] == "on"


def test_secrets_are_readable_by_one_user_and_made_once(settings):
    assert stat.S_IMODE(settings.airflow_home.stat().st_mode) == 0o700
    for file in (settings.password_file, settings.secrets_file):
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
    password = read_password(settings)
    prepare_folder(settings)
    assert read_password(settings) == password
    assert len(password) >= 20


def test_each_home_has_a_password_of_its_own(settings, tmp_path):
    other = LocalSettings(Home(tmp_path / "other"), tmp_path, 18080, is_clock_on=False)
    prepare_folder(other)
    assert read_password(other) != read_password(settings)
    assert json.loads(other.secrets_file.read_text())["jwt_secret"]
