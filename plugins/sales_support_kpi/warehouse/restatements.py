"""What a night says otherwise than it was said before, and why: `kpi_restatements`.

build.duckdb + what was said + the nights on disk → one row per cell of a complete period whose
value is another one than the last that was published.

why: `late`, `edited`, `deleted` rows; `redefined` (what: config, calendar, holidays library, code);
`decided`: a record was known and its outcome was still open when the period was reported.
`unknown` only where the earlier night is no longer on disk.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import duckdb

from sales_support_kpi.config import Config, enabled_kpis
from sales_support_kpi.entities import ColumnType
from sales_support_kpi.landing.ops_entities import CELL, OPS_ENTITIES
from sales_support_kpi.settings import Home
from sales_support_kpi.warehouse.causes import Before, lay_causes
from sales_support_kpi.warehouse.inputs import BuildLike
from sales_support_kpi.warehouse.published import (
    PEOPLE_FILE,
    NightManifest,
    all_manifests,
    nights_dir,
)
from sales_support_kpi.warehouse.redefinitions import (
    KINDS,
    Definitions,
    definitions_of_night,
    read_definitions,
    redefinitions,
)
from sales_support_kpi.warehouse.statements import Said, differ, lay_cells

if TYPE_CHECKING:
    import pyarrow as pa

_CELL = ", ".join(CELL)


def new_restatements(
    home: Home, config: Config, build: BuildLike, manifest: NightManifest
) -> "pa.Table":
    """The restatements that publishing this build as `manifest` makes; mostly none."""
    with duckdb.connect() as connection:
        connection.execute("set timezone = 'UTC'")
        _attach(connection, str(build.file), "build")
        timezone = config.company.timezone
        said = Said("build.people.kpi_values", manifest.withheld, manifest.as_of, timezone)
        lay_cells(connection, home, said)
        _lay_restated(connection)
        _lay_explained(connection)
        _choose_nights(connection, all_manifests(home), timezone)
        nights = connection.execute("select distinct before_id from restated").fetchall()
        if nights:
            now = read_definitions(
                home, manifest.config_hash, manifest.calendar_hash, manifest.code_version
            )
            for (publish_id,) in nights:
                _explain(connection, home, config, publish_id, now)
        return connection.sql(_result(manifest)).to_arrow_table()


def no_restatements() -> "pa.Table":
    """The table of restatements, empty."""
    columns = ", ".join(
        f"null::{ColumnType(kind).sql} as {name}"
        for name, kind in OPS_ENTITIES["restatements"].columns.items()
    )
    with duckdb.connect() as connection:
        return connection.sql(f"select {columns} limit 0").to_arrow_table()


def _attach(connection: duckdb.DuckDBPyConnection, path: str, name: str) -> None:
    quoted = path.replace("'", "''")
    connection.execute(f"attach '{quoted}' as {name} (read_only)")


def _lay_restated(connection: duckdb.DuckDBPyConnection) -> None:
    cell = ", ".join(f"now_cells.{name}" for name in CELL)
    connection.execute(
        f"""
        create or replace temp table restated as
        select
            {cell}, now_cells.period_end, kept_cells.value as from_value,
            now_cells.value as to_value, kept_cells.publish_id as from_publish_id,
            kept_cells.night as from_night, null::varchar as before_id
        from now_cells
        inner join kept_cells using ({_CELL})
        where now_cells.is_complete and {differ("now_cells.value", "kept_cells.value")}
        """
    )


def _lay_explained(connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute(
        f"""
        create or replace temp table explained as
        select
            {_CELL}, 0::bigint as late_count, 0::bigint as edited_count,
            0::bigint as deleted_count, false as has_untouched, false as has_linked,
            []::varchar[] as linked, null::varchar as record_ids, false as is_compared
        from restated
        limit 0
        """
    )
    connection.execute(
        "create or replace temp table redefined "
        "(before_id varchar, kpi_id varchar, what varchar, since date)"
    )


def _choose_nights(
    connection: duckdb.DuckDBPyConnection, manifests: Sequence[NightManifest], timezone: str
) -> None:
    """Compare each cell with the newest night that said it, or else name who said it last."""
    connection.execute(
        "create or replace temp table nights "
        "(place bigint, publish_id varchar, as_of timestamptz, kpi_id varchar)"
    )
    spoken = [
        (place, night.publish_id, night.as_of, kpi_id)
        for place, night in enumerate(manifests)
        for kpi_id in night.definitions
        if kpi_id not in night.withheld
    ]
    if spoken:
        connection.executemany("insert into nights values (?, ?, ?, ?)", spoken)
    connection.execute(
        """
        update restated set before_id = coalesce(
            (
                select arg_max(nights.publish_id, nights.place)
                from nights
                where
                    nights.kpi_id = restated.kpi_id
                    and restated.period_end + interval 1 day <= timezone($1, nights.as_of)
            ),
            from_publish_id
        )
        """,
        [timezone],
    )


def _explain(
    connection: duckdb.DuckDBPyConnection,
    home: Home,
    config: Config,
    publish_id: str,
    now: Definitions,
) -> None:
    """Find out why the cells that are compared with one night are other ones."""
    before = definitions_of_night(home, publish_id)
    changes = [] if before is None else redefinitions(before, now)
    if changes:
        connection.executemany(
            "insert into redefined values (?, ?, ?, ?)",
            [(publish_id, c.kpi_id, c.what, c.since) for c in changes],
        )
    night = next((m for m in all_manifests(home) if m.publish_id == publish_id), None)
    if night is None:
        return
    connection.execute(
        "create or replace temp table restated_here as select * from restated where before_id = ?",
        [publish_id],
    )
    _attach(connection, str(nights_dir(home) / publish_id / PEOPLE_FILE), "before")
    last_load_seq = max((int(load["load_seq"]) for load in night.loads), default=-1)
    entities = {kpi.id: tuple(kpi.entities) for kpi in enabled_kpis(config)}
    lay_causes(connection, Before(last_load_seq, night.as_of), entities, config.company.timezone)
    connection.execute(
        f"""
        insert into explained
        select
            {_CELL}, coalesce(late_count, 0), coalesce(edited_count, 0),
            coalesce(deleted_count, 0), coalesce(has_untouched, false),
            coalesce(has_linked, false), coalesce(linked, []), record_ids, true
        from restated_here
        left join causes using ({_CELL})
        """
    )
    connection.execute("detach before")


def _result(manifest: NightManifest) -> str:
    columns = ", ".join(
        f"{name}::{ColumnType(kind).sql} as {name}"
        for name, kind in OPS_ENTITIES["restatements"].columns.items()
    )
    order = ", ".join(f"'{kind}'" for kind in KINDS)
    return f"""
        with changed as (
            select
                restated.{_CELL.replace(", ", ", restated.")},
                array_to_string(list(
                    distinct redefined.what order by list_position([{order}], redefined.what)
                ), ', ') as what
            from restated
            inner join redefined
                on
                    restated.before_id = redefined.before_id
                    and restated.kpi_id = redefined.kpi_id
                    and coalesce(redefined.since, restated.period_end) <= restated.period_end
            group by all
        ),
        judged as (
            select
                restated.*, late_count, edited_count, deleted_count, record_ids, what,
                coalesce(explained.linked, []) as linked,
                coalesce(late_count + edited_count + deleted_count + len(explained.linked), 0)
                    as row_count,
                coalesce(has_untouched, false) as has_untouched,
                coalesce(has_linked, false) as has_linked,
                coalesce(is_compared, false) as is_compared
            from restated
            left join explained using ({_CELL})
            left join changed using ({_CELL})
        ),
        reasoned as (
            select
                * exclude (what),
                what is not null and (has_untouched or has_linked or row_count = 0) as is_redefined,
                what as redefinition
            from judged
        )
        select {columns} from (
            select
                *,
                '{manifest.publish_id}' as to_publish_id,
                date '{manifest.night}' as to_night,
                timestamptz '{manifest.as_of.isoformat()}' as to_as_of,
                case when is_redefined then redefinition end as what,
                concat_ws(
                    ', ',
                    case when late_count > 0 or 'late' in linked then 'late' end,
                    case
                        when edited_count > 0 or 'edited' in linked then 'edited'
                        when is_compared and row_count = 0 and not is_redefined
                            and (has_linked or not has_untouched) then 'edited'
                    end,
                    case when deleted_count > 0 or 'deleted' in linked then 'deleted' end,
                    case when is_redefined then 'redefined' end,
                    case when has_untouched and not is_redefined then 'decided' end,
                    case when not is_compared and not is_redefined then 'unknown' end
                ) as why
            from reasoned
        )
        order by {_CELL}
    """
