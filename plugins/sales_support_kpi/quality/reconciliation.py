"""Do the numbers tie from the source to the measures? Counts and sums of every stage, side by side.

manifests, landed files, quarantine, entities, measure rows → one row per source, entity and stage

- `extracted`: of every load, the rows read are those landed, unchanged, superseded or kept back;
- `landed`: of every load, the files hold the rows and the sum that its manifest says;
- `quarantined`: of every load, the quarantine holds the rows that its manifest says;
- `entities`: the keys ever landed, and the sum over their winning rows, are those of the entity;
- `measures`: every measured record is one of the entity, and where a KPI counts all records of a
  kind, all of them are measured or listed as rejected.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

import duckdb

from sales_support_kpi.entities import ENTITIES, Entity
from sales_support_kpi.landing.ops import land_ops
from sales_support_kpi.quality.frames import Row, rows_of
from sales_support_kpi.settings import Home
from sales_support_kpi.warehouse.inputs import BuildLike

STAGES = ("extracted", "landed", "quarantined", "entities", "measures")
_OF_LOADS = ("extracted", "landed", "quarantined")
_SLACK = 1e-9  # relative: sums of the same numbers in another order

# KPI → which records of the entity it counts, every one of them; `{as_of}` is the night's
_POPULATIONS: Mapping[str, tuple[str, str]] = {
    "inquiry_completion_rate": (
        "requests",
        "kind = 'inquiry' and status <> 'cancelled' and coalesce(received_at, opened_at) < {as_of}",
    ),
    "contract_followup_completion": (
        "contracts",
        (
            "status is distinct from 'cancelled' and signed_at + to_microseconds(cast(round("
            "(select value from control.kpi_params where kpi_id = 'contract_followup_completion' "
            "and name = 'within_hours') * 3600000000) as bigint)) < {as_of}"
        ),
    ),
    "insights_delivered": ("insights", "accepted and provided_at < {as_of}"),
}
_REJECTED_AS = {"inquiry_completion_rate": "inquiry_within_4h"}


@dataclass(frozen=True, slots=True)
class Tie:
    """Two counts, and where there is something to add up two sums, that have to be the same.

    Attributes:
        load_seq: of the one load it is about; none where it is about all of them.
        compared: what stands on the two sides, for a person.
        actual_count: none where there is nothing to compare with (a pruned quarantine).
    """

    source: str
    entity: str
    stage: str
    compared: str
    expected_count: int
    actual_count: int | None
    expected_sum: float | None = None
    actual_sum: float | None = None
    load_seq: int | None = None
    load_night: date | None = None

    @property
    def is_tied(self) -> bool | None:
        """Whether they are the same; none where that cannot be said."""
        if self.actual_count is None:
            return None
        if self.expected_sum is None or self.actual_sum is None:
            return self.expected_count == self.actual_count
        apart = abs(self.expected_sum - self.actual_sum) / max(1.0, abs(self.expected_sum))
        return self.expected_count == self.actual_count and apart <= _SLACK

    @property
    def difference(self) -> str:
        """What is seen, for a person."""
        seen = f"{self.compared}: {self.expected_count} and {self.actual_count}"
        if self.expected_sum is not None and self.actual_sum is not None:
            seen += f", sums {self.expected_sum:.6g} and {self.actual_sum:.6g}"
        return f"load {self.load_seq}: {seen}" if self.load_seq is not None else seen


def reconcile(home: Home, connection: duckdb.DuckDBPyConnection) -> list[Tie]:
    """Every tie of a build; `connection` reads its file."""
    loads = rows_of(connection, "select * from control.loads order by load_seq")
    return [
        *_loads(home, connection, loads),
        *_entities(connection, loads),
        *_measures(connection),
        *_populations(connection),
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


def _loads(
    home: Home, connection: duckdb.DuckDBPyConnection, loads: Sequence[Mapping[str, Any]]
) -> list[Tie]:
    landed = _landed(connection, {load["entity"] for load in loads})
    kept = _quarantined(home)
    ties = []
    for load in loads:
        about: dict[str, Any] = {name: load[name] for name in ("source", "entity", "load_seq")} | {
            "load_night": load["night"]
        }
        placed = sum(
            load[f"rows_{name}"] for name in ("landed", "unchanged", "superseded", "quarantined")
        )
        ties.append(
            Tie(
                **about,
                stage="extracted",
                compared="rows read; landed, unchanged, superseded and kept back",
                expected_count=load["rows_read"],
                actual_count=placed,
            )
        )
        count, total = landed.get(load["load_seq"], (0, None))
        has_sum = load["landed_sum"] is not None
        ties.append(
            Tie(
                **about,
                stage="landed",
                compared="rows and tombstones of the manifest; of the files",
                expected_count=load["rows_landed"] + load["tombstones"],
                actual_count=count,
                expected_sum=load["landed_sum"],
                actual_sum=(total or 0.0) if has_sum else None,
            )
        )
        if load["rows_quarantined"]:
            ties.append(
                Tie(
                    **about,
                    stage="quarantined",
                    compared="rows kept back, by the manifest; in the quarantine",
                    expected_count=load["rows_quarantined"],
                    actual_count=kept.get(load["load_seq"]),
                )
            )
    return ties


def _landed(
    connection: duckdb.DuckDBPyConnection, entities: set[str]
) -> dict[int, tuple[int, float | None]]:
    """Load → rows in its files, and the sum over those that are no tombstones."""
    found: dict[int, tuple[int, float | None]] = {}
    for name in sorted(entities):
        column = ENTITIES[name].sum_column
        total = f"sum({column}) filter (where _op = 'upsert')" if column else "null::double"
        for row in connection.execute(
            f"select _load_seq, count(*), {total} from landing.{name} group by _load_seq"
        ).fetchall():
            found[row[0]] = (row[1], row[2])
    return found


def _quarantined(home: Home) -> dict[int, int]:
    """Load → rows in its quarantine."""
    files = [str(file) for file in home.quarantine.glob("*/*/load=*/rows.parquet")]
    if not files:
        return {}
    with duckdb.connect() as connection:
        counted = connection.execute(
            "select load_seq, count(*) from read_parquet(?, hive_partitioning = false, "
            "union_by_name = true) group by load_seq",
            [files],
        ).fetchall()
    return {int(load): int(count) for load, count in counted}


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


def _measures(connection: duckdb.DuckDBPyConnection) -> list[Tie]:
    """Measured records that are none of their entity would count for nobody's work."""
    ties = []
    measured = rows_of(
        connection,
        # a week without a delivery is a row without a record
        "select distinct entity from people.measure_rows where kpi_id <> 'report_on_time' "
        "and record_id is not null order by entity",
    )
    for name in (row["entity"] for row in measured if row["entity"] in ENTITIES):
        key = ENTITIES[name].key[0]
        counted = rows_of(
            connection,
            "with measured as (select distinct source, record_id from people.measure_rows "
            f"where entity = '{name}' and kpi_id <> 'report_on_time' and record_id is not null), "
            f"known as (select distinct source, {key} as record_id from entities.{name}) "
            "select measured.source, count(*) as measured, count(known.record_id) as known "
            "from measured left join known using (source, record_id) "
            "group by measured.source order by measured.source",
        )
        ties += [
            Tie(
                row["source"],
                name,
                "measures",
                compared="records measured; those of them in the entity",
                expected_count=row["measured"],
                actual_count=row["known"],
            )
            for row in counted
        ]
    return ties


