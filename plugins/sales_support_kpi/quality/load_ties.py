"""Does every load tie, from what was read to what lies in landing and in the quarantine?"""

from collections.abc import Mapping, Sequence
from typing import Any

import duckdb

from sales_support_kpi.entities import ENTITIES
from sales_support_kpi.landing.manifests import Manifest, accepted_loads
from sales_support_kpi.quality.ties import Tie
from sales_support_kpi.settings import Home


def load_ties(
    home: Home, connection: duckdb.DuckDBPyConnection, loads: Sequence[Mapping[str, Any]]
) -> list[Tie]:
    """The ties of each accepted load."""
    landed = _landed(connection, {load["entity"] for load in loads})
    kept = _quarantined(home)
    manifests = {one.load_seq: one for one in accepted_loads(home)}
    ties = []
    for load in loads:
        if manifest := manifests.get(load["load_seq"]):
            ties += _reading_ties(manifest)
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


def _reading_ties(manifest: Manifest) -> list[Tie]:
    """From what a system or a file held to what the selects were given, where the load tells.

    What a select leaves out is shown: it is meant to leave out what is none of its entity.
    """
    about: dict[str, Any] = {
        "source": manifest.source, "load_seq": manifest.load_seq, "load_night": manifest.night,
        "stage": "extracted",
    }  # fmt: skip
    ties = []
    for name, read in ((manifest.bookmark or {}).get("columns") or {}).items():
        pairs = (
            ("records that came; spooled", "rows", "spooled", False),
            ("different records spooled; given to the selects", "different", "handed", False),
            ("records spooled, repeated ones too; given to the selects", "spooled", "handed", True),
        )
        ties += [
            Tie(entity=name, compared=said, expected_count=read[left], actual_count=read[right],
                may_differ=may_differ, **about)
            for said, left, right, may_differ in pairs
            if left in read and right in read
        ]  # fmt: skip
    if manifest.raw:
        ties.append(
            Tie(entity=manifest.entity, compared="rows of the files; rows its select made of them",
                expected_count=manifest.raw["rows"], actual_count=manifest.rows_read,
                may_differ=True, **about)
        )  # fmt: skip
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
