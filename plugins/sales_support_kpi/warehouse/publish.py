"""Show a night to its readers: write it aside, then swap one symlink.

build.duckdb → published/.writing-<id>/ → published/nights/<id>/ → published/current

Until the swap readers see the night before; a crash at any point leaves them there, and the next
publish clears what was left behind. A night's folder is never modified once it is in place.
"""

import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Literal

from sales_support_kpi.config import Config, enabled_kpis
from sales_support_kpi.errors import AuditFailed
from sales_support_kpi.landing.ops import ops_rows, read_ops
from sales_support_kpi.landing.ops_entities import OPS_ENTITIES
from sales_support_kpi.night import Night
from sales_support_kpi.quality.results import Verdict
from sales_support_kpi.settings import Home
from sales_support_kpi.warehouse import holds
from sales_support_kpi.warehouse.copies import Beside, write_copies
from sales_support_kpi.warehouse.histories import histories
from sales_support_kpi.warehouse.inputs import BuildLike, Inputs, kpi_definitions, read_inputs
from sales_support_kpi.warehouse.projections import make_projections
from sales_support_kpi.warehouse.published import (
    MANIFEST,
    NightManifest,
    all_manifests,
    current_dir,
    current_manifest,
    night_of_manifest,
    nights_dir,
    point_current_at,
    sync_dir,
)
from sales_support_kpi.warehouse.records import record_definitions, record_night, record_quality
from sales_support_kpi.warehouse.restatements import new_restatements, no_restatements
from sales_support_kpi.warehouse.statements import record_said

KEEP_NIGHTS = 30
KEEP_RUNS = timedelta(days=92)
KEEP_YOUNGER_THAN = timedelta(days=1)

Reason = Literal["published", "unchanged", "older", "held"]


@dataclass(frozen=True, slots=True)
class Publication:
    """What readers see after a publish.

    Attributes:
        is_new: whether this call put it there.
        reason: `published`; or why the night before stays: nothing it depends on has changed,
            it is of a later `as_of`, or somebody holds it.
    """

    publish_id: str
    directory: Path
    night: Night
    as_of: datetime
    is_new: bool
    reason: Reason = "published"


def publish(
    home: Home,
    config: Config,
    build: BuildLike,
    verdict: Verdict,
    *,
    replace_newer: bool = False,
    is_look: bool = False,
    pages: Callable[[Path], None] | None = None,
) -> Publication:
    """Publish a build that passed its audit; the caller holds the writer's lock.

    Nothing is written when the published night has the same inputs, is of a later `as_of` (unless
    `replace_newer`), or is held and loads and config are still those it is held against. A look
    (`is_look`) at another night says nothing to anybody: no number of it is kept as a statement.
    `pages` writes for people beside the night's files, before anybody sees them.

    Raises:
        AuditFailed: a critical check failed; the last good night stays.
    """
    if not verdict.may_publish:
        raise AuditFailed(_refusal(verdict))
    clear_leftovers(home)
    inputs = read_inputs(build.file)
    content_hash = inputs.content_hash(config.hash)
    current = current_manifest(home)
    if current is not None:
        reason = _why_it_stays(home, current, build, content_hash, replace_newer=replace_newer)
        if reason:
            return _publication(home, current, reason)
    record_definitions(home, build.night, config, inputs)
    manifest = _manifest(home, config, build, verdict, inputs, content_hash)
    restated = no_restatements() if is_look else new_restatements(home, config, build, manifest)
    record_quality(home, build.night, build.inputs_hash, verdict.results)
    projections = make_projections(build.file, frozenset(manifest.withheld))
    beside = Beside(histories(home, build), restated, _runs(home, build), projections)
    manifest = _write_night(home, build, manifest, beside, pages)
    point_current_at(home, manifest.publish_id)
    holds.release_hold(home, build.night, "inputs changed")
    if not is_look:
        record_said(home, manifest)
    record_night(home, manifest)
    prune(home)
    return _publication(home, manifest, "published")


def clear_leftovers(home: Home) -> None:
    """Remove what a crash left behind; nothing of it was ever shown to anybody."""
    if not home.published.is_dir():
        return
    current = current_manifest(home)
    make_good(home)
    recorded = {str(row["publish_id"]) for row in read_ops(home, "nights")}
    for manifest in all_manifests(home):
        is_later = current is None or manifest.created_at > current.created_at
        if is_later and manifest.publish_id not in recorded:
            _remove_night(home, manifest.publish_id)
    for pattern in (".writing-*", ".removing-*"):
        for leftover in home.published.glob(pattern):
            shutil.rmtree(leftover)


def make_good(home: Home) -> None:
    """Land what the current night said where a crash came between its swap and that."""
    current = current_manifest(home)
    if current is None:
        return
    if current.publish_id not in {str(row["publish_id"]) for row in read_ops(home, "nights")}:
        record_said(home, current)
        record_night(home, current)


