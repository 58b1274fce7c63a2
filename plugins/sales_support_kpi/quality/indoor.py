"""The in-door: may this load of an entity be read by anybody?

load profile (one row) → expectations/indoor.py → results; a critical breach rejects the load
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, TypedDict

from sales_support_kpi.config import Config
from sales_support_kpi.quality.results import CheckResult
from sales_support_kpi.quality.runner import run_suite


class LoadProfile(TypedDict, total=False):
    """What is known of one load of one entity before it is accepted.

    Attributes:
        mode: `full` or `changes`; only a full load can shrink.
        rows_read: rows in the input, good and bad.
        quarantined_ratio: share of them kept back.
        live_keys_before: records alive before a full load.
        shrunk_ratio: share of those that it no longer holds.
        null_ratio: per required column, the share of rows without a value.
        silent_changes: versions rewritten without a new date of change.
        newest_instant_us: the latest instant in any column, in microseconds since 1970.
        extra_columns: columns the contract does not know.
        emptied_columns: columns with values in earlier loads and none in this one.
    """

    source: str
    entity: str
    mode: str
    rows_read: int | None
    quarantined_ratio: float
    live_keys_before: int
    shrunk_ratio: float
    null_ratio: Mapping[str, float]
    silent_changes: int
    newest_instant_us: int | None
    extra_columns: Sequence[str]
    emptied_columns: Sequence[str]


def judge(profile: Mapping[str, Any], config: Config) -> tuple[CheckResult, ...]:
    """All in-door results for one load; see `LoadProfile` for the keys, all of them optional.

    What a profile leaves out is judged as `no_data`; only `rows_read` has to be there.
    """
    return judge_all([profile], config)[0]


def judge_all(
    profiles: Sequence[Mapping[str, Any]], config: Config
) -> tuple[tuple[CheckResult, ...], ...]:
    """The results of several loads, in one validation: its start costs more than its rows."""
    if not profiles:
        return ()
    suite = _suite(config.company.max_quarantine, config.company.max_shrink)
    rows = [load_row(profile) for profile in profiles]
    results = run_suite(suite, rows, door="in", index="subject")
    # a check that could not be made concerns every load
    return tuple(
        tuple(result for result in results if result.subject in ("", row["subject"]))
        for row in rows
    )


def rejects(results: Sequence[CheckResult]) -> tuple[CheckResult, ...]:
    """The results for which a load is rejected."""
    return tuple(result for result in results if result.is_critical_breach)


def load_row(profile: Mapping[str, Any], *, now: datetime | None = None) -> dict[str, Any]:
    """The profile as the one narrow row that the suite judges."""
    rows, live = profile.get("rows_read"), profile.get("live_keys_before") or 0
    nulls = dict(profile.get("null_ratio") or {}) if rows else {}
    worst = max(nulls, key=lambda name: nulls[name], default=None)
    extra, emptied = profile.get("extra_columns"), profile.get("emptied_columns")
    is_full = profile.get("mode") == "full" and live > 0
    return {
        "subject": f"{profile.get('source', '')}__{profile.get('entity', '')}",
        "rows_read": rows,
        "quarantined_ratio": profile.get("quarantined_ratio") if rows else None,
        "shrunk_ratio": profile.get("shrunk_ratio") if is_full else None,
        "is_emptied": int(rows == 0) if live and rows is not None else None,
        "worst_null_ratio": nulls[worst] if worst else None,
        "worst_null_column": f"{worst} {nulls[worst]:.1%}" if worst else None,
        "extra_column_count": None if extra is None else len(extra),
        "extra_columns": ", ".join(extra or ()) or "none",
        "emptied_column_count": None if emptied is None else len(emptied),
        "emptied_columns": ", ".join(emptied or ()) or "none",
        "silent_change_count": profile.get("silent_changes"),
        "newest_ahead_hours": _ahead(profile.get("newest_instant_us"), now or datetime.now(UTC)),
    }


def _ahead(newest_us: int | None, now: datetime) -> float | None:
    """How many hours the newest instant lies after the landing."""
    if newest_us is None:
        return None
    return round(newest_us / 3.6e9 - now.timestamp() / 3600, 1)


@lru_cache(maxsize=8)
def _suite(max_quarantine: float, max_shrink: float) -> Any:  # noqa: ANN401
    from expectations import indoor

    return indoor.build_suite(max_quarantine=max_quarantine, max_shrink=max_shrink)
