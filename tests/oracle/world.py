"""What is known of the company at an `as_of`: employees, requests with their clocks, winners."""

from collections import defaultdict
from collections.abc import Container
from dataclasses import dataclass
from functools import cached_property

from tests.oracle.cells import HOUR
from tests.oracle.company_config import Company
from tests.oracle.loads import Landing, Row, Version, versions_of, winner_of
from tests.oracle.people import People, Record, Ref


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
    def assignee(self) -> Ref:
        return self.row["source"], self.row["assignee_id"]


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

    def versions(self, entity: str) -> dict[Record, list[Version]]:
        """The versions that started before as_of, by source and id."""
        if entity not in self._versions:
            visible = {}
            for key, history in self.landings[entity].by_key.items():
                started = [v for v in versions_of(history) if v.start < self.as_of]
                if started:
                    visible[key[0], key[1]] = started
            self._versions[entity] = visible
        return self._versions[entity]

    # -- employees -------------------------------------------------------------------------

    @cached_property
    def employees(self) -> dict[Record, list[Version]]:
        return self.versions("employees")

    @cached_property
    def people(self) -> People:
        landed = {
            (key[0], key[1]): versions_of(history)
            for key, history in self.landings["employees"].by_key.items()
        }
        return People(landed, self.company, self.as_of)

    def employee_version(self, ref: Ref | None, instant: int) -> Version | None:
        """The version valid at an instant; the first one also covers the time before it."""
        person = self.people.meant_by(ref)
        versions = [] if person is None else self.employees.get(person.record, [])
        if versions and instant < versions[0].start:
            return versions[0]
        for version in versions:
            if version.start <= instant < version.end:
                return version
        return None

    def employee(self, ref: Ref | None, instant: int) -> Row | None:
        version = self.employee_version(ref, instant)
        return None if version is None else version.row

    # -- records with a standing ---------------------------------------------------------------

    @cached_property
    def customers_with_audits(self) -> dict[Record, tuple[list[Version], list[Row]]]:
        known = {(key[0], key[1]) for key in self.landings["customers"].by_key}
        audits: dict[object, list[Row]] = defaultdict(list)
        for audit in self.existing("record_audits"):
            audits[self.looked_up(known, audit, "customer_id")].append(audit)
        return {
            customer: (versions, audits[customer])
            for customer, versions in self.versions("customers").items()
        }

    def looked_up(self, known: Container[Record], row: Row, column: str) -> Record | None:
        """A reference means a record of the row's own source, else of the first that has it."""
        for source in (row["source"], *self.company.sources):
            if (source, row[column]) in known:
                return source, row[column]
        return None

    @cached_property
    def opportunities(self) -> dict[Record, list[Version]]:
        return self.versions("opportunities")

    # -- requests --------------------------------------------------------------------------

    @cached_property
    def events(self) -> dict[object, list[Row]]:
        """The events of each request in order; ties of the instant by event_id."""
        by_request: dict[object, list[Row]] = defaultdict(list)
        for event in self.existing("request_events"):
            by_request[event["source"], event["request_id"]].append(event)
        for events in by_request.values():
            events.sort(key=lambda event: (event["occurred_at"], event["event_id"]))
        return by_request

    @cached_property
    def requests(self) -> dict[Record, Request]:
        """The requests that started before as_of."""
        requests = {}
        for row in self.existing("requests"):
            start = request_start(row)
            if start >= self.as_of:
                continue
            completed_at = self._completion(row, start)
            is_rejected = row["status"] == "done" and completed_at is None
            is_done = row["status"] == "done" and not is_rejected and completed_at < self.as_of
            requests[row["source"], row["request_id"]] = Request(
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
            for event in self.events.get((row["source"], row["request_id"]), [])
            if event["to_status"] == "done" and event["occurred_at"] >= start
        ]
        return max(done, default=None)

    def running_time(self, request: Request, clock: str | None) -> int:
        """Clock time of [start, end) while the status is open, walking the events."""
        total = 0
        status, since = "open", request.start
        for event in self.events.get((request.row["source"], request.row["request_id"]), []):
            if not request.start <= event["occurred_at"] < request.end:
                continue
            if status == "open":
                total += self.company.clock_time(clock, since, event["occurred_at"])
            status, since = event["to_status"], event["occurred_at"]
        if status == "open":
            total += self.company.clock_time(clock, since, request.end)
        return total

    @cached_property
    def _known_requests(self) -> set[Record]:
        """Whatever exists, started or not, but for those that are kept apart."""
        return {
            (row["source"], row["request_id"])
            for row in self.existing("requests")
            if row["status"] != "done" or self._completion(row, request_start(row)) is not None
        }

    def request_of(self, response: Row) -> Record | None:
        """The request that a response is about, started or not."""
        return self.looked_up(self._known_requests, response, "request_id")

    def assignee_of(self, response: Row) -> Ref | None:
        """Who has the request that a response is about; nobody when it is not known (yet)."""
        record = self.request_of(response)
        request = None if record is None else self.requests.get(record)
        return None if request is None else request.assignee


def request_start(row: Row) -> int:
    return row["opened_at"] if row["received_at"] is None else row["received_at"]


def hours(micros: int) -> float:
    return micros / HOUR


def duration(hours_given: float) -> int:
    return round(hours_given * HOUR)
