"""What is known of the company at an `as_of`: employees, requests with their clocks, winners."""

from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property

from tests.oracle.cells import HOUR
from tests.oracle.company_config import Company
from tests.oracle.loads import Landing, Row, Version, versions_of, winner_of


@dataclass
class Request:
    """A request as it stands at `as_of`."""

    row: Row
    start: int
    is_done: bool  # done before as_of
    is_cancelled: bool
    is_rejected: bool  # done, but nobody knows when: kept apart, as if it were unknown
    end: int  # of its clock: the completion, or as_of

    @property
    def kind(self) -> object:
        return self.row["kind"]

    @property
    def assignee_id(self) -> object:
        return self.row["assignee_id"]


class World:
    """The landed records as seen just before `as_of`."""

    def __init__(self, landings: dict[str, Landing], company: Company, as_of: int) -> None:
        self.landings = landings
        self.company = company
        self.as_of = as_of
        self._existing: dict[str, list[Row]] = {}
        self._versions: dict[str, dict[str, list[Version]]] = {}

    def is_landed(self, entity: str) -> bool:
        return self.landings[entity].is_landed

    def existing(self, entity: str) -> list[Row]:
        """The winners of an unversioned entity that are not deleted before as_of."""
        if entity not in self._existing:
            winners = (winner_of(history) for history in self.landings[entity].by_key.values())
            self._existing[entity] = [
                row
                for row in winners
                if row is not None
                and (row["deleted_at"] is None or row["deleted_at"] >= self.as_of)
            ]
        return self._existing[entity]

    def versions(self, entity: str) -> dict[str, list[Version]]:
        """The versions that started before as_of, by id."""
        if entity not in self._versions:
            visible = {}
            for key, history in self.landings[entity].by_key.items():
                started = [v for v in versions_of(history) if v.start < self.as_of]
                if started:
                    visible[key[0]] = started
            self._versions[entity] = visible
        return self._versions[entity]

    # -- employees -------------------------------------------------------------------------

    @cached_property
    def employees(self) -> dict[str, list[Version]]:
        return self.versions("employees")

    def employee_version(self, employee_id: object, instant: int) -> Version | None:
        """The version valid at an instant; the first one also covers the time before it."""
        versions = self.employees.get(employee_id, [])
        if versions and instant < versions[0].start:
            return versions[0]
        for version in versions:
            if version.start <= instant < version.end:
                return version
        return None

    def employee(self, employee_id: object, instant: int) -> Row | None:
        version = self.employee_version(employee_id, instant)
        return None if version is None else version.row

    # -- records with a standing ---------------------------------------------------------------

    @cached_property
    def customers_with_audits(self) -> dict[str, tuple[list[Version], list[Row]]]:
        audits: dict[object, list[Row]] = defaultdict(list)
        for audit in self.existing("record_audits"):
            audits[audit["customer_id"]].append(audit)
        return {
            customer_id: (versions, audits[customer_id])
            for customer_id, versions in self.versions("customers").items()
        }

    @cached_property
    def opportunities(self) -> dict[str, list[Version]]:
        return self.versions("opportunities")

    # -- requests --------------------------------------------------------------------------

    @cached_property
    def events(self) -> dict[object, list[Row]]:
        """The events of each request in order; ties of the instant by event_id."""
        by_request: dict[object, list[Row]] = defaultdict(list)
        for event in self.existing("request_events"):
            by_request[event["request_id"]].append(event)
        for events in by_request.values():
            events.sort(key=lambda event: (event["occurred_at"], event["event_id"]))
        return by_request

    @cached_property
    def requests(self) -> dict[str, Request]:
        """The requests that started before as_of."""
        requests = {}
        for row in self.existing("requests"):
            start = row["opened_at"] if row["received_at"] is None else row["received_at"]
            if start >= self.as_of:
                continue
            completed_at = self._completion(row, start)
            is_rejected = row["status"] == "done" and completed_at is None
            is_done = row["status"] == "done" and not is_rejected and completed_at < self.as_of
            requests[row["request_id"]] = Request(
                row,
                start,
                is_done=is_done,
                is_cancelled=row["status"] == "cancelled",
                is_rejected=is_rejected,
                end=completed_at if is_done else self.as_of,
            )
        return requests

    @cached_property
    def measured_requests(self) -> list[Request]:
        """Those that count: neither cancelled nor rejected."""
        return [r for r in self.requests.values() if not r.is_cancelled and not r.is_rejected]

    def _completion(self, row: Row, start: int) -> int | None:
        if row["completed_at"] is not None:
            return row["completed_at"]
        done = [
            event["occurred_at"]
            for event in self.events.get(row["request_id"], [])
            if event["to_status"] == "done" and event["occurred_at"] >= start
        ]
        return max(done, default=None)

    def running_time(self, request: Request, clock: str | None) -> int:
        """Clock time of [start, end) while the status is open, walking the events."""
        total = 0
        status, since = "open", request.start
        for event in self.events.get(request.row["request_id"], []):
            if not request.start <= event["occurred_at"] < request.end:
                continue
            if status == "open":
                total += self.company.clock_time(clock, since, event["occurred_at"])
            status, since = event["to_status"], event["occurred_at"]
        if status == "open":
            total += self.company.clock_time(clock, since, request.end)
        return total

    def assignee_of(self, request_id: object) -> object:
        """Who has the request that a response is about; nobody when it is not known (yet)."""
        request = self.requests.get(request_id)
        return None if request is None or request.is_rejected else request.assignee_id


def hours(micros: int) -> float:
    return micros / HOUR


def duration(hours_given: float) -> int:
    return round(hours_given * HOUR)
