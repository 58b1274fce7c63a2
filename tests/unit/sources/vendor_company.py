"""A company with one system behind a server, and a home that its records are landed in.

Each vendor's tests add what its server holds.
"""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest
import yaml

from sales_support_kpi.config import Config, load_config
from sales_support_kpi.config.check import CheckLine
from sales_support_kpi.landing import Outcome, accepted_loads, indoor, land
from sales_support_kpi.night import Night
from sales_support_kpi.sandbox.servers.faults import Script, Seen
from sales_support_kpi.sandbox.servers.serving import Served
from sales_support_kpi.settings import Home


@dataclass(kw_only=True)
class VendorCompany:
    """Nights of one source; `main` is the entity and the key that the tests mostly look at."""

    folder: Path
    script: Script
    server: Served
    source: dict[str, Any]
    options: dict[str, Any] = field(default_factory=dict)
    main: tuple[str, str]
    nights: int = 0

    @property
    def home(self) -> Home:
        return Home(self.folder / "var")

    @property
    def config(self) -> Config:
        source = {"options": self.options, **self.source}
        text = yaml.safe_dump([source], sort_keys=False, allow_unicode=True)
        (self.folder / "sources.yml").write_text(text, encoding="utf-8")
        return load_config(self.folder)

    def pull(self, **options: Any) -> Outcome:
        """One night more."""
        self.options.update(options)
        self.nights += 1
        config = self.config
        as_of = datetime(2026, 11, 1, 15, tzinfo=UTC) + timedelta(days=self.nights)
        night = Night(date(2026, 11, 1) + timedelta(days=self.nights), as_of)
        (source,) = [one for one in config.sources if one.id == self.source["id"]]
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
        subject = f"source {self.source['id']}"
        return [line for line in check(self.config) if line.subject == subject]

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

    def ids(self, entity: str | None = None, key: str | None = None) -> list[str]:
        main, main_key = self.main
        return [row[0] for row in self.landed(entity or main, key or main_key)]

    def asked(self, path: str) -> list[Seen]:
        return self.server.seen(path)


def config_folder(tmp_path: Path) -> Path:
    """Where a test's company is configured; its home lies within."""
    folder = tmp_path / "config"
    folder.mkdir(parents=True)
    return folder


def pause_only_when_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    """No pauses between attempts but those that the system asks for."""
    monkeypatch.setattr("random.uniform", lambda *_: 0.0)


def open_the_door(monkeypatch: pytest.MonkeyPatch) -> None:
    """The in-door lets everything in: it takes a second a night and has tests of its own.

    Nor is the disk waited for.
    """
    monkeypatch.setattr("os.fsync", lambda _: None)
    monkeypatch.setattr(
        indoor, "judge", lambda _h, _c, _n, staged, *_, **__: [indoor.Judgement(()) for _ in staged]
    )
