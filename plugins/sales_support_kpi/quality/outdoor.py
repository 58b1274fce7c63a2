"""The out-door: may this build be shown to anybody, and which KPIs without a number?

build.duckdb → narrow frames → expectations/outdoor.py → results, landed as `ops` → Verdict
"""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import duckdb

from sales_support_kpi.config import Config, Kpi, enabled_kpis
from sales_support_kpi.quality import frames
from sales_support_kpi.quality.docs import keep_for_docs
from sales_support_kpi.quality.results import CheckResult, Verdict, summed_up
from sales_support_kpi.quality.runner import Frame, keeping_validations, run_suite, unmade
from sales_support_kpi.settings import Home
from sales_support_kpi.warehouse.inputs import BuildLike, kpi_definitions
from sales_support_kpi.warehouse.published import (
    NightManifest,
    all_manifests,
    current_manifest,
    nights_dir,
)
from sales_support_kpi.warehouse.records import record_quality

# KPIs whose subject is the quality of data itself: their target is watched at this door too.
DATA_QUALITY_KPIS = ("customer_record_accuracy",)

_MONTHS_COMPARED = 3
_TOLD_ONE_BY_ONE = frozenset({"outdoor_guards", "outdoor_targets", "outdoor_sources"})


def audit(home: Home, config: Config, build: BuildLike) -> Verdict:
    """Judge a build and land what was found; the caller holds the writer's lock."""
    with keeping_validations() as validations:
        verdict = Verdict.of(check_build(home, config, build.file, build))
    record_quality(home, build.night, build.inputs_hash, verdict.results)
    keep_for_docs(home, build.night, "out", validations)
    return verdict


def check_build(home: Home, config: Config, file: Path, build: BuildLike) -> list[CheckResult]:
    """All out-door results for a build file."""
    from expectations import outdoor

    kpis = enabled_kpis(config)
    breaches = {kpi.id: kpi.guard.on_breach for kpi in kpis if kpi.guard}
    previous = last_night_before(home, build)
    with duckdb.connect(str(file), read_only=True) as connection:
        connection.execute("set timezone = 'UTC'")
        results = [
            *_judge(
                outdoor.values_suite(),
                lambda: frames.values_frame(connection, kpis),
                index="kpi_id",
                breaches=breaches,
            ),
            *_judge(
                outdoor.ties_suite(),
                lambda: frames.ties_frame(connection, kpis),
                index="kpi_id",
                breaches=breaches,
            ),
            *_judge(
                outdoor.guards_suite(guard_rules(kpis)),
                lambda: _guards(home, connection, config, previous),
            ),
            *_targets(connection, kpis),
            *_judge(
                outdoor.sources_suite(),
                lambda: frames.sources_frame(connection),
                index="subject",
            ),
            *_judge(
                outdoor.privacy_suite(), lambda: frames.privacy_frame(connection), index="subject"
            ),
            *_judge(
                outdoor.tables_suite(), lambda: frames.tables_frame(connection), index="subject"
            ),
        ]
    return summed_up(results, lambda one: None if one.suite in _TOLD_ONE_BY_ONE else "")


def guard_rules(kpis: tuple[Kpi, ...]) -> list[Any]:
    """The configured guards as the suite wants them."""
    from expectations.outdoor import GuardRule

    return [
        GuardRule(kpi.id, kpi.guard.floor, kpi.guard.max_drop, kpi.guard.on_breach)
        for kpi in kpis
        if kpi.guard is not None
    ]


def last_night_before(home: Home, build: BuildLike) -> NightManifest | None:
    """The published night to compare with: the one readers see, unless it is of a later `as_of`."""
    current = current_manifest(home)
    if current is None or current.as_of <= build.night.as_of:
        return current
    earlier = [m for m in all_manifests(home) if m.as_of <= build.night.as_of]
    return max(earlier, key=lambda m: (m.as_of, m.created_at), default=None)


def _guards(
    home: Home,
    connection: duckdb.DuckDBPyConnection,
    config: Config,
    previous: NightManifest | None,
) -> Frame:
    """The guards' frame; a KPI that is measured differently than last night has not fallen."""
    kpis = enabled_kpis(config)
    now = frames.month_values(connection, "people.kpi_values", _MONTHS_COMPARED)
    if previous is None:
        return frames.guards_frame(kpis, now, {})
    directory = nights_dir(home) / previous.publish_id
    before = frames.published_months(directory, _MONTHS_COMPARED)
    definitions = kpi_definitions(kpis, config.company)
    same = {
        kpi_id: months
        for kpi_id, months in before.items()
        if previous.definitions.get(kpi_id) == definitions.get(kpi_id)
    }
    return frames.guards_frame(kpis, now, same)


def _targets(connection: duckdb.DuckDBPyConnection, kpis: tuple[Kpi, ...]) -> list[CheckResult]:
    """Rates of right records against their targets, as the build itself has resolved them."""
    from expectations import outdoor

    watched = [kpi.id for kpi in kpis if kpi.id in DATA_QUALITY_KPIS]
    try:
        months = frames.month_values(connection, "people.kpi_values", 1) if watched else {}
    except duckdb.Error:
        return []  # the values suite says so
    results: list[CheckResult] = []
    for kpi_id in watched:
        for row in months.get(kpi_id, {}).values():
            if row["target"] is not None:
                suite = outdoor.targets_suite(kpi_id, row["target"])
                results += run_suite(suite, [{"value": row["value"]}], door="out")
    return results


def _judge(
    suite: Any,  # noqa: ANN401 - great_expectations is imported late
    read: Callable[[], Frame],
    *,
    index: str | None = None,
    breaches: Mapping[str, str] | None = None,
) -> list[CheckResult]:
    try:
        frame = read()
    except duckdb.Error as error:
        return unmade(suite, str(error).splitlines()[0], door="out")
    return run_suite(suite, frame, door="out", index=index, breaches=breaches)
