"""What a Zendesk account holds, in the vendor's shapes; `zendesk.py` serves it.

Fill it with plain dictionaries as the API gives them; `zendesk_objects.py` makes them:

    store = ZendeskStore()
    store.put_user(user(7, "Jane Kim", "jane@example.com", "agent", updated))
    store.put_ticket(ticket(1, created, status="solved", ticket_form_id=47), events)

What is put again under the same id replaces what was there.
"""

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime

from sales_support_kpi.sandbox.servers.zendesk_objects import Json, seconds, stamp

Mark = tuple[int, int]
"""Where a record stands in an export: (second, id)."""


@dataclass(slots=True)
class Stream:
    """Records in the order of an incremental export; the newest state of an id replaces it."""

    _by_id: dict[int, tuple[Mark, Json]] = field(default_factory=dict)
    _marks: list[Mark] = field(default_factory=list)
    _is_sorted: bool = True

    def put(self, second: int, record: Json) -> None:
        """Add a record, or move it to its new second."""
        mark = (second, int(record["id"]))
        if mark[1] in self._by_id:
            self._marks.remove(self._by_id[mark[1]][0])
        self._by_id[mark[1]] = (mark, record)
        self._is_sorted = self._is_sorted and (not self._marks or self._marks[-1] < mark)
        self._marks.append(mark)

    def get(self, record_id: int) -> Json | None:
        """The record of that id."""
        found = self._by_id.get(record_id)
        return found[1] if found else None

    def records(self) -> Iterator[Json]:
        """All of them, in no order."""
        return (record for _, record in self._by_id.values())

    def __len__(self) -> int:
        return len(self._marks)

    def after(self, mark: Mark, until: int, limit: int) -> list[tuple[Mark, Json]]:
        """Up to `limit` records strictly behind `mark`, none later than the second `until`."""
        marks = self._sorted()
        low = bisect_right(marks, mark)
        high = min(bisect_left(marks, (until + 1, -1)), low + limit)
        return [(one, self._by_id[one[1]][1]) for one in marks[low:high]]

    def rest_of_second(self, mark: Mark) -> list[tuple[Mark, Json]]:
        """The records behind `mark` that share its second."""
        return self.after(mark, mark[0], len(self))

    def _sorted(self) -> list[Mark]:
        if not self._is_sorted:
            self._marks.sort()
            self._is_sorted = True
        return self._marks


@dataclass(slots=True)
class ZendeskStore:
    """One account.

    Attributes:
        tickets: by `generated_timestamp`; archived and deleted ones stay, as in the real export.
        ticket_events: audits as the ticket event export gives them, by `timestamp`.
        people: users by `updated_at`.
        organizations: by `updated_at`.
        metric_sets: ticket id → its metrics (only `solved_at` and `reopens` are told apart).
        deleted_tickets: those deleted in the last 30 days.
    """

    tickets: Stream = field(default_factory=Stream)
    ticket_events: Stream = field(default_factory=Stream)
    people: Stream = field(default_factory=Stream)
    organizations: Stream = field(default_factory=Stream)
    metric_sets: dict[int, Json] = field(default_factory=dict)
    deleted_tickets: list[Json] = field(default_factory=list)
    groups: list[Json] = field(default_factory=list)
    brands: list[Json] = field(default_factory=list)
    ticket_fields: list[Json] = field(default_factory=list)
    ticket_forms: list[Json] = field(default_factory=list)
    custom_statuses: list[Json] = field(default_factory=list)
    organization_fields: list[Json] = field(default_factory=list)
    satisfaction_ratings: list[Json] = field(default_factory=list)

    @property
    def tags(self) -> list[Json]:
        """The tags of all tickets, the most frequent first."""
        counted = Counter(tag for ticket in self.tickets.records() for tag in ticket["tags"])
        return [{"name": tag, "count": count} for tag, count in counted.most_common()]

    def put_ticket(
        self, one: Json, events: Iterable[Json] = (), metrics: Json | None = None
    ) -> None:
        """Add a ticket or its newest state, with what happened to it."""
        self.tickets.put(int(one["generated_timestamp"]), one)
        for event in events:
            self.ticket_events.put(int(event["timestamp"]), event)
        if metrics is not None:
            self.metric_sets[int(one["id"])] = metrics

    def put_user(self, one: Json) -> None:
        """Add a user, or the newest state."""
        self.people.put(seconds(one["updated_at"]), one)

    def put_organization(self, one: Json) -> None:
        """Add an organisation, or the newest state."""
        self.organizations.put(seconds(one["updated_at"]), one)

    def delete_ticket(self, ticket_id: int, moment: datetime, actor_id: int) -> None:
        """Delete a ticket softly: it stays in the export, with status `deleted`."""
        old = self.tickets.get(ticket_id)
        if old is None:
            raise KeyError(ticket_id)
        gone = {
            **old,
            "status": "deleted",
            "updated_at": stamp(moment),
            "generated_timestamp": seconds(moment),
        }
        self.metric_sets.pop(ticket_id, None)
        self.put_ticket(gone)
        self.deleted_tickets.append(
            {
                "id": ticket_id,
                "subject": old["subject"],
                "actor": {"id": actor_id, "name": ""},
                "deleted_at": stamp(moment),
                "previous_state": old["status"],
            }
        )
