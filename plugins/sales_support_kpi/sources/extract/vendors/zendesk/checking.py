"""What `kpi check` tries: the key, the exports, and every name the options use."""

from collections.abc import Iterator, Sequence
from typing import Any

from sales_support_kpi.sources.extract.answers import HttpError
from sales_support_kpi.sources.extract.http import Http
from sales_support_kpi.sources.extract.resources import Finding
from sales_support_kpi.sources.extract.vendors.zendesk.options import MERGED_TAG, STATUSES, Options
from sales_support_kpi.sources.extract.vendors.zendesk.reader import Reader

_CHOICES = ("tagger", "multiselect")
_TYPES = ("problem", "incident", "question", "task")
_NAMES = {"forms": "ticket_forms", "groups": "groups", "brands": "brands"}

Json = dict[str, Any]


def findings(http: Http, reader: Reader, options: Options, since: int) -> Iterator[Finding]:
    """Everything that is right and wrong, as far as the key reaches."""
    try:
        me = http.get("/api/v2/users/me").json().get("user") or {}
    except HttpError as error:
        yield Finding(False, f"{error}: correct the connection's e-mail address and API token")
        return
    if not me.get("id"):
        yield Finding(False, "Zendesk takes the key for nobody's: correct the connection")
        return
    yield Finding(True, f"signed in as {me.get('name')} ({me.get('role')})")
    exports = {
        "tickets/cursor": True,
        "users/cursor": True,
        "ticket_events": options.events,
        "organizations": "organizations" in options.lists,
    }
    for path in (path for path, is_needed in exports.items() if is_needed):
        params = {"start_time": since, "per_page": 1}
        yield _endpoint(http, f"incremental/{path}", params)
    yield _endpoint(http, "deleted_tickets", {"per_page": 1})
    if options.ratings:
        yield _endpoint(http, "satisfaction_ratings", {"page[size]": 1})
    yield from _names(reader, options)
    yield from _words(reader, options)
    yield from _fields(reader, options)
    yield from _statuses(reader, options)
    yield from _organization_fields(reader, options)


def _endpoint(http: Http, path: str, params: dict[str, int]) -> Finding:
    told = http.get(f"/api/v2/{path}", params=params, allow=(400, 403, 404))
    if told.status_code == 403:
        return Finding(False, f"{path}: not allowed: give the reader the role admin")
    if told.status_code == 404:
        return Finding(False, f"{path}: the account does not have it")
    return Finding(True, f"{path}: can be read")


def _rows(reader: Reader, name: str) -> list[Json]:
    return [dict(row) for page in reader.whole(name) for row in page.rows]


def _names(reader: Reader, options: Options) -> Iterator[Finding]:
    """Forms, groups and brands by id or name."""
    for what, name in _NAMES.items():
        wanted = [
            (kind, word) for kind, rule in options.kinds.items() for word in getattr(rule, what)
        ]
        if not wanted:
            continue
        rows = _rows(reader, name)
        known = {str(value).casefold() for row in rows for value in (row["id"], row["name"])}
        there = ", ".join(str(row["name"]) for row in rows) or "none"
        for kind, word in wanted:
            is_there = word.casefold() in known
            said = "is there" if is_there else f"does not exist. There are: {there}"
            yield Finding(is_there, f"kinds.{kind}.{what}: {word} {said}")


def _words(reader: Reader, options: Options) -> Iterator[Finding]:
    """Types, of which there are four; and tags, which anybody may make up."""
    for kind, rule in options.kinds.items():
        for word in rule.types:
            if word.casefold() not in _TYPES:
                there = ", ".join(_TYPES)
                yield Finding(False, f"kinds.{kind}.types: there is no {word}. There are: {there}")
    wanted = [
        (f"kinds.{kind}.tags", tag) for kind, rule in options.kinds.items() for tag in rule.tags
    ]
    # the vendor's own tag is there as soon as the first ticket is merged
    wanted += [("cancelled_tags", tag) for tag in options.cancelled_tags if tag != MERGED_TAG]
    if not wanted:
        return
    known = {str(row["name"]).casefold() for row in _rows(reader, "tags")}
    for where, tag in wanted:
        if tag.casefold() in known:
            yield Finding(True, f"{where}: {tag} is there")
        else:
            yield Finding(
                False, f"{where}: no ticket of the last 60 days has the tag {tag}: is it spelt so?"
            )


def _fields(reader: Reader, options: Options) -> Iterator[Finding]:
    """Ticket fields by id, and the values of drop-downs."""
    if not options.ticket_fields:
        return
    known = {str(row["id"]): row for row in _rows(reader, "ticket_fields")}
    for where, field in _named_fields(options):
        row = known.get(field)
        if row is None:
            yield Finding(False, f"{where}: there is no ticket field {field}")
        elif where == "received_at" and row.get("type") == "date":
            yield Finding(
                False,
                f"{where}: the field {field} ({row['title']}) is a date and knows no time: name a "
                "text field that holds something like 2026-10-31T09:00:00+09:00",
            )
        else:
            yield Finding(True, f"{where}: {field} is {row['title']}")
    for kind, rule in options.kinds.items():
        for field, values in rule.fields.items():
            if field in known:
                yield from _values(f"kinds.{kind}.fields.{field}", known[field], values)


def _named_fields(options: Options) -> Iterator[tuple[str, str]]:
    if options.received_at:
        yield "received_at", options.received_at
    if options.customer.ticket_field:
        yield "customer.ticket_field", options.customer.ticket_field
    if options.customer.registration_field:
        yield "customer.registration_field", options.customer.registration_field
    for kind, rule in options.kinds.items():
        for field in rule.fields:
            yield f"kinds.{kind}.fields", field


def _values(where: str, row: Json, values: Sequence[str]) -> Iterator[Finding]:
    """A drop-down's values are its tags; anything may stand in other fields."""
    if row.get("type") not in _CHOICES:
        return
    known = {str(one.get("value")).casefold() for one in row.get("custom_field_options") or ()}
    for value in values:
        if value.casefold() not in known:
            there = ", ".join(sorted(known)) or "none"
            yield Finding(False, f"{where}: {value} is no value of it. There are: {there}")


def _statuses(reader: Reader, options: Options) -> Iterator[Finding]:
    own = [
        (what, name)
        for what in ("waiting", "done", "cancelled")
        for name in getattr(options, what)
        if name.casefold() not in STATUSES
    ]
    if not own:
        return
    rows = _rows(reader, "custom_statuses")
    known = {str(one).casefold() for row in rows for one in (row["id"], row["agent_label"])}
    there = ", ".join([*sorted(STATUSES), *(str(row["agent_label"]) for row in rows)])
    for what, name in own:
        is_there = name.casefold() in known
        said = "is there" if is_there else f"does not exist. There are: {there}"
        yield Finding(is_there, f"{what}: the status {name} {said}")


def _organization_fields(reader: Reader, options: Options) -> Iterator[Finding]:
    wanted = {
        "customer.organization": options.customer.organization,
        "customer.registration_no": options.customer.registration_no,
    }
    keys = {where: key for where, key in wanted.items() if key and key != "external_id"}
    if not keys:
        return
    known = {str(row.get("key")) for row in _rows(reader, "organization_fields")}
    for where, key in keys.items():
        is_there = key in known
        there = ", ".join(sorted(known)) or "none"
        said = "is there" if is_there else f"does not exist. There are: {there}"
        yield Finding(is_there, f"{where}: the organisations' field {key} {said}")
