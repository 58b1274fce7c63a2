"""A company small enough to be worked out by hand, and the oracle asked about it.

It is in Seoul, from January to March 2026: 2026-01-05 and 2026-01-12 are Mondays; 2026-02-16, -17
and -18 (Mon, Tue, Wed) are Seollal.
"""

from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from tests.oracle.catalog import catalog, write_config
from tests.oracle.loads import Drop
from tests.oracle.oracle import Cell, evaluate

SEOUL = ZoneInfo("Asia/Seoul")
END_OF_JANUARY = datetime(2026, 2, 1, tzinfo=SEOUL)
COMPANY = ("company", "company")


class Table:
    """Writes `a b c | 1 2 3` style rows as dicts of text; `_` is an empty cell."""

    def __init__(self, header: str, *rows: str) -> None:
        names = header.split()
        self.rows = [
            {n: "" if v == "_" else v for n, v in zip(names, row.split(), strict=True)}
            for row in rows
        ]


class Case:
    """One company, its nights, and a way to ask for a cell."""

    def __init__(self, tmp_path: Path) -> None:
        self.directory = tmp_path / "config"
        self.company: dict = {"max_quarantine": 1.0}
        self.kpis = catalog()
        self.drops: list[Drop] = []

    def night(self, as_of: datetime = END_OF_JANUARY, mode: str = "full", **tables: Table) -> None:
        local = (as_of - timedelta(microseconds=1)).astimezone(SEOUL)
        rows = {entity: table.rows for entity, table in tables.items()}
        self.drops.append(Drop(as_of, local.date(), mode, rows))

    def entry(self, kpi_id: str) -> dict:
        return next(entry for entry in self.kpis if entry["id"] == kpi_id)

    def cells(self, as_of: datetime = END_OF_JANUARY, known_at: date | None = None) -> dict:
        return evaluate(
            self.drops, write_config(self.directory, self.company, self.kpis), as_of, known_at
        )

    def cell(
        self,
        kpi_id: str,
        start: str = "2026-01-01",
        grain: str = "month",
        scope: tuple[str, str] = COMPANY,
        as_of: datetime = END_OF_JANUARY,
    ) -> Cell:
        return self.cells(as_of)[kpi_id, grain, date.fromisoformat(start), *scope]


def parts(cell: Cell) -> tuple[float, float | None]:
    return cell.numerator, cell.denominator


REQUESTS = "request_id kind status assignee_id opened_at received_at completed_at"
EVENTS = "event_id request_id to_status occurred_at"
PEOPLE = "employee_id team role hired_on left_on onboarding_owner_id updated_at"
CUSTOMERS = (
    "customer_id name business_registration_no email phone postal_code owner_id steward_id status"
    " deleted_at updated_at"
)
GOOD = "124-81-00998 a@b.kr 02-123-4567 06236 e1 e2 active"
OTHER = "116-82-00276 a@b.kr +82-10-1234-5678 06236 e1 e2 active"
SURVEYS = "response_id survey request_id respondent_id score scale_min scale_max submitted_at"


def people(*rows: str) -> Table:
    return Table(PEOPLE, *rows)
