"""Tonight against the last published night: frames of what fell, and of what was lost."""

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path

import duckdb

from sales_support_kpi.config import Kpi
from sales_support_kpi.quality.frames import Connection, Row, rows_of
from sales_support_kpi.warehouse.published import PEOPLE_FILE

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
