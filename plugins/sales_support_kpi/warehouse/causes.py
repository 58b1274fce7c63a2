"""Which records moved a published value: the rows of the night before against those of the build.

kpi_people.duckdb of an earlier night + build.duckdb → table `causes`, one row per restated cell

A record is `late` when the earlier night had not been told of it, `edited` when it (or one that
belongs to it) was landed anew, `deleted` when it is gone from its source. One that differs although
no load has brought anything about it is `untouched`: a deadline has passed, or the definition is
another one. `linked` is what differs through somebody else's record, such as the owner's team.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import duckdb

from sales_support_kpi.entities import ENTITIES
from sales_support_kpi.landing.ops import CELL

EXAMPLES = 5  # record ids named per restatement

_RECORD = "kpi_id, source, entity, record_id"
_ROW = f"{_RECORD}, part, aggregation, employee_id, team, occurred_date"


@dataclass(frozen=True, slots=True)
class Before:
    """The night that a build is compared with.

    Attributes:
        last_load_seq: the newest load it knew.
        database: the name its people file is attached by; the build is attached as `build`.
    """

    last_load_seq: int
    database: str = "before"


def lay_causes(
    connection: duckdb.DuckDBPyConnection,
    before: Before,
    kpi_entities: Mapping[str, Collection[str]],
    timezone: str,
) -> None:
    """Lay the temporary table `causes` for the cells of the temporary table `restated_here`."""
    _lay_delta(connection, before.database, timezone)
    _lay_landed(connection, before, kpi_entities)
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
            array_to_string(list_slice(list(
                concat_ws('/', nullif(source, ''), entity, record_id)
                order by cause, source, entity, record_id
            ) filter (where cause in ('late', 'edited', 'deleted')), 1, {EXAMPLES}), ', ')
                as record_ids
        from moved
        inner join classes using ({_RECORD})
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


def _lay_landed(
    connection: duckdb.DuckDBPyConnection,
    before: Before,
    kpi_entities: Mapping[str, Collection[str]],
) -> None:
    """What the loads of the build say of each record that differs."""
    connection.execute(
        f"""
        create or replace temp table landed (
            {_columns(_RECORD)}, was_known boolean, is_touched boolean, is_deleted boolean
        )
        """
    )
    views = {
        name
        for (name,) in connection.execute(
            "select view_name from duckdb_views() "
            "where database_name = 'build' and schema_name = 'landing'"
        ).fetchall()
    }
    pairs = connection.execute("select distinct kpi_id, entity from delta").fetchall()
    for kpi_id, entity in pairs:
        spec = ENTITIES.get(entity)
        if spec is None or len(spec.key) != 1 or entity not in views:
            continue
        key = spec.key[0]
        related = [
            name
            for name in kpi_entities.get(kpi_id, ())
            if name in views and name != entity and key in {c.name for c in ENTITIES[name].columns}
        ]
        connection.execute(
            _landed_of(entity, key, related),
            {"kpi_id": kpi_id, "entity": entity, "seq": before.last_load_seq},
        )


def _columns(names: str) -> str:
    return ", ".join(f"{name.strip()} varchar" for name in names.split(","))


def _landed_of(entity: str, key: str, related: Collection[str]) -> str:
    """Insert what was landed of an entity's records; ids of what belongs to one have no source."""
    wanted = f"{key}::text in (select record_id from delta where kpi_id = $kpi_id)"
    others = " union all ".join(
        f"select {key}::text as record_id from build.landing.{name} "
        f"where _load_seq > $seq and {wanted}"
        for name in related
    )
    is_related = f"record_id in ({others})" if others else "false"
    return f"""
        insert into landed
        select
            $kpi_id, _source, $entity, record_id,
            min(_load_seq) <= $seq,
            max(_load_seq) > $seq or bool_or(is_related),
            arg_max(is_deleted, _load_seq * 1000000000 + coalesce(_row, 0))
        from (
            select
                _source, _load_seq, _row, {key}::text as record_id,
                _op = 'delete' or coalesce(deleted_at < night.as_of, false) as is_deleted,
                {is_related} as is_related
            from build.landing.{entity}
            cross join (select as_of from build.control.night) as night
            where {wanted}
        )
        group by all
    """


def _lay_classes(connection: duckdb.DuckDBPyConnection, before: Before) -> None:
    """Every differing record with its cause."""
    connection.execute(
        f"""
        create or replace temp table classes as
        with records as (
            select {_RECORD}, bool_or(load_seq > $seq) as is_newer
            from delta
            group by all
        ),
        known as (
            select
                records.*,
                coalesce(landed.was_known, false) as was_known,
                coalesce(landed.is_touched, false) or coalesce(is_newer, false) as is_touched,
                coalesce(landed.is_deleted, not exists (
                    select 1 from duckdb_views()
                    where
                        database_name = 'build' and schema_name = 'landing'
                        and view_name = records.entity
                )) as is_deleted,
                {_exists(f"{before.database}.measure_rows")} as existed,
                {_exists("build.people.measure_rows")} as exists_now
            from records
            left join landed using ({_RECORD})
        )
        select
            {_RECORD},
            case
                when not existed and is_touched then if(was_known, 'edited', 'late')
                when not exists_now and is_deleted then 'deleted'
                when is_touched then 'edited'
                when not exists_now then 'linked'
                when is_same_work then 'linked'
                else 'untouched'
            end as cause
        from known
        inner join (
            select {_RECORD}, bool_and(is_same) as is_same_work
            from (
                select
                    {_RECORD}, part, occurred_date,
                    abs(sum(numerator)) < 1e-9 and abs(sum(denominator)) < 1e-9 as is_same
                from delta
                group by all
            )
            group by all
        ) using ({_RECORD})
        """,
        {"seq": before.last_load_seq},
    )


def _exists(table: str) -> str:
    return f"""({_RECORD.replace("kpi_id", "records.kpi_id")}) in (
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
            select {_RECORD}, aggregation, employee_id, team, occurred_date, numerator, denominator
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
