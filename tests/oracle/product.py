"""The product behind one function: all drops landed, one night built, its cells returned."""

import csv
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


def product_cells(company: RandomCompany, folder: Path) -> list[dict[str, Any]]:
    """Land every drop at its night, build once at `as_of` and `known_at`, read `kpi_values`."""
    config_folder, drops = write_company(company, folder)
    config = load_config(config_folder)
    home = Home(folder / "home")
    for drop, path in zip(company.drops, drops, strict=True):
        source = Source(id=drop.source, kind="files", mode=drop.mode, path=str(path))
        outcome = landing.land(home, config, source, Night(drop.night, drop.as_of))
        assert outcome.status in ("landed", "unchanged", "rejected"), outcome.message
    night = night_of(company.as_of, config.company.timezone)
    built = pipeline.build(home, config, night, company.known_at)
    with duckdb.connect(str(built.file), read_only=True) as connection:
        cursor = connection.execute("select * from people.kpi_values")
        names = [column[0] for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
