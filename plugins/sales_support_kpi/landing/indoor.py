"""The in-door: whether a load that was written aside may be landed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol


class Limits(Protocol):
    """The company's limits for loads."""

    @property
    def max_quarantine(self) -> float:
        """Share of an entity's rows that may be kept back."""

    @property
    def max_shrink(self) -> float:
        """Share by which a full load may be smaller than what is there."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """What the in-door says: reasons to refuse, and what else was noticed."""

    reasons: tuple[str, ...]
    results: tuple[Any, ...] = ()

    @property
    def is_accepted(self) -> bool:
        """Whether the load may be landed."""
        return not self.reasons


def judge(
    profiles: Sequence[Mapping[str, Any]],
    config: Any,  # noqa: ANN401 - Config
) -> list[Judgement]:
    """Ask the quality checks about each load; the contract's two guards hold in any case."""
    from sales_support_kpi.quality import indoor

    judgements = []
    for profile, results in zip(profiles, indoor.judge_all(profiles, config), strict=True):
        reasons = guard(profile, config.company)
        if not reasons:
            reasons = [result.sentence() for result in results if result.is_critical_breach]
        judgements.append(Judgement(tuple(reasons), results))
    return judgements


def guard(profile: Mapping[str, Any], limits: Limits) -> list[str]:
    """Too many rows kept back, or a full load that is suddenly much smaller."""
    reasons = []
    if profile["quarantined_ratio"] > limits.max_quarantine:
        reasons.append(
            f"{profile['entity']}: {profile['rows_quarantined']} of {profile['rows_read']} rows "
            f"({profile['quarantined_ratio']:.1%}) cannot be used; at most "
            f"{limits.max_quarantine:.1%} are accepted (company.yml: max_quarantine). "
            "The rows and their reasons are in the home's quarantine/ folder"
        )
    if profile["shrunk_ratio"] > limits.max_shrink:
        reasons.append(
            f"{profile['entity']}: the load holds {profile['keys_now']} records where "
            f"{profile['live_keys_before']} were known ({profile['shrunk_ratio']:.1%} fewer); at "
            f"most {limits.max_shrink:.1%} fewer are accepted (company.yml: max_shrink). "
            "Check that the export is complete"
        )
    return reasons
