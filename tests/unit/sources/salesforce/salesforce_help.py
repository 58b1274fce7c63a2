"""An org behind a server, and a home that its records are landed in."""

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
from sales_support_kpi.landing import Outcome, accepted_loads, land
from sales_support_kpi.night import Night
from sales_support_kpi.sandbox.servers.faults import Script
from sales_support_kpi.sandbox.servers.salesforce import (
    CLIENT_ID,
    CLIENT_SECRET,
    salesforce_app,
)
from sales_support_kpi.sandbox.servers.salesforce_behaviour import Behaviour
from sales_support_kpi.sandbox.servers.salesforce_org import Org
from sales_support_kpi.sandbox.servers.serving import Served, serve
from sales_support_kpi.settings import Home

T0 = datetime(2026, 1, 5, tzinfo=UTC)


def at(minutes: float = 0) -> datetime:
    """An instant some minutes after the story begins."""
    return T0 + timedelta(minutes=minutes)


@dataclass
class Shop:
    """A company with one org and one home."""

    home: Home
    folder: Path
    org: Org
    behaviour: Behaviour
    script: Script
    server: Served
    options: dict[str, Any] = field(default_factory=dict)
    nights: int = 0

    @property
    def config(self) -> Config:
        source = {"id": "crm", "kind": "salesforce", "connection": "crm", "options": self.options}
        (self.folder / "sources.yml").write_text(yaml.safe_dump([source]), encoding="utf-8")
        return load_config(self.folder)

    def pull(self, **options: Any) -> Outcome:
        """One night more."""
        self.options.update(options)
        self.nights += 1
        config = self.config
        as_of = datetime(2026, 11, 1, 15, tzinfo=UTC) + timedelta(days=self.nights)
        night = Night(date(2026, 11, 1) + timedelta(days=self.nights), as_of)
        (source,) = [one for one in config.sources if one.id == "crm"]
        return land(self.home, config, source, night)

    def good(self, **options: Any) -> Outcome:
        """One night more, which has to go well."""
        outcome = self.pull(**options)
        assert outcome.status in ("landed", "unchanged"), outcome.message
        return outcome

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

    def ids(self, entity: str, key: str) -> list[str]:
        return [row[0] for row in self.landed(entity, key)]


@contextmanager
def open_shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Shop]:
    org, behaviour, script = Org(), Behaviour(), Script()
    folder = tmp_path / "config"
    folder.mkdir(parents=True)
    with serve(salesforce_app(org, behaviour), script) as server:
        place = server.url.removeprefix("http://")
        connection = f"http://{CLIENT_ID}:{CLIENT_SECRET}@{place}"
        monkeypatch.setenv("AIRFLOW_CONN_CRM", connection)
        yield Shop(Home(tmp_path / "var"), folder, org, behaviour, script, server)
