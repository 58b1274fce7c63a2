"""The narrow frames of the out-door, read from a build: queries count, expectations judge.

A frame has a row per KPI, table or source, however many rows are counted for it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import duckdb

from sales_support_kpi.config import Kpi
from sales_support_kpi.warehouse.copies import ABOUT_KPIS
from sales_support_kpi.warehouse.inputs import has_table

PUBLISHED_SCHEMAS = ("company", "people")
TIE_MONTHS = 3

Row = dict[str, Any]
Connection = duckdb.DuckDBPyConnection

_VALUES = """
with cells as (
    select * from people.kpi_values
),
wanted as (
    select unnest(?::text[]) as kpi_id, unnest(?::text[]) as unit
),
counted as (
    select
        cells.kpi_id,
        count(*) as cell_count,
        count(*) filter (
            where value < if(unit = 'score', 1 - 1e-9, -1e-9)
            or value > case unit when 'ratio' then 1 + 1e-9 when 'score' then 5 + 1e-9 end
        ) as out_of_bounds_count,
        count(*) filter (
            where (value is null) <> (status in ('no_data', 'withheld'))
        ) as null_mismatch_count,
        count(*) filter (
            where unit = 'ratio' and numerator > denominator + 1e-9
        ) as overfull_count
    from cells
    left join wanted on cells.kpi_id = wanted.kpi_id
    group by cells.kpi_id
),
broken as (
    select kpi_id, sum(found)::bigint as not_finite_count
    from ({broken})
    group by kpi_id
),
differing as (
    select kpi_id, count(*) as file_mismatch_count
    from (
        (
            select {cell} from company.kpi_values
            except all
            select {cell} from people.kpi_values
        )
        union all
        (
            select {cell} from people.kpi_values
            where scope_type <> 'employee'
            except all
            select {cell} from company.kpi_values
        )
    )
    group by kpi_id
)
select
    coalesce(wanted.kpi_id, counted.kpi_id) as kpi_id,
    (wanted.kpi_id is null)::int as is_unasked,
    coalesce(cell_count, 0) as cell_count,
    if(cell_count > 0, coalesce(not_finite_count, 0), null) as not_finite_count,
    out_of_bounds_count,
    null_mismatch_count,
    overfull_count,
    coalesce(file_mismatch_count, 0) as file_mismatch_count
from wanted
full join counted on wanted.kpi_id = counted.kpi_id
left join differing on differing.kpi_id = coalesce(wanted.kpi_id, counted.kpi_id)
left join broken on broken.kpi_id = coalesce(wanted.kpi_id, counted.kpi_id)
order by 1
"""

_CELL = (
    "kpi_id, grain, period_start, scope_type, scope_id, numerator, denominator, value, target, "
    "attainment, status, sample_size, is_complete, is_stale"
)

_TIES = """
with night as (
    select as_of, timezone from control.night
),
months as (
    select unnest(generate_series(month_start - to_months(?), month_start, interval 1 month))::date
        as period_start
    from (
        select date_trunc('month', timezone(timezone, as_of - interval 1 microsecond))
            as month_start
        from night
    )
),
by_month as (
    select
        kpi_id,
        aggregation = 'stock' as is_stock,
        date_trunc('month', timezone(timezone, occurred_at))::date as month_start,
        sum(numerator) as numerator,
        sum(denominator) as denominator
    from people.measure_rows, night
    where list_contains(?::text[], kpi_id) and occurred_at < as_of
    group by all
),
summed as (
    -- of a stock the running total up to the month's end, of anything else the month's own rows
    select
        by_month.kpi_id,
        months.period_start,
        sum(by_month.numerator) as numerator,
        sum(by_month.denominator) as denominator
    from by_month
    inner join months
        on by_month.month_start = months.period_start
        or (by_month.is_stock and by_month.month_start < months.period_start)
    group by all
),
said as (
    select kpi_id, period_start, numerator, denominator
    from people.kpi_values
    where
        grain = 'month' and scope_type = 'company' and list_contains(?::text[], kpi_id)
        and period_start >= (select min(period_start) from months)
),
compared as (
    select
        coalesce(said.kpi_id, summed.kpi_id) as kpi_id,
        coalesce(said.period_start, summed.period_start) as period_start,
        coalesce(said.numerator, 0) as said_numerator,
        coalesce(summed.numerator, 0) as summed_numerator,
        coalesce(said.denominator, 0) as said_denominator,
        coalesce(summed.denominator, 0) as summed_denominator
    from said
    full join summed on said.kpi_id = summed.kpi_id and said.period_start = summed.period_start
),
apart as (
    select
        *,
        greatest(
            abs(said_numerator - summed_numerator) / greatest(1, abs(summed_numerator)),
            abs(said_denominator - summed_denominator) / greatest(1, abs(summed_denominator))
        ) as relative_difference
    from compared
)
select
    kpi_id,
    max(relative_difference) as relative_difference,
    arg_max(
        format(
            '{}: {:.6g}/{:.6g}, its rows sum to {:.6g}/{:.6g}',
            strftime(period_start, '%Y-%m'),
            said_numerator, said_denominator, summed_numerator, summed_denominator
        ),
        relative_difference
    ) as observed
