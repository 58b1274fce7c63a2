"""The rows of a random company: for each entity and key its revisions, oldest first.

A revision is a row of text cells and the number of the night whose files first hold it.
"""

import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from tests.oracle.cells import COLUMNS, local_date, midnight
from tests.oracle.moments import DAY, HOUR, Moments

TEAMS = ("T1", "영업지원1팀", "T3", " T1 ", "")
NUMBERS = ("124-81-00998", "1248100998", "116-82-00276", "220-81-62517", "124-81-00999", "12-3", "")
PHONES = (
    "02-123-4567",
    "+82 10 1234 5678",
    "+82-010-1234-5678",
    "0082(31)123.4567",
    "1588-1234",
    "070-1234-5678",
    "0505-123-4567",
    "010-123-456",
    "+12125550100",
    "12345",
    "",
)
GOOD_PHONES = PHONES[:6]
EMAILS = ("a.b@example.co.kr", "x@y.io", "no-at.example.com", "a@b", "a@-b.kr", "")
DOCUMENTS = ("proposal", "contract")
STEPS = ("issue_contract", "register_system", "settle")


def valid_number(rng: random.Random) -> str:
    """A business registration number with its check digit."""
    digits = [rng.randint(0, 9) for _ in range(9)]
    total = sum(w * d for w, d in zip((1, 3, 7, 1, 3, 7, 1, 3, 5), digits, strict=True))
    digits.append(-(total + 5 * digits[8] // 10) % 10)
    text = "".join(map(str, digits))
    return f"{text[:3]}-{text[3:5]}-{text[5:]}"


@dataclass
class Revision:
    cells: dict[str, str]
    first_night: int


Revisions = dict[str, list[Revision]]


class Histories:
    """Draws the rows of all entities, so that they refer to each other (mostly)."""

    def __init__(self, rng: random.Random, moments: Moments, reports: list[str]) -> None:
        self.rng = rng
        self.moments = moments
        self.reports = reports
        self.crowd = rng.choice((1, 3, 5, 8))  # a company costs little more with many records
        self.employees = ["e1", "e2", "007", *(f"e{n}" for n in range(3, rng.randint(4, 8)))]
        # hired lately, and asked about it; some of them are asked about requests, too
        self.newcomers = [f"n{n}" for n in range(rng.choice((0, 6, 10, 16)))]
        self.requests = self.some_names("r", 8, 30)
        self.customers = self.some_names("c", 5, 12)
        self.contracts = self.some_names("k", 3, 9)
        self.meetings = self.some_names("m", 2, 10)
        self.materials = self.some_names("d", 2, 7)
        self.numbers = [*NUMBERS[:4], *(valid_number(rng) for _ in self.customers[::2])]
        self.starts: dict[str, int] = {}
        everybody = [*self.employees, *self.newcomers]
        self.spelling = {e: e if rng.random() > 0.1 else f"\u3000{e} " for e in everybody}

    def some_names(self, letter: str, fewest: int, most: int) -> list[str]:
        """The keys of an entity's records."""
        return [f"{letter}{n}" for n in range(self.crowd * self.rng.randint(fewest, most))]

    def of_all_entities(self) -> dict[str, Revisions]:
        """Every entity's revisions; now and then an entity is not there at all."""
        makers: dict[str, Callable[[], Revisions]] = {
            entity: getattr(self, f"_{entity}") for entity in COLUMNS
        }
        drawn = {entity: make() for entity, make in makers.items()}
        return {entity: rows for entity, rows in drawn.items() if self.rng.random() > 0.04}

    # -- drawing ---------------------------------------------------------------------------

    def some(self, *choices: str) -> str:
        return self.rng.choice(choices)

    def employee(self) -> str:
        if self.rng.random() < 0.08:
            return self.some("", "stranger")
        return self.spelling[self.rng.choice(self.employees)]

    def respondent(self) -> str:
        if self.newcomers and self.rng.random() < 0.6:
            return self.spelling[self.rng.choice(self.newcomers)]
        return self.employee()

    def when(self) -> str:
        if self.rng.random() < (0.05 if self.moments.changes else 0.01):
            return self.moments.while_clocks_change()
        return self.moments.write(self.moments.instant())

    def later(self, instant: int, *spans: int) -> str:
        return self.moments.write(self.moments.after(instant, *spans))

    def seldom(self, text: str, share: float = 0.1) -> str:
        return text if self.rng.random() < share else ""

    def night(self) -> int:
        return self.rng.choice((0, 0, 0, 1, 2, 3))

    def row(self, entity: str, **cells: str) -> dict[str, str]:
        """All columns, so that the rows of a file agree."""
        row = {column.name: "" for column in COLUMNS[entity]}
        row["deleted_at"] = self.seldom(self.when(), 0.04)
        return row | cells

    def _revised(
        self, draw: Callable[[], dict[str, str]], count: int, *, is_dated: bool
    ) -> list[Revision]:
        """Several rows of one key: mostly dated in the order in which they come."""
        instants = sorted(self.moments.instant() for _ in range(count))
        nights = sorted(self.night() for _ in range(count))
        if self.rng.random() < 0.15:
            self.rng.shuffle(nights)
        revisions = []
        for number, (instant, night) in enumerate(zip(instants, nights, strict=True)):
            cells = draw()
            if is_dated:
                if self.rng.random() < 0.3:  # audits, submissions, other versions fall on it
                    self.moments.marks.append(instant)
                cells["updated_at"] = self.moments.write(instant)
                if (number == 0 and self.rng.random() < 0.3) or self.rng.random() < 0.04:
                    cells["updated_at"] = ""
            revisions.append(Revision(cells, night))
        if is_dated and count > 1 and self.rng.random() < 0.1:  # says the same date again
            revisions[-1].cells["updated_at"] = revisions[-2].cells["updated_at"]
            if "version_no" in revisions[-1].cells and self.rng.random() < 0.6:
                revisions[-2].cells["version_no"] = self.some("1", "")
                revisions[-1].cells["version_no"] = self.some("2", "3")
        return revisions

    def _each(
        self,
        names: list[str],
        draw: Callable[[str], dict[str, str]],
        *,
        revisions: tuple[int, ...] = (1,),
        is_dated: bool = False,
    ) -> Revisions:
        drawn: Revisions = {}
        for name in names:
            count = self.rng.choice(revisions)
            drawn[name] = self._revised(lambda name=name: draw(name), count, is_dated=is_dated)
        return drawn

    # -- people and records ----------------------------------------------------------------

    def _employees(self) -> Revisions:
        def draw(name: str) -> dict[str, str]:
            day = self.moments.day()
            hired_on = ["", str(day), *(str(day - timedelta(days=n)) for n in (180, 90))]
            role = ["sales", "sales", "support", ""]
            if name in self.newcomers:
                hired_on = [str(self.moments.first - timedelta(days=n)) for n in (1, 10, 30, 60)]
                role = ["sales"] * 5 + ["support"]
            return self.row(
                "employees",
                employee_id=name,
                name=f"Person {name}",
                email=f"{name}@example.com",
                team=self.some(*TEAMS),
                role=self.some(*role),
                onboarding_owner_id=self.employee(),
                hired_on=self.some(*hired_on),
                left_on=self.seldom(str(day), 0.15),
            )

        everybody = [*self.employees, *self.newcomers]
        return self._each(everybody, draw, revisions=(1, 1, 2, 3), is_dated=True)

    def _customers(self) -> Revisions:
        def draw(name: str) -> dict[str, str]:
            is_good = self.rng.random() < 0.75
            country = self.some("", "", "KR", "US")
            phone = self.some(*(GOOD_PHONES if is_good else PHONES))
            return self.row(
                "customers",
                customer_id=name,
                name="Customer" if is_good else self.some("X", "", " "),
                business_registration_no=self.some(*(self.numbers if is_good else NUMBERS)),
                country=country,
                email=self.some(*(EMAILS[:2] if is_good else EMAILS)),
                phone="+1 (212) 555-0100" if is_good and country == "US" else phone,
                postal_code="06236" if is_good else self.some("06236", "6236", ""),
                owner_id=self.employee(),
                steward_id=self.employee(),
                status=self.some("active", "active", "active", "prospect", "churned"),
                created_at=self.seldom(self.when(), 0.3),
            )

        return self._each(self.customers, draw, revisions=(1, 2, 3), is_dated=True)

    def _opportunities(self) -> Revisions:
        def draw(name: str) -> dict[str, str]:
            is_filled = self.rng.random() < 0.7
            return self.row(
                "opportunities",
                opportunity_id=name,
                owner_id=self.employee(),
                stage="offer" if is_filled else self.some("offer", ""),
                amount=self.some("100", "0", "12.5") if is_filled else self.some("1e3", ""),
                close_date=str(self.moments.day()) if is_filled else "",
                next_step="call" if is_filled else self.some("call", ""),
                is_closed=self.some("", "false", "N", "X", "no", "true"),
                created_at=self.seldom(self.when(), 0.3),
            )

        names = self.some_names("o", 2, 10)
        return self._each(names, draw, revisions=(1, 2, 3), is_dated=True)

    def _record_audits(self) -> Revisions:
        def draw(name: str) -> dict[str, str]:
            return self.row(
                "record_audits",
                audit_id=name,
                customer_id=self.rng.choice(self.customers),
                audited_at=self.when(),
                is_accurate=self.some("yes", "no", "O", "x", "1", "F"),
            )

        return self._each(self.some_names("a", 0, 9), draw)

    def _activities(self) -> Revisions:
        def draw(name: str) -> dict[str, str]:
            at = self.moments.instant()
            return self.row(
                "activities",
                activity_id=name,
                owner_id=self.employee(),
                occurred_at=self.moments.write(at),
                recorded_at=self.some(
                    "", self.later(at, 48 * HOUR, 24 * HOUR), self.later(at, 48 * HOUR), self.when()
                ),
            )

        names = self.some_names("v", 3, 20)
        return self._each(names, draw, revisions=(1, 1, 1, 2))

    # -- contracts and requests ------------------------------------------------------------

    def _start(self, name: str) -> int:
        if name not in self.starts:
            self.starts[name] = self.moments.instant()
        return self.starts[name]

    def _contracts(self) -> Revisions:
        def draw(name: str) -> dict[str, str]:
            return self.row(
                "contracts",
                contract_id=name,
                support_owner_id=self.employee(),
                signed_at=self.moments.write(self._start(name)),
                status=self.some("signed", "signed", "", "cancelled"),
            )

        return self._each(self.contracts, draw, revisions=(1, 1, 2), is_dated=True)

    def _contract_steps(self) -> Revisions:
        def draw(name: str) -> dict[str, str]:
            contract, step = name.split("/")
            signed_at = self._start(contract)
            self.moments.marks.append(signed_at + DAY)
            return self.row(
                "contract_steps",
                contract_id=contract,
                step=step,
                completed_at=self.some(
                    self.later(signed_at, DAY),
                    self.moments.write(signed_at + self.rng.randint(0, 24) * HOUR),
                    self.moments.write(signed_at + self.rng.randint(0, 24) * HOUR),
                    self.seldom(self.when(), 0.5),
                ),
            )

        names = [f"{k}/{s}" for k in self.contracts for s in STEPS if self.rng.random() < 0.93]
        return self._each(names, draw, revisions=(1, 1, 1, 2), is_dated=True)

    def _requests(self) -> Revisions:
        def draw(name: str) -> dict[str, str]:
            opened_at = self._start(name)
            status = self.some("open", "waiting", "done", "done", "done", "done", "cancelled")
            has_end = self.rng.random() < (0.85 if status == "done" else 0.1)
            received = self.later(opened_at) if self.rng.random() < 0.15 else ""
            return self.row(
                "requests",
                request_id=name,
                kind=self.some(*["inquiry"] * 3, *DOCUMENTS * 2, "material", "complaint"),
                assignee_id=self.employee(),
                channel=self.some("mail", "phone", ""),
                status=status,
                opened_at=self.moments.write(opened_at),
                received_at=received,
                completed_at=self.later(opened_at, 4 * HOUR, 0, DAY) if has_end else "",
            )

        return self._each(self.requests, draw, revisions=(1, 1, 2, 3), is_dated=True)

    def _request_events(self) -> Revisions:
        def draw(name: str) -> dict[str, str]:
            request = self.rng.choice(self.requests)
            start = self._start(request)
            at = self.moments.after(start, 0, HOUR, 4 * HOUR)
            if self.rng.random() < 0.3:  # a tie with another event
                at = self.starts.setdefault(f"event of {request}", at)
            if self.rng.random() < 0.1:
                at = start - self.rng.randint(0, 5) * HOUR
            return self.row(
                "request_events",
                event_id=name,
                request_id=request,
                to_status=self.some("open", "open", "waiting", "done", "cancelled"),
                occurred_at=self.moments.write(at),
            )

        names = self.some_names("ev", 0, 40)
        return self._each(names, draw, revisions=(1, 1, 1, 1, 2))

    # -- surveys ---------------------------------------------------------------------------

    def _survey_responses(self) -> Revisions:
        def draw(name: str) -> dict[str, str]:
            low, high, score = self.rng.choice(
                (
                    ("", "", self.some("1", "3", "4.5", "5")),
                    ("", "", self.some("2", "4", "5", "6")),
                    ("0", "10", self.some("0", "7", "8.5", "10")),
                    ("1", "7", self.some("1", "5", "7")),
                    ("", "3", "2"),
                    self.rng.choice((("5", "5", "5"), ("-2", "2", "0"))),
                )
            )
            return self.row(
                "survey_responses",
                response_id=name,
                survey=self.some("material_request", "complaint_support", "onboarding"),
                request_id=self.some(*self.requests[:6], self.rng.choice(self.requests), "", "r99"),
                respondent_id=self.respondent(),
                score=score,
                scale_min=low,
                scale_max=high,
                submitted_at=self.when(),
            )

        names = self.some_names("s", 10, 40)
        return self._each(names, draw, revisions=(1, 1, 1, 2))

    # -- reports, insights, materials ------------------------------------------------------

    def _report_deliveries(self) -> Revisions:
        def draw(name: str) -> dict[str, str]:
            at = self.moments.instant()
            if self.rng.random() < 0.4:  # on the edges of a day of the week
                day = local_date(at, self.moments.zone)
                monday = day - timedelta(days=day.weekday())
                at = midnight(monday + timedelta(days=self.rng.randint(0, 2)), self.moments.zone)
                at += self.rng.choice((0, -1))
            return self.row(
                "report_deliveries",
                delivery_id=name,
                report=self.some(*self.reports, "unknown"),
                delivered_at=self.moments.write(at),
            )

        return self._each(self.some_names("rd", 0, 25), draw)

    def _meetings(self) -> Revisions:
        def draw(name: str) -> dict[str, str]:
            kind = self.some("weekly_sales", "weekly_sales", "weekly_sales", "other")
            return self.row("meetings", meeting_id=name, kind=kind, held_at=self.when())

        return self._each(self.meetings, draw, revisions=(1, 1, 1, 2))

    def _report_uses(self) -> Revisions:
        def draw(name: str) -> dict[str, str]:
            meeting, report = name.split("/")
            used = self.some("y", "Yes", "0", "T", "예", "아니오")
            return self.row("report_uses", meeting_id=meeting, report=report, used=used)

        names = [f"{m}/{r}" for m in self.meetings for r in self.reports if self.rng.random() < 0.8]
        return self._each(names, draw, revisions=(1, 1, 1, 2))

    def _insights(self) -> Revisions:
        def draw(name: str) -> dict[str, str]:
            return self.row(
                "insights",
                insight_id=name,
                author_id=self.employee(),
                provided_at=self.when(),
                accepted=self.some("true", "true", "TRUE", "no", ""),
            )

        names = self.some_names("i", 0, 12)
        return self._each(names, draw, revisions=(1, 1, 1, 2))

    def _materials(self) -> Revisions:
        def draw(name: str) -> dict[str, str]:
            created_at = self._start(name) - self.rng.choice((0, 0, 40 * DAY))
            retired = self.later(created_at, 60 * DAY) if self.rng.random() < 0.1 else ""
            return self.row(
                "materials",
                material_id=name,
                owner_id=self.employee(),
                created_at=self.moments.write(created_at),
                retired_at=retired or self.seldom(self.when(), 0.15),
            )

        return self._each(self.materials, draw, revisions=(1, 1, 2))

    def _material_updates(self) -> Revisions:
        def draw(name: str) -> dict[str, str]:
            return self.row(
                "material_updates",
                update_id=name,
                material_id=self.some(*self.materials, "d99"),
                updated_at=self.when(),
            )

        names = self.some_names("u", 2, 18)
        return self._each(names, draw, revisions=(1, 1, 1, 2))
