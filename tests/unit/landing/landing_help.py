"""Short ways to make a configuration and a night, and to look at what was landed."""

import csv
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import duckdb

from sales_support_kpi.config.quality import Quality
from sales_support_kpi.landing import Manifest, Outcome, accepted_loads
from sales_support_kpi.night import Night
from sales_support_kpi.quality.load_ties import load_ties
from sales_support_kpi.quality.ties import Tie
from sales_support_kpi.settings import Home

ZONE = "Asia/Seoul"
QUALITY = Quality(
    usual_nights=8, min_nights=3, min_volume=0.5, max_volume=3.0, max_bad_rows=0.01,
    max_duplicates=0.1, min_rows=20, max_fill_drop=0.3, max_ahead_hours=24, max_behind_hours=24,
    max_rows_lost=0.2, keep_docs=3,
)  # fmt: skip
Lander = Callable[..., Outcome]


def make_config(**company: Any) -> Any:
    limits = {
        "timezone": ZONE,
        "max_quarantine": 0.5,
        "max_shrink": 0.5,
        "aliases": SimpleNamespace(sheets={}, columns={}, words={}),
        "quality": QUALITY,
    }
    return SimpleNamespace(company=SimpleNamespace(**{**limits, **company}), sources=())


def night(number: int = 1) -> Night:
    as_of = datetime(2026, 10, 1, 15, tzinfo=UTC) + timedelta(days=number)
    return Night(as_of.date(), as_of)


def write_csv(path: Path, rows: Sequence[Sequence[Any]], encoding: str = "utf-8") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding=encoding, newline="") as file:
        csv.writer(file).writerows(rows)
    return path


def landed(home: Home, entity: str, columns: str = "*", order: str = "_load_seq, _row") -> list:
    files = [
        str(file) for load in accepted_loads(home) if load.entity == entity for file in load.files
    ]
    if not files:
        return []
    with duckdb.connect() as connection:
        connection.execute("set timezone = 'UTC'")
        return connection.execute(
            f"select {columns} from read_parquet(?, hive_partitioning = false, "
            f"union_by_name = true) order by {order}",
            [files],
        ).fetchall()


def quarantined(home: Home, columns: str = "reason, column_name, value, row") -> list:
    files = [str(file) for file in sorted(home.quarantine.glob("*/*/*/rows.parquet"))]
    if not files:
        return []
    with duckdb.connect() as connection:
        return connection.execute(
            f"select {columns} from read_parquet(?, hive_partitioning = false) "
            "order by load_seq, row",
            [files],
        ).fetchall()


def ties_of(home: Home, *loads: Manifest) -> list[Tie]:
    """The ties of loads, as a build with nothing but them would see them."""
    names = ("source", "entity", "load_seq", "night", "rows_read", "rows_landed", "rows_unchanged",
             "rows_superseded", "rows_quarantined", "tombstones", "landed_sum")  # fmt: skip
    with duckdb.connect() as connection:
        connection.execute("create schema landing")
        for entity in {load.entity for load in loads}:
            files = [str(file) for load in loads if load.entity == entity for file in load.files]
            connection.execute(
                f"create table landing.{entity} as from read_parquet({files}, "
                "union_by_name = true, hive_partitioning = false)"
            )
        said = [{name: getattr(load, name) for name in names} for load in loads]
        return load_ties(home, connection, said)


def files_of(home: Home) -> dict[str, bytes]:
    """Everything in the home except the lock and the pages that only show what is there."""
    return {
        str(file.relative_to(home.root)): file.read_bytes()
        for file in sorted(home.root.rglob("*"))
        if file.is_file() and file.name != ".lock" and home.data_docs not in file.parents
    }
