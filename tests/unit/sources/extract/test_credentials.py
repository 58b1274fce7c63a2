"""Connections as Airflow writes them, from the environment or from Airflow itself."""

import json
import os
import subprocess
import sys

import pytest

from sales_support_kpi.orchestration.connections import from_airflow
from sales_support_kpi.sources.extract.credentials import (
    Credentials,
    credentials_of,
    found_by,
    from_environment,
    scrub,
)
from sales_support_kpi.sources.extract.errors import SourceError

URI = (
    f"https://ann%40acme.test:{'p%40ss%2Fword'}@acme.example.com:8443/eu?client_id=abc&token=t0ken"
)


@pytest.mark.parametrize("find", [from_environment, from_airflow])
def test_a_connection_uri_is_read_as_airflow_reads_it(find, monkeypatch) -> None:
    monkeypatch.setenv("AIRFLOW_CONN_ACME", URI)

    found = find("acme")

    assert (found.kind, found.host, found.port, found.schema) == (
        "https", "acme.example.com", 8443, "eu",
    )  # fmt: skip
    assert (found.login, found.password) == ("ann@acme.test", "p@ss/word")
    assert found.extra == {"client_id": "abc", "token": "t0ken"}
    assert found.base_url == "https://acme.example.com:8443"


@pytest.mark.parametrize("find", [from_environment, from_airflow])
def test_a_connection_may_be_json_and_its_extra_text(find, monkeypatch) -> None:
    value = {"conn_type": "http", "host": "https://acme.example.com/", "login": "ann",
             "password": "pass-word", "extra": json.dumps({"region": "eu"})}  # fmt: skip
    monkeypatch.setenv("AIRFLOW_CONN_ACME", json.dumps(value))

    found = find("acme")

    assert (found.base_url, found.login, found.password, found.extra) == (
        "https://acme.example.com", "ann", "pass-word", {"region": "eu"},
    )  # fmt: skip


@pytest.mark.parametrize("find", [from_environment, from_airflow])
def test_a_connection_that_is_not_there_is_said_so(find, monkeypatch) -> None:
    monkeypatch.delenv("AIRFLOW_CONN_ACME", raising=False)

    with found_by(find), pytest.raises(SourceError, match="the connection 'acme' is not there"):
        credentials_of("acme", "crm")


IN_A_TASK = """
from sales_support_kpi.orchestration.connections import from_airflow
from sales_support_kpi.sources.extract.credentials import credentials_of, found_by
with found_by(from_airflow):
    found = credentials_of("acme", "crm")
print(found.base_url, found.login, found.password, found.extra["region"])
"""


def test_a_connection_is_found_in_whatever_secrets_backend_airflow_has(tmp_path) -> None:
    vault = tmp_path / "vault.json"
    said = {"conn_type": "http", "host": "https://acme.example.com", "login": "ann",
            "password": "pass-word", "extra": {"region": "eu"}}  # fmt: skip
    vault.write_text(json.dumps({"acme": said}))
    backend = {
        "AIRFLOW__SECRETS__BACKEND": "airflow.secrets.local_filesystem.LocalFilesystemBackend",
        "AIRFLOW__SECRETS__BACKEND_KWARGS": json.dumps({"connections_file_path": str(vault)}),
        "AIRFLOW_HOME": str(tmp_path / "airflow"),
    }
    done = subprocess.run(
        [sys.executable, "-c", IN_A_TASK],
        env={**os.environ, **backend}, capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == "https://acme.example.com ann pass-word eu"


@pytest.mark.parametrize("text", ["just-a-word", "{broken", "https://host:port"])
def test_a_connection_that_cannot_be_read_is_refused_without_its_text(text, monkeypatch) -> None:
    monkeypatch.setenv("AIRFLOW_CONN_ACME", text)

    with pytest.raises(SourceError, match="neither a connection URI nor a JSON object") as raised:
        from_environment("acme")
    assert text not in str(raised.value)


@pytest.mark.parametrize(
    ("host", "kind", "extra", "url"),
    [
        ("acme.example.com", "zendesk", {}, "https://acme.example.com"),
        ("127.0.0.1", "http", {}, "http://127.0.0.1"),
        ("http://desk.internal", "http", {"allow_http": True}, "http://desk.internal"),
    ],
)
def test_a_host_is_reached_by_https_unless_it_is_near(host, kind, extra, url) -> None:
    assert Credentials("acme", kind=kind, host=host, extra=extra).base_url == url


def test_http_to_a_far_host_is_refused() -> None:
    with pytest.raises(SourceError, match="in the clear"):
        _ = Credentials("acme", kind="http", host="desk.example.com").base_url


def test_what_is_missing_is_named() -> None:
    with pytest.raises(SourceError, match="it lacks login, client_id"):
        Credentials("acme", password="pass-word").need("login", "password", "client_id")  # noqa: S106


def test_secrets_are_hidden_wherever_they_stand() -> None:
    one = Credentials("acme", login="ann", password="s3cr3t value", extra={"api_token": "t0k3n"})  # noqa: S106

    assert "s3cr3t" not in repr(one)
    assert "t0k3n" not in repr(one)
    assert "s3cr3t" not in str(one)
    said = scrub("GET /?p=s3cr3t%20value&q=s3cr3t+value t0k3n")
    assert said == "GET /?p=***&q=*** ***"


def test_a_secret_is_hidden_as_json_spells_it() -> None:
    Credentials("acme", password='qu"ote/한')  # noqa: S106

    assert scrub(r'{"p": "qu\"ote/한", "q": "qu\"ote\/\ud55c"}') == '{"p": "***", "q": "***"}'
