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
from typing import Any

from sales_support_kpi.errors import UsageError
from sales_support_kpi.report.model import Lang, Scope, Status
from sales_support_kpi.report.period_choice import choose_grain, choose_period
from sales_support_kpi.report.periods import Grain, Period, parse_period, period_of
from sales_support_kpi.report.published import (
    PublishedNight,
    Reader,
    current_night,
    from_micros,
    suggestion,
)
from sales_support_kpi.report.rows_sql import (
    HOLDER_COLUMNS,
    ORIGIN_COLUMNS,
    ROW_COLUMNS,
    listing_query,
    rows_query,
)
from sales_support_kpi.report.scopes import parse_scope, resolve_scope
from sales_support_kpi.settings import Home


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
    has_origins: bool
    query: str
    parameters: dict[str, object]

    @property
    def listed_columns(self) -> tuple[str, ...]:
        """Those of a listed row: after the contract's own where its record came from."""
        known = [name for name in ROW_COLUMNS if name in self.columns]
        return (*known, *ORIGIN_COLUMNS, *(name for name in self.columns if name not in known))

    def stream(self, limit: int | None = None) -> Iterator[dict[str, Any]]:
        """The rows, those that pull the value down first."""
        direction = "desc" if self.better == "lower" else "asc"
        order = f"numerator {direction}, occurred_micros, entity, source, record_id, part"
        sql = listing_query(self.query, order, limit, has_origins=self.has_origins)
        for row in self.reader.stream(sql, self.parameters):
            instants: dict[str, datetime | None] = {
                "occurred_at": from_micros(row.pop("occurred_micros")),
                "landed_at": from_micros(row.pop("landed_micros")),
            }
            yield {"kpi_id": self.kpi_id, **row, **instants}


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
            has_origins=bool(reader.columns("source_records")),
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
    query = rows_query(
        _columns(reader),
        scope.type,
        has_holders=reader.columns("dim_employees") >= HOLDER_COLUMNS,
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
