"""File drops written by hand: a folder with a file per entity."""

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path

from sales_support_kpi.entities import ENTITIES

Rows = Mapping[str, Sequence[Mapping[str, object]]]


def write_drop(folder: Path, rows: Rows) -> Path:
    """A folder with a file per entity: header and rows, or a header alone."""
    folder.mkdir(parents=True, exist_ok=True)
    for entity in ENTITIES.values():
        with (folder / f"{entity.name}.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, [column.name for column in entity.all_columns])
            writer.writeheader()
            writer.writerows(rows.get(entity.name, ()))
    return folder
