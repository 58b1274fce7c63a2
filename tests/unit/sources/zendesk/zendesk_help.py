"""A Zendesk account behind a server, and a home that its tickets are landed in."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from vendor_company import VendorCompany, config_folder, pause_only_when_asked

from sales_support_kpi.sandbox.servers import zendesk_objects as zd
from sales_support_kpi.sandbox.servers.faults import Script
from sales_support_kpi.sandbox.servers.serving import serve
from sales_support_kpi.sandbox.servers.zendesk import zendesk_app
from sales_support_kpi.sandbox.servers.zendesk_account import Account
from sales_support_kpi.sandbox.servers.zendesk_store import ZendeskStore

T0 = datetime(2026, 10, 5, tzinfo=UTC)
AGENT, CUSTOMER = 7, 8
TICKETS, EVENTS = "/incremental/tickets", "/incremental/ticket_events"


def at(minutes: float = 0) -> datetime:
    """An instant some minutes after the story begins."""
    return T0 + timedelta(minutes=minutes)


@dataclass(kw_only=True)
class HelpDesk(VendorCompany):
    """A company with one account and one home."""

    store: ZendeskStore
    account: Account
    audits: int = 1000

    def request(self, number: int, columns: str) -> tuple[Any, ...]:
        """The winning row of one ticket."""
        return self.landed("requests", f"_load_seq, {columns}", f"request_id = '{number}'")[-1][1:]

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

    def audit(self, number: int, moment: datetime, changes: list[Any]) -> dict[str, Any]:
        self.audits += 1
        return zd.ticket_event(self.audits, number, moment, AGENT, changes)


@contextmanager
def open_help_desk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, host: str = "127.0.0.1"
) -> Iterator[HelpDesk]:
    pause_only_when_asked(monkeypatch)
    store, account, script = ZendeskStore(), Account(), Script()
    store.put_user(zd.user(AGENT, "Jane Kim", "jane@example.com", "agent", T0))
    store.put_user(zd.user(CUSTOMER, "Min Lee", "min@customer.example", "end-user", T0))
    with serve(zendesk_app(store, account), script, host=host) as server:
        place = server.url.removeprefix("http://")
        login = account.email.replace("@", "%40")
        connection = f"http://{login}:{account.api_token}@{place}"
        monkeypatch.setenv("AIRFLOW_CONN_HELPDESK", connection)
        yield HelpDesk(
            folder=config_folder(tmp_path), script=script, server=server, store=store,
            account=account, main=("requests", "request_id"),
            source={"id": "helpdesk", "kind": "zendesk", "connection": "helpdesk"},
        )  # fmt: skip
