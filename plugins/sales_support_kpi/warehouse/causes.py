"""Which records moved a published value: the rows of the night before against those of the build.

kpi_people.duckdb of an earlier night + build.duckdb → table `causes`, one row per restated cell

A record is `late` when the earlier night had not been told of it, `edited` when it was landed anew,
`deleted` when it is gone from its source; if nothing was landed of the record itself, the same is
said of what belongs to it (`related_causes`). One that differs although no load has brought
anything about it is `untouched`: a deadline has passed, or the definition is another one. `linked`
is what differs only in whose it is: `linked_late` where that employee's record was late, and so on.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

import duckdb

from sales_support_kpi.entities import ENTITIES
from sales_support_kpi.landing.ops_entities import CELL
from sales_support_kpi.warehouse.related_causes import RECORD, lay_related

EXAMPLES = 5  # record ids named per restatement

_ROW = f"{RECORD}, part, aggregation, employee_id, team, occurred_date"


@dataclass(frozen=True, slots=True)
class Before:
    """The night that a build is compared with.

    Attributes:
        last_load_seq: the newest load it knew.
        as_of: its instant.
        database: the name its people file is attached by; the build is attached as `build`.
    """

    last_load_seq: int
    as_of: datetime
    database: str = "before"


def lay_causes(
    connection: duckdb.DuckDBPyConnection,
    before: Before,
    kpi_entities: Mapping[str, Collection[str]],
    timezone: str,
) -> None:
    """Lay the temporary table `causes` for the cells of the temporary table `restated_here`."""
    _lay_delta(connection, before.database, timezone)
    views = _landed_views(connection)
    _lay_landed(connection, before, views)
    lay_related(connection, kpi_entities, views, before.last_load_seq, before.as_of)
    _lay_classes(connection, before)
    _lay_scoped(connection)
    cell = ", ".join(CELL)
    cells = ", ".join(f"cells.{name}" for name in CELL)
    connection.execute(
        f"""
        create or replace temp table causes as
        with moved as (
            select {cells}, rows.source, rows.entity, rows.record_id
            from restated_here as cells
            inner join scoped as rows
                on
                    cells.kpi_id = rows.kpi_id
                    and cells.scope_type = rows.scope_type
                    and cells.scope_id = rows.scope_id
                    and rows.occurred_date <= cells.period_end
                    and rows.occurred_date >= case rows.aggregation
                        when 'stock' then rows.occurred_date
                        when 'month_end' then date_trunc('month', cells.period_end)::date
                        else cells.period_start
                    end
            group by all
            having abs(sum(rows.numerator)) > 1e-9 or abs(sum(rows.denominator)) > 1e-9
        )
        select
            {cell},
            count(*) filter (where cause = 'late') as late_count,
            count(*) filter (where cause = 'edited') as edited_count,
            count(*) filter (where cause = 'deleted') as deleted_count,
            bool_or(cause = 'untouched') as has_untouched,
            bool_or(cause = 'linked') as has_linked,
            list(distinct substr(cause, 8)) filter (where cause like 'linked_%') as linked,
            array_to_string(list_slice(list(
                concat_ws('/', nullif(source, ''), entity, record_id)
                order by cause, source, entity, record_id
            ) filter (where cause in ('late', 'edited', 'deleted')), 1, {EXAMPLES}), ', ')
                as record_ids
        from moved
        inner join classes using ({RECORD})
        group by all
        """
    )


def _lay_delta(connection: duckdb.DuckDBPyConnection, database: str, timezone: str) -> None:
    """What the rows of a record add to a day now, less what they added before."""
    sides = " union all ".join(
        f"""
        select
            kpi_id, coalesce(source, '') as source, coalesce(entity, '') as entity,
            coalesce(record_id, '') as record_id, part, aggregation, employee_id, team,
            timezone('{timezone}', occurred_at)::date as occurred_date,
            {sign} * numerator as numerator, {sign} * coalesce(denominator, 0) as denominator,
            {sign} as side, load_seq
        from {table}
        """
        for sign, table in ((1, "build.people.measure_rows"), (-1, f"{database}.measure_rows"))
    )
    connection.execute(
        f"""
        create or replace temp table delta as
        with spans as (
            select kpi_id, min(period_start) as first_date, max(period_end) as last_date
            from restated_here
            group by kpi_id
        )
        select
            {_ROW}, sum(numerator) as numerator, sum(denominator) as denominator,
            max(load_seq) filter (where side = 1) as load_seq
        from ({sides}) as rows
        inner join spans using (kpi_id)
        where
            occurred_date <= last_date
            and (aggregation = 'stock' or occurred_date >= first_date)
        group by all
        having abs(sum(numerator)) > 1e-9 or abs(sum(denominator)) > 1e-9
        """
    )


def _landed_views(connection: duckdb.DuckDBPyConnection) -> set[str]:
    rows = connection.execute(
        "select view_name from duckdb_views() "
        "where database_name = 'build' and schema_name = 'landing'"
    ).fetchall()
    return {name for (name,) in rows if name in ENTITIES}


def _lay_landed(
    connection: duckdb.DuckDBPyConnection, before: Before, views: Collection[str]
) -> None:
    """What the loads of the build say of each record that differs."""
    connection.execute(
        """
        create or replace temp table landed (
            kpi_id varchar, source varchar, entity varchar, record_id varchar,
            was_known boolean, is_touched boolean, is_deleted boolean
        )
        """
    )
    pairs = connection.execute("select distinct kpi_id, entity from delta").fetchall()
    for kpi_id, entity in pairs:
        if entity in views and len(ENTITIES[entity].key) == 1:
            connection.execute(
                _landed_of(entity, ENTITIES[entity].key[0]),
                {"kpi_id": kpi_id, "entity": entity, "seq": before.last_load_seq},
            )


def _landed_of(entity: str, key: str) -> str:
    """Insert what was landed of an entity's records."""
    return f"""
        insert into landed
        select
            $kpi_id, _source, $entity, record_id,
            min(_load_seq) <= $seq,
            max(_load_seq) > $seq,
            arg_max(is_deleted, _load_seq * 1000000000 + coalesce(_row, 0))
        from (
            select
                _source, _load_seq, _row, {key}::text as record_id,
                _op = 'delete' or coalesce(deleted_at < night.as_of, false) as is_deleted
            from build.landing.{entity}
            cross join (select as_of from build.control.night) as night
            where {key}::text in (select record_id from delta where kpi_id = $kpi_id)
        )
        group by all
    """


