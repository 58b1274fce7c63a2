"""The steps of a night, as plain functions: the CLI, the tests and the DAGs call the same ones.

ingest (per source) → build → audit → publish. `run_night` is all of them in one process.
"""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol
from zoneinfo import ZoneInfo

from sales_support_kpi.config import Config, enabled_sources
from sales_support_kpi.errors import InputError, UsageError
from sales_support_kpi.landing.ops import SOURCE as OPS
from sales_support_kpi.landing.ops import land_ops, read_ops
from sales_support_kpi.night import Night, night_of
from sales_support_kpi.settings import Home
from sales_support_kpi.warehouse.lock import writer_lock

if TYPE_CHECKING:
    from sales_support_kpi.landing import Manifest, Outcome
    from sales_support_kpi.quality.results import Verdict
    from sales_support_kpi.warehouse.build import Build
    from sales_support_kpi.warehouse.control import SourceState
    from sales_support_kpi.warehouse.publish import Publication

GOOD = ("landed", "unchanged")


class Progress(Protocol):
    """What long work calls while it works."""

    def __call__(
        self,
        step: str,
        *,
        done: int | None = None,
        total: int | None = None,
        is_finished: bool = False,
        detail: str = "",
    ) -> None:
        """Say how far a step is; the first call begins it."""


def _silent(step: str, **_: object) -> None:
    """Nobody watches."""


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


def ingest(
    home: Home,
    config: Config,
    source_id: str,
    night: Night,
    *,
    path: Path | None = None,
    since: datetime | None = None,
) -> "Outcome":
    """Land one configured source for a night and announce how it went.

    A foreign system is read before the home is locked, since that may take hours.

    Args:
        home: where it is landed.
        config: the company's configuration.
        source_id: what is landed.
        night: the night it is landed in.
        path: files other than those configured.
        since: read a system from here on again, whatever was read before.

    Raises:
        UsageError: no enabled source has this id.
    """
    from sales_support_kpi import landing

    source = next((s for s in enabled_sources(config) if s.id == source_id), None)
    if source is None:
        known = ", ".join(s.id for s in enabled_sources(config)) or "none"
        raise UsageError(f"no enabled source is called {source_id!r}; enabled: {known}")
    with (
        landing.read(home, config, source, night, since) as reading,
        writer_lock(home, wait_seconds=3600),
    ):
        outcome = landing.land(home, config, source, night, path=path, reading=reading)
        _announce(home, outcome, night)
    return outcome


def parse_since(text: str | None, config: Config) -> datetime | None:
    """`--since`: a date means its first instant in the company's zone, an instant itself.

    Raises:
        UsageError: the text is neither.
    """
    if text is None:
        return None
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        raise UsageError(
            f"--since {text!r} is neither a date (2026-10-01) nor an ISO instant "
            "(2026-10-01T18:00+09:00)"
        ) from None
    return instant if instant.tzinfo else instant.replace(tzinfo=ZoneInfo(config.company.timezone))


def ingest_drop(home: Home, config: Config, path: Path, night: Night) -> "Outcome":
    """Land a workbook or folder given by hand.

    Raises:
        InputError: it cannot be read at all.
    """
    from sales_support_kpi import landing

    with writer_lock(home):
        outcome = landing.land_drop(home, config, path, night)
        _announce(home, outcome, night)
    return outcome


def build(
    home: Home,
    config: Config,
    night: Night,
    known_at: date | None = None,
    *,
    full_refresh: bool = False,
    into: Home | None = None,
    progress: Progress = _silent,
) -> "Build":
    """Build the warehouse of a night from everything accepted so far (or up to `known_at`).

    With `into` it is built in another home: a look that must not touch the nightly build.

    Raises:
        NoAcceptedLoad: nothing has been landed.
        BuildFailed: a model failed.
        AuditFailed: a dbt test failed.
    """
    from sales_support_kpi.warehouse import build as warehouse
    from sales_support_kpi.warehouse.publish import make_good

    place = into or home

    def listener(_: str, index: int, total: int) -> None:
        progress("build", done=index, total=total)

    with writer_lock(place, wait_seconds=3600):
        loads = _loads(home, config, known_at)
        sources = _source_states(home, config, loads, night, known_at)
        make_good(home)
        progress("build")
        built = warehouse.build(
            place,
            config,
            night,
            loads=loads,
            sources=sources,
            known_at=known_at,
            full_refresh=full_refresh,
            listener=listener,
            said_in=home,
        )
        progress("build", is_finished=True, detail=f"{len(built.results)} models and tests")
        _write_json(place.warehouse / "build.json", asdict(built))
        _record_run(place, built)
    return built


