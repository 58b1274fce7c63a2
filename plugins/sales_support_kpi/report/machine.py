"""Scorecard → csv and json: every field raw, for other programs."""

import csv
import io
import json
from datetime import UTC, date, datetime
from typing import Any

from sales_support_kpi.report.cells import neutral_cell
from sales_support_kpi.report.model import Scorecard, ScorecardRow, TrendPoint

_ROW_FIELDS = (
    "kpi_id", "number", "name", "unit", "better", "numerator", "denominator", "value", "target",
    "target_basis", "attainment", "status", "sample_size", "ci_low", "ci_high", "is_certain",
    "median", "p90", "previous_value", "change", "is_complete", "is_stale", "reported_value",
    "reported_as_of", "is_closed",
)  # fmt: skip


def scorecard_json(card: Scorecard) -> str:
    """One object: what it is, then a list of rows with their trend."""
    content = {
        **_head(card),
        "timezone": card.timezone,
        "is_complete": card.is_complete,
        "stale_sources": [source.source for source in card.sources if source.is_stale],
        "rows": [
            {
                **_fields(row),
                "definition": row.definition,
                "missing_entities": list(row.missing_entities),
                "beside": list(row.beside),
                "trend": [_point(point) for point in row.trend],
            }
            for row in card.rows
        ],
    }
    return json.dumps(content, ensure_ascii=False, indent=2, allow_nan=False) + "\n"


def scorecard_csv(card: Scorecard) -> str:
    """One line per KPI; every line says which night, period and scope it is of."""
    records = [
        {**_head(card), **_fields(row), "missing_entities": " ".join(row.missing_entities)}
        for row in card.rows
    ]
    return csv_text(records, [*_head(card), *_ROW_FIELDS, "missing_entities"])


def csv_text(records: list[dict[str, Any]], columns: list[str]) -> str:
    """Records as csv with a header; no cell can run as a formula."""
    target = io.StringIO(newline="")
    writer = csv.writer(target, lineterminator="\n")
    writer.writerow(columns)
    for record in records:
        writer.writerow([csv_cell(record.get(column)) for column in columns])
    return target.getvalue()


def csv_cell(value: object) -> object:
    """A value as csv writes it: true and false as SQL does, instants in ISO."""
    plain = json_value(value)
    if isinstance(plain, bool):
        return "true" if plain else "false"
    return neutral_cell(plain)


def json_value(value: object) -> object:
    """A value as JSON writes it."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    if isinstance(value, date):
        return value.isoformat()
    return value


def _head(card: Scorecard) -> dict[str, object]:
    return {
        "publish_id": card.publish_id,
        "as_of": json_value(card.as_of),
        "grain": str(card.period.grain),
        "period": card.period.label,
        "period_start": json_value(card.period.start),
        "period_end": json_value(card.period.end),
        "scope_type": card.scope.type,
        "scope_id": card.scope.id,
    }


def _fields(row: ScorecardRow) -> dict[str, object]:
    return {name: json_value(_plain(getattr(row, name))) for name in _ROW_FIELDS}


def _plain(value: object) -> object:
    return str(value) if isinstance(value, str) else value


def _point(point: TrendPoint) -> dict[str, object]:
    return {
        "period": point.period.label,
        "value": point.value,
        "target": point.target,
        "status": str(point.status),
    }
