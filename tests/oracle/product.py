"""The product behind one function: all drops landed, one night built, its cells returned."""

import csv
from datetime import date, datetime
from pathlib import Path
from typing import Any

import duckdb
import yaml
from tests.oracle.catalog import write_config
from tests.oracle.companies import RandomCompany, header_of
from tests.oracle.loads import Drop

from sales_support_kpi import landing, pipeline
from sales_support_kpi.config import load_config
from sales_support_kpi.config.sources import Source
from sales_support_kpi.night import Night, night_of
from sales_support_kpi.settings import Home


def write_drop(folder: Path, drop: Drop) -> Path:
    """A drop as a folder of csv files."""
    folder.mkdir(parents=True)
    for entity, rows in drop.entities.items():
        with (folder / f"{entity}.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, header_of(entity, rows))
            writer.writeheader()
            writer.writerows(rows)
    return folder


def write_company(company: RandomCompany, folder: Path) -> tuple[Path, list[Path]]:
    """The config folder and the folders of the drops, one per night."""
    config = write_config(folder / "config", company.company, company.kpis)
    source = {"id": "files", "kind": "files", "path": "../drops", "mode": company.drops[0].mode}
    text = yaml.safe_dump([source])
    (config / "sources.yml").write_text(text, encoding="utf-8")
    drops = [
        write_drop(folder / "drops" / f"{number}", drop)
        for number, drop in enumerate(company.drops)
    ]
    return config, drops


class Product:
    """A company's home, to land drops in and to build nights of."""

    def __init__(self, company: RandomCompany, folder: Path) -> None:
        self.config_folder, self._drops = write_company(company, folder)
        self._config = load_config(self.config_folder)
        self._home = Home(folder / "home")

    def land(self, drop: Drop, number: int) -> None:
        """Land one drop at its night."""
        path = str(self._drops[number])
        source = Source(id=drop.source, kind="files", mode=drop.mode, path=path)
        night = Night(drop.night, drop.as_of)
        outcome = landing.land(self._home, self._config, source, night)
        assert outcome.status in ("landed", "unchanged", "rejected"), outcome.message

    def cells(
        self,
        as_of: datetime,
        *,
        known_at: date | None = None,
        full_refresh: bool = False,
        is_look_back: bool = False,
    ) -> list[dict[str, Any]]:
        """Build a night, incrementally where the product finds it right, and read `kpi_values`."""
        night = night_of(as_of, self._config.company.timezone)
        into = Home(self._home.root / "look_back") if is_look_back else None
        built = pipeline.build(
            self._home, self._config, night, known_at, full_refresh=full_refresh, into=into
        )
        with duckdb.connect(str(built.file), read_only=True) as connection:
            cursor = connection.execute("select * from people.kpi_values")
            names = [column[0] for column in cursor.description]
            return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def product_cells(company: RandomCompany, folder: Path) -> list[dict[str, Any]]:
    """Land every drop at its night, build once at `as_of` and `known_at`, read `kpi_values`."""
    product = Product(company, folder)
    for number, drop in enumerate(company.drops):
        product.land(drop, number)
    return product.cells(company.as_of, known_at=company.known_at)
