"""A build file made by hand: the two published schemas and the control tables, a few rows each."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import cache
from pathlib import Path

import duckdb

from sales_support_kpi.config import Config, Kpi, load_config
from sales_support_kpi.config.kpis import Guard
from sales_support_kpi.night import Night, night_ending
from sales_support_kpi.settings import Home, shipped_config_dir

SEOUL = "Asia/Seoul"
ACCURACY = "customer_record_accuracy"
INQUIRY = "inquiry_within_4h"
TURNAROUND = "document_turnaround"
MEASURED = (ACCURACY, INQUIRY, TURNAROUND)

_VALUES = """
create table {schema}.kpi_values (
    kpi_id text, grain text, period_start date, period_end date, scope_type text, scope_id text,
    numerator double, denominator double, value double, target double, attainment double,
    status text, sample_size bigint, ci_low double, ci_high double, is_certain boolean,
    median double, p90 double, is_complete boolean, is_stale boolean, as_of timestamptz,
    reported_value double, reported_as_of timestamptz, is_closed boolean
)
"""


@dataclass(frozen=True)
class Value:
    """A row of kpi_values for October 2026."""

    kpi_id: str
    numerator: float | None
    denominator: float | None
    scope_type: str = "company"
    scope_id: str = "company"
    status: str = "met"
    target: float | None = 0.9
    period_start: date = date(2026, 10, 1)
    period_end: date = date(2026, 10, 31)
    grain: str = "month"
    value: float | None = None
    has_value: bool = True

    @property
    def shown(self) -> float | None:
        if self.value is not None or not self.has_value:
            return self.value
        return self.numerator / self.denominator if self.denominator else None


GOOD_VALUES = (
    Value(ACCURACY, 99, 100, target=0.99),
    Value(ACCURACY, 99, 100, "team", "영업지원1팀", target=0.99),
    Value(ACCURACY, 99, 100, "employee", "e01", target=0.99),
    Value(INQUIRY, 19, 20),
    Value(INQUIRY, 19, 20, "employee", "e01"),
    Value(TURNAROUND, 30, 20, target=2.0),
)


@dataclass(frozen=True)
class Build:
    """What `warehouse.build` hands on."""

    file: Path
    night: Night
    inputs_hash: str
    known_at: date | None = None


@dataclass(frozen=True)
class Recipe:
    """What stands in a hand-made build."""

    night: date = date(2026, 10, 31)
    as_of: datetime | None = None
    values: Sequence[Value] = GOOD_VALUES
    measure_rows: Sequence[tuple[str, str, float, float]] = (
        (INQUIRY, "e01", 19, 20),
        (TURNAROUND, "e01", 30, 20),
    )
    loads: Sequence[tuple[str, str, int]] = (("crm", "customers", 1), ("desk", "requests", 2))
    sources: Sequence[tuple[str, bool]] = (("crm", False), ("desk", False))
    statements: Sequence[str] = field(default=())


def make_build(folder: Path, recipe: Recipe | None = None) -> Build:
    """Write the file anew and say what a build would say of it."""
    recipe = recipe or Recipe()
    night = night_ending(recipe.night, SEOUL)
    if recipe.as_of:
        night = Night(recipe.night, recipe.as_of)
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "build.duckdb"
    file.unlink(missing_ok=True)
    with duckdb.connect(str(file)) as connection:
        connection.execute(f"set timezone = '{SEOUL}'")
        _control(connection, recipe, night)
        for schema in ("company", "people"):
            connection.execute(f"create schema {schema}")
            connection.execute(_VALUES.format(schema=schema))
            for value in recipe.values:
                if schema == "people" or value.scope_type != "employee":
                    _insert_value(connection, schema, value, night)
        _beside_values(connection, recipe)
        for statement in recipe.statements:
            connection.execute(statement)
    inputs = f"{sorted(recipe.loads)} {night.as_of.isoformat()}"
    return Build(file, night, inputs)


def _control(connection: duckdb.DuckDBPyConnection, recipe: Recipe, night: Night) -> None:
    connection.execute("create schema control")
    connection.execute(
        "create table control.night as select ?::date as night, ?::timestamptz as as_of, "
        "null::date as known_at, ? as timezone, 'c' as config_hash, 'v1' as code_version",
        [night.date, night.as_of, SEOUL],
    )
    connection.execute(
        "create table control.loads (source text, entity text, load_seq bigint, "
        "night date default '2026-10-31', rows_read bigint default 1, "
        "rows_landed bigint default 1, rows_unchanged bigint default 0, "
        "rows_superseded bigint default 0, rows_quarantined bigint default 0, "
        "tombstones bigint default 0, landed_sum double)"
    )
    connection.executemany(
        "insert into control.loads (source, entity, load_seq) values (?, ?, ?)", list(recipe.loads)
    )
    _landed(connection, recipe)
    connection.execute(
        "create table control.sources (source text, freshness_hours double, is_stale boolean)"
    )
    connection.executemany(
        "insert into control.sources values (?, 36, ?)", [list(row) for row in recipe.sources]
    )
    connection.execute("create table control.days as select date '2026-10-31' as date, true as o")


def _landed(connection: duckdb.DuckDBPyConnection, recipe: Recipe) -> None:
    """One record per source, landed anew with every load; and the entities that follow from it."""
    for schema in ("landing", "entities", "marts"):
        connection.execute(f"create schema {schema}")
    connection.execute(
        "create table marts.measured_kpis as select 'x' as kpi_id, true as is_measured"
    )
    for entity, key, record in (
        ("customers", "customer_id", "c1"),
        ("requests", "request_id", "r1"),
    ):
        loads = [load for load in recipe.loads if load[1] == entity]
        connection.execute(
            f"create table landing.{entity} (_source text, _load_seq bigint, "
            "_row bigint default 2, _op text default 'upsert', "
            f"{key} text default '{record}', updated_at timestamptz)"
        )
        connection.execute(
            f"create table entities.{entity} (source text, {key} text default '{record}', "
            "is_tombstone boolean default false)"
        )
        for source, _, number in loads:
            connection.execute(
                f"insert into landing.{entity} (_source, _load_seq) values (?, ?)", [source, number]
            )
        for source in {source for source, _, _ in loads}:
            connection.execute(f"insert into entities.{entity} (source) values (?)", [source])


def _insert_value(
    connection: duckdb.DuckDBPyConnection, schema: str, value: Value, night: Night
) -> None:
    connection.execute(
        f"insert into {schema}.kpi_values values "
        "(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 1.0, ?, ?, null, null, null, null, null, true, false, ?, "
        "null, null, false)",
        [
            value.kpi_id, value.grain, value.period_start, value.period_end, value.scope_type,
            value.scope_id, value.numerator, value.denominator, value.shown, value.target,
            value.status, int(value.denominator or 0), night.as_of,
        ],
    )  # fmt: skip


def _beside_values(connection: duckdb.DuckDBPyConnection, recipe: Recipe) -> None:
    connection.execute(
        "create table company.kpi_catalog as select unnest(?) as kpi_id, '이름' as name_ko",
        [list(MEASURED)],
    )
    connection.execute(
        "create table people.measure_rows (kpi_id text, part text, aggregation text, "
        "occurred_at timestamptz, employee_id text, team text, numerator double, "
        "denominator double, record_id text, source text, entity text, load_seq bigint)"
    )
    connection.executemany(
        "insert into people.measure_rows values "
        "(?, 'main', 'flow', '2026-10-15 10:00:00+09:00', ?, '영업지원1팀', ?, ?, 'r1', 'desk', "
        "'requests', 2)",
        [list(row) for row in recipe.measure_rows] or [["none", "e01", 0, 0]],
    )
    for value in recipe.values:
        if value.kpi_id == ACCURACY and value.scope_type == "company" and value.denominator:
            connection.execute(
                "insert into people.measure_rows values (?, 'main', 'stock', ?::date, 'e01', "
                "'영업지원1팀', ?, ?, 'c1', 'crm', 'customers', 1)",
                [ACCURACY, value.period_start, value.numerator, value.denominator],
            )
    connection.execute("create table people.customer_record_issues as select 'c1' as customer_id")


@cache
def _shipped() -> Config:
    return load_config(shipped_config_dir())


def make_config(hash_: str = "config-1", **guards: Guard | None) -> Config:
    """The shipped configuration with the three KPIs of the hand-made build enabled."""
    shipped = _shipped()
    kpis: list[Kpi] = [
        kpi.model_copy(
            update={"enabled": kpi.id in MEASURED, "guard": guards.get(kpi.id, kpi.guard)}
        )
        for kpi in shipped.kpis
    ]
    return replace(shipped, kpis=tuple(kpis), hash=hash_)


def make_home(root: Path) -> Home:
    """An empty home."""
    return Home(root / "home")