def prune(home: Home, keep: int = KEEP_NIGHTS, *, now: datetime | None = None) -> list[str]:
    """Remove old nights; never the current one, nor one younger than a day."""
    current = current_dir(home)
    youngest = (now or datetime.now(UTC)) - KEEP_YOUNGER_THAN
    removed = []
    for manifest in all_manifests(home)[:-keep]:
        directory = nights_dir(home) / manifest.publish_id
        if directory.resolve() == current or manifest.created_at > youngest:
            continue
        _remove_night(home, manifest.publish_id)
        removed.append(manifest.publish_id)
    return removed


def _remove_night(home: Home, publish_id: str) -> None:
    """Take a night out of sight in one rename, then delete it."""
    aside = home.published / f".removing-{publish_id}"
    (nights_dir(home) / publish_id).rename(aside)
    shutil.rmtree(aside)


def _refusal(verdict: Verdict) -> str:
    said = "\n".join(f"- {result.sentence()}" for result in verdict.critical)
    return f"The audit failed; nothing was published and the last good night stays.\n{said}"


def _why_it_stays(
    home: Home,
    current: NightManifest,
    build: BuildLike,
    content_hash: str,
    *,
    replace_newer: bool,
) -> Reason | None:
    if current.inputs_hash == build.inputs_hash:
        return "unchanged"
    hold = holds.active_hold(home)
    if hold is not None and hold.content_hash == content_hash:
        return "held"
    if build.night.as_of < current.as_of and not replace_newer:
        return "older"
    return None


def _manifest(
    home: Home,
    config: Config,
    build: BuildLike,
    verdict: Verdict,
    inputs: Inputs,
    content_hash: str,
) -> NightManifest:
    return NightManifest(
        publish_id=_next_publish_id(home, build.night),
        night=build.night.date,
        as_of=build.night.as_of,
        timezone=config.company.timezone,
        known_at=build.known_at,
        config_hash=config.hash,
        calendar_hash=inputs.calendar_hash,
        code_version=inputs.code_version,
        inputs_hash=build.inputs_hash,
        content_hash=content_hash,
        created_at=datetime.now(UTC),
        loads=inputs.loads,
        warnings=tuple(result.sentence() for result in verdict.warnings),
        withheld=tuple(sorted(verdict.withheld)),
        definitions=kpi_definitions(enabled_kpis(config), config.company),
        tables={},
    )


def _next_publish_id(home: Home, night: Night) -> str:
    """`<night>.<NN>`, never one that was used before, pruned nights included."""
    used = {manifest.publish_id for manifest in all_manifests(home)}
    used |= {str(row["publish_id"]) for row in read_ops(home, "nights")}
    prefix = f"{night.date.isoformat()}."
    numbers = [int(name.removeprefix(prefix)) for name in used if name.startswith(prefix)]
    return f"{prefix}{max(numbers, default=0) + 1:02d}"


def _runs(home: Home, build: BuildLike) -> str:
    """The steps of the last quarter's builds, this one included, as SQL."""
    entity = OPS_ENTITIES["runs"]
    key = ", ".join(entity.key)
    return (
        "select run_id, night, as_of, step, node, kind, status, seconds, message, started_at "
        f"from {ops_rows(home, 'runs')} where night > date '{build.night.date - KEEP_RUNS}' "
        f"qualify row_number() over (partition by {key} order by _load_seq desc, _row desc) = 1 "
        "order by night, started_at, step, node"
    )


def _write_night(
    home: Home,
    build: BuildLike,
    manifest: NightManifest,
    beside: Beside,
    pages: Callable[[Path], None] | None,
) -> NightManifest:
    """Write everything aside, make it durable, rename it into place."""
    nights_dir(home).mkdir(parents=True, exist_ok=True)
    aside = home.published / f".writing-{manifest.publish_id}"
    aside.mkdir()
    tables = write_copies(build.file, aside, frozenset(manifest.withheld), beside)
    manifest = replace(manifest, tables=tables)
    (aside / MANIFEST).write_text(manifest.to_json(), encoding="utf-8")
    if pages is not None:
        pages(aside)
    _sync_tree(aside)
    aside.rename(nights_dir(home) / manifest.publish_id)
    sync_dir(nights_dir(home))
    return manifest


def _sync_tree(directory: Path) -> None:
    for folder, _, files in os.walk(directory):
        for name in files:
            if Path(folder, name).is_symlink():  # to a page in the home
                continue
            with Path(folder, name).open("rb") as stream:
                os.fsync(stream.fileno())
        sync_dir(Path(folder))


def _publication(home: Home, manifest: NightManifest, reason: Reason) -> Publication:
    return Publication(
        publish_id=manifest.publish_id,
        directory=nights_dir(home) / manifest.publish_id,
        night=night_of_manifest(manifest),
        as_of=manifest.as_of,
        is_new=reason == "published",
        reason=reason,
    )
