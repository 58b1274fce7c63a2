"""docker-compose.yml: valid by the official schema, and no secret of its own.

Schema: the one of the Compose Specification, as packaged by check-jsonschema.
"""

import json
import re
import subprocess
import sys
from importlib import resources
from pathlib import Path

import jsonschema
import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
FILE = ROOT / "docker-compose.yml"
AIRFLOW_SERVICES = ("init", "api-server", "scheduler", "dag-processor")
VARIABLE = re.compile(r"\$\{([A-Z_]+)(:[?-][^}]*)?\}")


@pytest.fixture(scope="module")
def text():
    return FILE.read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def compose(text):
    return yaml.safe_load(text)


@pytest.fixture(scope="module")
def schema():
    packaged = resources.files("check_jsonschema") / "builtin_schemas/vendor/compose-spec.json"
    return json.loads(packaged.read_text(encoding="utf-8"))


def test_it_follows_the_official_schema(compose, schema):
    validator = jsonschema.Draft202012Validator(schema)
    assert [error.message for error in validator.iter_errors(compose)] == []


def test_the_schema_would_notice_a_misspelt_key(compose, schema):
    broken = {**compose, "services": {"postgres": {"image": "postgres", "comand": ["x"]}}}
    assert list(jsonschema.Draft202012Validator(schema).iter_errors(broken))


def test_every_service_that_stays_up_has_a_health_check(compose):
    checked = {name for name, service in compose["services"].items() if "healthcheck" in service}
    assert checked == set(compose["services"]) - {"init"}


def test_nothing_starts_before_what_it_needs_is_well(compose):
    services = compose["services"]
    assert services["init"]["depends_on"] == {"postgres": {"condition": "service_healthy"}}
    for name in ("api-server", "scheduler", "dag-processor"):
        assert services[name]["depends_on"] == {
            "init": {"condition": "service_completed_successfully"}
        }


def test_a_secret_is_never_defaulted_and_its_absence_stops_the_start(text):
    for name, default in VARIABLE.findall(text):
        if name.endswith(("PASSWORD", "KEY", "SECRET")):
            assert default.startswith(":?"), f"{name} must be required"


def test_no_service_holds_a_secret_in_clear(compose):
    for service in compose["services"].values():
        for name, value in service["environment"].items():
            if re.search(r"PASSWORD$|_KEY$|SECRET$", name):
                assert value.startswith("${"), name


def test_the_ui_listens_on_loopback_alone(compose):
    published = [
        port for service in compose["services"].values() for port in service.get("ports", [])
    ]
    assert published
    assert all(port.startswith("127.0.0.1:") for port in published)


def test_all_airflow_services_share_one_image_and_one_environment(compose):
    services = [compose["services"][name] for name in AIRFLOW_SERVICES]
    assert len({service["image"] for service in services}) == 1
    common = [
        {k: v for k, v in s["environment"].items() if k != "KPI_ADMIN_PASSWORD"} for s in services
    ]
    assert all(environment == common[0] for environment in common)


def test_only_the_step_that_needs_it_is_given_the_administrator_s_password(compose):
    holders = [
        n for n, s in compose["services"].items() if "KPI_ADMIN_PASSWORD" in s["environment"]
    ]
    assert holders == ["init"]


def test_airflow_services_run_without_privileges(compose):
    for name in AIRFLOW_SERVICES:
        service = compose["services"][name]
        assert service["cap_drop"] == ["ALL"]
        assert service["security_opt"] == ["no-new-privileges:true"]
    assert (ROOT / "Dockerfile").read_text(encoding="utf-8").splitlines()[-1] == "USER kpi"


def test_what_readers_mount_is_a_volume_of_its_own(compose):
    assert "published" in compose["volumes"]
    assert "published:/srv/kpi/home/published" in compose["services"]["scheduler"]["volumes"]


def test_the_example_names_every_variable_and_no_value_of_a_secret(text):
    example = (ROOT / ".env.example").read_text(encoding="utf-8")
    named = dict(re.findall(r"^([A-Z_]+)=(.*)$", example, re.MULTILINE))
    optional = {"KPI_IMAGE_TAG"}
    assert {name for name, _ in VARIABLE.findall(text)} - optional == set(named)
    secret = {name for name in named if name.endswith(("PASSWORD", "KEY", "SECRET"))}
    assert all(named[name] == "" for name in secret)


@pytest.fixture
def env_file(tmp_path):
    file = tmp_path / ".env"
    command = [sys.executable, str(ROOT / "scripts" / "make_env.py"), str(file)]
    subprocess.run(command, check=True, capture_output=True)
    return file, command


def test_generated_secrets_are_private_unlike_and_complete(env_file):
    file, _ = env_file
    assert file.stat().st_mode & 0o777 == 0o600
    values = dict(re.findall(r"^([A-Z_]+)=(.*)$", file.read_text(), re.MULTILINE))
    assert all(values.values())
    secrets = [v for k, v in values.items() if k.endswith(("PASSWORD", "KEY", "SECRET"))]
    assert len(set(secrets)) == len(secrets) == 5
    assert all(re.fullmatch(r"[\w=-]{30,}", secret) for secret in secrets)  # safe in an address


def test_secrets_in_use_are_never_replaced(env_file):
    file, command = env_file
    before = file.read_text()
    subprocess.run(command, check=True, capture_output=True)
    assert file.read_text() == before


def test_the_fernet_key_is_one_that_airflow_can_use(env_file):
    from cryptography.fernet import Fernet

    values = dict(re.findall(r"^([A-Z_]+)=(.*)$", env_file[0].read_text(), re.MULTILINE))
    key = Fernet(values["AIRFLOW_FERNET_KEY"])
    assert key.decrypt(key.encrypt(b"x")) == b"x"


def test_the_image_gets_nothing_that_is_private():
    ignored = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    rules = [line for line in ignored if line and not line.startswith("#")]
    assert rules[0] == "*"  # what is not listed stays out: var/, .env, .git
    allowed = {line[1:] for line in rules if line.startswith("!")}
    assert not allowed & {"var", ".env", ".git", "tests"}
