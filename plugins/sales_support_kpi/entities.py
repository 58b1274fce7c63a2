"""The canonical entities: what every source is turned into, with columns, types, keys and words.

source → `ENTITIES[name]` decides how landing types, keys and judges each row.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType


class ColumnType(StrEnum):
    """The six types of an entity's columns."""

    TEXT = "text"
    INT = "int"
    DECIMAL = "decimal"
    BOOL = "bool"
    DATE = "date"
    INSTANT = "instant"

    @property
    def sql(self) -> str:
        """The DuckDB type a column of this type has in landing."""
        return _SQL_TYPES[self]


_SQL_TYPES = {
    ColumnType.TEXT: "VARCHAR",
    ColumnType.INT: "BIGINT",
    ColumnType.DECIMAL: "DOUBLE",
    ColumnType.BOOL: "BOOLEAN",
    ColumnType.DATE: "DATE",
    ColumnType.INSTANT: "TIMESTAMPTZ",
}


@dataclass(frozen=True, slots=True)
class Column:
    """One column of an entity.

    Attributes:
        vocabulary: the canonical words, or None for free text.
        is_open: words outside the vocabulary are kept as they are (the vocabulary only
            gives aliases their canonical word).
    """

    name: str
    type: ColumnType = ColumnType.TEXT
    is_key: bool = False
    is_required: bool = False
    vocabulary: tuple[str, ...] | None = None
    is_open: bool = False


DELETED_AT = Column("deleted_at", ColumnType.INSTANT)
VERSION_NO = Column("version_no", ColumnType.INT)


@dataclass(frozen=True, slots=True)
class Entity:
    """One canonical entity; `columns` in the order of the contract, without the common ones."""

    name: str
    columns: tuple[Column, ...]
    is_versioned: bool = False

    def __iter__(self) -> Iterator[Column]:
        return iter(self.all_columns)

    @property
    def key(self) -> tuple[str, ...]:
        """Names of the key columns."""
        return tuple(column.name for column in self.columns if column.is_key)

    @property
    def all_columns(self) -> tuple[Column, ...]:
        """Every column a file may carry: the entity's own, then the common ones."""
        common = (DELETED_AT, VERSION_NO) if self.is_versioned else (DELETED_AT,)
        return (*self.columns, *common)

    @property
    def start_columns(self) -> tuple[str, ...]:
        """What a row's place in time is read from, first filled one first."""
        names = {column.name for column in self.columns}
        wanted = ("updated_at", "created_at") if self.is_versioned else ("updated_at",)
        return tuple(name for name in wanted if name in names)

    @property
    def sum_column(self) -> str | None:
        """The column whose sum is followed from the load to the entity: an amount, a score."""
        decimals = (c.name for c in self.columns if c.type is ColumnType.DECIMAL)
        return next(decimals, None)

    @property
    def schema_hash(self) -> str:
        """Changes whenever landing would hold other columns or types."""
        shape = [(c.name, c.type, c.is_key, c.is_required) for c in self.all_columns]
        return hashlib.sha256(json.dumps([self.name, shape]).encode()).hexdigest()[:16]

    def column(self, name: str) -> Column:
        """The column of that name (KeyError when there is none)."""
        for column in self.all_columns:
            if column.name == name:
                return column
        raise KeyError(name)


def _column(declaration: str, words: Mapping[str, tuple[str, ...]]) -> Column:
    """Read `name*!:type`, the notation of the table below."""
    name, _, kind = declaration.partition(":")
    vocabulary = words.get(name.rstrip("*!"))
    return Column(
        name.rstrip("*!"),
        ColumnType(kind or "text"),
        is_key="*" in name,
        is_required="!" in name,
        vocabulary=tuple(w for w in vocabulary if w != "…") if vocabulary else None,
        is_open=bool(vocabulary and vocabulary[-1] == "…"),
    )


def _entity(name: str, columns: str, *, is_versioned: bool = False, **words: str) -> Entity:
    vocabularies = {column: tuple(text.split()) for column, text in words.items()}
    parsed = tuple(_column(declaration, vocabularies) for declaration in columns.split())
    return Entity(name, parsed, is_versioned)


_STATUSES = "open waiting done cancelled"

_ALL = (
    _entity(
        "employees",
        "employee_id*! name email team role manager_id onboarding_owner_id hired_on:date "
        "left_on:date updated_at:instant",
        is_versioned=True,
        role="sales support",
    ),
    _entity(
        "customers",
        "customer_id*! name business_registration_no country contact_name email phone postal_code "
        "address segment owner_id steward_id status! created_at:instant updated_at:instant",
        is_versioned=True,
        status="prospect active churned",
    ),
    _entity(
        "opportunities",
        "opportunity_id*! customer_id owner_id stage amount:decimal currency close_date:date "
        "next_step is_closed:bool is_won:bool created_at:instant closed_at:instant "
        "updated_at:instant",
        is_versioned=True,
    ),
    _entity(
        "activities",
        "activity_id*! owner_id customer_id opportunity_id type occurred_at!:instant "
        "recorded_at:instant",
    ),
    _entity(
        "contracts",
        "contract_id*! opportunity_id customer_id owner_id support_owner_id signed_at!:instant "
        "amount:decimal currency status updated_at:instant",
        status="signed cancelled",
    ),
    _entity(
        "contract_steps",
        "contract_id*! step*! completed_at:instant assignee_id updated_at:instant",
        step="issue_contract register_system settle …",
    ),
    _entity(
        "requests",
        "request_id*! kind! subject requester_id customer_id assignee_id channel priority status! "
        "opened_at!:instant received_at:instant completed_at:instant updated_at:instant",
        kind="proposal contract material inquiry complaint other",
        status=_STATUSES,
    ),
    _entity(
        "request_events",
        "event_id*! request_id! to_status! occurred_at!:instant actor_id",
        to_status=_STATUSES,
    ),
    _entity(
        "survey_responses",
        "response_id*! survey! request_id respondent_id score!:decimal scale_min:decimal "
        "scale_max:decimal comment submitted_at!:instant",
        survey="material_request complaint_support onboarding",
    ),
    _entity("report_deliveries", "delivery_id*! report! delivered_at!:instant author_id"),
    _entity("meetings", "meeting_id*! kind! team held_at!:instant", kind="weekly_sales …"),
    _entity("report_uses", "meeting_id*! report*! used!:bool"),
    _entity("insights", "insight_id*! author_id title provided_at!:instant accepted:bool"),
    _entity("materials", "material_id*! title owner_id created_at!:instant retired_at:instant"),
    _entity("material_updates", "update_id*! material_id! updated_at!:instant author_id"),
    _entity(
        "record_audits",
        "audit_id*! customer_id! audited_at!:instant is_accurate!:bool field auditor_id note",
        field="name business_registration_no country contact_name email phone postal_code address "
        "owner_id …",
    ),
)

ENTITIES: Mapping[str, Entity] = MappingProxyType({entity.name: entity for entity in _ALL})
