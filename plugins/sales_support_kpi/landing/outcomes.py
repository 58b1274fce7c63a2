"""How landing a source went."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from sales_support_kpi.landing.manifests import Manifest
from sales_support_kpi.night import Night

if TYPE_CHECKING:
    from sales_support_kpi.quality.results import CheckResult

Status = Literal["landed", "unchanged", "failed", "rejected"]


@dataclass(frozen=True, slots=True)
class Outcome:
    """How landing a source went.

    Attributes:
        loads: the manifests that were written, rejected ones included.
        message: for a person; empty when there is nothing to say.
        notes: what was noticed and skipped.
        results: what the in-door said of every load.
        is_final: trying again within the night would end the same way.
    """

    source: str
    night: Night
    status: Status
    loads: tuple[Manifest, ...] = ()
    message: str = ""
    notes: tuple[str, ...] = ()
    results: tuple["CheckResult", ...] = ()
    is_final: bool = False
