"""Planted secrets are looked for in everything a night leaves behind or says."""

import json
import logging
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from copy import deepcopy
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from desk_api import REQUESTS, SOURCE, Desk
from secret_systems import SYSTEMS

from sales_support_kpi import pipeline
from sales_support_kpi.config import Config
from sales_support_kpi.config.check import check
from sales_support_kpi.landing import Outcome
from sales_support_kpi.night import night_ending
from sales_support_kpi.sandbox.servers.faults import Answer, Script, answer, cut, redirect
from sales_support_kpi.settings import Home

PASSWORD = 'p1anted:"secret"/with?signs\\'  # noqa: S105
NIGHT = night_ending(date(2026, 10, 5), "Asia/Seoul")


@dataclass
class Planted:
    """A night of a system that holds a secret, and all that can be found after it."""

    config: Config
    script: Script
    home: Home
    said: list[object]
    caplog: pytest.LogCaptureFixture

    def run(self) -> Outcome:
        outcome = pipeline.ingest(self.home, self.config, self.config.sources[0].id, NIGHT)
        self.said += [asdict(outcome), *map(str, check(self.config)), repr(self.config)]
        return outcome

    @property
    def sent(self) -> set[str]:
        """Every credential that was shown, as it was spelt on the wire."""
        headers = {one.headers.get("authorization", "") for one in self.script.seen()}
        keys = {one.query.get("api_key", "") for one in self.script.seen()}
        return ({one.split(" ")[-1] for one in headers} | keys) - {""}

    @property
    def leaks(self) -> list[str]:
        """The secrets that can be found."""
        found = self.everything()
        return [one for one in {PASSWORD, "p1anted", *self.sent} if one in found]

    def everything(self) -> str:
        files = [file for file in self.home.root.rglob("*") if file.is_file()]
        content = [_text_of(file) for file in files]
        said = [*map(str, self.said), *map(repr, self.said), json.dumps(self.said, default=str)]
        return "\n".join([*map(str, files), *content, *said, self.caplog.text])


