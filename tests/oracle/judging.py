"""A value against its target: which target, what status, how certain."""

import math
import statistics
from datetime import date
from functools import cache

from scipy.stats import t as student

SLACK = 1e-9
Z_95 = 1.959963984540054
CAP = 2.0
CENSUS = "customer_record_accuracy"  # its interval belongs to the audit sample


def target_of(
    entry: dict, grain: str, period_end: date, scope: tuple[str, str], role: object
) -> float | None:
    """The narrowest scope wins, then a grain's own over `any`, then the latest date."""
    best: tuple[tuple[int, bool, date], float] | None = None
    for target in entry.get("targets") or []:
        begins = target["from"]
        narrowness = _narrowness(entry, target.get("scope"), scope, role)
        its_grain = target.get("grain", "any")
        if narrowness is None or its_grain not in ("any", grain) or begins > period_end:
            continue
        rank = (narrowness, its_grain == grain, begins)
        if best is None or rank > best[0]:
            best = (rank, float(target["value"]))
    return None if best is None else best[1]


def _narrowness(entry: dict, given: str | None, scope: tuple[str, str], role: object) -> int | None:
    """How narrowly a target's scope fits a scope; None: not at all."""
    scope_type, scope_id = scope
    if given is None:
        is_for_all = entry["unit"] != "count" or scope_type == "company"
        return 0 if is_for_all else None
    kind, _, name = given.partition(":")
    if kind == "role":
        return 1 if scope_type == "employee" and role == name else None
    if kind == "company":
        return 2 if scope_type == "company" else None
    return 2 if (kind, name) == (scope_type, scope_id) else None


def judge(
    entry: dict, value: float | None, target: float | None, sample_size: int
) -> tuple[str, float | None]:
    """Status and attainment."""
    attainment = _attainment(entry, value, target)
    if value is None:
        return "no_data", attainment
    if target is None:
        return "no_target", attainment
    if sample_size < entry.get("min_sample", 1):
        return "insufficient", attainment
    tolerance = entry.get("tolerance", 0.05)
    if entry["better"] == "higher":
        is_met = value >= target - SLACK
        is_near = value >= target * (1 - tolerance) - SLACK
    else:
        is_met = value <= target + SLACK
        is_near = value <= target * (1 + tolerance) + SLACK
    return ("met" if is_met else "at_risk" if is_near else "missed"), attainment


def _attainment(entry: dict, value: float | None, target: float | None) -> float | None:
    if value is None or target is None:
        return None
    if entry["better"] == "higher":
        return min(value / target, CAP)
    return CAP if value == 0 else min(target / value, CAP)


def interval_of(
    entry: dict, numerators: list[float], size: int
) -> tuple[float | None, float | None]:
    """The 95 % confidence interval of a value."""
    if entry["unit"] == "ratio" and entry["id"] != CENSUS and size > 0:
        return wilson(sum(numerators), size)
    if entry["unit"] in ("hours", "score") and size >= 2:
        return around_the_mean(numerators)
    return None, None


def wilson(successes: float, size: int) -> tuple[float, float]:
    share = successes / size
    z2 = Z_95**2
    centre = (share + z2 / (2 * size)) / (1 + z2 / size)
    half = Z_95 / (1 + z2 / size) * math.sqrt(share * (1 - share) / size + z2 / (4 * size**2))
    return centre - half, centre + half


def around_the_mean(values: list[float]) -> tuple[float, float]:
    mean = statistics.fmean(values)
    half = t_quantile(len(values) - 1) * statistics.stdev(values) / math.sqrt(len(values))
    return mean - half, mean + half


@cache
def t_quantile(freedom: int) -> float:
    return float(student.ppf(0.975, freedom))


def quantile(values: list[float], share: float) -> float:
    """Linear interpolation between the neighbours."""
    ordered = sorted(values)
    position = share * (len(ordered) - 1)
    below = math.floor(position)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (position - below) * (ordered[above] - ordered[below])
