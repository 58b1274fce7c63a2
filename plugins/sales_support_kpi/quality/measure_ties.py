"""Is every record measured that a KPI counts, and no other?"""

from collections.abc import Sequence

import duckdb

from sales_support_kpi.entities import ENTITIES
from sales_support_kpi.quality.frames import rows_of
from sales_support_kpi.quality.populations import POPULATIONS, Population
from sales_support_kpi.quality.ties import Tie


def measure_ties(connection: duckdb.DuckDBPyConnection) -> list[Tie]:
    """The ties of every KPI that is measured tonight."""
    measured = {
        row["kpi_id"]
        for row in rows_of(connection, "select kpi_id from marts.measured_kpis where is_measured")
    }
    populations = [one for one in POPULATIONS if one.kpi_id in measured]
    listed = [one.kpi_id for one in populations]
    return [*_populations(connection, populations), *_of_the_entity(connection, listed)]


def _populations(
    connection: duckdb.DuckDBPyConnection, populations: Sequence[Population]
) -> list[Tie]:
    """All records that a KPI counts are measured or listed as rejected, and no others are."""
    ties = []
    for population in populations:
        for row in rows_of(connection, population.counted):
            source, entity, kpi_id = row["source"], population.entity, population.kpi_id
            ties += [
                Tie(
                    source,
                    entity,
                    "measures",
                    compared=f"records that {kpi_id} counts; those of them measured or rejected",
                    expected_count=row["wanted"],
                    actual_count=row["in_both"],
                    expected_sum=row["wanted_sum"],
                    actual_sum=row["found_sum"],
                ),
                Tie(
                    source,
                    entity,
                    "measures",
                    compared=f"records measured or rejected by {kpi_id}; those that it counts",
                    expected_count=row["found"],
                    actual_count=row["in_both"],
                ),
            ]
    return ties


def _of_the_entity(connection: duckdb.DuckDBPyConnection, listed: Sequence[str]) -> list[Tie]:
    """KPIs nobody has said a population of: what they measure is at least of its entity."""
    others = "kpi_id <> all ($1) and record_id is not null"
    measured = rows_of(
        connection,
        f"select distinct entity from people.measure_rows where {others} order by entity",
        [list(listed)],
    )
    ties = []
    for name in (row["entity"] for row in measured if row["entity"] in ENTITIES):
        counted = rows_of(
            connection,
            "with measured as (select distinct source, record_id from people.measure_rows "
            f"where entity = '{name}' and {others}), known as (select distinct source, "
            f"{ENTITIES[name].key[0]} as record_id from entities.{name}) "
            "select measured.source, count(*) as measured, count(known.record_id) as known "
            "from measured left join known using (source, record_id) "
            "group by measured.source order by measured.source",
            [list(listed)],
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
