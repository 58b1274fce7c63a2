"""The product behind one function: all drops landed, one night built, its cells returned."""

import csv
import os
import signal
import time
from contextlib import AbstractContextManager, nullcontext
from datetime import date, datetime
from pathlib import Path
from typing import Any
from unittest.mock import patch

import duckdb
import yaml
from tests.oracle.catalog import write_config
from tests.oracle.companies import RandomCompany, header_of
from tests.oracle.loads import Drop
from tests.quick_door import judge_by_hand

from sales_support_kpi import landing, pipeline
from sales_support_kpi.config import load_config
from sales_support_kpi.config.sources import ReadOptions, Source
from sales_support_kpi.night import Night, night_of
from sales_support_kpi.quality import runner
from sales_support_kpi.quality.reconciliation import reconcile
from sales_support_kpi.settings import Home
from sales_support_kpi.sources.arrivals import COMING_SECONDS
from sales_support_kpi.warehouse import build

EVERY_NODE = build.NODES
# Every model and no checks, and no artefacts: half the time.
MODELS_ONLY = ("--no-write-json", "--resource-type", "model", "--resource-type", "seed")


def only(model: str) -> tuple[str, ...]:
    """What dbt is asked for: a model and what it is made of."""
    return ("--select", f"+{model}", *MODELS_ONLY)


def nodes_of(seed: int) -> tuple[str, ...]:
    """Every tenth company is built whole, the others as far as their values."""
    return EVERY_NODE if seed % 10 == 0 else only("kpi_values")


def write_drop(folder: Path, drop: Drop) -> Path:
    """A drop as a folder of csv files, old enough that nobody can still be writing them."""
    folder.mkdir(parents=True)
    long_ago = time.time() - 2 * COMING_SECONDS
    for entity, rows in drop.entities.items():
        with (folder / f"{entity}.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, header_of(entity, rows))
            writer.writeheader()
            writer.writerows(rows)
        os.utime(folder / f"{entity}.csv", (long_ago, long_ago))
    return folder


def write_company(company: RandomCompany, folder: Path) -> tuple[Path, list[Path]]:
    """The config folder and the folders of the drops, one per night."""
    config = write_config(folder / "config", company.company, company.kpis)
    sources = [
        {"id": source["id"], "kind": "files", "path": "../drops", "mode": source["mode"]}
        for source in company.sources
    ]
    (config / "sources.yml").write_text(yaml.safe_dump(sources), encoding="utf-8")
    if company.identities:
        header = "source,employee_id,same_as_source,same_as_employee_id"
        lines = [header, *(",".join(line) for line in company.identities)]
        (config / "identities.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    drops = [
        write_drop(folder / "drops" / f"{number}", drop)
        for number, drop in enumerate(company.drops)
    ]
    return config, drops


class Product:
    """A company's home, to land drops in and to build nights of.

    dbt is asked for `nodes`: for every model and every check, or for less.
    """

    def __init__(
        self, company: RandomCompany, folder: Path, nodes: tuple[str, ...] = EVERY_NODE
    ) -> None:
        self.config_folder, self._drops = write_company(company, folder)
        self._config = load_config(self.config_folder)
        self._home = Home(folder / "home")
        self._nodes = nodes

    @property
    def file(self) -> Path:
        """The warehouse of the night built last."""
        return self._home.build_file

    def configure(self, company: RandomCompany) -> None:
        """From now on the configuration is another one."""
        write_config(self.config_folder, company.company, company.kpis)
        self._config = load_config(self.config_folder)

    def land(self, drop: Drop, number: int) -> None:
        """Land one drop at its night."""
        path = str(self._drops[number])
        read = ReadOptions(timezone=drop.zone)
        source = Source(id=drop.source, kind="files", mode=drop.mode, path=path, read=read)
        night = Night(drop.night, drop.as_of)
        with self._door():
            outcome = landing.land(self._home, self._config, source, night)
        assert outcome.status in ("landed", "unchanged", "rejected"), outcome.message

    def _door(self) -> AbstractContextManager[Any]:
        """The in-door: as it is where every check is asked for, else judged by hand."""
        if self._nodes == EVERY_NODE:
            return nullcontext()
        return patch.object(runner, "_validate", judge_by_hand)

    def cells(self, as_of: datetime, **how: Any) -> list[dict[str, Any]]:
        """Build a night, incrementally where the product finds it right, and read `kpi_values`."""
        return self.rows(as_of, "people.kpi_values", **how)

    def rows(
        self,
        as_of: datetime,
        table: str,
        *,
        known_at: date | None = None,
        full_refresh: bool = False,
        is_look_back: bool = False,
    ) -> list[dict[str, Any]]:
        """Build a night and read a table of it."""
        night = night_of(as_of, self._config.company.timezone)
        into = Home(self._home.root / "look_back") if is_look_back else None
        with patch.object(build, "NODES", self._nodes):
            built = pipeline.build(
                self._home, self._config, night, known_at, full_refresh=full_refresh, into=into
            )
        with duckdb.connect(str(built.file), read_only=True) as connection:
            cursor = connection.execute(f"select * from {table}")
            names = [column[0] for column in cursor.description]
            return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]

    def apart(self) -> list[str]:
        """What does not tie on the way from the drops to the measures of the last build."""
        with duckdb.connect(str(self._home.build_file), read_only=True) as connection:
            connection.execute("set timezone = 'UTC'")
            ties = reconcile(self._home, connection)
        return [
            f"{tie.source} {tie.entity} {tie.stage}: {tie.difference}"
            for tie in ties
            if tie.is_tied is False
        ]

    def is_killed_while_building(self, as_of: datetime, models: int) -> bool:
        """Begin to build a night in a process that dies when so many models are done."""
        child = os.fork()
        if child == 0:
            try:
                signal.alarm(600)
                self._build_and_die(as_of, models)
            finally:
                os._exit(1)
        _, status = os.waitpid(child, 0)
        return os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL

    def _build_and_die(self, as_of: datetime, models: int) -> None:
        def die(_: str, *, done: int | None = None, **__: object) -> None:
            if done is not None and done >= models:
                os.kill(os.getpid(), signal.SIGKILL)

        night = night_of(as_of, self._config.company.timezone)
        with patch.object(build, "NODES", self._nodes):
            pipeline.build(self._home, self._config, night, progress=die)


def product_cells(
    company: RandomCompany, folder: Path, nodes: tuple[str, ...] = EVERY_NODE
) -> list[dict[str, Any]]:
    """Land every drop at its night, build once at `as_of` and `known_at`, read `kpi_values`.

    Where everything is built, every stage has to tie too: what the reconciliation says that each
    KPI counts, and what the models measure, are written apart from each other.
    """
    product = Product(company, folder, nodes)
    for number, drop in enumerate(company.drops):
        product.land(drop, number)
    cells = product.cells(company.as_of, known_at=company.known_at)
    if nodes == EVERY_NODE:
        assert product.apart() == []
    return cells
