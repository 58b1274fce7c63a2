"""The query behind `kpi rows`: which measure rows count for a period and a scope."""

from collections.abc import Sequence
from typing import Final

ROW_COLUMNS: Final = (
    "kpi_id", "part", "aggregation", "occurred_at", "employee_id", "team", "numerator",
    "denominator", "kind", "channel", "priority", "segment", "source", "entity", "record_id",
    "load_seq",
)  # fmt: skip
ORIGIN_COLUMNS: Final = ("file_name", "sheet_name", "row_number", "landed_at")
_STOCK_COLUMNS: Final = frozenset(ROW_COLUMNS) - {"kind", "channel", "priority", "segment"}
HOLDER_COLUMNS: Final = frozenset(
    {"employee_id", "source_employee_id", "team", "valid_from", "valid_to"}
)
_SCOPES: Final = {  # of rows that happened, and of records that are held
    "company": ("true", "true"),
    "team": ("team = $scope_id", "holders.team = $scope_id"),
    "employee": ("employee_id = $scope_id", "holders.employee_id = $scope_id"),
}


def rows_query(columns: Sequence[str], scope_type: str, *, has_holders: bool) -> str:
    """Common table expressions that end in `counted`.

    Their parameters: `kpi_id`, `first`, `end`, `month_start` and, below the company, `scope_id`.

    Args:
        columns: those of `measure_rows`.
        scope_type: company, team or employee.
        has_holders: whether `dim_employees` says who was in which team when.
    """
    carried = [name for name in columns if name not in _STOCK_COLUMNS]
    row_scope, stock_scope = _SCOPES[scope_type]
    return _SQL.format(
        columns=", ".join(f'"{name}"' for name in columns if name != "kpi_id"),
        holders=_HOLDERS if has_holders else _NO_HOLDERS,
        row_scope=row_scope,
        stock_scope=stock_scope,
        latest="".join(f'arg_max_null("{name}", {_LATEST}) as "{name}", ' for name in carried),
    )


def listing_query(rows: str, order: str, limit: int | None, *, has_origins: bool) -> str:
    """The rows of `rows_query` in their order, each with where its record came from.

    Args:
        rows: what `rows_query` made.
        order: the columns to order by.
        limit: most rows.
        has_origins: whether `source_records` says where records came from.
    """
    bound = "" if limit is None else f"limit {int(limit)}"
    origins = _ORIGINS if has_origins else ""
    landed = "epoch_us(origins.landed_at)" if has_origins else "null"
    places = ", ".join(
        f"origins.{name}" if has_origins else f"null as {name}" for name in ORIGIN_COLUMNS[:-1]
    )
    return f"""{rows},
shown as (

    select *, $end as looked_at from counted

    order by {order}

    {bound}

)

select shown.* exclude (looked_at), {places}, {landed} as landed_micros

from shown
{origins}

order by {order}
"""


# of the changes at one instant, the one that adds says what the record is like from then on
_LATEST: Final = "(occurred_at, denominator, numerator)"
_NO_HOLDERS: Final = "select null::text as employee_id, null::text as team limit 0"
_SQL: Final = """
with

kpi_rows as (

    select {columns} from measure_rows

    where kpi_id = $kpi_id and occurred_at < $end

),

-- whose a stock record is, is asked just before the period's end
holders as (

    {holders}

),

flow as (

    select * from kpi_rows

    where aggregation = 'flow' and occurred_at >= $first and {row_scope}

),

month_end as (

    select * from kpi_rows

    where aggregation = 'month_end' and occurred_at = $month_start and {row_scope}

),

stock as (

    select
        part,
        'stock' as aggregation,
        max(occurred_at) as occurred_at,
        kpi_rows.employee_id,
        any_value(holders.team) as team,
        sum(numerator) as numerator,
        sum(denominator) as denominator,
        {latest}
        source,
        entity,
        record_id,
        max(load_seq) as load_seq

    from kpi_rows
    left join holders on kpi_rows.employee_id = holders.employee_id

    where aggregation = 'stock' and {stock_scope}

    group by part, source, entity, record_id, kpi_rows.employee_id

    having abs(sum(numerator)) > 1e-9 or abs(sum(denominator)) > 1e-9

),

counted as (

    select
        * exclude (occurred_at),
        case when isfinite(occurred_at) then epoch_us(occurred_at) end as occurred_micros

    from (
        select * from flow
        union all by name
        select * from month_end
        union all by name
        select * from stock
    )

)
"""
# the version that was valid just before the period's end; other records have one row
_ORIGINS: Final = """
asof left join source_records as origins
    on
        shown.source = origins.source
        and shown.entity = origins.entity
        and shown.record_id = origins.record_id
        and shown.looked_at > origins.valid_from
"""
_HOLDERS: Final = """
    select employee_id, arg_max_null(team, source_employee_id = employee_id) as team

    from dim_employees

    where valid_from < $end and (valid_to >= $end or valid_to is null)

    group by employee_id
"""
