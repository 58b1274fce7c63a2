"""The measure rows behind one value: published night → the records that count, and their sum.

- *flow*: the rows that happened in the period;
- *stock*: the records that count just before the period's end (or `as_of`), each with its state;
- *month_end*: the rows of the period's last started month.

The sums are those of the `kpi_values` cell; a difference is said, never hidden.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sales_support_kpi.errors import UsageError
from sales_support_kpi.report.model import Lang, Scope, Status
from sales_support_kpi.report.periods import Grain, Period, parse_period, period_of
from sales_support_kpi.report.published import (
    PublishedNight,
    Reader,
    current_night,
    from_micros,
    suggestion,
)
from sales_support_kpi.report.scopes import parse_scope, resolve_scope
from sales_support_kpi.report.scorecard import choose_grain, choose_period
from sales_support_kpi.settings import Home

ROW_COLUMNS: Final = (
    "kpi_id", "part", "aggregation", "occurred_at", "employee_id", "team", "numerator",
    "denominator", "kind", "channel", "priority", "segment", "source", "entity", "record_id",
    "load_seq",
)  # fmt: skip
_STOCK_COLUMNS: Final = frozenset(ROW_COLUMNS) - {"kind", "channel", "priority", "segment"}
_HOLDER_COLUMNS: Final = frozenset(
    {"employee_id", "source_employee_id", "team", "valid_from", "valid_to"}
)
_SCOPES: Final = {  # of rows that happened, and of records that are held
    "company": ("true", "true"),
    "team": ("team = $scope_id", "holders.team = $scope_id"),
    "employee": ("employee_id = $scope_id", "holders.employee_id = $scope_id"),
}
_NO_HOLDERS: Final = "select null::text as employee_id, null::text as team limit 0"


@dataclass(frozen=True, slots=True)
class Total:
    """Sums of the rows, beside the cell that was published."""

    count: int
    numerator: float
    denominator: float | None
    published_numerator: float | None
    published_denominator: float | None
    published_value: float | None
    status: Status

    @property
    def value(self) -> float | None:
        """What the rows amount to."""
        if self.denominator is None:
            return self.numerator if self.count else None
        return self.numerator / self.denominator if self.denominator else None

    @property
    def is_published(self) -> bool:
        """Whether the sums equal the published cell; a withheld one shows no numbers."""
        if self.status is Status.WITHHELD:
            return True
        return _equal(self.numerator, self.published_numerator) and _equal(
            self.denominator, self.published_denominator
        )


@dataclass(frozen=True, slots=True)
class ValueRows:
    """The rows behind one value, read when they are asked for."""

    kpi_id: str
    name: str
    unit: str
    better: str
    aggregations: tuple[str, ...]
    missing_entities: str | None
    scope: Scope
    period: Period
    night: PublishedNight
    lang: Lang
    total: Total
    reader: Reader
    columns: tuple[str, ...]
    query: str
    parameters: dict[str, object]

    def stream(self, limit: int | None = None) -> Iterator[dict[str, Any]]:
        """The rows, those that pull the value down first."""
        direction = "desc" if self.better == "lower" else "asc"
        order = f"numerator {direction}, occurred_micros, entity, source, record_id, part"
        bound = "" if limit is None else f" limit {int(limit)}"
        sql = f"{self.query} select * from counted order by {order}{bound}"
        for row in self.reader.stream(sql, self.parameters):
            occurred_at: datetime | None = from_micros(row.pop("occurred_micros"))
            yield {"kpi_id": self.kpi_id, **row, "occurred_at": occurred_at}


@contextmanager
def open_rows(
    home: Home,
    kpi_id: str,
    *,
    period: str | None = None,
    grain: str | None = None,
    scope: str = "company",
    lang: Lang = "ko",
) -> Iterator[ValueRows]:
    """Open the rows behind the value of a KPI, a period and a scope.

    Raises:
        UsageError: nothing was published, or there is no such KPI, period or scope.
    """
    wanted_scope = parse_scope(scope)
    wanted = choose_grain(grain, parse_period(period) if period else None)
    night = current_night(home)
    with night.open(people=True) as reader:
        entry = _catalog_entry(reader, kpi_id)
        owner = resolve_scope(reader, wanted_scope)
        chosen = choose_period(reader, night, *wanted)
        query, parameters = _query(reader, night, kpi_id, chosen, owner)
        yield ValueRows(
            kpi_id=kpi_id,
            name=str(entry.get(f"name_{lang}") or kpi_id),
            unit=str(entry["unit"]),
            better=str(entry["better"]),
            aggregations=_aggregations(reader, kpi_id),
            missing_entities=entry.get("missing_entities") or None,
            scope=owner,
            period=chosen,
            night=night,
            lang=lang,
            total=_total(reader, query, parameters, kpi_id, str(entry["unit"]), chosen, owner),
            reader=reader,
            columns=_columns(reader),
            query=query,
            parameters=parameters,
        )


def _catalog_entry(reader: Reader, kpi_id: str) -> dict[str, Any]:
    found = reader.select("select * from kpi_catalog order by position, kpi_id")
    for entry in found:
        if entry["kpi_id"] == kpi_id:
            return entry
    known = [str(entry["kpi_id"]) for entry in found]
    raise UsageError(f"there is no KPI {kpi_id!r}; {suggestion(kpi_id, known, most=20)}")


def _aggregations(reader: Reader, kpi_id: str) -> tuple[str, ...]:
    found = reader.select(
        "select distinct aggregation from measure_rows where kpi_id = ? order by aggregation",
        [kpi_id],
    )
    return tuple(str(row["aggregation"]) for row in found)


def _query(
    reader: Reader, night: PublishedNight, kpi_id: str, period: Period, scope: Scope
) -> tuple[str, dict[str, object]]:
    """The common table expressions that end in `counted`, and their parameters."""
    columns = _columns(reader)
    carried = [name for name in columns if name not in _STOCK_COLUMNS]
    has_holders = reader.columns("dim_employees") >= _HOLDER_COLUMNS
    row_scope, stock_scope = _SCOPES[scope.type]
    query = _SQL.format(
        columns=", ".join(f'"{name}"' for name in columns if name != "kpi_id"),
        holders=_HOLDERS if has_holders else _NO_HOLDERS,
        row_scope=row_scope,
        stock_scope=stock_scope,
        latest="".join(f'arg_max("{name}", occurred_at) as "{name}", ' for name in carried),
    )
    first, last = period.instants(night.timezone)
    month = _last_started_month(period, night)
    parameters: dict[str, object] = {
        "kpi_id": kpi_id,
        "first": first,
        "end": min(last, night.as_of),
        "month_start": month.instants(night.timezone)[0] if month else None,
    }
    if scope.type != "company":
        parameters["scope_id"] = scope.id
    return query, parameters


def _columns(reader: Reader) -> tuple[str, ...]:
    """The columns of `measure_rows`: those of the contract, then what came later."""
    known = reader.columns("measure_rows")
    return (
        *(name for name in ROW_COLUMNS if name in known),
        *sorted(known.difference(ROW_COLUMNS)),
    )


def _last_started_month(period: Period, night: PublishedNight) -> Period | None:
    """The month whose state stands for the period; none for days and weeks."""
    if period.grain in (Grain.DAY, Grain.WEEK):
        return None
    return min(period_of(period.end, Grain.MONTH), period_of(night.night, Grain.MONTH))


def _total(
    reader: Reader,
    query: str,
    parameters: dict[str, object],
    kpi_id: str,
    unit: str,
    period: Period,
    scope: Scope,
) -> Total:
    sums = reader.select(
        f"{query} select count(*) as count, coalesce(sum(numerator), 0) as numerator,"
        " coalesce(sum(denominator), 0) as denominator from counted",
        parameters,
    )[0]
    cells = reader.select(
        "select numerator, denominator, value, status from kpi_values where kpi_id = ?"
        " and grain = ? and period_start = ? and scope_type = ? and scope_id = ?",
        [kpi_id, str(period.grain), period.start, scope.type, scope.id],
    )
    cell = cells[0] if cells else {}
    return Total(
        count=int(sums["count"]),
        numerator=float(sums["numerator"]),
        denominator=None if unit == "count" else float(sums["denominator"]),
        published_numerator=cell.get("numerator"),
        published_denominator=cell.get("denominator"),
        published_value=cell.get("value"),
        status=Status(cell.get("status") or Status.NO_DATA),
    )


def _equal(one: float | None, other: float | None) -> bool:
    """Equal up to the order in which floating-point numbers were added; nothing equals zero."""
    left, right = one or 0.0, other or 0.0
    return abs(left - right) <= 1e-9 * max(1.0, abs(left), abs(right))


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
_HOLDERS: Final = """
    select employee_id, arg_max_null(team, source_employee_id = employee_id) as team

    from dim_employees

    where valid_from < $end and (valid_to >= $end or valid_to is null)

    group by employee_id
"""
