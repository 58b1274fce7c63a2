"""What was planted: the exact numerators and denominators that a correct pipeline must find.

The truth is known because the generator chooses outcomes, not timestamps: a request is given its
seconds on the running clock and its pauses first, and its instants are *derived* from them; a
record version is given its fault (or none) first, and its cells are written accordingly; a report
is decided to be late before its delivery is dated. Truth is counted from those choices, never by
reading the written rows back. What makes a row not count (cancelled, broken, rejected by a rule,
replaced by a later answer, not yet known in the night) is planted and counted the same way.

Values are per month, for the company and for each team; flow KPIs by the month of `occurred_at`,
stock and month-end KPIs as they stand at the end of the month or of the history.
"""

import json
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from sales_support_kpi.sandbox.rhythm import MONTHS, STARTS, Floats, month_of
from sales_support_kpi.sandbox.worktime import HOUR, Flags, Ints, to_datetime

COUNTS = frozenset({"insights_delivered"})
HOURS = frozenset({"document_turnaround", "inquiry_handling_time"})
COMPANY = "company"


@dataclass(frozen=True, slots=True)
class Cell:
    """One planted value."""

    kpi_id: str
    period_start: str
    scope_type: str
    scope_id: str
    numerator: float
    denominator: float | None

    @property
    def value(self) -> float | None:
        """The quotient; the numerator itself for a count."""
        if self.denominator is None:
            return self.numerator
        return self.numerator / self.denominator if self.denominator else None


@dataclass
class Truth:
    """Adds up what the generator plants while it plants it."""

    seen_before: int
    teams: list[str]
    rows: Counter[str] = field(default_factory=Counter)
    quarantined: Counter[str] = field(default_factory=Counter)
    rejected: Counter[str] = field(default_factory=Counter)
    planted: Counter[str] = field(default_factory=Counter)
    _sums: dict[str, tuple[Floats, Floats]] = field(default_factory=dict)

    @property
    def months(self) -> range:
        """Indexes of the months that have begun."""
        return range(int(np.searchsorted(STARTS[:-1], self.seen_before, side="left")))

    def month_ends(self) -> list[tuple[int, int]]:
        """For each month its index and `E`: its end, or the end of what can be seen."""
        return [(month, min(int(STARTS[month + 1]), self.seen_before)) for month in self.months]

    def flow(self, kpi_id: str, occurred_at: Ints, teams: Ints, numerator: Ints | Floats) -> None:
        """Measure rows with denominator 1: each counts in its month, for company and team."""
        self.add(kpi_id, month_of(occurred_at), teams, numerator)

    def add(
        self, kpi_id: str, months: Ints | int, teams: Ints, numerator: Ints | Floats | Flags
    ) -> None:
        """Rows of given months (or of one month); team -1 counts for the company only."""
        width = len(self.teams) + 1
        size = len(MONTHS) * width
        if kpi_id not in self._sums:
            self._sums[kpi_id] = (np.zeros(2 * size), np.zeros(2 * size))
        tops, bottoms = self._sums[kpi_id]
        cells = np.asarray(months) * width + np.where(teams < 0, width - 1, teams)
        cells = np.broadcast_to(cells, np.shape(teams))
        tops += np.bincount(cells, weights=numerator, minlength=2 * size)
        bottoms += np.bincount(cells, minlength=2 * size)

    def cells(self) -> list[Cell]:
        """All planted values, in a fixed order."""
        found = []
        width = len(self.teams) + 1
        size = len(MONTHS) * width
        for kpi_id in sorted(self._sums):
            tops, bottoms = (part[:size].reshape(-1, width) for part in self._sums[kpi_id])
            unit = HOUR if kpi_id in HOURS else 1
            for month in self.months:
                start = MONTHS[month].isoformat()
                scopes = [
                    (COMPANY, COMPANY, tops[month].sum(), bottoms[month].sum()),
                    *(
                        ("team", team, tops[month, column], bottoms[month, column])
                        for column, team in enumerate(self.teams)
                    ),
                ]
                for kind, name, top, bottom in scopes:
                    if bottom:
                        below = None if kpi_id in COUNTS else float(bottom)
                        found.append(Cell(kpi_id, start, kind, name, float(top) / unit, below))
        return found

    def value(self, kpi_id: str, month: str, scope: str = COMPANY) -> Cell | None:
        """One cell: `value("report_usage", "2026-10-01")`, `value(…, scope="영업지원2팀")`."""
        for cell in self.cells():
            if (cell.kpi_id, cell.period_start, cell.scope_id) == (kpi_id, month, scope):
                return cell
        return None

    def as_dict(self) -> dict[str, object]:
        """The content of `truth.json`."""
        return {
            "as_of": to_datetime(self.seen_before).isoformat(),
            "rows": dict(sorted(self.rows.items())),
            "quarantined": dict(sorted(self.quarantined.items())),
            "rejected": dict(sorted(self.rejected.items())),
            "planted": dict(sorted(self.planted.items())),
            "values": [
                {
                    "kpi_id": cell.kpi_id,
                    "grain": "month",
                    "period_start": cell.period_start,
                    "scope_type": cell.scope_type,
                    "scope_id": cell.scope_id,
                    "numerator": cell.numerator,
                    "denominator": cell.denominator,
                    "value": cell.value,
                }
                for cell in self.cells()
            ],
        }

    def write(self, path: Path) -> None:
        """Write `truth.json`."""
        text = json.dumps(self.as_dict(), ensure_ascii=False, indent=1)
        path.write_text(text + "\n", encoding="utf-8")
