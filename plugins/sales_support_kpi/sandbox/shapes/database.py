"""The personnel database of the demo company: people with their versions, audits of records."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from sales_support_kpi.sandbox.shapes.company import Company
from sales_support_kpi.sandbox.shapes.ids import salesforce_id

_ZONED = sa.DateTime(timezone=True)
_PEOPLE: dict[str, "sa.types.TypeEngine[Any]"] = {
    "employee_id": sa.Text(),
    "name": sa.Text(),
    "email": sa.Text(),
    "team": sa.Text(),
    "role": sa.Text(),
    "manager_id": sa.Text(),
    "onboarding_owner_id": sa.Text(),
    "hired_on": sa.Date(),
    "left_on": sa.Date(),
    "updated_at": _ZONED,
}
_AUDITS: dict[str, "sa.types.TypeEngine[Any]"] = {
    "audit_id": sa.Text(),
    "account_id": sa.Text(),
    "audited_at": _ZONED,
    "is_accurate": sa.Boolean(),
    "field": sa.Text(),
    "auditor_id": sa.Text(),
    "note": sa.Text(),
}


def write(company: Company, url: str) -> None:
    """Make the tables `people` and `record_audits`; the audits name accounts by the CRM's ids.

    A database that knows no zones (SQLite) gets its instants as text in UTC.
    """
    engine = sa.create_engine(url)
    has_zones = engine.dialect.name == "postgresql"
    metadata = sa.MetaData()
    people = _table("people", _PEOPLE, metadata, has_zones=has_zones)
    audits = _table("record_audits", _AUDITS, metadata, has_zones=has_zones)
    metadata.drop_all(engine)
    metadata.create_all(engine)
    rows = [{name: row[name] for name in _PEOPLE} for row in company.rows["employees"]]
    checked = []
    for row in company.rows["record_audits"]:
        account = {"account_id": salesforce_id(row["customer_id"])}
        checked.append({name: row.get(name) for name in _AUDITS} | account)
    with engine.begin() as connection:
        connection.execute(people.insert(), _said(rows, has_zones=has_zones))
        if checked:
            connection.execute(audits.insert(), _said(checked, has_zones=has_zones))
    engine.dispose()


def _table(
    name: str,
    columns: dict[str, "sa.types.TypeEngine[Any]"],
    metadata: sa.MetaData,
    *,
    has_zones: bool,
) -> sa.Table:
    return sa.Table(
        name,
        metadata,
        *(
            sa.Column(column, sa.Text() if kind is _ZONED and not has_zones else kind)
            for column, kind in columns.items()
        ),
    )


def _said(rows: Sequence[dict[str, object]], *, has_zones: bool) -> list[dict[str, object]]:
    if has_zones:
        return list(rows)
    stamps = ("updated_at", "audited_at")
    return [
        {k: v.isoformat() if k in stamps and hasattr(v, "isoformat") else v for k, v in row.items()}
        for row in rows
    ]
