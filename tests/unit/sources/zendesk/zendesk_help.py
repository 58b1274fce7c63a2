"""A Zendesk account behind a server, and a home that its tickets are landed in."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest
import yaml

from sales_support_kpi.config import Config, load_config
from sales_support_kpi.config.check import CheckLine
from sales_support_kpi.landing import Outcome, accepted_loads, land
from sales_support_kpi.night import Night
from sales_support_kpi.sandbox.servers import zendesk_objects as zd
from sales_support_kpi.sandbox.servers.faults import Script, Seen
from sales_support_kpi.sandbox.servers.serving import Served, serve
from sales_support_kpi.sandbox.servers.zendesk import zendesk_app
from sales_support_kpi.sandbox.servers.zendesk_account import Account
from sales_support_kpi.sandbox.servers.zendesk_store import ZendeskStore
from sales_support_kpi.settings import Home

T0 = datetime(2026, 10, 5, tzinfo=UTC)
AGENT, CUSTOMER = 7, 8
TICKETS, EVENTS = "/incremental/tickets", "/incremental/ticket_events"


def at(minutes: float = 0) -> datetime:
    """An instant some minutes after the story begins."""
    return T0 + timedelta(minutes=minutes)


@dataclass
class HelpDesk:
    """A company with one account and one home."""

    home: Home
    folder: Path
    store: ZendeskStore
    account: Account
    script: Script
    server: Served
    options: dict[str, Any] = field(default_factory=dict)
    source: dict[str, Any] = field(default_factory=dict)
    nights: int = 0
    audits: int = 1000

    @property
    def config(self) -> Config:
        source = {
            "id": "helpdesk", "kind": "zendesk", "connection": "helpdesk",
            "options": self.options, **self.source,
        }  # fmt: skip
        (self.folder / "sources.yml").write_text(
            yaml.safe_dump([source], sort_keys=False), encoding="utf-8"
        )
        return load_config(self.folder)

    def pull(self, **options: Any) -> Outcome:
        """One night more."""
        self.options.update(options)
        self.nights += 1
        config = self.config
        as_of = datetime(2026, 11, 1, 15, tzinfo=UTC) + timedelta(days=self.nights)
        night = Night(date(2026, 11, 1) + timedelta(days=self.nights), as_of)
        (source,) = [one for one in config.sources if one.id == "helpdesk"]
        return land(self.home, config, source, night)

    def good(self, **options: Any) -> Outcome:
        """One night more, which has to go well."""
        outcome = self.pull(**options)
        assert outcome.status in ("landed", "unchanged"), outcome.message
        return outcome

    def check(self, **options: Any) -> list[CheckLine]:
        """What `kpi check` says of the source."""
        from sales_support_kpi.config.check import check

        self.options.update(options)
        return [line for line in check(self.config) if line.subject == "source helpdesk"]

    def landed(self, entity: str, columns: str = "*", where: str = "true") -> list[tuple[Any, ...]]:
        """The rows of all accepted loads."""
        loads = [one for one in accepted_loads(self.home) if one.entity == entity]
        files = [str(file) for load in loads for file in load.files]
        if not files:
            return []
        with duckdb.connect() as connection:
            connection.execute("set timezone = 'UTC'")
            return connection.execute(
                f"select {columns} from read_parquet(?, hive_partitioning = false, "
                f"union_by_name = true) where {where} order by all",
                [files],
            ).fetchall()

    def ids(self, entity: str = "requests", key: str = "request_id") -> list[str]:
        return [row[0] for row in self.landed(entity, key)]

    def request(self, number: int, columns: str) -> tuple[Any, ...]:
        """The winning row of one ticket."""
        return self.landed("requests", f"_load_seq, {columns}", f"request_id = '{number}'")[-1][1:]

    def asked(self, path: str) -> list[Seen]:
        return self.server.seen(path)

    def add(self, number: int, minutes: float = 0, **values: Any) -> dict[str, Any]:
        """A new ticket with its first audit."""
        status = values.setdefault("status", "new")
        values = {"assignee_id": AGENT, "requester_id": CUSTOMER, **values}
        one = zd.ticket(number, at(minutes), **values)
        self.store.put_ticket(one, [self.audit(number, at(minutes), zd.created_with(status))], {})
        return one

    def move(self, number: int, status: str, minutes: float, **values: Any) -> None:
        """Change a ticket's status, with the audit and the metrics that go with it."""
        old, moment = self.store.tickets.get(number), at(minutes)
        assert old is not None
        new = {
            **old, "status": status, "updated_at": zd.stamp(moment),
            "generated_timestamp": zd.seconds(moment), **values,
        }  # fmt: skip
        changes = zd.changed_to(
            status, old["status"],
            custom_status_id=new.get("custom_status_id"),
            previous_custom_status_id=old.get("custom_status_id"),
        )  # fmt: skip
        metrics = dict(self.store.metric_sets.get(number, {}))
        if status == "solved" and old["status"] != "solved":
            metrics["solved_at"] = zd.stamp(moment)
        events = [self.audit(number, moment, changes)] if changes else []
        self.store.put_ticket(new, events, metrics)

    def touch(self, number: int, minutes: float) -> None:
        """A change by the system: no event, and `updated_at` stays."""
        old = self.store.tickets.get(number)
        assert old is not None
        self.store.put_ticket({**old, "generated_timestamp": zd.seconds(at(minutes))})

    def audit(self, number: int, moment: datetime, changes: list[Any]) -> dict[str, Any]:
        self.audits += 1
        return zd.ticket_event(self.audits, number, moment, AGENT, changes)


@contextmanager
def open_help_desk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, host: str = "127.0.0.1"
) -> Iterator[HelpDesk]:
    monkeypatch.setattr("random.uniform", lambda *_: 0.0)  # no pauses but those that are asked for
    store, account, script = ZendeskStore(), Account(), Script()
    store.put_user(zd.user(AGENT, "Jane Kim", "jane@example.com", "agent", T0))
    store.put_user(zd.user(CUSTOMER, "Min Lee", "min@customer.example", "end-user", T0))
    folder = tmp_path / "config"
    folder.mkdir(parents=True)
    with serve(zendesk_app(store, account), script, host=host) as server:
        place = server.url.removeprefix("http://")
        login = account.email.replace("@", "%40")
        connection = f"http://{login}:{account.api_token}@{place}"
        monkeypatch.setenv("AIRFLOW_CONN_HELPDESK", connection)
        yield HelpDesk(Home(tmp_path / "var"), folder, store, account, script, server)
