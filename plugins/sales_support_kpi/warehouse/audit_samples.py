"""Samples drawn for audits by hand, from the landing to the models.

ops `audit_samples`, `audit_sample_records` → control.audit_samples, control.audit_sample_records
"""

from datetime import date

import duckdb

from sales_support_kpi.landing.ops import ops_rows
from sales_support_kpi.landing.ops_entities import OPS_ENTITIES
from sales_support_kpi.night import Night
from sales_support_kpi.settings import Home


def write_audit_samples(
    connection: duckdb.DuckDBPyConnection, home: Home, night: Night, known_at: date | None
) -> None:
    """Write what was drawn up to `known_at`; a sample drawn anew counts as drawn last."""
    for entity in ("audit_samples", "audit_sample_records"):
        spec = OPS_ENTITIES[entity]
        columns, key = ", ".join(spec.columns), ", ".join(spec.key)
        connection.execute(
            f"""
            create or replace table control.{entity} as
            select {columns}
            from {ops_rows(home, entity)}
            where
                night <= coalesce($known_at::date, night) and as_of <= $as_of::timestamptz
            qualify row_number() over (partition by {key} order by _load_seq desc, _row desc) = 1
            """,
            {"known_at": known_at, "as_of": night.as_of},
        )
