"""Text cells of a file drop → typed rows, by the words of the entity definitions.

Instants are whole microseconds since 1970 in UTC, so that no duration is ever rounded.
"""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
HOUR = 3_600_000_000
ALWAYS = -(10**18)  # "has always been valid"
NEVER = 10**18  # "has no end"

BLANKS = " \t\n\r\v\f\u00a0\u3000"
TRUE_WORDS = {"true", "1", "yes", "y", "t", "o", "예"}
FALSE_WORDS = {"false", "0", "no", "n", "f", "x", "아니오"}

STATUSES = ("open", "waiting", "done", "cancelled")
VOCABULARY = {
    ("employees", "role"): ("sales", "support"),
    ("customers", "status"): ("prospect", "active", "churned"),
    ("contracts", "status"): ("signed", "cancelled"),
    ("requests", "kind"): ("proposal", "contract", "material", "inquiry", "complaint", "other"),
    ("requests", "status"): STATUSES,
    ("request_events", "to_status"): STATUSES,
    ("survey_responses", "survey"): ("material_request", "complaint_support", "onboarding"),
}

# As in the entity definitions: `*` key, `!` required, a type after the name (text if none).
_TABLE = {
    "employees": "employee_id*! name email team role manager_id onboarding_owner_id hired_on:date"
    " left_on:date updated_at:instant",
    "customers": "customer_id*! name business_registration_no country contact_name email phone"
    " postal_code address segment owner_id steward_id status! created_at:instant"
    " updated_at:instant",
    "opportunities": "opportunity_id*! customer_id owner_id stage amount:decimal currency"
    " close_date:date next_step is_closed:bool is_won:bool created_at:instant closed_at:instant"
    " updated_at:instant",
    "activities": "activity_id*! owner_id customer_id opportunity_id type occurred_at!:instant"
    " recorded_at:instant",
    "contracts": "contract_id*! opportunity_id customer_id owner_id support_owner_id"
    " signed_at!:instant amount:decimal currency status updated_at:instant",
    "contract_steps": "contract_id*! step*! completed_at:instant assignee_id updated_at:instant",
    "requests": "request_id*! kind! subject requester_id customer_id assignee_id channel priority"
    " status! opened_at!:instant received_at:instant completed_at:instant updated_at:instant",
    "request_events": "event_id*! request_id! to_status! occurred_at!:instant actor_id",
    "survey_responses": "response_id*! survey! request_id respondent_id score!:decimal"
    " scale_min:decimal scale_max:decimal comment submitted_at!:instant",
    "report_deliveries": "delivery_id*! report! delivered_at!:instant author_id",
    "meetings": "meeting_id*! kind! team held_at!:instant",
    "report_uses": "meeting_id*! report*! used!:bool",
    "insights": "insight_id*! author_id title provided_at!:instant accepted:bool",
    "materials": "material_id*! title owner_id created_at!:instant retired_at:instant",
    "material_updates": "update_id*! material_id! updated_at!:instant author_id",
    "record_audits": "audit_id*! customer_id! audited_at!:instant is_accurate!:bool field"
    " auditor_id note",
}
VERSIONED = ("employees", "customers", "opportunities")


@dataclass(frozen=True)
class Column:
    name: str
    kind: str
    is_key: bool
    is_required: bool


def _columns(entity: str) -> list[Column]:
    columns = []
    for word in _TABLE[entity].split():
        name, _, kind = word.partition(":")
        columns.append(Column(name.rstrip("*!"), kind or "text", "*" in name, "!" in name))
    columns.append(Column("deleted_at", "instant", is_key=False, is_required=False))
    if entity in VERSIONED:
        columns.append(Column("version_no", "int", is_key=False, is_required=False))
    return columns


COLUMNS = {entity: _columns(entity) for entity in _TABLE}
KEYS = {entity: [c.name for c in columns if c.is_key] for entity, columns in COLUMNS.items()}


class Untypable(ValueError):
    """The cell is not what its column says."""


def micros(instant: datetime) -> int:
    return (instant - EPOCH) // MICROSECOND


def utc(instant: int) -> datetime:
    return EPOCH + timedelta(microseconds=instant)


def from_wall_clock(naive: datetime, zone: str) -> int:
    """Shown twice: the later one. Never shown: shifted forward by the gap."""
    first = naive.replace(tzinfo=ZoneInfo(zone), fold=0)
    second = naive.replace(tzinfo=ZoneInfo(zone), fold=1)
    is_in_a_gap = first.astimezone(UTC).astimezone(ZoneInfo(zone)).replace(tzinfo=None) != naive
    return micros((first if is_in_a_gap else second).astimezone(UTC))


@cache
def midnight(day: date, zone: str) -> int:
    return from_wall_clock(datetime(day.year, day.month, day.day), zone)  # noqa: DTZ001


@cache
def local_date(instant: int, zone: str) -> date:
    return utc(instant).astimezone(ZoneInfo(zone)).date()


def read_instant(text: str, zone: str) -> int:
    if not re.match(r"\d{4}-\d{2}-\d{2}", text):
        raise Untypable(text)
    try:
        parsed = datetime.fromisoformat(text)
    except ValueError as error:
        raise Untypable(text) from error
    if parsed.year < 1970 or parsed.year > 2199:
        raise Untypable(f"{text} is out of range")
    return from_wall_clock(parsed, zone) if parsed.tzinfo is None else micros(parsed)


def read_cell(text: str | None, kind: str, zone: str) -> object:
    """One cell; an empty one is None."""
    trimmed = (text or "").strip(BLANKS)
    if trimmed == "":
        return None
    if kind == "instant":
        return read_instant(trimmed, zone)
    try:
        if kind == "date":
            return date.fromisoformat(trimmed)
        if kind == "decimal":
            return float(trimmed)
        if kind == "int":
            return int(trimmed)
    except ValueError as error:
        raise Untypable(text) from error
    if kind == "bool":
        if trimmed.casefold() in TRUE_WORDS:
            return True
        if trimmed.casefold() in FALSE_WORDS:
            return False
        raise Untypable(text)
    return trimmed


def read_row(entity: str, cells: dict[str, str], zone: str) -> dict[str, object]:
    """A typed row of all the entity's columns; raises Untypable where the row is quarantined."""
    row: dict[str, object] = {}
    for column in COLUMNS[entity]:
        value = read_cell(cells.get(column.name), column.kind, zone)
        if value is None and column.is_required:
            raise Untypable(f"{column.name} is missing")
        words = VOCABULARY.get((entity, column.name))
        if words and value is not None and value not in words:
            raise Untypable(f"{value} is not a {column.name}")
        row[column.name] = value
    if entity == "requests":
        _refuse_completion_before_start(row)
    if entity == "survey_responses":
        _refuse_score_outside_scale(row)
    return row


def _refuse_completion_before_start(row: dict[str, object]) -> None:
    start = row["opened_at"] if row["received_at"] is None else row["received_at"]
    if row["completed_at"] is not None and row["completed_at"] < start:
        raise Untypable("completed before it started")


def scale_of(row: dict[str, object]) -> tuple[float, float]:
    low = 1.0 if row["scale_min"] is None else row["scale_min"]
    high = 5.0 if row["scale_max"] is None else row["scale_max"]
    return low, high


def _refuse_score_outside_scale(row: dict[str, object]) -> None:
    low, high = scale_of(row)
    if high <= low or not low <= row["score"] <= high:
        raise Untypable("score outside its scale")
