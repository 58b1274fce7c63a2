"""`kpi_projections`: where the open month and quarter will land, made when a night is published.

build.duckdb → cells (to date, weeks before, working days) → final values → one row per cell

Nothing asks the clock, and the same build gives the same rows.
"""

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, get_args

import duckdb

from sales_support_kpi.warehouse.final_values import Cell, Final, bounds, final_value
from sales_support_kpi.warehouse.levels import half_widths
from sales_support_kpi.warehouse.projection_cells import read_cells

if TYPE_CHECKING:
    import pyarrow as pa

LOCAL_LEVEL = "local_level"
AS_IT_STANDS = "as_it_stands"

_SLACK = 1e-9


@dataclass(frozen=True, slots=True)
class Projection:
    """A row of `kpi_projections`."""

    kpi_id: str
    grain: str
    period_start: date
    period_end: date
    scope_type: str
    scope_id: str
    numerator: float | None
    denominator: float | None
    value: float | None
    target: float | None
    working_days: float
    working_days_elapsed: float
    elapsed_share: float
    expected_rest: float | None
    needed: float | None
    is_reachable: bool | None
    projected: float | None
    low_80: float | None
    high_80: float | None
    low_95: float | None
    high_95: float | None
    expected_status: str | None
    is_certain: bool | None
    points: int | None
    method: str | None
    reason: str | None
    as_of: datetime


_OF_CELL = {field.name for field in fields(Cell)}
_SHARED = tuple(field.name for field in fields(Projection) if field.name in _OF_CELL)


def make_projections(build_file: Path, withheld: frozenset[str]) -> "pa.Table":
    """The rows of `kpi_projections` of a build; none where it holds nothing to project."""
    with duckdb.connect(str(build_file), read_only=True) as connection:
        projections = [
            project(cell) for cell in read_cells(connection) if cell.kpi_id not in withheld
        ]
    return to_table(projections)


def project(cell: Cell) -> Projection:
    """Project one cell; without enough to learn from, say why not."""
    final = final_value(cell)
    if isinstance(final, str):
        return _row(cell, reason=final)
    if final.degrees_of_freedom is None:
        narrow, wide = 0.0, 0.0
        method = AS_IT_STANDS
    else:
        narrow, wide = half_widths(final.deviation, final.degrees_of_freedom)
        method = LOCAL_LEVEL
    low, high = bounds(cell)
    expected = float(round(final.mean)) if cell.unit == "count" else final.mean
    projected = min(max(expected, low), high)
    low_80, high_80 = _interval(cell, projected, narrow)
    low_95, high_95 = _interval(cell, projected, wide)
    needed, is_reachable = _needed(cell, final)
    return _row(
        cell,
        expected_rest=final.rest,
        needed=needed,
        is_reachable=is_reachable,
        projected=projected,
        low_80=low_80,
        high_80=high_80,
        low_95=low_95,
        high_95=high_95,
        expected_status=status_of(cell, projected),
        is_certain=None if cell.target is None else not low_95 <= cell.target <= high_95,
        points=final.points,
        method=method,
    )


def _interval(cell: Cell, projected: float, half_width: float) -> tuple[float, float]:
    """Within what can be; a count ends with a whole number."""
    low, high = bounds(cell)
    below, above = projected - half_width, projected + half_width
    if cell.unit == "count":
        below, above = math.floor(below + _SLACK), math.ceil(above - _SLACK)
    return float(max(below, low)), float(min(above, high))


def status_of(cell: Cell, value: float) -> str:
    """How the value would be judged at the period's end."""
    if cell.target is None:
        return "no_target"
    sign = 1 if cell.better == "higher" else -1
    for status, tolerance in (("met", 0.0), ("at_risk", cell.tolerance)):
        limit = cell.target * (1 - sign * tolerance)
        if sign * (value - limit) >= -_SLACK:
            return status
    return "missed"


def to_table(projections: Sequence[Projection]) -> "pa.Table":
    """The rows as a table, with the published types."""
    import pyarrow as pa

    types = {
        date: pa.date32(),
        datetime: pa.timestamp("us", tz="UTC"),
        bool: pa.bool_(),
        int: pa.int64(),
        str: pa.string(),
        float: pa.float64(),
    }
    schema = pa.schema(
        (field.name, types[(get_args(field.type) or (field.type,))[0]])
        for field in fields(Projection)
    )
    return pa.Table.from_pylist([asdict(row) for row in projections], schema=schema)


def _needed(cell: Cell, final: Final) -> tuple[float | None, bool | None]:
    """What the rest has to be to reach the target: how many more, or at which rate."""
    if cell.target is None or cell.is_complete:
        return None, None
    if cell.unit == "count":
        more = max(cell.target - (cell.numerator or 0.0), 0.0)
        return more, more <= _SLACK or cell.rest_days > 0
    if final.rest is None:
        return cell.target, True
    if not final.rest:
        return None, status_of(cell, final.mean) == "met"
    fixed_numerator, fixed_denominator = final.fixed
    needed = cell.target * (fixed_denominator + final.rest) - fixed_numerator
    needed /= final.rest + final.unsettled
    if cell.better == "lower":
        return max(needed, 0.0), needed >= -_SLACK
    low, high = bounds(cell)
    return max(needed, low), needed <= high + _SLACK


def _row(cell: Cell, **found: float | str | bool | None) -> Projection:
    shared = {name: getattr(cell, name) for name in _SHARED}
    days = cell.working_days
    elapsed = 1.0 if cell.is_complete or not days else cell.working_days_elapsed / days
    values = {name: _clean(value) for name, value in found.items()}
    empty = dict.fromkeys(field.name for field in fields(Projection))
    return Projection(**(empty | shared | {"elapsed_share": elapsed} | values))  # type: ignore[arg-type]


def _clean(value: float | str | bool | None) -> float | str | bool | None:
    """No number but a finite one; the last digits of sums of floats are rounded away."""
    if isinstance(value, float):
        return round(value, 10) if math.isfinite(value) else None
    return value
