"""The queries behind `kpi explain`: the rows of a value (as `kpi rows` counts them), by group."""

from collections.abc import Sequence
from typing import Final

from sales_support_kpi.report.rows_sql import rows_query

# What a difference is split over → the column of the measure rows; people last.
DIMENSIONS: Final = {
    "part": "part",
    "kind": "kind",
    "channel": "channel",
    "priority": "priority",
    "segment": "segment",
    "team": "team",
    "employee": "employee_id",
}
_DESCRIBED: Final = ("kind", "channel", "priority", "segment")


def described_query(columns: Sequence[str], scope_type: str, *, has_holders: bool) -> str:
    """Common table expressions that end in `described`: the rows that count, as they are grouped.

    A stock record is described by its latest change (of changes at one instant by the one that
    adds) and belongs to whom it belonged just before the period's end, if that person was known.
    """
    rows = rows_query(columns, scope_type, has_holders=has_holders)
    return f"{rows}{_DESCRIBED_SQL}"


def sums_query(described: str) -> str:
    """Numerator and denominator by dimension and group."""
    facets = ", ".join(
        f"{{dimension: '{name}', group_value: {column}}}" for name, column in DIMENSIONS.items()
    )
    return f"""{described}
        select
            facet.dimension,
            facet.group_value,
            sum(numerator) as numerator,
            sum(denominator) as denominator
        from (
            select numerator, denominator, unnest([{facets}]) as facet from described
        )
        group by facet.dimension, facet.group_value
        order by facet.dimension, facet.group_value
    """


def records_query(described: str, dimension: str) -> str:
    """The records of one group that pull one way, the strongest first.

    Parameters: `group`, `most`, `value` (to pull away from) and `way` (1 up, -1 down). Counts have
    no denominator: all of their records pull up.
    """
    column = DIMENSIONS[dimension]
    return f"""{described}
        select
            occurred_micros, source, entity, record_id, numerator, denominator,
            $way * coalesce(numerator - $value * denominator, $way) as pull
        from described
        where {column} is not distinct from $group and pull > 0
        order by pull desc, occurred_micros desc, entity, source, record_id
        limit $most
    """


def dimensions_query() -> str:
    """Which dimensions the rows of a KPI have, in any period; one part alone is none."""
    counted = ", ".join(
        f"count(nullif({column}, 'all')) > 0 as {name}" for name, column in DIMENSIONS.items()
    )
    return f"select {counted} from measure_rows where kpi_id = ?"


_DESCRIBED_SQL: Final = f"""
, latest as (

    select
        part,
        source,
        entity,
        record_id,
        employee_id,
        arg_max_null(
            {{{", ".join(f"{name}: {name}" for name in _DESCRIBED)}}},
            (occurred_at, denominator, numerator)
        ) as described_as

    from kpi_rows

    where aggregation = 'stock'

    group by part, source, entity, record_id, employee_id

),

described as (

    select
        counted.* exclude (employee_id, {", ".join(_DESCRIBED)}),
        counted.employee_id,
        {", ".join(f"counted.{name}" for name in _DESCRIBED)}

    from counted

    where counted.aggregation <> 'stock'

    union all by name

    select
        counted.* exclude (employee_id, {", ".join(_DESCRIBED)}),
        holders.employee_id,
        {", ".join(f"latest.described_as.{name} as {name}" for name in _DESCRIBED)}

    from counted
    inner join latest
        on
            counted.part is not distinct from latest.part
            and counted.source is not distinct from latest.source
            and counted.entity is not distinct from latest.entity
            and counted.record_id is not distinct from latest.record_id
            and counted.employee_id is not distinct from latest.employee_id
    left join holders on counted.employee_id = holders.employee_id

    where counted.aggregation = 'stock'

)
"""
