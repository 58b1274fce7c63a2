"""The in-door: may this load of an entity be read by anybody?

load profiles → two narrow frames → expectations/indoor.py → results; a critical breach rejects the
load.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from sales_support_kpi.config import Config
from sales_support_kpi.night import Night
from sales_support_kpi.quality.docs import keep_for_docs, page_name
from sales_support_kpi.quality.results import CheckResult, summed_up
from sales_support_kpi.quality.runner import keeping_validations, run_suite
from sales_support_kpi.settings import Home

# reason of the quarantine → what it is judged as, by column
_UNREADABLE = (
    "not_an_instant", "not_a_date", "not_a_number", "not_an_integer", "not_a_bool", "out_of_range",
    "formula_error",
)  # fmt: skip
_CAUSES: Mapping[str, tuple[str, ...]] = {
    "unknown_word_ratio": ("out_of_vocabulary",),
    "unreadable_ratio": _UNREADABLE,
    "not_given_ratio": ("missing_required",),
    "off_scale_ratio": ("score_out_of_scale", "bad_scale"),
    "misordered_ratio": ("completed_before_start",),
}
_LINES = ("too_few_columns", "too_many_columns", "bad_quotes", "bad_json")


def judge_night(
    home: Home,
    night: Night,
    profiles: Sequence[Mapping[str, Any]],
    config: Config,
    *,
    file: str = "",
) -> tuple[tuple[CheckResult, ...], ...]:
    """`judge_all` for what one source brings, kept for the night's Data Docs.

    `file` tells apart what is judged file by file: one must not stand for another.
    """
    with keeping_validations() as validations:
        results = judge_all(profiles, config)
    keep_for_docs(home, night, page_name("in", profiles[0]["source"], file), validations)
    return tuple(tuple(replace(one, file=file) for one in lines) for lines in results)


def judge_all(
    profiles: Sequence[Mapping[str, Any]], config: Config, *, now: datetime | None = None
) -> tuple[tuple[CheckResult, ...], ...]:
    """The results of several loads, in one validation: its start costs more than its rows.

    A profile is that of `landing.profiles`, with what `landing.usual` says of it. What it leaves
    out is judged as `no_data`; only `rows_read` has to be there.
    """
    if not profiles:
        return ()
    at = now or datetime.now(UTC)
    loads, columns = _suites(config)
    results = run_suite(loads, [load_row(one, at) for one in profiles], door="in", index="subject")
    rows = [row for one in profiles for row in column_rows(one)]
    if rows:
        results += run_suite(columns, rows, door="in", index="subject")
    lines = summed_up(results, lambda one: _load_of(one) if "." in one.subject else None)
    # a check that could not be made concerns every load
    return tuple(
        tuple(line for line in lines if _load_of(line) in ("", subject_of(one))) for one in profiles
    )


def subject_of(profile: Mapping[str, Any]) -> str:
    """What results call the load: as its folder in landing, `crm__requests`."""
    return f"{profile.get('source', '')}__{profile.get('entity', '')}"


def load_row(profile: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    """The profile as the one narrow row that the suite of loads judges."""
    rows, live = profile.get("rows_read"), profile.get("live_keys_before") or 0
    new = profile.get("new_columns")
    causes = profile.get("causes")
    is_full = profile.get("mode") == "full" and live > 0
    age = profile.get("age_hours")
    return {
        "subject": subject_of(profile),
        "rows_read": rows,
        "quarantined_ratio": profile.get("quarantined_ratio") if rows else None,
        "shrunk_ratio": profile.get("shrunk_ratio") if is_full else None,
        "is_emptied": int(rows == 0) if live and rows is not None else None,
        "volume_ratio": profile.get("volume_ratio"),
        "arrived_ratio": profile.get("arrived_ratio"),
        "duplicate_ratio": _share(profile.get("rows_superseded"), rows),
        "tied_ratio": _share(_count(causes, ("tied_versions",)), rows),
        "broken_line_ratio": _share(_count(causes, _LINES), rows),
        "new_column_count": None if new is None else len(new),
        "new_columns": ", ".join(new or ()) or "none",
        "silent_change_count": profile.get("silent_changes"),
        "newest_ahead_hours": _ahead(profile.get("newest_instant_us"), now),
        "age_ratio": profile.get("age_ratio"),
        "age": "unknown" if age is None else f"{age:g} hours old",
        "behind_hours": profile.get("behind_hours"),
    }


def column_rows(profile: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The profile's columns as the narrow rows that the suite of columns judges."""
    rows = profile.get("rows_read")
    by_column: dict[str, dict[str, int]] = {}
    for cause, count in (profile.get("causes") or {}).items():
        code, _, column = cause.partition("|")
        by_column.setdefault(column, {})[code] = count
    return [
        {
            "subject": f"{subject_of(profile)}.{change['column']}",
            "is_missing": int(change["is_missing"]),
            "is_retyped": int(change["is_retyped"]),
            "was": f"{change['now']}, was {change['was'] or 'unknown'}",
            "is_emptied": int(change["is_emptied"]),
            "fill_drop": change["fill_drop"],
            "fill": f"{change['filled_ratio'] or 0:.0%} filled, usually "
            f"{change['usual_ratio'] or 0:.0%}",
            **{
                name: _share(_count(by_column.get(change["column"], {}), codes), rows)
                for name, codes in _CAUSES.items()
            },
        }
        for change in profile.get("column_changes") or ()
    ]


def _load_of(result: CheckResult) -> str:
    return result.subject.partition(".")[0]


def _count(causes: Mapping[str, int] | None, codes: Sequence[str]) -> int | None:
    if causes is None:
        return None
    return sum(count for cause, count in causes.items() if cause.partition("|")[0] in codes)


def _share(count: int | None, rows: int | None) -> float | None:
    return count / rows if rows and count is not None else None


def _ahead(newest_us: int | None, now: datetime) -> float | None:
    """How many hours the newest instant lies after the landing."""
    if newest_us is None:
        return None
    return round(newest_us / 3.6e9 - now.timestamp() / 3600, 1)


def _suites(config: Config) -> tuple[Any, Any]:
    from expectations.indoor import IndoorLimits

    company, quality = config.company, config.company.quality
    return _built(
        IndoorLimits(
            max_quarantine=company.max_quarantine,
            max_shrink=company.max_shrink,
            min_volume=quality.min_volume,
            max_volume=quality.max_volume,
            max_bad_rows=quality.max_bad_rows,
            max_duplicates=quality.max_duplicates,
            max_fill_drop=quality.max_fill_drop,
            max_ahead_hours=quality.max_ahead_hours,
            max_behind_hours=quality.max_behind_hours,
        )
    )


@lru_cache(maxsize=8)
def _built(limits: Any) -> tuple[Any, Any]:  # noqa: ANN401 - expectations are imported late
    from expectations import indoor

    return indoor.loads_suite(limits), indoor.columns_suite(limits)
