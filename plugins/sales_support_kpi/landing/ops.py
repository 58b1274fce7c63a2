"""What the product did and what people decided, landed as source `ops`.

run results, announcements, quality results, holds, published nights, what was published on them
→ landing/ops/<entity>/load=<utc>-<seq>/part-0.parquet + manifest.json

Append-only like every other landing. A row whose content equals the latest one of its key is not
written again, so repeating a night adds nothing.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sales_support_kpi.entities import ColumnType
from sales_support_kpi.landing.manifests import Manifest, next_sequence
from sales_support_kpi.landing.ops_entities import OPS_ENTITIES, OpsEntity
from sales_support_kpi.landing.store import place, writing
from sales_support_kpi.night import Night
from sales_support_kpi.settings import Home

if TYPE_CHECKING:
    import duckdb

SOURCE = "ops"


def land_ops(
    home: Home, entity: str, records: Iterable[Mapping[str, Any]], night: Night
) -> Path | None:
    """Append the records that say something new; returns the load's folder, or none."""
    spec = OPS_ENTITIES[entity]
    wanted = [{name: record.get(name) for name in spec.columns} for record in records]
    latest = {_key(spec, row): row for row in wanted}
    if not latest:
        return None
    with writing(home) as aside:
        known = {_key(spec, row): row["_row_hash"] for row in read_ops(home, entity)}
        fresh = [row for key, row in latest.items() if known.get(key) != row_hash(spec, row)]
        if not fresh:
            return None
        fingerprint = _hash("".join(sorted(row_hash(spec, row) for row in fresh)))
        manifest = _manifest(home, spec, night, fingerprint, landed=len(fresh), read=len(wanted))
        rows = aside.folder(entity)
        _write_rows(rows / "part-0.parquet", spec, fresh, manifest)
        return place(home, manifest, rows, None).directory


def land_ops_query(
    home: Home, entity: str, connection: "duckdb.DuckDBPyConnection", query: str, night: Night
) -> Path | None:
    """Append the rows of a query over `connection`, all of which say something new.

    For what comes in tens of thousands of rows; the query yields the entity's columns.
    """
    spec = OPS_ENTITIES[entity]
    columns = ", ".join(
        f'{name}::{ColumnType(kind).sql} as "{name}"' for name, kind in spec.columns.items()
    )
    connection.execute(
        f"create or replace temp table news as select {columns}, row_number() over () as _row, "
        f"md5(to_json(said)::text) as _row_hash from ({query}) as said"
    )
    found = connection.execute(
        "select count(*), md5(string_agg(_row_hash, '' order by _row_hash)) from news"
    ).fetchone()
    count, fingerprint = found or (0, "")
    if not count:
        return None
    with writing(home) as aside:
        manifest = _manifest(home, spec, night, fingerprint, landed=count, read=count)
        rows = aside.folder(entity)
        beside = {
            "_load_seq": f"{manifest.load_seq}::bigint",
            "_source": f"'{SOURCE}'",
            "_file": "null::varchar",
            "_sheet": "null::varchar",
            "_row": "_row",
            "_row_hash": "_row_hash",
            "_landed_at": f"timestamptz '{manifest.landed_at.isoformat()}'",
            "_op": "'upsert'",
            "_effective_at": f"timestamptz '{manifest.effective_at.isoformat()}'",
        }
        names = ", ".join(f'"{name}"' for name in spec.columns)
        landing = ", ".join(f"{value} as {name}" for name, value in beside.items())
        file = str(rows / "part-0.parquet").replace("'", "''")
        connection.execute(
            f"copy (select {names}, {landing} from news order by _row) to '{file}' "
            "(format parquet, compression zstd)"
        )
        connection.execute("drop table news")
        return place(home, manifest, rows, None).directory


def ops_rows(home: Home, entity: str) -> str:
    """Everything ever landed of an entity, as SQL that stands in a from clause."""
    spec = OPS_ENTITIES[entity]
    files = _files(home, entity)
    typed = ", ".join(
        f'null::{ColumnType(kind).sql} as "{name}"' for name, kind in spec.columns.items()
    )
    # a column that older files do not have yet is null there
    empty = f"select {typed}, null::bigint as _load_seq, null::bigint as _row limit 0"
    if not files:
        return f"({empty})"
    listed = ", ".join("'" + file.replace("'", "''") + "'" for file in files)
    landed = f"read_parquet([{listed}], union_by_name = true, hive_partitioning = false)"
    return f"(({empty}) union all by name from {landed})"


def read_ops(home: Home, entity: str) -> list[dict[str, Any]]:
    """The latest row of every record, oldest first, with its landing columns."""
    spec = OPS_ENTITIES[entity]
    files = _files(home, entity)
    if not files:
        return []
    import duckdb

    key = ", ".join(f'"{name}"' for name in spec.key)
    with duckdb.connect() as connection:
        connection.execute("set timezone = 'UTC'")
        cursor = connection.execute(
            "select * from read_parquet(?, union_by_name = true, hive_partitioning = false) "
            f"qualify row_number() over (partition by {key} "
            "order by _load_seq desc, _row desc) = 1 order by _load_seq, _row",
            [files],
        )
        names = [column[0] for column in cursor.description or ()]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def row_hash(spec: OpsEntity, row: Mapping[str, Any]) -> str:
    """Hash of what a row says, without when it was said."""
    said = {name: row.get(name) for name in spec.columns if name not in spec.volatile}
    text = json.dumps(said, default=_plain, sort_keys=True, ensure_ascii=False)
    return _hash(text)


def _files(home: Home, entity: str) -> list[str]:
    folder = home.landing / SOURCE / entity
    return sorted(str(file) for file in folder.glob("load=*/part-*.parquet"))


def _key(spec: OpsEntity, row: Mapping[str, Any]) -> tuple[Any, ...]:
    return tuple(row[name] for name in spec.key)


def _write_rows(
    file: Path, spec: OpsEntity, rows: Sequence[dict[str, Any]], manifest: Manifest
) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    types = {
        "text": pa.string(), "int": pa.int64(), "decimal": pa.float64(), "bool": pa.bool_(),
        "date": pa.date32(), "instant": pa.timestamp("us", tz="UTC"),
    }  # fmt: skip
    landing = {
        "_load_seq": "int", "_source": "text", "_file": "text", "_sheet": "text", "_row": "int",
        "_row_hash": "text", "_landed_at": "instant", "_op": "text", "_effective_at": "instant",
    }  # fmt: skip
    schema = pa.schema([(name, types[kind]) for name, kind in {**spec.columns, **landing}.items()])
    beside = {
        "_load_seq": manifest.load_seq, "_source": SOURCE, "_landed_at": manifest.landed_at,
        "_op": "upsert", "_effective_at": manifest.effective_at,
    }  # fmt: skip
    filled = [
        {**row, **beside, "_row": number, "_row_hash": row_hash(spec, row)}
        for number, row in enumerate(rows, start=1)
    ]
    pq.write_table(pa.Table.from_pylist(filled, schema=schema), file)


def _manifest(
    home: Home, spec: OpsEntity, night: Night, fingerprint: str, *, landed: int, read: int
) -> Manifest:
    return Manifest(
        source=SOURCE,
        entity=spec.name,
        load_seq=next_sequence(home),
        night=night.date,
        effective_at=night.as_of,
        landed_at=datetime.now(UTC),
        mode="changes",
        schema_hash=_hash(repr(dict(spec.columns))),
        fingerprint=fingerprint,
        rows_read=read,
        rows_landed=landed,
        rows_unchanged=read - landed,
    )


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} cannot be landed")
