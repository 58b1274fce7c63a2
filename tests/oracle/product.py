"""The product behind one function: all drops landed, one night built, its cells returned."""

import csv
from pathlib import Path
from typing import Any

from tests.oracle.catalog import write_config
from tests.oracle.companies import RandomCompany, header_of
from tests.oracle.loads import Drop


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
    drops = [
        write_drop(folder / "drops" / f"{number}", drop)
        for number, drop in enumerate(company.drops)
    ]
    return config, drops


def product_cells(company: RandomCompany, folder: Path) -> list[dict[str, Any]]:
    """Land every drop at its night, build once at `as_of` and `known_at`, read `kpi_values`."""
    raise NotImplementedError("waits for sales_support_kpi.pipeline")
