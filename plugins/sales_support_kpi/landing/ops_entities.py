"""What the product keeps about itself: the kinds of record, their columns and keys."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class OpsEntity:
    """One kind of record the product keeps about itself.

    Attributes:
        columns: name → type (`text`, `int`, `decimal`, `bool`, `date`, `instant`).
        key: the columns that name a record; its latest row counts.
        volatile: columns that tell nothing new by themselves, such as the moment of writing.
    """

    name: str
    key: tuple[str, ...]
    columns: Mapping[str, str]
    volatile: frozenset[str] = frozenset()


CELL = ("kpi_id", "grain", "period_start", "scope_type", "scope_id")

_ENTITIES = (
    OpsEntity(
        "runs",
        ("run_id", "step", "node"),
        {
            "run_id": "text", "step": "text", "node": "text", "kind": "text", "night": "date",
            "as_of": "instant", "status": "text", "seconds": "decimal", "row_count": "int",
            "message": "text", "started_at": "instant",
        },
        frozenset({"seconds", "started_at"}),
    ),
    OpsEntity(
        "announcements",
        ("night", "announced_source"),
        {
            "night": "date", "announced_source": "text", "status": "text", "message": "text",
            "announced_at": "instant",
        },
        frozenset({"announced_at"}),
    ),
    OpsEntity(
        "quality_results",
        ("inputs_hash", "door", "suite", "check", "subject", "kpi_id", "file"),
        {
            "inputs_hash": "text", "door": "text", "suite": "text", "check": "text",
            "subject": "text", "kpi_id": "text", "night": "date", "severity": "text",
            "outcome": "text", "on_breach": "text", "may_be_empty": "bool", "observed": "text",
            "expected": "text", "why": "text", "owner": "text", "judged_at": "instant",
            "value": "decimal", "threshold": "decimal", "bound": "text", "file": "text",
            "series": "text",
        },
        frozenset({"judged_at"}),
    ),
    OpsEntity(
        "decisions",
        ("decision_id",),
        {
            "decision_id": "text", "kind": "text", "source": "text", "entity": "text",
            "subject": "text", "load_seq": "int", "row": "int", "content": "text",
            "changed": "text", "why": "text", "who": "text", "decided_at": "instant",
        },
        frozenset({"decided_at"}),
    ),
    OpsEntity(
        "reconciliations",
        ("inputs_hash", "source", "entity", "load_seq", "stage", "compared"),
        {
            "inputs_hash": "text", "night": "date", "as_of": "instant", "source": "text",
            "entity": "text", "load_seq": "int", "load_night": "date", "stage": "text",
            "compared": "text", "expected_count": "int", "actual_count": "int",
            "expected_sum": "decimal", "actual_sum": "decimal", "is_tied": "bool",
        },
    ),
    OpsEntity(
        "holds",
        ("hold_id",),
        {
            "hold_id": "text", "publish_id": "text", "content_hash": "text", "state": "text",
            "reason": "text", "changed_at": "instant",
        },
    ),
    OpsEntity(
        "nights",
        ("publish_id",),
        {
            "publish_id": "text", "night": "date", "as_of": "instant", "known_at": "date",
            "inputs_hash": "text", "content_hash": "text", "config_hash": "text",
            "calendar_hash": "text", "code_version": "text", "warning_count": "int",
            "withheld": "text", "created_at": "instant",
        },
    ),
    OpsEntity(
        "audit_samples",
        ("sample_id", "stratum"),
        {
            "sample_id": "text", "month_start": "date", "as_of": "instant", "night": "date",
            "seed": "text", "size": "int", "stratum": "text", "population": "int",
            "drawn": "int",
        },
    ),
    OpsEntity(
        "audit_sample_records",
        ("audit_id",),
        {
            "audit_id": "text", "sample_id": "text", "stratum": "text", "customer_source": "text",
            "customer_id": "text", "as_of": "instant", "night": "date",
        },
    ),
    OpsEntity("configs", ("config_hash",), {"config_hash": "text", "content": "text"}),
    OpsEntity("calendars", ("calendar_hash",), {"calendar_hash": "text", "content": "text"}),
    OpsEntity(
        "published_values",
        CELL,
        {
            "kpi_id": "text", "grain": "text", "period_start": "date", "scope_type": "text",
            "scope_id": "text", "value": "decimal", "numerator": "decimal",
            "denominator": "decimal", "status": "text", "is_complete": "bool",
            "as_of": "instant", "night": "date", "publish_id": "text",
        },
    ),
    OpsEntity(
        "restatements",
        ("to_publish_id", *CELL),
        {
            "kpi_id": "text", "grain": "text", "period_start": "date", "period_end": "date",
            "scope_type": "text", "scope_id": "text", "from_value": "decimal",
            "to_value": "decimal", "from_publish_id": "text", "from_night": "date",
            "to_publish_id": "text", "to_night": "date", "to_as_of": "instant", "why": "text",
            "what": "text", "late_count": "int", "edited_count": "int", "deleted_count": "int",
            "record_ids": "text",
        },
    ),
)  # fmt: skip

OPS_ENTITIES: Mapping[str, OpsEntity] = {entity.name: entity for entity in _ENTITIES}

# Loads of these never change a number: they are no input of a night.
BOOKKEEPING: frozenset[str] = frozenset(OPS_ENTITIES)
