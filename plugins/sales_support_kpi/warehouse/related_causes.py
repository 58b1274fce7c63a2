"""Why a record may count otherwise that has not changed itself: what else has been landed since.

landing views of the build → table `related`, per differing record and kind of relation one cause

A contract has steps (`part`), an answer is about a request (`referred`), names its respondent
(`named`) and counts for somebody (`person`). Each of those rows has its own key, so each is
`late`, `edited` or `deleted` itself. Where several of one record disagree, it was `edited`.
"""

from collections.abc import Collection, Iterator, Mapping
from datetime import datetime

import duckdb

from sales_support_kpi.entities import ENTITIES

RECORD = "kpi_id, source, entity, record_id"
_KEYS = {entity.key[0]: name for name, entity in ENTITIES.items() if len(entity.key) == 1}


def lay_related(
    connection: duckdb.DuckDBPyConnection,
    kpi_entities: Mapping[str, Collection[str]],
    views: Collection[str],
    last_load_seq: int,
    as_of: datetime,
) -> None:
    """Lay `related` for the records of the temporary table `delta`.

    Args:
        connection: has the build attached as `build`.
        kpi_entities: the entities that feed each KPI.
        views: the entities that have been landed.
        last_load_seq: the newest load that the night before knew.
        as_of: of the night before.
    """
    pairs = connection.execute("select distinct kpi_id, entity from delta").fetchall()
    connection.execute(
        f"create or replace temp table relations ({_columns(RECORD)}, relation varchar, "
        "cause varchar)"
    )
    marks = {"seq": last_load_seq, "before": as_of}
    for kpi_id, entity in pairs:
        if entity in views and len(ENTITIES[entity].key) == 1:
            for query in _queries(entity, set(kpi_entities.get(kpi_id, ())) & set(views), views):
                connection.execute(
                    f"insert into relations {query}", marks | {"kpi_id": kpi_id, "entity": entity}
                )
    if "employees" in views:
        connection.execute(f"insert into relations {_persons()}", marks)
    connection.execute(
        f"""
        create or replace temp table related as
        select
            {RECORD}, relation,
            case when count(distinct cause) = 1 then any_value(cause) else 'edited' end as cause
        from relations
        group by all
        """
    )


def _columns(names: str) -> str:
    return ", ".join(f"{name.strip()} varchar" for name in names.split(","))


def _queries(entity: str, fed_by: Collection[str], views: Collection[str]) -> Iterator[str]:
    """One `select` per relation that the entity's records have."""
    key = ENTITIES[entity].key[0]
    names = [column.name for column in ENTITIES[entity].columns]
    wanted = (
        f"select distinct _source, {', '.join(n for n in names if n.endswith('_id'))} "
        f"from build.landing.{entity} "
        f"where {key}::text in (select record_id from delta where kpi_id = $kpi_id)"
    )
    for name in sorted(set(fed_by) - {entity}):
        if key in {column.name for column in ENTITIES[name].columns}:
            yield f"""
                select $kpi_id, _source, $entity, {key}::text, 'part', cause
                from ({_landed_since(name, key)})
                where {key}::text in (select record_id from delta where kpi_id = $kpi_id)
            """
        elif (column := ENTITIES[name].key[0]) in names and _KEYS.get(column) == name:
            yield f"""
                select $kpi_id, rows._source, $entity, rows.{key}::text, 'referred', since.cause
                from ({wanted}) as rows
                inner join ({_landed_since(name)}) as since on rows.{column} = since.{column}
            """
    people = [n for n in names if n.endswith("_id") and n not in _KEYS]
    if people and "employees" in views:
        yield f"""
            select $kpi_id, rows._source, $entity, rows.{key}::text, 'named', since.cause
            from ({wanted}) as rows
            inner join build.entities.employee_references as people
                on
                    rows._source = people.reference_source
                    and people.reference_id in ({", ".join(f"rows.{name}" for name in people)})
            inner join ({_landed_since("employees")}) as since
                on
                    people.record_source = since._source
                    and people.record_employee_id = since.employee_id
        """


def _persons() -> str:
    """Whom the differing rows counted for before, or count for now."""
    return f"""
        select distinct {", ".join(f"delta.{n}" for n in RECORD.split(", "))}, 'person', cause
        from delta
        inner join build.entities.employee_references as people
            on delta.employee_id = people.person_id
        inner join ({_landed_since("employees")}) as since
            on
                people.record_source = since._source
                and people.record_employee_id = since.employee_id
    """


def _landed_since(entity: str, *also: str) -> str:
    """The rows of an entity that are otherwise than the night before knew, each with its cause."""
    key = ", ".join(ENTITIES[entity].key)
    others = "".join(
        f", any_value({name}) as {name}" for name in also if name not in ENTITIES[entity].key
    )
    return f"""
        select
            _source, {", ".join(dict.fromkeys((*ENTITIES[entity].key, *also)))},
            case when gone_at is not null then 'deleted' when is_new then 'late' else 'edited' end
                as cause
        from (
            select
                _source, {key}{others},
                min(_load_seq) > $seq as is_new,
                max(_load_seq) > $seq as is_landed,
                nullif(arg_max(
                    if(_op = 'delete', _effective_at, coalesce(deleted_at, 'infinity')),
                    _load_seq * 1000000000 + coalesce(_row, 0)
                ), 'infinity') as gone_at
            from build.landing.{entity}
            group by _source, {key}
        )
        cross join (select as_of from build.control.night) as night
        where
            (is_landed or (gone_at >= $before and gone_at < night.as_of))
            and (gone_at is null or (gone_at < night.as_of and not is_new))
    """
