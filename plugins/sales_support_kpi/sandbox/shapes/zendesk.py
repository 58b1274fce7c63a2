"""The helpdesk of the demo company as a Zendesk account: tickets, their history, people."""

from collections.abc import Sequence
from datetime import datetime
from itertools import groupby

from sales_support_kpi.sandbox.servers.zendesk_objects import (
    Json,
    changed_to,
    created_with,
    organization,
    stamp,
    ticket,
    ticket_event,
    ticket_field,
    ticket_form,
    user,
)
from sales_support_kpi.sandbox.servers.zendesk_store import ZendeskStore
from sales_support_kpi.sandbox.shapes.company import ALWAYS, Company, Row, starts
from sales_support_kpi.sandbox.shapes.ids import (
    organization_id,
    salesforce_id,
    ticket_id,
    user_id,
)

RECEIVED_AT = 360_000_000_001  # the ticket field with the time at which it was passed on
WITHDRAWN = "withdrawn"
FORMS = {
    "proposal": "제안서 지원",
    "contract": "계약서 지원",
    "material": "자료 요청",
    "inquiry": "고객 문의",
    "complaint": "고객 불만",
    "other": "기타",
}
_STATUSES = {"open": "open", "waiting": "pending", "done": "solved", "cancelled": "solved"}
_CHANNELS = {"portal": "web"}
_STRANGER = "x99"  # an agent from outside, whom personnel does not know


def store_of(company: Company) -> ZendeskStore:
    """Fill an account with the company's requests."""
    store = ZendeskStore()
    store.ticket_forms = [
        ticket_form(at, name) for at, name in enumerate(FORMS.values(), 360_000_000_100)
    ]
    store.ticket_fields = [ticket_field(RECEIVED_AT, "text", "영업지원 접수 시각")]
    _people(store, company)
    _organizations(store, company)
    forms = {kind: 360_000_000_100 + at for at, kind in enumerate(FORMS)}
    events = {
        name: list(rows)
        for name, rows in groupby(
            sorted(company.rows["request_events"], key=lambda row: row["request_id"]),
            key=lambda row: row["request_id"],
        )
    }
    for row in company.rows["requests"]:
        happened = _events(row, events.get(row["request_id"], []))
        store.put_ticket(_ticket(row, forms[row["kind"]]), happened, _metrics(row))
    return store


def _people(store: ZendeskStore, company: Company) -> None:
    for employee_id, rows in company.versions("employees", "employee_id").items():
        role = "agent" if any(row["role"] == "support" for row in rows) else "end-user"
        at = max(starts(rows[-1]), ALWAYS)
        last = rows[-1]
        store.put_user(user(user_id(employee_id), last["name"], last["email"], role, at))
    stranger = user_id(_STRANGER)
    store.put_user(user(stranger, "외부 상담원", "agent@partner.example", "agent", ALWAYS))


def _organizations(store: ZendeskStore, company: Company) -> None:
    for customer_id, rows in company.versions("customers", "customer_id").items():
        name = rows[-1]["name"] or customer_id
        store.put_organization(
            organization(
                organization_id(customer_id), name, starts(rows[-1]),
                external_id=salesforce_id(customer_id),
            )
        )  # fmt: skip


def _ticket(row: Row, form_id: int) -> Json:
    received = row["received_at"]
    return ticket(
        ticket_id(row["request_id"]),
        row["opened_at"],
        updated=row["updated_at"],
        custom_fields={RECEIVED_AT: stamp(received) if received else None},
        channel=str(_CHANNELS.get(row["channel"], row["channel"])),
        status=_STATUSES[row["status"]],
        subject=row["subject"],
        raw_subject=row["subject"],
        priority=row["priority"],
        ticket_form_id=form_id,
        tags=[WITHDRAWN] if row["status"] == "cancelled" else [],
        requester_id=user_id(row["requester_id"]),
        submitter_id=user_id(row["requester_id"]),
        assignee_id=user_id(row["assignee_id"]) if row["assignee_id"] else None,
        organization_id=organization_id(row["customer_id"]) if row["customer_id"] else None,
    )


def _metrics(row: Row) -> Json | None:
    if row["status"] != "done" or row["completed_at"] is None:
        return None
    return {"solved_at": stamp(row["completed_at"]), "reopens": 0}


def _events(request: Row, rows: Sequence[Row]) -> list[Json]:
    """The audits: the first one creates the ticket, the others change its status."""
    number = ticket_id(request["request_id"])
    ordered = sorted(rows, key=lambda row: (row["occurred_at"], row["event_id"]))
    audits, before = [], None
    for row in ordered:
        status = _STATUSES[row["to_status"]]
        changes = created_with(status) if before is None else changed_to(status, before)
        who = user_id(row["actor_id"]) if row["actor_id"] else -1
        audits.append(ticket_event(_audit_id(number, row), number, _at(row), who, changes))
        before = status
    return audits


def _audit_id(number: int, row: Row) -> int:
    """Ids of one length, in the order of the events: also as text."""
    return 30_000_000_000 + number * 10 + int(row["event_id"].rsplit("-", 1)[1])


def _at(row: Row) -> datetime:
    at: datetime = row["occurred_at"]
    return at
