"""Reading a whole system takes no more memory when it holds twice as much."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from measured_pull import measured_pull

from sales_support_kpi.sandbox.servers import zendesk_objects as zd
from sales_support_kpi.sandbox.servers.salesforce import CLIENT_ID, CLIENT_SECRET, salesforce_app
from sales_support_kpi.sandbox.servers.salesforce_org import Org, record_id
from sales_support_kpi.sandbox.servers.serving import serve
from sales_support_kpi.sandbox.servers.zendesk import zendesk_app
from sales_support_kpi.sandbox.servers.zendesk_account import Account
from sales_support_kpi.sandbox.servers.zendesk_store import ZendeskStore

pytestmark = pytest.mark.integration

T0 = datetime(2026, 1, 5, tzinfo=UTC)
SIZES = (75_000, 150_000)  # several pages of 25,000, of which two are there at a time
MARGIN = 70  # MiB; 75,000 records that are kept would take twice as much
LONG = "x" * 2000  # a column of text takes no more than its letters


def helpdesk(size: int) -> Any:
    """Tickets, and of a few the event of their creation."""
    store = ZendeskStore()
    for number in range(size):
        at = T0 + timedelta(seconds=number)
        events = [zd.ticket_event(number, number, at, 7, zd.created_with("new"))]
        store.put_ticket(
            zd.ticket(number, at, requester_id=8, assignee_id=7),
            events if number < 100 else (),
        )
    return zendesk_app(store, Account())


def crm(size: int) -> Any:
    """Events of a calendar, read by a Bulk API 2.0 job."""
    org = Org()
    org.load(
        "Event",
        [
            {
                "Id": record_id("00U", number), "Type": f"{number} {LONG}", "IsDeleted": False,
                "StartDateTime": "2026-01-05T00:00:00.000+0000",
                "CreatedDate": "2026-01-05T00:00:00.000+0000",
                "SystemModstamp": "2026-01-05T00:00:00.000+0000",
            }
            for number in range(size)
        ],
    )  # fmt: skip
    return salesforce_app(org)


SYSTEMS: dict[str, tuple[Callable[[int], Any], dict[str, Any], tuple[str, str]]] = {
    "zendesk": (helpdesk, {}, (Account().email, Account().api_token)),
    "salesforce": (
        crm,
        {"read": ["activities"], "activities": {"tasks": False}},
        (CLIENT_ID, CLIENT_SECRET),
    ),
}


@pytest.mark.parametrize("kind", SYSTEMS)
def test_memory_is_flat(kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make, options, (login, password) = SYSTEMS[kind]
    source = {"id": "system", "kind": kind, "connection": "system", "options": options}
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "sources.yml").write_text(yaml.safe_dump([source]))
    peaks = []
    for size in SIZES:
        with serve(make(size)) as server:
            said = {"conn_type": "http", "host": server.url, "login": login, "password": password}
            monkeypatch.setenv("AIRFLOW_CONN_SYSTEM", json.dumps(said))
            rows, peak = measured_pull(tmp_path / "config", tmp_path / f"spool{size}")
        assert size <= rows <= size + 100
        assert kind == "zendesk" or server.seen("/jobs/query/.*/results")
        peaks.append(peak)

    assert peaks[1] < peaks[0] + MARGIN, f"{peaks} MiB"
