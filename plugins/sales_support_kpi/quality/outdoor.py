"""The out-door: may this build be shown to anybody, and which KPIs without a number?

build.duckdb → narrow frames → expectations/outdoor.py → results, landed as `ops` → Verdict
"""

from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import duckdb

from sales_support_kpi.config import Config, Kpi, enabled_kpis
from sales_support_kpi.quality import falls, frames
from sales_support_kpi.quality.contact import privacy_frame
from sales_support_kpi.quality.docs import keep_for_docs
from sales_support_kpi.quality.reconciliation import land_ties, reconcile, ties_by_stage
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

MEMORY_LIMIT = "700MB"
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
    before = _months_before(home, config, build)
    with duckdb.connect(str(file), read_only=True) as connection:
        connection.execute("set timezone = 'UTC'")
        # what does not fit goes to the disk: the audit stays small beside the build
        connection.execute(f"set memory_limit = '{MEMORY_LIMIT}'")
        connection.execute("set temp_directory = ?", [str(file.with_name("audit.tmp"))])
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
                outdoor.reconciliation_suite(),
                lambda: _reconciled(home, connection, build),
                index="subject",
            ),
            *_judge(
                outdoor.guards_suite(guard_rules(kpis)),
                lambda: falls.guards_frame(kpis, _months(connection), before),
            ),
            *_judge(
                outdoor.losses_suite(config.company.quality.max_rows_lost),
                lambda: falls.losses_frame(
                    kpis, _months(connection), before, config.company.quality.min_rows
                ),
                index="kpi_id",
            ),
            *_targets(connection, kpis),
            *_judge(
                outdoor.sources_suite(),
                lambda: frames.sources_frame(connection),
                index="subject",
            ),
            *_judge(outdoor.privacy_suite(), lambda: privacy_frame(connection), index="subject"),
            *_judge(
                outdoor.tables_suite(),
                lambda: frames.tables_frame(connection, kpis),
                index="subject",
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


def _months(connection: duckdb.DuckDBPyConnection) -> dict[str, dict[date, frames.Row]]:
    return falls.month_values(connection, "people.kpi_values", _MONTHS_COMPARED)


def _months_before(
    home: Home, config: Config, build: BuildLike
) -> dict[str, dict[date, frames.Row]]:
    """Per KPI what readers were last shown of its months.

    A KPI that is measured differently since has neither fallen nor lost anything. One that was
    withheld is compared with the last night that had a number for it: else a breach would pass the
    night after.
    """
    previous = last_night_before(home, build)
    if previous is None:
        return {}
    definitions = kpi_definitions(enabled_kpis(config), config.company)
    found: dict[str, dict[date, frames.Row]] = {}
    for night in _nights_back(home, previous):
        wanted = {
            kpi_id
            for kpi_id, definition in definitions.items()
            if night.definitions.get(kpi_id) == definition and kpi_id not in night.withheld
        }
        directory = nights_dir(home) / night.publish_id
        months = falls.published_months(directory, _MONTHS_COMPARED)
        found |= {k: months[k] for k in wanted - found.keys() if k in months}
        if not set(night.withheld) - found.keys():
            break
    return found


def _nights_back(home: Home, previous: NightManifest) -> list[NightManifest]:
    """The night to compare with, and those before it, latest first."""
    earlier = [
        m
        for m in all_manifests(home)
        if m.as_of <= previous.as_of and m.created_at < previous.created_at
    ]
    return [previous, *sorted(earlier, key=lambda m: (m.as_of, m.created_at), reverse=True)]


def _reconciled(home: Home, connection: duckdb.DuckDBPyConnection, build: BuildLike) -> Frame:
    ties = reconcile(home, connection)
    land_ties(home, build, ties)
    return ties_by_stage(ties)


def _targets(connection: duckdb.DuckDBPyConnection, kpis: tuple[Kpi, ...]) -> list[CheckResult]:
    """Rates of right records against their targets, as the build itself has resolved them."""
    from expectations import outdoor

    watched = [kpi.id for kpi in kpis if kpi.id in DATA_QUALITY_KPIS]
    try:
        months = falls.month_values(connection, "people.kpi_values", 1) if watched else {}
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
