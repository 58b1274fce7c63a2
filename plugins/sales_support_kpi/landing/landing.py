"""Land a source: the files that are there, the watched folder, or what a system has answered.

By hand: `kpi run --source FOLDER --no-publish`.
"""

import hashlib
import re
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from sales_support_kpi.errors import SalesSupportKpiError
from sales_support_kpi.landing import drop_box, extracted, indoor
from sales_support_kpi.landing.inputs import land_input
from sales_support_kpi.landing.manifests import loads_of
from sales_support_kpi.landing.outcomes import Outcome
from sales_support_kpi.landing.past import is_past
from sales_support_kpi.night import Night
from sales_support_kpi.settings import Home
from sales_support_kpi.sources.arrivals import open_elsewhere, still_arriving
from sales_support_kpi.sources.files import may_hold_an_entity, open_drop, tables_at
from sales_support_kpi.sources.read_rules import read_rules
from sales_support_kpi.sources.tables import Drop, ReadRules

if TYPE_CHECKING:
    from sales_support_kpi.config import Config, Source


def land(
    home: Home,
    config: "Config",
    source: "Source",
    night: Night,
    *,
    path: Path | None = None,
    reading: extracted.Pulled | None = None,
) -> Outcome:
    """Land one configured source; a source that cannot be read is a failed outcome, no error.

    Args:
        home: where it is landed.
        config: the company's configuration.
        source: what is landed.
        night: the night it is landed in.
        path: files other than those configured.
        reading: what has been read from a system already.
    """
    rules = read_rules(config, source)
    if source.kind != "files":
        if reading is None:
            with extracted.pulled(home, config, source, night) as found:
                return _land_reading(home, config, source, night, rules, found)
        return _land_reading(home, config, source, night, rules, reading)
    where = path or source.path
    if where is None:
        return Outcome(source.id, night, "failed", message=f"{source.id}: no path is configured")
    if is_past(home, source.id, night, loads_of(home, source.id)):
        said = f"night {night.date} is over: files say what is there today, so nothing is landed"
        return Outcome(source.id, night, "unchanged", notes=(said,))
    if drop_box.is_drop_box(source, where):
        return _land_box(home, config, source, night, rules, where)
    files = tables_at(where)
    arriving = still_arriving(files)
    is_whole = "full" in {source.mode, *map(source.mode_of, source.entities)}
    if arriving and (is_whole or len(arriving) == len(files)):
        return Outcome(source.id, night, "unchanged", notes=tuple(arriving.values()))

    def open_source(spool: Path) -> Drop:
        mappings = {name: mapping.text for name, mapping in source.entities.items() if mapping.text}
        if mappings:
            from sales_support_kpi.sources.mapped import open_mapped

            return open_mapped(where, source, rules, spool, leave=arriving)
        return open_drop(where, rules, spool)

    try:
        landed = land_input(home, config, source.id, night, rules, open_source, source.mode_of)
    except SalesSupportKpiError as error:
        return Outcome(source.id, night, "failed", message=str(error))
    beside = (*arriving.values(), *open_elsewhere(files))
    return replace(landed, notes=(*beside, *landed.notes))


def _land_reading(
    home: Home,
    config: "Config",
    source: "Source",
    night: Night,
    rules: ReadRules,
    reading: extracted.Pulled,
) -> Outcome:
    """Land what was read; what could not be read leaves the source stale."""
    drop = reading.drop
    if drop is None:
        return extracted.failed(source.id, night, reading)
    try:
        landed = land_input(home, config, source.id, night, rules, lambda _: drop, source.mode_of)
    except SalesSupportKpiError as error:
        return Outcome(source.id, night, "failed", message=str(error), is_final=True)
    if not drop.shortfall or landed.status == "rejected":
        return landed
    return replace(landed, status="failed", message=drop.shortfall, is_final=True)


def _land_box(
    home: Home, config: "Config", source: "Source", night: Night, rules: ReadRules, box: Path
) -> Outcome:
    """Land every file of a watched folder that is not landed yet, the oldest first."""
    empty = Outcome(source.id, night, "unchanged")
    if not box.is_dir() and not box.parent.is_dir():
        return replace(empty, status="failed", message=f"{box}: there is no such folder")
    files = drop_box.in_order(box)
    arriving = still_arriving(files)
    notes = [*drop_box.skipped(box), *arriving.values(), *open_elsewhere(files)]
    outcomes = []
    for file in files:
        if file in arriving:
            continue
        if not may_hold_an_entity(file, rules):
            notes.append(f"{file.name}: skipped, it is no table of a known entity")
            continue
        try:
            landed = land_input(
                home, config, source.id, night, rules,
                partial(open_drop, file, rules), source.mode_of, is_box=True,
            )  # fmt: skip
        except SalesSupportKpiError as error:
            landed = replace(empty, status="failed", message=str(error))
        outcomes.append(landed)
    landed = drop_box.together(outcomes, empty, notes)
    brought = {load.entity for load in landed.loads if load.verdict == "accepted"}
    loads = loads_of(home, source.id)
    judged = indoor.judge_box(home, config, night, source.id, brought, loads)
    return replace(landed, results=(*landed.results, *judged))


def land_drop(home: Home, config: "Config", path: Path, night: Night) -> Outcome:
    """Land a file drop given by hand (`kpi run --source`): mode `full`.

    Raises:
        InputError: it cannot be read.
    """
    rules = read_rules(config, None)
    return land_input(
        home, config, source_id_of(path), night, rules,
        lambda spool: open_drop(path, rules, spool), lambda _: "full",
    )  # fmt: skip


def source_id_of(path: Path) -> str:
    """A source id from the name of a file or folder: letters, digits and `_`."""
    stem = path.resolve().name if path.is_dir() else path.name.split(".", 1)[0]
    slug = re.sub(r"[^a-z0-9]+", "_", stem.casefold()).strip("_")
    if not re.match(r"[a-z]", slug) or not stem.isascii():
        digest = hashlib.sha256(stem.encode()).hexdigest()[:6]
        slug = f"drop_{slug}_{digest}".replace("__", "_")
    return slug
