"""What a build was made of, read from its control tables, and the hashes that name it."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any, Protocol

import duckdb

from sales_support_kpi.config import Company, Kpi
from sales_support_kpi.landing.ops_entities import BOOKKEEPING
from sales_support_kpi.night import Night


class BuildLike(Protocol):
    """The part of `warehouse.Build` that auditing and publishing need."""

    @property
    def file(self) -> Path:
        """The private build file."""

    @property
    def night(self) -> Night:
        """The night it was built for."""

    @property
    def known_at(self) -> date | None:
        """Last night whose loads were used; none for all."""

    @property
    def inputs_hash(self) -> str:
        """Everything the night is a function of."""


@dataclass(frozen=True, slots=True)
class Inputs:
    """What the build file itself says it was made of."""

    loads: tuple[dict[str, Any], ...]
    code_version: str
    calendar: str
    calendar_hash: str

    def content_hash(self, config_hash: str) -> str:
        """Hash of loads and config alone: what has to change to end a hold."""
        loads = sorted((load["source"], load["entity"], load["load_seq"]) for load in self.loads)
        return digest([loads, config_hash])


def digest(value: object) -> str:
    """Short stable hash of a plain value."""
    text = json.dumps(value, sort_keys=True, ensure_ascii=False, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def read_inputs(file: Path) -> Inputs:
    """Read loads, code version and calendar from the control tables of a build."""
    with duckdb.connect(str(file), read_only=True) as connection:
        connection.execute("set TimeZone = 'UTC'")  # the hash is no matter of the machine
        loads = [
            {name: _plain(value) for name, value in load.items()}
            for load in rows(connection, "control", "loads")
            if not (load["source"] == "ops" and load["entity"] in BOOKKEEPING)
        ]
        nights = rows(connection, "control", "night")
        calendar = {
            table: [list(map(_plain, day.values())) for day in rows(connection, "control", table)]
            for table in ("days", "working_intervals")
        }
    return Inputs(
        loads=tuple(sorted(loads, key=lambda load: load["load_seq"])),
        code_version=str(nights[0].get("code_version", "")) if nights else "",
        calendar=json.dumps(calendar, ensure_ascii=False),
        calendar_hash=digest(calendar),
    )


def has_table(connection: duckdb.DuckDBPyConnection, schema: str, table: str) -> bool:
    """Whether the current database has this table or view."""
    found = connection.execute(
        "select 1 from information_schema.tables where table_catalog = current_database() "
        "and table_schema = ? and table_name = ?",
        [schema, table],
    ).fetchall()
    return bool(found)


def rows(connection: duckdb.DuckDBPyConnection, schema: str, table: str) -> list[dict[str, Any]]:
    """All rows of a small table in a stable order; none when there is no such table."""
    if not has_table(connection, schema, table):
        return []
    cursor = connection.execute(f'select * from "{schema}"."{table}" order by all')
    names = [column[0] for column in cursor.description or ()]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def kpi_definitions(kpis: Iterable[Kpi], company: Company) -> dict[str, str]:
    """Per KPI, a hash of how it is measured; targets and wording are not part of it.

    The calendar counts by its rules and not by its days, which go on with every night.
    """
    rules = {"timezone", "country", "working_hours", "closed_days", "open_days"}
    calendar = company.model_dump(mode="json", include=rules)
    return {
        kpi.id: digest([calendar if kpi.clock == "business" else {}, _measured(kpi)])
        for kpi in kpis
    }


def _measured(kpi: Kpi) -> Mapping[str, object]:
    names = ("unit", "better", "clock", "params", "entities", "aggregation")
    return {name: getattr(kpi, name) for name in names}


def _plain(value: object) -> object:
    if isinstance(value, datetime | date):
        return value.isoformat()
    return value
