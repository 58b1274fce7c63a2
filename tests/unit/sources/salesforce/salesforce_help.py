"""An org behind a server, and a home that its records are landed in."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from vendor_company import VendorCompany, config_folder

from sales_support_kpi.sandbox.servers.faults import Script
from sales_support_kpi.sandbox.servers.salesforce import (
    CLIENT_ID,
    CLIENT_SECRET,
    salesforce_app,
)
from sales_support_kpi.sandbox.servers.salesforce_behaviour import Behaviour
from sales_support_kpi.sandbox.servers.salesforce_org import Org
from sales_support_kpi.sandbox.servers.serving import serve

T0 = datetime(2026, 1, 5, tzinfo=UTC)


def at(minutes: float = 0) -> datetime:
    """An instant some minutes after the story begins."""
    return T0 + timedelta(minutes=minutes)


@dataclass(kw_only=True)
class Shop(VendorCompany):
    """A company with one org and one home."""

    org: Org
    behaviour: Behaviour


@contextmanager
def open_shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Shop]:
    org, behaviour, script = Org(), Behaviour(), Script()
    with serve(salesforce_app(org, behaviour), script) as server:
        place = server.url.removeprefix("http://")
        connection = f"http://{CLIENT_ID}:{CLIENT_SECRET}@{place}"
        monkeypatch.setenv("AIRFLOW_CONN_CRM", connection)
        yield Shop(
            folder=config_folder(tmp_path), script=script, server=server, org=org,
            behaviour=behaviour, main=("customers", "customer_id"),
            source={"id": "crm", "kind": "salesforce", "connection": "crm"},
        )  # fmt: skip


def changed(shop: Shop, name: str, parent: str, minute: float, field: str, old, new, kind="Text"):
    shop.org.put(
        name, **{f"{name.removesuffix('History').removesuffix('Field')}Id": parent},
        Field=field, DataType=kind, OldValue=old, NewValue=new, CreatedDate=at(minute),
    )  # fmt: skip