from apart
group by kpi_id
order by kpi_id
"""


def values_frame(connection: Connection, kpis: Sequence[Kpi]) -> list[Row]:
    """Per enabled (or unasked-for) KPI, how many of its cells break each rule."""
    units = {kpi.id: kpi.unit for kpi in kpis}
    sql = _VALUES.format(cell=_CELL, broken=_broken_rows(connection))
    return rows_of(connection, sql, [list(units), list(units.values())])


def ties_frame(connection: Connection, kpis: Sequence[Kpi]) -> list[Row]:
    """Per KPI, how far the company's last months are from the sums of their rows."""
    ids = [kpi.id for kpi in kpis]
    return rows_of(connection, _TIES, [TIE_MONTHS - 1, ids, ids])


def sources_frame(connection: Connection) -> list[Row]:
    """Per source, whether it is stale."""
    if not has_table(connection, "control", "sources"):
        return []
    return rows_of(
        connection,
        "select source as subject, is_stale::int as is_stale, "
        "if(is_stale, format('stale: nothing within {:.6g} h', freshness_hours), 'fresh') "
        "as observed from control.sources order by source",
    )


def tables_frame(connection: Connection, kpis: Sequence[Kpi]) -> list[Row]:
    """Per published table with fractional numbers, how many rows of no one KPI hold a broken one.

    What belongs to a KPI that is measured is counted there (`values_frame`): it can be withheld.
    """
    ids = [kpi.id for kpi in kpis]
    frame = []
    for table in _number_tables(connection):
        of_none = "kpi_id is null or not list_contains(?::text[], kpi_id)"
        where, values = (of_none, [ids]) if table.is_withheld else ("true", [])
        counted = f"select count(*) as found from {table.source} where {table.broken} and ({where})"
        found = rows_of(connection, counted, values)[0]["found"]
        frame.append({"subject": table.subject, "not_finite_count": found})
    return frame


@dataclass(frozen=True, slots=True)
class _NumberTable:
    """A published table with fractional numbers.

    Attributes:
        is_withheld: rows of a KPI that is withheld are not published.
    """

    subject: str
    source: str
    columns: tuple[str, ...]
    is_withheld: bool

    @property
    def broken(self) -> str:
        """Whether a row holds a number that is not finite."""
        return "(" + " or ".join(f'not isfinite("{name}")' for name in self.columns) + ")"


def _number_tables(connection: Connection) -> list[_NumberTable]:
    tables = rows_of(
        connection,
        "select table_schema as schema, table_name as name, "
        "list(column_name) filter (data_type in ('DOUBLE', 'FLOAT')) as columns, "
        "bool_or(column_name = 'kpi_id') as is_by_kpi "
        "from information_schema.columns where table_catalog = current_database() "
        "and list_contains(?, table_schema) group by all having len(columns) > 0 order by all",
        [list(PUBLISHED_SCHEMAS)],
    )
    return [
        _NumberTable(
            f"{table['schema']}.{table['name']}",
            f'"{table["schema"]}"."{table["name"]}"',
            tuple(table["columns"]),
            table["is_by_kpi"] and table["name"] not in ABOUT_KPIS,
        )
        for table in tables
    ]


def _broken_rows(connection: Connection) -> str:
    """Per KPI and table the rows with a number that is not finite, as SQL."""
    return " union all ".join(
        f"select kpi_id, count(*) as found from {table.source} where {table.broken} group by kpi_id"
        for table in _number_tables(connection)
        if table.is_withheld
    )


def rows_of(connection: Connection, sql: str, values: Sequence[object] = ()) -> list[Row]:
    """The rows of a query as dictionaries."""
    cursor = connection.execute(sql, list(values))
    names = [column[0] for column in cursor.description or ()]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
