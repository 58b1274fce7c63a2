"""The steps of a night, each a plain function that a task of Airflow or a test can call alone."""

import json
from dataclasses import asdict
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from sales_support_kpi.config import Config, enabled_sources
from sales_support_kpi.errors import UsageError
from sales_support_kpi.landing.ops import land_ops
from sales_support_kpi.night import Night
from sales_support_kpi.pipeline.announcements import announce, source_states, usable_loads
from sales_support_kpi.pipeline.progress import Progress, silent
from sales_support_kpi.settings import Home
from sales_support_kpi.warehouse.lock import writer_lock

if TYPE_CHECKING:
    from sales_support_kpi.landing import Outcome
    from sales_support_kpi.quality.results import Verdict
    from sales_support_kpi.serving import Served
    from sales_support_kpi.warehouse.build import Build
    from sales_support_kpi.warehouse.publish import Publication


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
        announce(home, outcome, night)
    return outcome


def parse_since(text: object, config: Config) -> datetime | None:
    """`--since`: a date means its first instant in the company's zone, an instant itself.

    Args:
        text: as it was written on the command line, or any JSON value of a run's conf.
        config: says the zone.

    Raises:
        UsageError: the text is neither.
    """
    if text is None:
        return None
    try:
        instant = datetime.fromisoformat(str(text))
    except ValueError:
        raise UsageError(
            f"since {text!r} is neither a date (2026-10-01) nor an ISO instant "
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
        announce(home, outcome, night)
    return outcome


def build(
    home: Home,
    config: Config,
    night: Night,
    known_at: date | None = None,
    *,
    full_refresh: bool = False,
    into: Home | None = None,
    progress: Progress = silent,
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
        loads = usable_loads(home, config, known_at)
        sources = source_states(home, config, loads, night, known_at)
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
    from sales_support_kpi.report.dbt_docs import build_dbt_docs
    from sales_support_kpi.report.published_pages import write_pages
    from sales_support_kpi.warehouse.publish import publish as publish_build

    def pages(directory: Path) -> None:
        build_dbt_docs(home, built, keep=config.company.quality.keep_docs)
        write_pages(home, directory, config.company.links)

    with writer_lock(home, wait_seconds=3600):
        return publish_build(
            home,
            config,
            built,
            verdict,
            replace_newer=replace_newer,
            is_look=is_look,
            pages=pages,
        )


def serve(home: Home, config: Config) -> "Served | None":
    """Make the database server show what is published; None where nights are files alone.

    Raises:
        ServingFailed: the server still shows an earlier night; serving again mends it.
        SourceError: its connection is not there.
    """
    if config.company.publish.to == "files":
        return None
    from sales_support_kpi.config.readers import read_readers
    from sales_support_kpi.serving import serve as serve_night

    return serve_night(home, config.company.publish, read_readers(config.directory))


def is_published(home: Home, config: Config, night: Night) -> bool:
    """Whether what is published already says all that is landed, configured and asked for."""
    from sales_support_kpi.warehouse.build import inputs_hash
    from sales_support_kpi.warehouse.published import current_manifest

    current = current_manifest(home)
    loads = usable_loads(home, config, None)
    sources = source_states(home, config, loads, night, None)
    return current is not None and current.inputs_hash == inputs_hash(
        config, night, loads, sources, None
    )


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
