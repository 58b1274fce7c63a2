"""The narrow frames of the out-door, read from a build: queries count, expectations judge.

What a frame costs follows the number of KPIs, scopes and periods, or the size of a sample; never
the number of rows behind them.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import duckdb

from sales_support_kpi.config import Kpi
from sales_support_kpi.quality.contact import sampled, scan_table, text_columns
from sales_support_kpi.warehouse.inputs import has_table
from sales_support_kpi.warehouse.published import PEOPLE_FILE

PUBLISHED_SCHEMAS = ("company", "people")
TIE_MONTHS = 3
SAMPLE_ROWS = 200_000

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
            where not (
                isfinite(coalesce(value, 0)) and isfinite(coalesce(numerator, 0))
                and isfinite(coalesce(denominator, 0)) and isfinite(coalesce(target, 0))
                and isfinite(coalesce(attainment, 0)) and isfinite(coalesce(ci_low, 0))
                and isfinite(coalesce(ci_high, 0)) and isfinite(coalesce(median, 0))
                and isfinite(coalesce(p90, 0))
            )
        ) as not_finite_count,
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
    not_finite_count,
    out_of_bounds_count,
    null_mismatch_count,
    overfull_count,
    coalesce(file_mismatch_count, 0) as file_mismatch_count
from wanted
full join counted on wanted.kpi_id = counted.kpi_id
left join differing on differing.kpi_id = coalesce(wanted.kpi_id, counted.kpi_id)
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

_MONTHS = """
select
    kpi_id,
    period_start,
    value,
    target,
    is_complete,
    coalesce(denominator, numerator) as row_weight
from {source}
where grain = 'month' and scope_type = 'company'
qualify row_number() over (partition by kpi_id order by period_start desc) <= ?
order by kpi_id, period_start
"""


def values_frame(connection: Connection, kpis: Sequence[Kpi]) -> list[Row]:
    """Per enabled (or unasked-for) KPI, how many of its cells break each rule."""
    units = {kpi.id: kpi.unit for kpi in kpis}
    return rows_of(connection, _VALUES.format(cell=_CELL), [list(units), list(units.values())])


def ties_frame(connection: Connection, kpis: Sequence[Kpi]) -> list[Row]:
    """Per KPI, how far the company's last months are from the sums of their rows."""
    ids = [kpi.id for kpi in kpis]
    return rows_of(connection, _TIES, [TIE_MONTHS - 1, ids, ids])


def month_values(connection: Connection, source: str, months: int) -> dict[str, dict[date, Row]]:
    """Per KPI the company's rows of its last months, by month."""
    found: dict[str, dict[date, Row]] = {}
    for row in rows_of(connection, _MONTHS.format(source=source), [months]):
        found.setdefault(row["kpi_id"], {})[row["period_start"]] = row
    return found


def guards_frame(
    kpis: Sequence[Kpi],
    now: Mapping[str, Mapping[date, Row]],
    before: Mapping[str, Mapping[date, Row]],
) -> list[Row]:
    """One row: per guarded KPI its latest value, and its fall since the last published night."""
    frame: Row = {}
    for kpi in kpis:
        if kpi.guard is not None:
            months = now.get(kpi.id, {})
            frame[f"{kpi.id}__value"] = months[max(months)]["value"] if months else None
            frame[f"{kpi.id}__drop"] = fall(kpi, months, before.get(kpi.id, {}))
    return [frame] if frame else []


def fall(kpi: Kpi, now: Mapping[date, Row], before: Mapping[date, Row]) -> float | None:
    """How far a KPI fell in one night; none where there is nothing to compare.

    A month is compared with itself: the one that was current on the last published night, so that
    a new month with few rows is no fall. A stock goes on over the end of a month: there the latest
    values are compared too.
    """
    known = [month for month, row in before.items() if row["value"] is not None]
    if not known:
        return None
    last = max(known)
    pairs = [(last, last)] if last in now else []
    if kpi.aggregation == "stock" and now:
        pairs.append((last, max(now)))
    falls = [
        before[earlier]["value"] - now[later]["value"]
        for earlier, later in pairs
        if now[later]["value"] is not None
    ]
    return max(falls, default=None)


def losses_frame(
    kpis: Sequence[Kpi],
    now: Mapping[str, Mapping[date, Row]],
    before: Mapping[str, Mapping[date, Row]],
    min_rows: int,
) -> list[Row]:
    """Per KPI, the largest share of rows that a complete month lost since the last night."""
    return [
        {"kpi_id": kpi.id, **_loss(now.get(kpi.id, {}), before.get(kpi.id, {}), min_rows)}
        for kpi in kpis
    ]


def _loss(now: Mapping[date, Row], before: Mapping[date, Row], min_rows: int) -> Row:
    lost: dict[date, float] = {}
    for month, row in before.items():
        had, has = row["row_weight"] or 0.0, now.get(month, {}).get("row_weight")
        if row["is_complete"] and had >= min_rows and has is not None:
            lost[month] = max(0.0, (had - has) / had)
    if not lost:
        return {"lost_ratio": None, "observed": "nothing to compare"}
    worst = max(lost, key=lambda month: lost[month])
    weights = f"{before[worst]['row_weight']:g} to {now[worst]['row_weight']:g}"
    return {"lost_ratio": lost[worst], "observed": f"{worst:%Y-%m}: from {weights}"}


def published_months(directory: Path | None, months: int) -> dict[str, dict[date, Row]]:
    """`month_values` of a published night; nothing without one."""
    if directory is None:
        return {}
    with duckdb.connect(str(directory / PEOPLE_FILE), read_only=True) as connection:
        return month_values(connection, "main.kpi_values", months)


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


def privacy_frame(connection: Connection) -> list[Row]:
    """Per text column that is to be published, whether it is, or holds, contact data."""
    frame = []
    for schema, table, columns in text_columns(connection, PUBLISHED_SCHEMAS):
        found = scan_table(connection, schema, table, columns, SAMPLE_ROWS)
        for column in columns:
            kinds = [f"{f.kind} ({f.count})" for f in found if f.column == column]
            frame.append(
                {
                    "subject": f"{schema}.{table}.{column}",
                    "is_contact_data": int(bool(kinds)),
                    "observed": ", ".join(kinds) or "nothing",
                }
            )
    return frame


def tables_frame(connection: Connection) -> list[Row]:
    """Per published table with fractional numbers, how many rows hold one that is not finite."""
    tables = rows_of(
        connection,
        "select table_schema as schema, table_name as name, list(column_name) as columns "
        "from information_schema.columns where table_catalog = current_database() "
        "and list_contains(?, table_schema) and data_type in ('DOUBLE', 'FLOAT') "
        "group by all order by all",
        [list(PUBLISHED_SCHEMAS)],
    )
    frame = []
    for table in tables:
        broken = " or ".join(f'not isfinite("{name}")' for name in table["columns"])
        source = sampled(connection, table["schema"], table["name"], SAMPLE_ROWS)
        counted = f"select count(*) filter (where {broken}) as found from {source}"
        frame.append(
            {
                "subject": f"{table['schema']}.{table['name']}",
                "not_finite_count": rows_of(connection, counted)[0]["found"],
            }
        )
    return frame


def rows_of(connection: Connection, sql: str, values: Sequence[object] = ()) -> list[Row]:
    """The rows of a query as dictionaries."""
    cursor = connection.execute(sql, list(values))
    names = [column[0] for column in cursor.description or ()]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
