"""`readers.csv` of a config folder: who may look at persons, in dashboards and on the server."""

import csv
from dataclasses import dataclass
from pathlib import Path

from sales_support_kpi.errors import InputError

FILE = "readers.csv"
ROLES = ("manager", "lead", "member")


@dataclass(frozen=True, slots=True)
class Reader:
    """Somebody who may look: an employee's id and what she may see of people.

    Attributes:
        role: `manager` sees everybody, `lead` the own team, `member` herself.
    """

    employee_id: str
    role: str


def read_readers(config: Path) -> list[Reader]:
    """Who may look; nobody without the file.

    Raises:
        InputError: a line names no employee, one twice, or an unknown role.
    """
    file = config / FILE
    if not file.exists():
        return []
    with file.open(encoding="utf-8-sig", newline="") as lines:
        rows = list(csv.DictReader(lines))
    readers: dict[str, Reader] = {}
    for number, row in enumerate(rows, start=2):
        employee, role = (row.get("employee_id") or "").strip(), (row.get("role") or "").strip()
        if not employee or role not in ROLES:
            raise InputError(
                f"{file}, line {number}: wants employee_id and role "
                f"({', '.join(ROLES)}); is {employee!r}, {role!r}"
            )
        if employee in readers:
            raise InputError(f"{file}, line {number}: {employee} is listed twice: keep one line")
        readers[employee] = Reader(employee, role)
    return list(readers.values())
