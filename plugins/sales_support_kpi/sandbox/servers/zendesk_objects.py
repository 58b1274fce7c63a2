"""Objects in the shapes of Zendesk's API: every key there, a caller names what matters."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

Json = dict[str, Any]


def stamp(moment: datetime) -> str:
    """An instant as the vendor writes it: UTC, whole seconds, `Z`."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def seconds(moment: datetime | str) -> int:
    """An instant as whole seconds since 1970."""
    at = datetime.fromisoformat(moment) if isinstance(moment, str) else moment
    return int(at.timestamp())


def ticket(
    ticket_id: int,
    created: datetime,
    *,
    updated: datetime | None = None,
    generated: datetime | None = None,
    custom_fields: Mapping[int, object] | None = None,
    channel: str = "web",
    **values: object,
) -> Json:
    """A ticket as the export gives it.

    Args:
        ticket_id: its number.
        created: its `created_at`.
        updated: its `updated_at`; left out: `created`.
        generated: its `generated_timestamp`; left out: `updated`.
        custom_fields: field id → value, which the API also repeats as `fields`.
        channel: `via.channel`.
        values: any other key of a ticket (`status`, `tags`, `assignee_id` …).
    """
    changed = updated or created
    fields = [{"id": name, "value": value} for name, value in (custom_fields or {}).items()]
    return {
        "id": ticket_id,
        "url": f"https://sandbox.example/api/v2/tickets/{ticket_id}.json",
        "external_id": None,
        "via": {"channel": channel, "source": {"from": {}, "to": {}, "rel": None}},
        "created_at": stamp(created),
        "updated_at": stamp(changed),
        "generated_timestamp": seconds(generated or changed),
        "type": None,
        "subject": f"Ticket {ticket_id}",
        "raw_subject": f"Ticket {ticket_id}",
        "description": "",
        "priority": None,
        "status": "open",
        "recipient": None,
        "requester_id": None,
        "submitter_id": None,
        "assignee_id": None,
        "organization_id": None,
        "group_id": None,
        "collaborator_ids": [],
        "follower_ids": [],
        "email_cc_ids": [],
        "has_incidents": False,
        "is_public": True,
        "due_at": None,
        "tags": [],
        "custom_fields": fields,
        "fields": fields,
        "satisfaction_rating": {"score": "unoffered"},
        "sharing_agreement_ids": [],
        "followup_ids": [],
        "brand_id": None,
        "allow_channelback": False,
        "allow_attachments": True,
        "from_messaging_channel": False,
        **values,
    }


def ticket_event(
    audit_id: int, ticket_id: int, moment: datetime, updater_id: int, changes: Sequence[Json]
) -> Json:
    """One audit as the ticket event export gives it; `changes` are its child events."""
    return {
        "id": audit_id,
        "ticket_id": ticket_id,
        "timestamp": seconds(moment),
        "created_at": stamp(moment),
        "updater_id": updater_id,
        "via": "Web form",
        "system": {"client": "", "ip_address": "192.0.2.1", "location": ""},
        "metadata": {},
        "event_type": "Audit",
        "child_events": [
            {"id": audit_id * 10 + at, "via": "Web form", "via_reference_id": None, **change}
            for at, change in enumerate(changes, 1)
        ],
    }


def created_with(status: str, custom_status_id: int | None = None) -> list[Json]:
    """The child events of a ticket's first audit."""
    first: Json = {"event_type": "Create", "status": status, "priority": None}
    if custom_status_id is not None:
        first["custom_status_id"] = custom_status_id
    return [{"event_type": "Comment", "comment_public": True, "comment_present": True}, first]


def changed_to(
    status: str | None,
    previous: str | None,
    *,
    custom_status_id: int | None = None,
    previous_custom_status_id: int | None = None,
) -> list[Json]:
    """The child events of a change of status; what stays the same makes no event."""
    events: list[Json] = []
    if status != previous:
        events.append({"event_type": "Change", "status": status, "previous_value": previous})
    if custom_status_id != previous_custom_status_id:
        events.append(
            {
                "event_type": "Change",
                "custom_status_id": custom_status_id,
                "previous_value": previous_custom_status_id,
            }
        )
    return events


def user(
    user_id: int, name: str, email: str | None, role: str, updated: datetime, **values: object
) -> Json:
    """A user; `role` is `end-user`, `agent` or `admin`."""
    return {
        "id": user_id,
        "url": f"https://sandbox.example/api/v2/users/{user_id}.json",
        "name": name,
        "email": email,
        "created_at": stamp(updated),
        "updated_at": stamp(updated),
        "time_zone": "Seoul",
        "phone": None,
        "role": role,
        "verified": True,
        "active": True,
        "suspended": False,
        "organization_id": None,
        "external_id": None,
        "tags": [],
        "user_fields": {},
        **values,
    }


def organization(org_id: int, name: str, updated: datetime, **values: object) -> Json:
    """An organisation."""
    return {
        "id": org_id,
        "url": f"https://sandbox.example/api/v2/organizations/{org_id}.json",
        "name": name,
        "created_at": stamp(updated),
        "updated_at": stamp(updated),
        "external_id": None,
        "domain_names": [],
        "details": "",
        "notes": "",
        "group_id": None,
        "tags": [],
        "organization_fields": {},
        **values,
    }


def ticket_field(field_id: int, kind: str, title: str, **values: object) -> Json:
    """A ticket field; `kind` as the vendor says: `text`, `tagger`, `date` and so on."""
    return {
        "id": field_id,
        "type": kind,
        "title": title,
        "raw_title": title,
        "active": True,
        "required": False,
        "removable": True,
        **values,
    }


def ticket_form(form_id: int, name: str, **values: object) -> Json:
    """A ticket form."""
    return {"id": form_id, "name": name, "display_name": name, "active": True, **values}


def custom_status(status_id: int, category: str, label: str, **values: object) -> Json:
    """A custom ticket status; `category` is `new`, `open`, `pending`, `hold` or `solved`."""
    return {
        "id": status_id,
        "status_category": category,
        "agent_label": label,
        "end_user_label": label,
        "active": True,
        "default": False,
        **values,
    }
