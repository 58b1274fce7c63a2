"""Earlier nights as far as projections need them: the tables of a build, laid again for an instant.

build.duckdb (measures, entities, control) → marts.flow_cells, marts.stock_cells, people.kpi_values

A night sees what it would have seen (not what had been landed by then): rows that were visible,
requests that were still open, stocks as they stood; of the company and of every team.
"""

from datetime import datetime

import duckdb

KEY = "kpi_id, grain, period_start, scope_type, scope_id"


def lay_rows(connection: duckdb.DuckDBPyConnection) -> None:
    """All measure rows of the attached database `build`, with the employees they refer to."""
    tables = connection.execute(
        "select table_name from duckdb_tables() where database_name = 'build' "
        "and schema_name = 'measures' and table_name like 'measure\\_%' escape '\\'"
    ).fetchall()
    union = " union all by name ".join(f"from build.measures.{name}" for (name,) in tables)
    for schema in ("control", "marts", "people"):
        connection.execute(f"create schema {schema}")
    connection.execute("create view control.days as from build.control.days")
    connection.execute("create view control.kpis as from build.control.kpis")
    connection.execute(_MEASURED.format(rows=union))


def lay_night(connection: duckdb.DuckDBPyConnection, as_of: datetime) -> None:
    """The tables a build of that instant would hold."""
    connection.execute("create or replace table control.night as select ? as as_of", [as_of])
    for name, sql in _NIGHT.items():
        connection.execute(f"create or replace table {name} as {sql}")


_MEASURED = """
create table measured as
with rows as ({rows})
select
    kpi_id, aggregation, occurred_at, occurred_at::timestamp::date as occurred_date, visible_from,
    visible_until, numerator, denominator, coalesce(people.source, '') as employee_source,
    coalesce(people.employee_id, '') as employee_id
from rows
left join build.entities.employee_references as people
    on
        coalesce(rows.reference_source, rows.source) = people.reference_source
        and rows.employee_ref = people.reference_id
"""

# rows with `attributed_at` and the team that their employee was in then, as that night knew it
_IN_TEAMS = """
    select rows.*, if(coalesce(attributed_at < exists_until, true), team, null) as team
    from {rows} as rows
    asof left join history
        on
            rows.employee_source = history.source
            and rows.employee_id = history.employee_id
            and rows.attributed_at >= history.covers_from
"""

# rows with a scope: all of them for the company, and those of a team for it
_SCOPED = """
    select *, 'company' as scope_type, 'company' as scope_id from {rows}
    union all
    select *, 'team' as scope_type, team as scope_id from {rows} where team is not null
"""
_SUMS = f"""
    select {KEY}, sum(numerator) as numerator, sum(denominator) as denominator
    from rows group by all
"""
_NIGHT = {
    "history": """
        select history.* from build.entities.employee_history as history cross join control.night
        where valid_from < as_of
    """,
    "visible": f"""
        with rows as (
            select
                measured.*,
                if(
                    aggregation = 'month_end',
                    least(occurred_at + interval 1 month, as_of) - interval 1 microsecond,
                    occurred_at
                ) as attributed_at
            from measured cross join control.night
            where occurred_at < as_of and visible_from < as_of
                and (visible_until is null or visible_until >= as_of)
        )
        {_IN_TEAMS.format(rows="rows")}
    """,
    "periods": """
        select
            grain, date_trunc(grain, date)::date as period_start, max(date) as period_end,
            least(max(ends_at), any_value(as_of)) as evaluated_at,
            max(ends_at) <= any_value(as_of) as is_complete
        from control.days
        cross join control.night
        cross join (select unnest(['week', 'month', 'quarter']) as grain)
        where date >= (
            select date_trunc('year', min(occurred_date)) from visible where aggregation = 'flow'
        )
        group by all
        having min(starts_at) < any_value(as_of)
    """,
    "marts.flow_cells": f"""
        with dated as (
            select visible.*, grain, period_start
            from visible inner join periods on occurred_date between period_start and period_end
            where aggregation = 'flow'
        ),
        rows as ({_SCOPED.format(rows="dated")})
        {_SUMS}
    """,
    "marts.stock_cells": f"""
        with instants as (
            select
                kpi_id, employee_source, employee_id, occurred_at,
                sum(numerator) as numerator, sum(denominator) as denominator
            from visible
            where aggregation = 'stock'
            group by all
        ),
        changes as (
            select
                * exclude (numerator, denominator), sum(numerator) over changes as numerator,
                sum(denominator) over changes as denominator
            from instants
            window changes as (
                partition by kpi_id, employee_source, employee_id order by occurred_at
            )
        ),
        holders as (select distinct kpi_id, employee_source, employee_id from changes),
        asked as (
            select
                holders.*, grain, period_start,
                evaluated_at - interval 1 microsecond as attributed_at
            from holders cross join periods
        ),
        held as (
            select asked.*, numerator, denominator
            from asked
            asof inner join changes
                on
                    asked.kpi_id = changes.kpi_id
                    and asked.employee_source = changes.employee_source
                    and asked.employee_id = changes.employee_id
                    and asked.attributed_at >= changes.occurred_at
        ),
        placed as ({_IN_TEAMS.format(rows="held")}),
        rows as ({_SCOPED.format(rows="placed")})
        {_SUMS}
    """,
    "month_end_cells": f"""
        with dated as (
            select visible.*, grain, period_start
            from visible inner join periods
                on occurred_date = date_trunc('month', evaluated_at - interval 1 microsecond)
            where aggregation = 'month_end' and grain <> 'week'
        ),
        rows as ({_SCOPED.format(rows="dated")})
        {_SUMS}
    """,
    "people.kpi_values": f"""
        with pooled as (
            select {KEY}, sum(numerator) as numerator, sum(denominator) as denominator
            from (from marts.flow_cells union all by name from marts.stock_cells
                union all by name from month_end_cells)
            group by all
        ),
        spine as (
            select kpi_id, scope_type, scope_id, periods.*
            from periods
            inner join (
                select kpi_id, scope_type, scope_id, min(period_start) as first_start
                from pooled group by all
            ) on period_start >= first_start
        )
        select
            kpi_id, grain, period_start, spine.period_end, scope_type, scope_id,
            numerator, denominator,
            case
                when kpis.unit = 'count' then coalesce(numerator, 0)  -- a month without is 0
                when denominator > 0 then numerator / denominator
            end as value,
            null::double as target, spine.is_complete
        from spine
        inner join control.kpis as kpis using (kpi_id)
        left join pooled using ({KEY})
    """,
}
