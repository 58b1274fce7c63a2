"""Planted secrets are looked for in everything a night leaves behind or says."""

import json
import logging
from collections.abc import Callable, Iterator
from copy import deepcopy
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from desk_api import REQUESTS, SOURCE, Desk

from sales_support_kpi import pipeline
from sales_support_kpi.config import Config
from sales_support_kpi.config.check import check
from sales_support_kpi.landing import Outcome
from sales_support_kpi.night import night_ending
from sales_support_kpi.sandbox.servers.faults import answer, cut, redirect
from sales_support_kpi.settings import Home

PASSWORD = "p1anted:secret/with?signs"  # noqa: S105
LOGIN_PAIR = "YWdlbnQ6cDFhbnRlZDpzZWNyZXQvd2l0aD9zaWducw=="  # base64 of agent:PASSWORD
TRACES = (PASSWORD, "p1anted%3Asecret%2Fwith%3Fsigns", LOGIN_PAIR, "010-1234-5678")
NIGHT = night_ending(date(2026, 10, 5), "Asia/Seoul")
WAYS = {
    "bearer": {"type": "bearer"},
    "api_key": {"type": "api_key", "name": "api_key", "location": "query"},
    "http_basic": {"type": "http_basic"},
}


@pytest.fixture(params=list(WAYS))
def night(
    request: pytest.FixtureRequest,
    home: Home,
    company: Callable[..., Config],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> Iterator[tuple[Desk, Callable[[], Outcome], Callable[[], str]]]:
    """A desk that repeats whatever it is sent, a night of it, and all that can be found after."""
    desk = Desk()
    desk.is_open = True
    caplog.set_level(logging.DEBUG)
    said: list[object] = []
    source = deepcopy(SOURCE) | {"keep_extra": True}
    source["options"]["auth"] = WAYS[request.param]
    with desk.serve() as url:
        monkeypatch.setenv(
            "AIRFLOW_CONN_DESK",
            json.dumps({"conn_type": "http", "host": url, "login": "agent", "password": PASSWORD}),
        )
        config = company(source, requests=REQUESTS)

        def run() -> Outcome:
            outcome = pipeline.ingest(home, config, "desk", NIGHT)
            said.extend([asdict(outcome), *map(str, check(config)), config.hash, repr(config)])
            return outcome

        def everything() -> str:
            files = [file for file in home.root.rglob("*") if file.is_file()]
            content = [text_of(file) for file in files]
            return "\n".join([*map(str, files), *content, *map(repr, said), caplog.text])

        yield desk, run, everything


def text_of(file: Path) -> str:
    """A file's bytes, and what a compressed one holds."""
    import duckdb

    plain = file.read_bytes().decode("latin-1")
    if file.suffix != ".parquet":
        return plain
    return plain + repr(duckdb.execute("select * from read_parquet(?)", [str(file)]).fetchall())


def echo(seen: Any, usual: Any) -> Any:
    body = {"headers": seen.headers, "query": seen.query}
    return answer(400, body)(seen, usual)


@pytest.mark.parametrize(
    "fault",
    [None, echo, answer(500, f"token {PASSWORD}"), cut(5), redirect("http://elsewhere.test/")],
)
def test_no_secret_is_left_or_said(night: Any, fault: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    desk, run, everything = night
    monkeypatch.setattr("sales_support_kpi.sources.extract.waits.Waits.backoff", lambda *_: 0.0)
    desk.add(1, "2026-10-05T09:00:00Z")
    if fault is not None:
        desk.script.add(fault, times=None)

    outcome = run()

    assert outcome.status == ("landed" if fault is None else "failed"), outcome.message
    sent = repr(desk.script.seen())
    assert any(trace in sent for trace in TRACES[:3]), "the secret was never used"
    found = everything()
    assert [trace for trace in TRACES if trace in found] == []


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


def test_rows_hold_only_what_is_declared(night: Any, home: Home) -> None:
    desk, run, _ = night
    desk.add(1, "2026-10-05T09:00:00Z")

    (load,) = run().loads

    import duckdb

    names = duckdb.execute(
        "describe select * from read_parquet(?)", [str(load.files[0])]
    ).fetchall()
    assert "phone" not in {row[0] for row in names}
    assert Path(load.directory).is_relative_to(home.landing)
