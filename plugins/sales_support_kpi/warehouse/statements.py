"""What every publish said, kept in the landing: the number of a period as it was first reported.

published kpi_values → ops `published_values` (differences alone) → control.reported_values → dbt

A statement is a published value; a withheld one is none. What is gone from a complete period is
said too (`absent`). Taking a night back does not unsay it.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

import duckdb

from sales_support_kpi.landing.ops import land_ops_query, ops_rows
from sales_support_kpi.landing.ops_entities import CELL, OPS_ENTITIES
from sales_support_kpi.night import Night
from sales_support_kpi.settings import Home
from sales_support_kpi.warehouse.audit_samples import write_audit_samples
from sales_support_kpi.warehouse.published import (
    PEOPLE_FILE,
    NightManifest,
    night_of_manifest,
    nights_dir,
)

ABSENT = "absent"
DAYS_KEPT = 92  # at grain day only the last ones are published

_CELL = ", ".join(CELL)
_PERIOD_END = """
case said.grain
    when 'day' then said.period_start
    when 'week' then said.period_start + 6
    when 'month' then (said.period_start + interval 1 month)::date - 1
    when 'quarter' then (said.period_start + interval 3 month)::date - 1
    else (said.period_start + interval 1 year)::date - 1
end
"""


@dataclass(frozen=True, slots=True)
class Said:
    """Where a night's values stand, and what is needed to tell a gone value from an unasked one.

    Attributes:
        values: the table with the night's cells, in an attached database.
        withheld: KPIs that say nothing on the night.
    """

    values: str
    withheld: Collection[str]
    as_of: datetime
    timezone: str


def lay_cells(connection: duckdb.DuckDBPyConnection, home: Home, night: Said) -> None:
    """Lay the temporary tables `said_cells`, `kept_cells` (last complete), `now_cells`."""
    landed = ops_rows(home, "published_values")
    columns = ", ".join(OPS_ENTITIES["published_values"].columns)
    newest = "order by _load_seq desc, _row desc"
    last = f"qualify row_number() over (partition by {_CELL} {newest}) = 1"
    connection.execute(
        f"create or replace temp table said_cells as select {columns} from {landed} {last}"
    )
    connection.execute(
        f"create or replace temp table kept_cells as select {columns} from {landed} "
        f"where is_complete {last}"
    )
    cell = ", ".join(f"cells.{name}" for name in CELL)
    said = ", ".join(f"said.{name}" for name in CELL)
    connection.execute(
        f"""
        create or replace temp table now_cells as
        with night as (
            select timezone($timezone, $as_of::timestamptz) as ends_at
        ),
        cells as (
            select * from {night.values}
            where status <> 'withheld' and not list_contains($withheld::text[], kpi_id)
        )
        select
            {cell}, period_end, value, numerator, denominator, status, is_complete
        from cells
        union all
        select
            {said}, {_PERIOD_END} as period_end,
            null as value, null as numerator, null as denominator, '{ABSENT}' as status,
            true as is_complete
        from kept_cells as said
        cross join night
        anti join cells using ({_CELL})
        where
            said.kpi_id in (select kpi_id from cells)
            and {_PERIOD_END} + interval 1 day <= night.ends_at
            and (
                said.grain <> 'day'
                or said.period_start > (night.ends_at - interval 1 microsecond)::date - {DAYS_KEPT}
            )
        """,
        {
            "timezone": night.timezone,
            "as_of": night.as_of,
            "withheld": sorted(night.withheld),
        },
    )


def differ(one: str, other: str) -> str:
    """SQL: two numbers are not the same, or one of them is missing."""
    return f"(({one} is null) <> ({other} is null) or abs({one} - {other}) > 1e-9)"


def record_said(home: Home, manifest: NightManifest) -> None:
    """Land what a published night says anew, and which earlier statements it restates.

    Read from the night's own file, so that it can be done after a crash too; doing it twice adds
    nothing.
    """
    file = nights_dir(home) / manifest.publish_id / PEOPLE_FILE
    night = night_of_manifest(manifest)
    with duckdb.connect() as connection:
        connection.execute("set timezone = 'UTC'")
        path = str(file).replace("'", "''")
        connection.execute(f"attach '{path}' as shown (read_only)")
        said = Said("shown.kpi_values", manifest.withheld, manifest.as_of, manifest.timezone)
        lay_cells(connection, home, said)
        land_ops_query(home, "published_values", connection, _news(manifest), night)
        columns = ", ".join(OPS_ENTITIES["restatements"].columns)
        restated = (
            f"select {columns} from shown.kpi_restatements "
            f"where to_publish_id = '{manifest.publish_id}' and to_publish_id not in "
            f"(select to_publish_id from {ops_rows(home, 'restatements')})"
        )
        land_ops_query(home, "restatements", connection, restated, night)


def _news(manifest: NightManifest) -> str:
    cell = ", ".join(f"now_cells.{name}" for name in CELL)
    numbers = ("value", "numerator", "denominator")
    changed = " or ".join(differ(f"now_cells.{name}", f"said_cells.{name}") for name in numbers)
    return f"""
        select
            {cell}, now_cells.value, now_cells.numerator, now_cells.denominator, now_cells.status,
            now_cells.is_complete, timestamptz '{manifest.as_of.isoformat()}' as as_of,
            date '{manifest.night}' as night, '{manifest.publish_id}' as publish_id
        from now_cells
        left join said_cells using ({_CELL})
        where
            said_cells.kpi_id is null
            or now_cells.status <> said_cells.status
            or now_cells.is_complete <> said_cells.is_complete
            or {changed}
        order by {cell}
    """


def write_history(
    connection: duckdb.DuckDBPyConnection, home: Home, night: Night, known_at: date | None
) -> None:
    """Write `control.reported_values` and `control.restatements` for the models and the publish.

    They hold what was said up to `known_at`, on nights that are not later than this one; so do
    the samples that were drawn for audits.
    """
    write_audit_samples(connection, home, night, known_at)
    bounds = {"known_at": known_at, "as_of": night.as_of}
    connection.execute(
        f"""
        create or replace table control.reported_values as
        select {_CELL}, value, as_of
        from {ops_rows(home, "published_values")}
        where
            is_complete and status <> '{ABSENT}'
            and night <= coalesce($known_at::date, night) and as_of <= $as_of::timestamptz
        qualify row_number() over (partition by {_CELL} order by _load_seq, _row) = 1
        """,
        bounds,
    )
    columns = ", ".join(OPS_ENTITIES["restatements"].columns)
    connection.execute(
        f"""
        create or replace table control.restatements as
        select {columns}
        from {ops_rows(home, "restatements")}
        where
            to_night <= coalesce($known_at::date, to_night)
            and to_as_of <= $as_of::timestamptz
        """,
        bounds,
    )