def _lay_classes(connection: duckdb.DuckDBPyConnection, before: Before) -> None:
    """Every differing record with its cause."""
    connection.execute(
        f"""
        create or replace temp table classes as
        with records as (
            select {RECORD}, bool_or(load_seq > $seq) as has_newer
            from delta
            group by all
        ),
        known as (
            select
                records.*,
                coalesce(landed.was_known, false) as was_known,
                coalesce(landed.is_touched, false) as is_touched,
                coalesce(has_newer, false) as is_newer,
                part.cause as part_cause,
                referred.cause as referred_cause,
                named.cause as named_cause,
                person.cause as person_cause,
                coalesce(landed.is_deleted, not exists (
                    select 1 from duckdb_views()
                    where
                        database_name = 'build' and schema_name = 'landing'
                        and view_name = records.entity
                )) as is_deleted,
                {_exists(f"{before.database}.measure_rows")} as existed,
                {_exists("build.people.measure_rows")} as exists_now
            from records
            left join landed using ({RECORD})
            left join (from related where relation = 'part') as part using ({RECORD})
            left join (from related where relation = 'referred') as referred using ({RECORD})
            left join (from related where relation = 'named') as named using ({RECORD})
            left join (from related where relation = 'person') as person using ({RECORD})
        )
        select
            {RECORD},
            case
                when not existed and is_touched then if(was_known, 'edited', 'late')
                when not exists_now and is_deleted then 'deleted'
                when is_touched then 'edited'
                when part_cause is not null then part_cause
                when is_newer then coalesce(
                    referred_cause, named_cause, person_cause,
                    if(existed or was_known, 'edited', 'late')
                )
                when not exists_now or is_same_work then concat_ws(
                    '_', 'linked', coalesce(referred_cause, person_cause)
                )
                else 'untouched'
            end as cause
        from known
        inner join (
            select {RECORD}, bool_and(is_same) as is_same_work
            from (
                select
                    {RECORD}, part, occurred_date,
                    abs(sum(numerator)) < 1e-9 and abs(sum(denominator)) < 1e-9 as is_same
                from delta
                group by all
            )
            group by all
        ) using ({RECORD})
        """,
        {"seq": before.last_load_seq},
    )


def _exists(table: str) -> str:
    return f"""({RECORD.replace("kpi_id", "records.kpi_id")}) in (
        select kpi_id, coalesce(source, ''), coalesce(entity, ''), coalesce(record_id, '')
        from {table}
    )"""


def _lay_scoped(connection: duckdb.DuckDBPyConnection) -> None:
    """The differing rows in every scope they count for.

    A stock row moves with its employee, so it is looked for in every team that employee was in.
    """
    connection.execute(
        f"""
        create or replace temp table scoped as
        with rows as (
            select {RECORD}, aggregation, employee_id, team, occurred_date, numerator, denominator
            from delta
        ),
        teams as (
            select distinct kpi_id, employee_id, team from build.people.measure_rows
            where team is not null and aggregation = 'stock'
        )
        select *, 'company' as scope_type, 'company' as scope_id from rows
        union all
        select *, 'team', team from rows where team is not null
        union all
        select *, 'employee', employee_id from rows where employee_id is not null
        union all
        select rows.*, 'team', teams.team
        from rows
        inner join teams using (kpi_id, employee_id)
        where rows.aggregation = 'stock' and rows.team is distinct from teams.team
        """
    )
