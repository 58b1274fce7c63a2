"""Who is who across systems: one person may have a record in several of them.

Records of one e-mail address are one person, unless several people of one system share it; a line
of `identities.csv` says of a record whose it is. The first system's id stands for the person, the
record that says most of team, role and day of hiring describes them. Of whom a later system alone
knows a name and no more, nobody knows who it is. An address is nobody's id: where a person has
another one, that one stands, and of whom there is only an address nothing else is known either.
"""

from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property

from tests.oracle.company_config import Company
from tests.oracle.loads import Row, Version

Ref = tuple[object, object]  # the source that refers, and the id it says
Record = tuple[object, object]  # the source of a record, and its id


@dataclass(frozen=True)
class Person:
    """A person: how they are called, and the record that describes them."""

    name: str
    record: Record
    is_known: bool


class People:
    """The people of a company at an `as_of`, from all versions of their records."""

    def __init__(self, records: dict[Record, list[Version]], company: Company, as_of: int) -> None:
        self.company = company
        self.latest: dict[Record, Row] = {}
        for record, versions in records.items():
            if versions:
                begun = [version for version in versions if version.start < as_of]
                self.latest[record] = (begun or versions)[-1].row

    def position(self, source: object) -> int:
        return self.company.sources.index(source)

    def order(self, record: Record) -> tuple[int, str]:
        return self.position(record[0]), str(record[1])

    @cached_property
    def written(self) -> dict[Record, str]:
        """The address of each record, which others may have too."""
        return {
            record: (row["email"] or "").strip().casefold() for record, row in self.latest.items()
        }

    @cached_property
    def emails(self) -> dict[Record, str]:
        """The addresses that tell a person from others of the same system."""
        owners: dict[tuple[object, str], int] = defaultdict(int)
        for (source, _), email in self.written.items():
            owners[source, email] += 1
        shared = {email for (_, email), count in owners.items() if count > 1}
        return {record: e for record, e in self.written.items() if e and e not in shared}

    def identity(self, record: Record) -> object:
        said = self.company.identities.get(record)
        if said == record:
            return record
        whose = said if said in self.latest else record
        return self.emails.get(whose, whose)

    def is_address(self, record: Record) -> bool:
        """A record whose id is no more than its own address, shared or not."""
        return str(record[1]).casefold() == self.written[record]

    @cached_property
    def persons(self) -> dict[Record, Person]:
        """The person of each record."""
        groups: dict[object, list[Record]] = defaultdict(list)
        for record in sorted(self.latest, key=self.order):
            groups[self.identity(record)].append(record)
        return {record: self._person(records) for records in groups.values() for record in records}

    def _person(self, records: list[Record]) -> Person:
        source, employee_id = min(records, key=self.is_address)  # the first of the best
        described = max(records, key=self._said)  # the first of the best
        is_known = (
            len({record[0] for record in records}) > 1
            or (
                self.position(source) == min(self.position(record[0]) for record in self.latest)
                and not all(self.is_address(record) for record in records)
            )
            or self._said(described) > 0
        )
        first = min(self.position(r[0]) for r in self.latest if r[1] == employee_id)
        is_plain = self.position(source) == first
        name = str(employee_id) if is_plain else f"{source}:{employee_id}"
        return Person(name, described, is_known)

    def _said(self, record: Record) -> int:
        row = self.latest[record]
        return sum(row[name] is not None for name in ("team", "role", "hired_on"))

    def meant_by(self, ref: Ref | None) -> Person | None:
        """An id or else an address of the source's own, else an id or else an address elsewhere."""
        if ref is None or ref[1] is None:
            return None
        own, said = ref
        named = [(record, False) for record in self.latest if record[1] == said]
        named += [(record, True) for record, email in self.emails.items() if email == said]
        named.sort(key=lambda found: (found[0][0] != own, found[1], self.order(found[0])))
        for record, is_email in named:
            if self.persons[record].is_known:
                return self.persons[record]
            if record[0] == own and not is_email:
                return None
        return None

    def named(self, name: str) -> Person | None:
        return next((p for p in self.persons.values() if p.is_known and p.name == name), None)
