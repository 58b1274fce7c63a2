"""What is known of a load before it is accepted: counts over its own rows.

staged rows, losers, malformed lines → one mapping, which `usual.py` compares with earlier
loads and the in-door judges.
"""

from collections.abc import Mapping
from typing import Any

import duckdb

from sales_support_kpi.entities import ColumnType
from sales_support_kpi.landing import state
from sales_support_kpi.sources.tables import Table, quoted

Profile = Mapping[str, Any]


def load_profile(
    connection: duckdb.DuckDBPyConnection, table: Table, mode: str, source: str, *, has_state: bool
) -> dict[str, Any]:
    """The profile of the load that stands staged in `connection`."""
    entity, given = table.entity, list(table.columns)
    instants = [
        f"max({quoted(c.name)}) filter (_code is null)"
        for c in entity.columns
        if c.type is ColumnType.INSTANT
    ]
    newest = f"greatest({', '.join(instants)})" if instants else "null::timestamptz"
    filled = "".join(f", count({quoted(name)})" for name in given)
    counts = _row(
        connection,
        f"select count(*), count(*) filter (_code is not null), epoch_us({newest}){filled} "
        "from staged",
    )
    lines = _row(connection, "select count(*) from malformed")[0]
    superseded, tied = _row(
        connection, "select count(*) filter (not is_tied), count(*) filter (is_tied) from losers"
    )
    read = counts[0] + lines
    quarantined = counts[1] + lines + tied
    landed, silent, unchanged = _news(connection, table, has_state=has_state)
    live, present = _live(connection, table, is_full=mode == "full" and has_state)
    return {
        "source": source,
        "entity": entity.name,
        "file": table.file,
        "mode": mode,
        "rows_read": read,
        "rows_landed": landed,
        "rows_unchanged": unchanged,
        "rows_superseded": superseded,
        "rows_quarantined": quarantined,
        "quarantined_ratio": quarantined / read if read else 0.0,
        "silent_changes": silent if entity.is_versioned else 0,
        "tombstones": _row(connection, "select count(*) from tombstones")[0],
        "live_keys_before": live,
        "keys_now": present,
        "shrunk_ratio": max(0.0, (live - present) / live) if live else 0.0,
        "extra_columns": tuple(table.extras),
        "has_header": table.has_header,
        "columns": {name: column.kind for name, column in table.columns.items()},
        "filled": dict(zip(given, counts[3:], strict=True)),
        "causes": _causes(connection),
        "newest_instant_us": counts[2],
    }


def _news(
    connection: duckdb.DuckDBPyConnection, table: Table, *, has_state: bool
) -> tuple[int, int, int]:
    """Rows that say something new, those of them that do so silently, and those that do not."""
    if not has_state:
        surviving = "_code is null and _row not in (select _row from losers)"
        return _row(connection, f"select count(*) from staged where {surviving}")[0], 0, 0
    landed, silent = _row(
        connection, "select count(*), count(*) filter (is_silent) from landing_rows"
    )
    return landed, silent, state.count_unchanged(connection, table.entity, is_again=table.is_again)


def _causes(connection: duckdb.DuckDBPyConnection) -> dict[str, int]:
    """`reason|column` → rows kept back for it."""
    found = connection.execute(
        "select concat_ws('|', code, nullif(col, '')) as cause, count(*) from ("
        "select _code as code, _column as col from staged where _code is not null union all "
        "select 'tied_versions', 'version_no' from losers where is_tied union all "
        "select code, null from malformed) group by cause order by cause"
    ).fetchall()
    return {str(cause): int(count) for cause, count in found}


def _live(connection: duckdb.DuckDBPyConnection, table: Table, *, is_full: bool) -> tuple[int, int]:
    """How many keys were alive before a full load, and how many it speaks of."""
    if not is_full:
        return 0, 0
    live = _row(connection, "select count(*) from keys where is_live")[0]
    key = state.key_list(table.entity)
    given = " and ".join(f"{quoted(name)} is not null" for name in table.entity.key)
    present = _row(
        connection, f"select count(*) from (select distinct {key} from staged where {given})"
    )[0]
    return live, present + _row(connection, "select count(*) from malformed")[0]


def _row(connection: duckdb.DuckDBPyConnection, query: str) -> tuple[Any, ...]:
    row = connection.execute(query).fetchone()
    return tuple(row) if row else ()