def audit(home: Home, config: Config, built: "Build") -> "Verdict":
    """Judge a build at the out-door; remembered beside it for `read_verdict`."""
    from sales_support_kpi import quality
    from sales_support_kpi.quality.docs import build_docs

    verdict = quality.audit(home, config, built)
    build_docs(home, built.night, keep=config.company.quality.keep_docs)
    results = [asdict(result) for result in verdict.results]
    _write_json(home.warehouse / "verdict.json", results)
    return verdict


def publish(
    home: Home,
    config: Config,
    built: "Build",
    verdict: "Verdict",
    *,
    replace_newer: bool = False,
    is_look: bool = False,
) -> "Publication":
    """Show a build that passed its audit to everybody; a look keeps nothing of what it says.

    Raises:
        AuditFailed: a critical check failed; the last good night stays.
    """
    from sales_support_kpi.warehouse.publish import publish as publish_build

    with writer_lock(home, wait_seconds=3600):
        return publish_build(
            home, config, built, verdict, replace_newer=replace_newer, is_look=is_look
        )


def is_published(home: Home, config: Config, night: Night) -> bool:
    """Whether what is published already says all that is landed, configured and asked for."""
    from sales_support_kpi.warehouse.build import inputs_hash
    from sales_support_kpi.warehouse.published import current_manifest

    current = current_manifest(home)
    loads = _loads(home, config, None)
    sources = _source_states(home, config, loads, night, None)
    return current is not None and current.inputs_hash == inputs_hash(
        config, night, loads, sources, None
    )


def run_night(
    *,
    home: Home,
    config: Config,
    drops: Sequence[Path] = (),
    night: Night | None = None,
    known_at: date | None = None,
    publish: bool | None = None,
    since: datetime | None = None,
    progress: Progress = _silent,
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
        if is_shown and known_at is None and is_published(home, config, at):
            return _nothing_new(home, outcomes)
        result = _build_and_show(
            home, config, at, known_at, is_shown=is_shown, forced=bool(publish), progress=progress
        )
    return _with_outcomes(result, outcomes)


def rebuild(*, home: Home, config: Config, progress: Progress = _silent) -> RunResult:
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
        built = build(home, config, night, current.known_at, full_refresh=True, progress=progress)
        return _judge_and_publish(home, config, built, forced=True, progress=progress)


def read_build(home: Home) -> "Build":
    """The build that the last `build` left behind (tasks are processes of their own)."""
    from sales_support_kpi.warehouse.build import Build

    value = json.loads((home.warehouse / "build.json").read_text(encoding="utf-8"))
    night = Night(
        date.fromisoformat(value["night"]["date"]),
        datetime.fromisoformat(value["night"]["as_of"]),
    )
    known_at = date.fromisoformat(value["known_at"]) if value["known_at"] else None
    return Build(**value | {"file": Path(value["file"]), "night": night, "known_at": known_at})


def read_verdict(home: Home) -> "Verdict":
    """The verdict that the last `audit` left behind."""
    from sales_support_kpi.quality.results import CheckResult, Verdict

    value = json.loads((home.warehouse / "verdict.json").read_text(encoding="utf-8"))
    return Verdict.of(CheckResult(**result) for result in value)


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
        outcomes.append(ingest_drop(home, config, path, at))
        progress(f"land {path.name}", is_finished=True, detail=_detail(outcomes[-1]))
    if drops:
        return outcomes
    for source in enabled_sources(config):
        progress(f"land {source.id}")
        at = night or night_of(datetime.now(UTC), config.company.timezone)
        outcomes.append(ingest(home, config, source.id, at, since=since))
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
    built = build(home, config, night, known_at, into=place, progress=progress)
    result = _judge_and_publish(
        place, config, built, forced=forced, is_look=not is_shown, progress=progress
    )
    if is_shown:
        return result
    message = (
        f"not published: night {night.date} can be looked at with "
        f"`kpi scorecard --home {place.root}`"
    )
    return replace(result, message="\n".join(filter(None, (message, result.message))))


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
    verdict = audit(home, config, built)
    progress("audit", is_finished=True, detail=f"{len(verdict.results)} checks")
    progress("publish")
    publication = publish(
        home, config, built, verdict, replace_newer=forced or is_look, is_look=is_look
    )
    progress("publish", is_finished=True, detail=publication.publish_id)
    said = [f"warning: {result.sentence()}" for result in verdict.warnings]
    if publication.reason in ("held", "older"):
        said.append(f"night {publication.publish_id} stays published ({publication.reason})")
    return RunResult(0, home, (), verdict, publication, "\n".join(said))


def _nothing_new(home: Home, outcomes: Sequence["Outcome"]) -> RunResult:
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
    result = RunResult(
        0,
        home,
        (),
        None,
        publication,
        "nothing new: loads, config and as-of instant are those of what is published",
    )
    return _with_outcomes(result, outcomes)


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
        message="\n".join(filter(None, said)),
    )


