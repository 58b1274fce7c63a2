"""The demo company's source systems on this machine: one server per connection.

`connections()` → environment variables with free ports and made-up credentials → `serving(…)`
serves exactly what they say. `python -m sales_support_kpi.sandbox.systems` does so until it is
stopped, for those in its environment.
"""

import argparse
import json
import os
import secrets
import signal
import socket
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any

from sales_support_kpi.sandbox.servers import postgres

PREFIX = "AIRFLOW_CONN_DEMO_"
READY = "ready"
_VENDORS = {"CRM": "Salesforce", "HELPDESK": "Zendesk", "SURVEYS": "SurveyMonkey"}
_READER = "reader@byeolnae-trading.example"


def connections(folder: Path) -> dict[str, str]:
    """A connection per system: where it will be served, and who may read it.

    The personnel database is a PostgreSQL where this machine has one, else a file in `folder`.
    """
    place = postgres.find()
    hr: dict[str, Any] = {"conn_type": "sqlite", "host": "", "schema": str(folder / "hr.sqlite")}
    if place is not None:
        hr = _connection("postgresql", "127.0.0.1", "hr_reader") | {"schema": postgres.DATABASE}
    found = {
        "HR": hr,
        "CRM": _connection("http", "http://127.0.0.1", secrets.token_hex(8)),
        "HELPDESK": _connection("http", "http://127.0.0.1", _READER),
        "SURVEYS": _connection("http", "http://127.0.0.1", None),
    }
    return {PREFIX + name: json.dumps(one) for name, one in found.items()}


def write_files(folder: Path, *, size: str = "S", factor: float | None = None) -> None:
    """The company's files in the folder, unless they are there; a stamp beside it says which."""
    from sales_support_kpi.sandbox.generate import generate

    stamp = folder.with_name(f"{folder.name}.size")
    wanted = size if factor is None else f"{factor} {size}"
    if stamp.exists() and stamp.read_text(encoding="utf-8") == wanted:
        return
    stamp.unlink(missing_ok=True)
    generate(folder, size=size, factor=factor, layout="sources")
    stamp.write_text(wanted, encoding="utf-8")


def _connection(kind: str, host: str, login: str | None) -> dict[str, Any]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    who = {"login": login} if login else {}
    key = secrets.token_urlsafe(18).replace("-", "x")
    return {"conn_type": kind, "host": host, "port": port, **who, "password": key}


@contextmanager
def serving(environment: Mapping[str, str], **size: Any) -> Iterator[dict[str, str]]:  # noqa: ANN401
    """Serve the company that `size` says (see `read_company`); system → what and where it is."""
    from sales_support_kpi.sandbox.shapes.company import read_company

    company = read_company(**size)
    said = {name: json.loads(environment[PREFIX + name]) for name in ("HR", *_VENDORS)}
    with ExitStack() as stack:
        places = {"HR": _serve_database(stack, company, said["HR"])}
        for name, app in _apps(company, said).items():
            from sales_support_kpi.sandbox.servers.serving import serve

            server = stack.enter_context(serve(app, port=said[name]["port"]))
            places[name] = f"{_VENDORS[name]} at {server.url}"
        yield places


def _serve_database(stack: ExitStack, company: Any, said: Mapping[str, Any]) -> str:  # noqa: ANN401
    from sales_support_kpi.sandbox.shapes import database

    place = postgres.find()
    if said["conn_type"] == "sqlite" or place is None:
        file = Path(said["schema"])
        file.parent.mkdir(parents=True, exist_ok=True)
        database.write(company, f"sqlite:///{file}")
        return f"a database file, {file} (no PostgreSQL is at hand)"
    running = postgres.running(place, said["port"], said["login"], said["password"])
    database.write(company, stack.enter_context(running))
    return f"PostgreSQL at 127.0.0.1:{said['port']}"


def _apps(company: Any, said: Mapping[str, Any]) -> dict[str, Any]:  # noqa: ANN401
    """The vendors' servers, filled; their clock stands after the company's last night."""
    from sales_support_kpi.sandbox.servers.salesforce import salesforce_app
    from sales_support_kpi.sandbox.servers.surveymonkey import Quota, surveymonkey_app
    from sales_support_kpi.sandbox.servers.zendesk import zendesk_app
    from sales_support_kpi.sandbox.servers.zendesk_account import Account
    from sales_support_kpi.sandbox.shapes import salesforce, surveymonkey, zendesk

    ahead = float(max(0.0, company.seen_before.timestamp() + 3600 - time.time()))

    def clock() -> float:
        return time.time() + ahead

    crm, desk, surveys = (said[name] for name in _VENDORS)
    account = Account(email=desk["login"], api_token=desk["password"], clock=clock)
    return {
        "CRM": salesforce_app(salesforce.org_of(company), client=(crm["login"], crm["password"])),
        "HELPDESK": zendesk_app(zendesk.store_of(company), account),
        "SURVEYS": surveymonkey_app(
            surveymonkey.store_of(company), Quota(token=surveys["password"], clock=clock)
        ),
    }


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve what the environment says until it is stopped; one line when all of it is ready."""
    parser = argparse.ArgumentParser(prog="systems", description=__doc__)
    parser.add_argument("--size", default="S")
    parser.add_argument("--factor", type=float)
    parser.add_argument("--files", type=Path, help="only write the files into this folder")
    options = parser.parse_args(arguments)
    if options.files is not None:
        write_files(options.files, size=options.size, factor=options.factor)
        return 0
    with serving(os.environ, size=options.size, factor=options.factor) as places:
        sys.stdout.write(json.dumps({READY: places}, ensure_ascii=False) + "\n")
        sys.stdout.flush()
        wait_for_the_end()
    return 0


def wait_for_the_end() -> None:
    """Until somebody stops this process, or whoever started it is gone."""
    signal.signal(signal.SIGTERM, _stop)
    parent = os.getppid()
    with suppress(KeyboardInterrupt):
        while os.getppid() == parent:
            time.sleep(0.5)


def _stop(_signal: int, _frame: object) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())