@pytest.fixture
def plant(
    home: Home,
    company: Callable[..., Config],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> Iterator[Callable[[str], Planted]]:
    caplog.set_level(logging.DEBUG)
    monkeypatch.setattr("sales_support_kpi.sources.extract.waits.Waits.backoff", lambda *_: 0.0)
    with ExitStack() as running:

        def open_system(way: str) -> Planted:
            system = running.enter_context(SYSTEMS[way](PASSWORD))
            connection = {"conn_type": "http", "password": PASSWORD, **system.connection}
            monkeypatch.setenv("AIRFLOW_CONN_PLANTED", json.dumps(connection))
            source = deepcopy(system.source) | {"connection": "planted", "keep_extra": True}
            config = company(source, requests=REQUESTS)
            return Planted(config, system.script, home, [], caplog)

        yield open_system


def _text_of(file: Path) -> str:
    """A file's bytes, and what a compressed one holds."""
    import duckdb

    plain = file.read_bytes().decode("utf-8", "replace")
    if file.suffix != ".parquet":
        return plain
    return plain + repr(duckdb.execute("select * from read_parquet(?)", [str(file)]).fetchall())


def echo(seen: Any, _: Any) -> Answer:
    """A refusal that repeats whatever it was sent."""
    sent = " ".join([*seen.headers.values(), str(seen.query), seen.body.decode()])
    told = dict.fromkeys(("error", "error_description", "message", "errorCode"), sent)
    return answer(400, told)(seen, _)


def refuses(text: str) -> Any:
    return answer(500, f"not with {text} and {json.dumps(text)}")


FAULTS = {
    "none": None,
    "echo": echo,
    "refused": refuses(PASSWORD),
    "cut": cut(5),
    "redirect": redirect("http://elsewhere.test/"),
}
CASES = [("bearer", fault) for fault in FAULTS]
CASES += [(way, fault) for way in SYSTEMS if way != "bearer" for fault in ("none", "echo")]


@pytest.mark.parametrize(("way", "fault"), CASES)
def test_no_secret_is_left_or_said(plant: Callable[[str], Planted], way: str, fault: str) -> None:
    night = plant(way)
    if broken := FAULTS[fault]:
        night.script.add(broken, times=None, path="^(?!.*oauth)")

    outcome = night.run()

    assert outcome.status == ("failed" if broken else "landed"), outcome.message
    assert night.sent, "the secret was never used"
    assert night.leaks == []


@pytest.mark.parametrize("way", ["oauth2", "zendesk oauth", "salesforce"])
def test_no_secret_is_said_when_the_sign_in_is_refused(
    plant: Callable[[str], Planted], way: str
) -> None:
    night = plant(way)
    night.script.add(echo, times=None, path="oauth")

    assert night.run().status == "failed"

    assert b"p1anted" in night.script.seen("oauth")[0].body
    assert night.leaks == []


def test_no_secret_of_a_database_is_said(
    home: Home,
    company: Callable[..., Config],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """One that speaks PostgreSQL's protocol and repeats the password it is given."""
    source = {
        "id": "hr",
        "kind": "sql",
        "connection": "planted",
        "options": {"tables": [{"name": "cases", "columns": ["id"]}]},
        "entities": {"requests": "mappings/requests.sql"},
    }
    with repeating_database() as (port, heard):
        place = {"host": "127.0.0.1", "port": port, "login": "kpi", "schema": "hr"}
        connection = {"conn_type": "postgres", "password": PASSWORD, **place}
        monkeypatch.setenv("AIRFLOW_CONN_PLANTED", json.dumps(connection))
        night = Planted(company(source, requests=REQUESTS), Script(), home, [], caplog)

        outcome = night.run()

    assert PASSWORD.encode() in heard[0]
    assert "no entry for ***" in outcome.message
    assert night.leaks == []


@contextmanager
def repeating_database() -> Iterator[tuple[int, list[bytes]]]:
    heard: list[bytes] = []
    listener = socket.create_server(("127.0.0.1", 0))

    def answer_all() -> None:
        while True:
            try:
                one, _ = listener.accept()
            except OSError:
                return
            with one:
                if one.recv(8)[4:] == b"\x04\xd2\x16\x2f":  # may it be encrypted?
                    one.sendall(b"N")
                    one.recv(8)
                one.recv(4096)
                one.sendall(b"R\x00\x00\x00\x08\x00\x00\x00\x03")  # the password, in the clear
                heard.append(one.recv(4096)[5:-1])
                said = b"SFATAL\x00C28P01\x00Mno entry for " + heard[-1] + b"\x00\x00"
                one.sendall(b"E" + (len(said) + 4).to_bytes(4, "big") + said)

    thread = threading.Thread(target=answer_all, daemon=True)
    thread.start()
    try:
        yield listener.getsockname()[1], heard
    finally:
        listener.close()


def test_a_secret_in_the_configuration_is_refused(company: Callable[..., Config]) -> None:
    from sales_support_kpi.errors import ConfigError

    source = deepcopy(SOURCE)
    source["options"]["headers"] = {"Authorization": "Bearer abc"}
    with pytest.raises(ConfigError, match="looks like a credential"):
        company(source, requests=REQUESTS)


def test_a_password_does_not_travel_in_the_clear(
    home: Home, company: Callable[..., Config], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AIRFLOW_CONN_DESK", f"http://agent:{'pass-word'}@desk.example.com")
    config = company(SOURCE, requests=REQUESTS)

    outcome = pipeline.ingest(home, config, "desk", NIGHT)

    assert "http would send the password in the clear" in outcome.message


def test_rows_hold_only_what_is_declared(plant: Callable[[str], Planted]) -> None:
    import duckdb

    (load,) = plant("bearer").run().loads

    names = duckdb.execute(
        "describe select * from read_parquet(?)", [str(load.files[0])]
    ).fetchall()
    assert "phone" not in {row[0] for row in names}
    assert Desk.PHONE not in _text_of(load.files[0])