def _is_before_published(home: Home, night: Night | None) -> bool:
    from sales_support_kpi.warehouse.published import current_manifest

    current = current_manifest(home)
    return night is not None and current is not None and night.as_of < current.as_of


def _loads(home: Home, config: Config, known_at: date | None) -> list["Manifest"]:
    """Accepted loads of every source but those that the configuration switches off."""
    from sales_support_kpi.landing import accepted_loads

    disabled = {source.id for source in config.sources if not source.enabled} | {OPS}
    return [load for load in accepted_loads(home, known_at) if load.source not in disabled]


def _source_states(
    home: Home,
    config: Config,
    loads: Sequence["Manifest"],
    night: Night,
    known_at: date | None,
) -> list["SourceState"]:
    """Configured sources in their order, then those landed by hand in order of appearance.

    A source is stale when its latest announcement is bad, or its latest good one is older than
    its freshness limit; both measured at `as_of`, never by the clock.
    """
    from sales_support_kpi.warehouse.control import SourceState

    configured = {source.id: source for source in enabled_sources(config)}
    names = list(dict.fromkeys([*configured, *(load.source for load in loads)]))
    announced = [
        row
        for row in sorted(read_ops(home, "announcements"), key=lambda row: row["night"])
        if known_at is None or row["night"] <= known_at
    ]
    states = []
    for position, name in enumerate(names):
        own = [row for row in announced if row["announced_source"] == name]
        good = [row["_effective_at"] for row in own if row["status"] in GOOD]
        hours = float(configured[name].freshness_hours) if name in configured else None
        is_old = (
            hours is not None and bool(good) and night.as_of - good[-1] > timedelta(hours=hours)
        )
        last_status = own[-1]["status"] if own else "never landed"
        is_bad = bool(own) and last_status not in GOOD
        states.append(
            SourceState(
                source=name,
                position=position,
                freshness_hours=hours,
                last_landed_at=good[-1] if good else None,
                last_outcome=last_status,
                is_stale=is_bad or is_old,
            )
        )
    return states


def _announce(home: Home, outcome: "Outcome", night: Night) -> None:
    """Say how a source's landing went; a good word stays when nothing has changed since."""
    from sales_support_kpi.warehouse.records import record_quality

    record_quality(home, night, f"{night.date} {outcome.source}", outcome.results)
    known = {
        (row["night"], row["announced_source"]): row["status"]
        for row in read_ops(home, "announcements")
    }
    if outcome.status == "unchanged" and known.get((night.date, outcome.source)) in GOOD:
        return
    row = {
        "night": night.date,
        "announced_source": outcome.source,
        "status": outcome.status,
        "message": outcome.message,
        "announced_at": datetime.now(UTC),
    }
    land_ops(home, "announcements", [row], night)


def _record_run(home: Home, built: "Build") -> None:
    started_at = datetime.now(UTC) - timedelta(seconds=built.seconds)
    common = {
        "run_id": built.inputs_hash[:16],
        "step": "build",
        "night": built.night.date,
        "as_of": built.night.as_of,
        "started_at": started_at,
    }
    rows: list[dict[str, Any]] = [
        common
        | {
            "node": "",
            "kind": "step",
            "status": "success",
            "seconds": built.seconds,
            "message": "full refresh" if built.is_full_refresh else "incremental",
        }
    ]
    rows += [
        common
        | {
            "node": result["unique_id"],
            "kind": result["unique_id"].split(".")[0],
            "status": result["status"],
            "seconds": result["seconds"],
            "message": "",
        }
        for result in built.results
    ]
    land_ops(home, "runs", rows, built.night)


def _write_json(path: Path, value: object) -> None:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    path.write_text(json.dumps(value, default=_plain, ensure_ascii=False), encoding="utf-8")


def _plain(value: object) -> object:
    if isinstance(value, datetime | date):
        return value.isoformat()
    return str(value)
