"""A random company's records spread over two systems that know their people by different ids."""

import random
from dataclasses import dataclass, field, replace

from tests.oracle.cells import BLANKS
from tests.oracle.histories import Revision, Revisions

FIRST, SECOND = "crm", "helpdesk"
REFERENCES = (
    *("assignee_id", "owner_id", "steward_id", "support_owner_id", "respondent_id"),
    *("author_id", "onboarding_owner_id"),
)
# Which record decides where a row lives, for rows that belong to another record.
ROOTS = {
    "contract_steps": ("contracts", "contract_id"),
    "request_events": ("requests", "request_id"),
    "report_uses": ("meetings", "meeting_id"),
    "material_updates": ("materials", "material_id"),
}


@dataclass
class System:
    """One source and what it holds."""

    source: str
    histories: dict[str, Revisions] = field(default_factory=dict)
    zone: str | None = None  # of its naive times, where that is not the company's


class Systems:
    """The two systems, and the lines of identities.csv between them."""

    def __init__(self, rng: random.Random, histories: dict[str, Revisions]) -> None:
        self.rng = rng
        self.first = System(FIRST)
        self.second = System(SECOND, zone=rng.choice((None, None, "Europe/Berlin", "UTC")))
        self.identities: list[tuple[str, str, str, str]] = []
        self.their_ids: dict[str, list[str]] = {}  # what the second system may call somebody
        self._place_people(histories.get("employees", {}))
        self._shares: dict[str, float] = {}
        self._places: dict[tuple[str, str], list[System]] = {}
        for entity, revisions in histories.items():
            if entity != "employees":
                self._spread(entity, revisions)

    def in_order(self) -> list[System]:
        """As they are configured."""
        both = [self.first, self.second]
        return both if self.rng.random() < 0.8 else both[::-1]

    # -- people ----------------------------------------------------------------------------

    def _place_people(self, people: Revisions) -> None:
        if self.rng.random() < 0.2:  # two people share an address
            for name in list(people)[1:3]:
                for revision in people[name]:
                    revision.cells["email"] = "desk@example.com"
        self.first.histories["employees"] = people
        theirs: Revisions = {}
        for name, revisions in people.items():
            if self.rng.random() < 0.6:
                their_id = self.rng.choice((f"z{name}", f"z{name}", name, f"{name}@example.com"))
                theirs[their_id] = [self._theirs(their_id, revision) for revision in revisions]
                self.their_ids[name] = [their_id, f"{name}@example.com", name]
                if self.rng.random() < 0.08:
                    itself = (SECOND, their_id)
                    self.identities.append((SECOND, their_id, *itself))
        some = next(iter(people.values()), [])
        for stranger in ("e2", "z8", "z9", "z@example.com"):
            if stranger not in theirs and some and self.rng.random() < 0.5:
                email = self.rng.choice(("", "", "z@example.com", "z@example.com"))
                theirs[stranger] = [self._theirs(stranger, some[0], email)]
                self.their_ids[self.rng.choice(list(people))] = [stranger]
                if self.rng.random() < 0.2:
                    same = (FIRST, self.rng.choice(list(people)))
                    self.identities.append((SECOND, stranger, *same))
        self.second.histories["employees"] = theirs

    def _theirs(self, their_id: str, revision: Revision, email: str | None = None) -> Revision:
        """A record of a system that mostly knows no more than name and address."""
        cells = revision.cells | {"employee_id": their_id}
        address = cells["email"] if email is None else email
        cells["email"] = self.rng.choice((address, address.upper(), f" {address}"))
        if self.rng.random() < 0.7:
            cells |= dict.fromkeys(("team", "role", "hired_on", "left_on"), "")
        elif self.rng.random() < 0.5:
            cells["team"] = "Desk"
        return replace(revision, cells=cells)

    # -- records ---------------------------------------------------------------------------

    def _spread(self, entity: str, revisions: Revisions) -> None:
        for name, history in revisions.items():
            root, column = ROOTS.get(entity, (entity, ""))
            key = history[0].cells[column].strip(BLANKS) if column else name
            for system in self._places_of(root, key):
                own = history if system is self.first else [self._referring(r) for r in history]
                system.histories.setdefault(entity, {})[name] = own
        if not revisions:  # a file with a header and no rows
            self.first.histories[entity] = {}

    def _places_of(self, root: str, key: str) -> list[System]:
        share = self._shares.setdefault(root, self.rng.choice((0.0, 0.3, 0.6, 1.0)))
        if (root, key) not in self._places:
            places = [self.second if self.rng.random() < share else self.first]
            if self.rng.random() < 0.05:  # two records of one id, one in each system
                places = [self.first, self.second]
            self._places[root, key] = places
        return self._places[root, key]

    def _referring(self, revision: Revision) -> Revision:
        """The row as the second system writes it: people by its own ids, or by address."""
        cells = dict(revision.cells)
        for column in REFERENCES:
            theirs = self.their_ids.get((cells.get(column) or "").strip(BLANKS))
            if theirs:
                cells[column] = self.rng.choice(theirs)
        return replace(revision, cells=cells)
