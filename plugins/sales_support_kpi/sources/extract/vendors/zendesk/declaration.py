"""What is read from Zendesk: endpoints, the columns that are kept, and the options as tables."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

from sales_support_kpi.sources.extract.mapping import selects_in
from sales_support_kpi.sources.extract.resources import Record, Resource
from sales_support_kpi.sources.extract.vendors.zendesk.options import STATUSES, Options

MAPPINGS = Path(__file__).parent / "mappings"
RATED_AGAIN = timedelta(days=30)  # ratings are filtered by when they were first given
LOOKBACK = timedelta(minutes=5)  # the vendor holds back one minute; the rest is for its clocks

_TICKET = {
    **{
        name: name
        for name in (
            "id", "generated_timestamp", "created_at", "updated_at", "status", "custom_status_id",
            "subject", "priority", "type", "requester_id", "assignee_id", "organization_id",
            "group_id", "brand_id", "ticket_form_id", "tags", "custom_fields",
        )
    },
    "channel": "via.channel",
    "solved_at": "metric_set.solved_at",
}  # fmt: skip

_EVENT = (
    "id", "ticket_id", "occurred_at", "timestamp", "updater_id", "is_first",
    "status", "previous_status", "custom_status_id", "previous_custom_status_id",
)  # fmt: skip

_USER = ("id", "name", "email", "role", "default_group_id", "created_at", "updated_at")

LISTS = {
    "ticket_forms": ("id", "name"),
    "groups": ("id", "name"),
    "brands": ("id", "name"),
    "custom_statuses": ("id", "status_category", "agent_label"),
}


def resources_of(options: Options) -> tuple[Resource, ...]:
    """Everything that is read, in this order.

    Names first: tickets of a reading that ends early are mapped by them.
    """
    reach = options.lookback(LOOKBACK)
    found = [Resource(name, columns, ("id",)) for name, columns in LISTS.items()]
    found += [
        Resource("organizations", _organization(options), ("id",)),
        Resource("tickets", _TICKET, ("id",), "generated_timestamp", reach),
        Resource("ticket_events", _EVENT, ("id",), "timestamp", reach),
        Resource("deleted_tickets", ("id", "deleted_at", "previous_state"), ("id",)),
        Resource("users", _USER, ("id",), "updated_at", reach),
    ]
    if options.ratings:
        columns = ("id", "ticket_id", "requester_id", "score", "comment", "updated_at")
        name, reach = "satisfaction_ratings", max(reach, RATED_AGAIN)
        found.append(Resource(name, columns, ("id",), "updated_at", reach))
    return tuple(found)


def _organization(options: Options) -> Mapping[str, str]:
    """Two of an organisation's own fields under names of ours; absent ones are always empty."""
    crm, number = options.customer.organization, options.customer.registration_no
    return {
        "id": "id",
        "name": "name",
        "updated_at": "updated_at",
        "crm_id": "external_id" if crm == "external_id" else f"organization_fields.{crm}",
        "registration_no": f"organization_fields.{number}",
    }


def views() -> dict[str, str]:
    """What several selects build on."""
    return selects_in(MAPPINGS / "shared")


def selects_of(options: Options) -> dict[str, str]:
    """Entity → select; customers and ratings only where the options ask for them."""
    selects = selects_in(MAPPINGS)
    if not (options.customer.registration_no or options.customer.registration_field):
        del selects["customers"]
    if not options.ratings:
        del selects["survey_responses"]
    if not options.events:
        del selects["request_events"]
    return selects


def tables_of(options: Options) -> Mapping[str, Sequence[Record]]:
    """The options as the mappings join them."""
    return {
        "kind_rules": _kind_rules(options) or [_empty("kind", "rank", "what", "value")],
        "status_words": _status_words(options),
        "cancelled_tags": [{"tag": tag} for tag in options.cancelled_tags] or [_empty("tag")],
        "setting": [
            {
                "other_kind": options.other_kind,
                "received_at": options.received_at,
                "customer_field": options.customer.ticket_field,
                "registration_field": options.customer.registration_field,
                "has_customers": bool(options.customer.registration_no),
                "agents_role": options.agents_role,
                "colleagues_role": options.colleagues.role,
                "has_teams": options.teams,
                "survey": options.ratings and options.ratings.survey,
                "good": options.ratings and options.ratings.good,
                "bad": options.ratings and options.ratings.bad,
            }
        ],
    }


def _kind_rules(options: Options) -> list[Record]:
    """One row per word: what it is looked for in, and the kind it means; ranked as written."""
    rows: list[Record] = []
    for rank, (kind, rule) in enumerate(options.kinds.items()):
        words: list[tuple[str, str]] = []
        for what in ("forms", "tags", "groups", "brands", "types"):
            words += [(what, word) for word in getattr(rule, what)]
        for field, values in rule.fields.items():
            words += [(f"field {field}", word) for word in values]
        rows += [
            {"kind": kind, "rank": f"{rank:04}", "what": what, "value": word.casefold()}
            for what, word in words
        ]
    return rows


def _status_words(options: Options) -> list[Record]:
    """Every status that is known by name, and what it means; what nothing is said of is open."""
    said = {
        name.casefold(): means
        for means in ("waiting", "done", "cancelled")
        for name in getattr(options, means)
    }
    words = {**dict.fromkeys(sorted(STATUSES), "open"), **said}
    return [{"word": word, "means": means} for word, means in words.items()]


def _empty(*names: str) -> dict[str, Any]:
    return dict.fromkeys(names)