def _populations(connection: duckdb.DuckDBPyConnection) -> list[Tie]:
    """KPIs that count every record of a kind: all of them measured, or listed as rejected."""
    known = {
        row["kpi_id"]
        for row in rows_of(connection, "select kpi_id from marts.measured_kpis where is_measured")
    }
    as_of = "(select as_of from control.night)"
    ties = []
    for kpi_id, (entity, condition) in _POPULATIONS.items():
        if kpi_id not in known:
            continue
        key = ENTITIES[entity].key[0]
        counted = rows_of(
            connection,
            f"with wanted as (select source, {key} as record_id from entities.{entity} "
            f"where ({condition.format(as_of=as_of)}) "
            f"and (deleted_at is null or deleted_at >= {as_of})), "
            "found as (select source, record_id from people.measure_rows where kpi_id = ? "
            "union select source, record_id from people.rejected "
            "where kpi_id = ? and entity = ?) "
            "select source, count(wanted.record_id) as wanted, count(found.record_id) as found "
            "from wanted full join found using (source, record_id) group by source order by source",
            [kpi_id, _REJECTED_AS.get(kpi_id, kpi_id), entity],
        )
        ties += [
            Tie(
                row["source"],
                entity,
                "measures",
                compared=f"records that {kpi_id} counts; measured or rejected",
                expected_count=row["wanted"],
                actual_count=row["found"],
            )
            for row in counted
        ]
    return ties
