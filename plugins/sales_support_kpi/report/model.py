"""The scorecard as data: every renderer draws from these objects and from nothing else."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Final, Literal

from sales_support_kpi.report.periods import Period

Lang = Literal["ko", "en"]
LANGS: Final[tuple[Lang, ...]] = ("ko", "en")


class Status(StrEnum):
    """How a value stands against its target."""

    MET = "met"
    AT_RISK = "at_risk"
    MISSED = "missed"
    INSUFFICIENT = "insufficient"
    NO_TARGET = "no_target"
    NO_DATA = "no_data"
    WITHHELD = "withheld"


@dataclass(frozen=True, slots=True)
class Scope:
    """Whose value it is: the company, a team or an employee."""

    type: str
    id: str
    name: str | None = None

    @property
    def text(self) -> str:
        """The spelling of `--scope`."""
        return self.type if self.type == "company" else f"{self.type}:{self.id}"


@dataclass(frozen=True, slots=True)
class TrendPoint:
    """One of the last periods of a KPI."""

    period: Period
    value: float | None = None
    target: float | None = None
    status: Status = Status.NO_DATA
    ci_low: float | None = None
    ci_high: float | None = None


@dataclass(frozen=True, slots=True)
class ScorecardRow:
    """One KPI in one period and scope; the numbers are those of `kpi_values`."""

    kpi_id: str
    name: str
    definition: str
    unit: str
    better: str
    number: str | None = None
    status: Status = Status.NO_DATA
    numerator: float | None = None
    denominator: float | None = None
    value: float | None = None
    target: float | None = None
    tolerance: float = 0.05
    attainment: float | None = None
    sample_size: int = 0
    ci_low: float | None = None
    ci_high: float | None = None
    is_certain: bool | None = None
    median: float | None = None
    p90: float | None = None
    is_complete: bool = False
    is_stale: bool = False
    reported_value: float | None = None
    reported_as_of: datetime | None = None
    is_closed: bool | None = None
    previous_value: float | None = None
    target_basis: str | None = None
    missing_entities: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()
    beside: tuple[str, ...] = ()
    trend: tuple[TrendPoint, ...] = ()

    @property
    def title(self) -> str:
        """The name with the KPI's number, as people call it."""
        return f"{self.number} {self.name}" if self.number else self.name

    @property
    def change(self) -> float | None:
        """Difference to the previous period's value."""
        if self.value is None or self.previous_value is None:
            return None
        return self.value - self.previous_value

    @property
    def is_improvement(self) -> bool | None:
        """Whether the change is for the better; None when there is none worth naming."""
        if self.change is None or abs(self.change) < 1e-9:
            return None
        return (self.change > 0) == (self.better == "higher")

    @property
    def is_uncertain(self) -> bool:
        """Judged against a target that lies inside the 95 % interval: it may be chance."""
        judged = self.status in (Status.MET, Status.AT_RISK, Status.MISSED)
        return judged and self.is_certain is False


@dataclass(frozen=True, slots=True)
class SourceState:
    """A source and how fresh what it delivered is."""

    source: str
    is_stale: bool
    last_landed_at: datetime | None = None
    last_outcome: str | None = None


@dataclass(frozen=True, slots=True)
class Unmatched:
    """How many people or customers of a system no other system knows."""

    entity: str
    source: str
    id_count: int


@dataclass(frozen=True, slots=True)
class Scorecard:
    """All enabled KPIs of one period and scope, as published."""

    publish_id: str
    night: date
    as_of: datetime
    timezone: str
    lang: Lang
    scope: Scope
    period: Period
    is_latest: bool
    is_complete: bool
    rows: tuple[ScorecardRow, ...]
    sources: tuple[SourceState, ...] = ()
    data_docs: str | None = None
    dbt_docs: str | None = None
    unmatched: tuple[Unmatched, ...] = ()

    def count(self, status: Status) -> int:
        """How many KPIs stand there."""
        return sum(row.status is status for row in self.rows)
