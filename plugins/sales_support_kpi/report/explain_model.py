"""What an explanation of a difference holds."""

from dataclasses import dataclass, field
from datetime import datetime

from sales_support_kpi.report.beside import Beside
from sales_support_kpi.report.explain_split import Effect, Group
from sales_support_kpi.report.model import Lang, Scope
from sales_support_kpi.report.periods import Period
from sales_support_kpi.report.published import PublishedNight


@dataclass(frozen=True, slots=True)
class Record:
    """One record behind a group, by its source's own key."""

    group: Group
    source: str | None
    entity: str | None
    record_id: str | None
    numerator: float
    denominator: float | None
    occurred_at: datetime | None
    is_of_base: bool


@dataclass(frozen=True, slots=True)
class DimensionSplit:
    """The whole difference, split over one dimension."""

    dimension: str
    effects: tuple[Effect, ...]
    concentration: float


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why the value of a period is not that of another one, or not the target.

    Attributes:
        base_period: the other period; None against the target.
        chosen: the split that is shown.
        others: the dimensions that were not, the most concentrated first.
        is_published: whether the rows sum up to the values that were published.
        beside: signal, tail and projection of the value.
    """

    kpi_id: str
    name: str
    unit: str
    better: str
    scope: Scope
    period: Period
    base_period: Period | None
    night: PublishedNight
    lang: Lang
    value: float
    base_value: float
    chosen: DimensionSplit
    is_chosen_by_rule: bool
    others: tuple[DimensionSplit, ...]
    records: tuple[Record, ...]
    is_published: bool
    group_names: dict[str, str] = field(default_factory=dict)
    beside: Beside = field(default_factory=Beside)

    @property
    def difference(self) -> float:
        """What the effects sum to."""
        return self.value - self.base_value

    @property
    def is_improvement(self) -> bool | None:
        """Whether the difference is for the better; None when there is none worth naming."""
        if abs(self.difference) < 1e-9:
            return None
        return (self.difference > 0) == (self.better == "higher")

    def is_open(self, period: Period) -> bool:
        """Whether a period has not ended yet."""
        return period.instants(self.night.timezone)[1] > self.night.as_of
