"""The in-door: may this load of an entity be read by anybody?

load profile (one row) → expectations/indoor.py → results; a critical breach rejects the load
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any, TypedDict

from sales_support_kpi.config import Config
from sales_support_kpi.quality.results import CheckResult
from sales_support_kpi.quality.runner import run_suite


class LoadProfile(TypedDict, total=False):
    """What is known of one load of one entity before it is accepted.

    Attributes:
        rows_read: rows in the input, good and bad.
        rows_quarantined: those kept back.
        rows_before: records alive before this load (of this source and entity).
        rows_gone: those a full load no longer holds.
        mode: `full` or `changes`; only a full load can shrink.
        had_rows: whether an earlier accepted load brought rows.
        null_ratios: per required column, the share of rows without a value.
        extra_columns: columns the contract does not know.
        emptied_columns: columns with values in earlier loads and none in this one.
        silent_changes: versions rewritten without a new date of change.
        newest_at: the latest instant in any column but deadlines and planned dates.
        landed_at: when the landing began.
        quarantined_ratio: in place of the two counts.
        shrunk_ratio: in place of the two counts.
    """

    source: str
    entity: str
    mode: str
    rows_read: int | None
    rows_quarantined: int
    rows_before: int
    rows_gone: int
    had_rows: bool
    null_ratios: Mapping[str, float]
    extra_columns: Sequence[str]
    emptied_columns: Sequence[str]
    silent_changes: int
    newest_at: datetime | None
    landed_at: datetime
    quarantined_ratio: float | None
    shrunk_ratio: float | None


def judge(profile: Mapping[str, Any], config: Config) -> tuple[CheckResult, ...]:
    """All in-door results for one load; see `LoadProfile` for the keys, all of them optional.

    What a profile leaves out is judged as `no_data`; only `rows_read` has to be there.
    """
    suite = _suite(config.company.max_quarantine, config.company.max_shrink)
    return tuple(run_suite(suite, [load_row(profile)], door="in", index="subject"))


def rejects(results: Sequence[CheckResult]) -> tuple[CheckResult, ...]:
    """The results for which a load is rejected."""
    return tuple(result for result in results if result.is_critical_breach)


def load_row(profile: Mapping[str, Any]) -> dict[str, Any]:
    """The profile as the one narrow row that the suite judges."""
    rows_read = profile.get("rows_read")
    nulls = dict(profile.get("null_ratios") or {})
    worst = max(nulls, key=lambda name: nulls[name], default=None)
    newest, landed = profile.get("newest_at"), profile.get("landed_at")
    extra, emptied = profile.get("extra_columns"), profile.get("emptied_columns")
    return {
        "subject": f"{profile.get('source', '')}__{profile.get('entity', '')}",
        "rows_read": rows_read,
        "quarantined_ratio": _ratio(profile, "quarantined_ratio", "rows_quarantined", "rows_read"),
        "shrunk_ratio": _shrunk(profile),
        "is_emptied": _is_emptied(rows_read, profile.get("had_rows")),
        "worst_null_ratio": nulls[worst] if worst else None,
        "worst_null_column": f"{worst} {nulls[worst]:.1%}" if worst else None,
        "extra_column_count": None if extra is None else len(extra),
        "extra_columns": ", ".join(extra or ()),
        "emptied_column_count": None if emptied is None else len(emptied),
        "emptied_columns": ", ".join(emptied or ()),
        "silent_change_count": profile.get("silent_changes"),
        "newest_ahead_hours": (newest - landed).total_seconds() / 3600
        if newest and landed
        else None,
    }


def _shrunk(profile: Mapping[str, Any]) -> float | None:
    if profile.get("mode", "full") != "full":
        return None
    return _ratio(profile, "shrunk_ratio", "rows_gone", "rows_before")


def _ratio(profile: Mapping[str, Any], given: str, part: str, whole: str) -> float | None:
    if profile.get(given) is not None:
        return float(profile[given])
    if profile.get(part) is None or not profile.get(whole):
        return None
    return float(profile[part] / profile[whole])


def _is_emptied(rows_read: int | None, had_rows: bool | None) -> int | None:
    return None if rows_read is None or had_rows is None else int(had_rows and rows_read == 0)


@lru_cache(maxsize=8)
def _suite(max_quarantine: float, max_shrink: float) -> Any:  # noqa: ANN401
    from expectations import indoor

    return indoor.build_suite(max_quarantine=max_quarantine, max_shrink=max_shrink)
