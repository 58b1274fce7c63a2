"""Do the numbers tie from the source to the measures? Counts and sums of every stage, side by side.

manifests, landed files, quarantine, entities, measure rows → one row per source, entity and stage

- `extracted`: of every load, the rows read are those landed, unchanged, superseded or kept back;
- `landed`: of every load, the files hold the rows and the sum that its manifest says;
- `quarantined`: of every load, the quarantine holds the rows that its manifest says;
- `entities`: the keys ever landed, and the sum over their winning rows, are those of the entity;
- `measures`: every record that a KPI counts is measured or listed as rejected, and no other is; the
  scores, the yeses and the records that count now add up to what the entity says.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

import duckdb

from sales_support_kpi.entities import ENTITIES, Entity
from sales_support_kpi.landing.ops import land_ops
from sales_support_kpi.quality.frames import Row, rows_of
from sales_support_kpi.quality.load_ties import load_ties
from sales_support_kpi.quality.measure_ties import measure_ties
from sales_support_kpi.quality.ties import Tie
from sales_support_kpi.settings import Home
from sales_support_kpi.warehouse.inputs import BuildLike

_OF_LOADS = ("extracted", "landed", "quarantined")


def reconcile(home: Home, connection: duckdb.DuckDBPyConnection) -> list[Tie]:
    """Every tie of a build; `connection` reads its file."""
    loads = rows_of(connection, "select * from control.loads order by load_seq")
    return [
        *load_ties(home, connection, loads),
        *_entities(connection, loads),
        *measure_ties(connection),
    ]


def land_ties(home: Home, build: BuildLike, ties: Sequence[Tie]) -> None:
    """Keep them: a load's once, as long as it ties as before; those of all loads per build."""
    rows = [
        {
            **asdict(tie),
            "is_tied": tie.is_tied,
            "inputs_hash": "" if tie.stage in _OF_LOADS else build.inputs_hash,
            "night": tie.load_night if tie.stage in _OF_LOADS else build.night.date,
            "as_of": None if tie.stage in _OF_LOADS else build.night.as_of,
        }
        for tie in ties
    ]
    land_ops(home, "reconciliations", rows, build.night)


def ties_by_stage(ties: Sequence[Tie]) -> list[Row]:
    """The narrow frame: per source, entity and stage how many ties do not hold, and which."""
    frame: dict[str, Row] = {}
    for tie in ties:
        subject = f"{tie.source}__{tie.entity}.{tie.stage}"
        row = frame.setdefault(subject, {"subject": subject, "apart_count": None, "observed": ""})
        if tie.is_tied is None:
            continue
        row["apart_count"] = (row["apart_count"] or 0) + int(not tie.is_tied)
        if not tie.is_tied and not row["observed"]:
            row["observed"] = f"{tie.stage}: {tie.difference}"
    return list(frame.values())


def _entities(
    connection: duckdb.DuckDBPyConnection, loads: Sequence[Mapping[str, Any]]
) -> list[Tie]:
    ties = []
    for name in sorted({load["entity"] for load in loads}):
        entity = ENTITIES[name]
        landed = {row["source"]: row for row in rows_of(connection, _keys_landed(entity))}
        built = {row["source"]: row for row in rows_of(connection, _keys_built(entity))}
        for source in sorted({*landed, *built}):
            expected, actual = landed.get(source, {}), built.get(source, {})
            sums = (expected.get("total"), actual.get("total"))
            ties.append(
                Tie(
                    source,
                    name,
                    "entities",
                    compared="keys landed; keys of the entity",
                    expected_count=expected.get("keys", 0),
                    actual_count=actual.get("keys", 0),
                    expected_sum=None if None in sums else sums[0],
                    actual_sum=None if None in sums else sums[1],
                )
            )
    return ties


def _keys_landed(entity: Entity) -> str:
    """Keys ever landed, by source, and the sum over the rows that win."""
    key = ", ".join(entity.key)
    if entity.is_versioned:
        return (
            f"select _source as source, count(distinct ({key})) as keys, null::double as total "
            f"from landing.{entity.name} where _op = 'upsert' group by _source"
        )
    total = f"coalesce(sum({entity.sum_column}), 0)" if entity.sum_column else "null::double"
    date_of_change = "updated_at desc nulls last, " if entity.start_columns else ""
    return (
        f"select _source as source, count(*) as keys, {total} as total from ("
        f"select * from landing.{entity.name} where _op = 'upsert' qualify row_number() over ("
        f"partition by _source, {key} order by {date_of_change}_load_seq desc, _row desc) = 1) "
        "group by _source"
    )


def _keys_built(entity: Entity) -> str:
    key = ", ".join(entity.key)
    if entity.is_versioned:
        return (
            f"select source, count(distinct ({key})) as keys, null::double as total "
            f"from entities.{entity.name} where not is_tombstone group by source"
        )
    total = f"coalesce(sum({entity.sum_column}), 0)" if entity.sum_column else "null::double"
    return (
        f"select source, count(*) as keys, {total} as total from entities.{entity.name} "
        "group by source"
    )
