"""A whole night in one process, without Airflow: land, build, audit, publish."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from sales_support_kpi.config import Config, enabled_sources
from sales_support_kpi.errors import InputError, SalesSupportKpiError, UsageError
from sales_support_kpi.night import Night, night_of
from sales_support_kpi.pipeline import steps
from sales_support_kpi.pipeline.announcements import GOOD
from sales_support_kpi.pipeline.progress import Progress, silent
from sales_support_kpi.settings import Home
from sales_support_kpi.warehouse.lock import writer_lock

if TYPE_CHECKING:
    from sales_support_kpi.landing import Outcome
    from sales_support_kpi.quality.results import Verdict
    from sales_support_kpi.warehouse.build import Build
    from sales_support_kpi.warehouse.publish import Publication


@dataclass(frozen=True, slots=True)
class RunResult:
    """What a run came to.

    Attributes:
        exit_code: as the CLI's: 0 published, 4 published with a source marked stale.
        home: where the result can be read: the home itself, or the place of an unpublished look.
        message: for the person who ran it.
    """

    exit_code: int
    home: Home
    outcomes: tuple["Outcome", ...]
    verdict: "Verdict | None"
    publication: "Publication | None"
    message: str = ""


def run_night(
    *,
    home: Home,
    config: Config,
    drops: Sequence[Path] = (),
    night: Night | None = None,
    known_at: date | None = None,
    publish: bool | None = None,
    since: datetime | None = None,
    progress: Progress = silent,
) -> RunResult:
    """One night without Airflow: land, build, audit, publish.

    It lands `drops` (workbooks or folders), or without them the configured sources; a look at the
    past (`known_at`, or a night before the published one) without drops lands nothing. Without
    `night` its `as_of` is now, taken after the landing. `publish` True replaces even a later
    published night, False publishes nothing. `since` reads systems again from there on.

    Raises:
        SalesSupportKpiError: with the exit code of what went wrong.
    """
    for path in drops:
        if not path.exists():
            raise InputError(f"{path}: no such file or folder")
    with writer_lock(home):
        is_look_back = known_at is not None or (not drops and _is_before_published(home, night))
        outcomes = [] if is_look_back else _ingest_all(home, config, drops, night, since, progress)
        at = night or night_of(datetime.now(UTC), config.company.timezone)
        is_shown = publish if publish is not None else not _is_before_published(home, at)
        if known_at is not None and not publish:
            is_shown = False
        if is_shown and known_at is None and steps.is_published(home, config, at):
            result = _nothing_new(home)
        else:
            result = _build_and_show(
                home,
                config,
                at,
                known_at,
                is_shown=is_shown,
                forced=bool(publish),
                progress=progress,
            )
        if is_shown:
            result = _served(result, config, progress)
    return _with_outcomes(result, outcomes)


def rebuild(*, home: Home, config: Config, progress: Progress = silent) -> RunResult:
    """Build the published night anew from landing: the same numbers, from nothing else.

    Raises:
        UsageError: nothing has been published yet.
    """
    from sales_support_kpi.warehouse.published import current_manifest, night_of_manifest

    with writer_lock(home):
        current = current_manifest(home)
        if current is None:
            raise UsageError("nothing has been published yet; `kpi run` publishes a first night")
        night = night_of_manifest(current)
        built = steps.build(
            home, config, night, current.known_at, full_refresh=True, progress=progress
        )
        result = _judge_and_publish(home, config, built, forced=True, progress=progress)
        return _served(result, config, progress)


def _ingest_all(
    home: Home,
    config: Config,
    drops: Sequence[Path],
    night: Night | None,
    since: datetime | None,
    progress: Progress,
) -> list["Outcome"]:
    outcomes = []
    for path in drops:
        progress(f"land {path.name}")
        at = night or night_of(datetime.now(UTC), config.company.timezone)
        outcomes.append(steps.ingest_drop(home, config, path, at))
        progress(f"land {path.name}", is_finished=True, detail=_detail(outcomes[-1]))
    if drops:
        return outcomes
    for source in enabled_sources(config):
        progress(f"land {source.id}")
        at = night or night_of(datetime.now(UTC), config.company.timezone)
        outcomes.append(steps.ingest(home, config, source.id, at, since=since))
        progress(f"land {source.id}", is_finished=True, detail=_detail(outcomes[-1]))
    return outcomes


def _detail(outcome: "Outcome") -> str:
    rows = sum(load.rows_landed for load in outcome.loads if load.is_accepted)
    return f"{rows:,} rows" if outcome.status == "landed" else outcome.status


def _build_and_show(
    home: Home,
    config: Config,
    night: Night,
    known_at: date | None,
    *,
    is_shown: bool,
    forced: bool,
    progress: Progress,
) -> RunResult:
    """Publish the night, or lay it where it can be looked at without disturbing anybody."""
    place = home if is_shown else Home(home.reports / "as_of")
    built = steps.build(home, config, night, known_at, into=place, progress=progress)
    result = _judge_and_publish(
        place, config, built, forced=forced, is_look=not is_shown, progress=progress
    )
    if is_shown:
        return result
    message = (
        f"not published: night {night.date} can be looked at with "
        f"`kpi scorecard --home {place.root}`"
    )
    return replace(result, message=_lines(message, result.message))


def _judge_and_publish(
    home: Home,
    config: Config,
    built: "Build",
    *,
    forced: bool,
    is_look: bool = False,
    progress: Progress,
) -> RunResult:
    progress("audit")
    verdict = steps.audit(home, config, built)
    progress("audit", is_finished=True, detail=f"{len(verdict.results)} checks")
    progress("publish")
    publication = steps.publish(
        home, config, built, verdict, replace_newer=forced or is_look, is_look=is_look
    )
    progress("publish", is_finished=True, detail=publication.publish_id)
    said = [f"warning: {result.sentence()}" for result in verdict.warnings]
    if publication.reason in ("held", "older"):
        said.append(f"night {publication.publish_id} stays published ({publication.reason})")
    return RunResult(0, home, (), verdict, publication, "\n".join(said))


def _served(result: RunResult, config: Config, progress: Progress) -> RunResult:
    """Let the database server follow; the files are published whatever comes of it."""
    if config.company.publish.to == "files":
        return result
    progress("serve")
    try:
        served = steps.serve(result.home, config)
    except SalesSupportKpiError as error:
        progress("serve", is_finished=True, detail="failed")
        return replace(result, exit_code=4, message=_lines(result.message, str(error)))
    detail = f"{served.rows:,} rows" if served and served.is_new else "unchanged"
    progress("serve", is_finished=True, detail=detail)
    return result


def _lines(*said: str) -> str:
    return "\n".join(filter(None, said))


def _nothing_new(home: Home) -> RunResult:
    from sales_support_kpi.warehouse.publish import Publication
    from sales_support_kpi.warehouse.published import (
        current_manifest,
        night_of_manifest,
        nights_dir,
    )

    current = current_manifest(home)
    publication = (
        None
        if current is None
        else Publication(
            publish_id=current.publish_id,
            directory=nights_dir(home) / current.publish_id,
            night=night_of_manifest(current),
            as_of=current.as_of,
            is_new=False,
            reason="unchanged",
        )
    )
    return RunResult(
        0,
        home,
        (),
        None,
        publication,
        "nothing new: loads, config and as-of instant are those of what is published",
    )


def _with_outcomes(result: RunResult, outcomes: Sequence["Outcome"]) -> RunResult:
    bad = [outcome for outcome in outcomes if outcome.status not in GOOD]
    said = [result.message, *(f"{o.source} {o.status}: {o.message}" for o in bad)]
    said += [f"{o.source}: {note}" for o in outcomes for note in o.notes]
    said += [
        f"{load.source}: {load.rows_quarantined} of {load.rows_read} rows of {load.entity} cannot "
        f"be used; they are kept with their reasons in {result.home.quarantine}"
        for outcome in outcomes
        for load in outcome.loads
        if load.rows_quarantined
    ]
    return replace(
        result,
        exit_code=4 if bad and result.exit_code == 0 else result.exit_code,
        outcomes=tuple(outcomes),
        message=_lines(*said),
    )


def _is_before_published(home: Home, night: Night | None) -> bool:
    from sales_support_kpi.warehouse.published import current_manifest

    current = current_manifest(home)
    return night is not None and current is not None and night.as_of < current.as_of
