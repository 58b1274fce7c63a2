"""Land a source: open it, stage every entity, ask the in-door, move the loads into place.

By hand: `kpi run --source FOLDER --no-publish`.
"""

import hashlib
import json
import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from sales_support_kpi.aliases import Aliases
from sales_support_kpi.entities import ENTITIES
from sales_support_kpi.errors import SalesSupportKpiError
from sales_support_kpi.landing import drop_box, extracted, indoor
from sales_support_kpi.landing.decisions import Decision, row_decisions
from sales_support_kpi.landing.load import Context, Staged, connect, stage
from sales_support_kpi.landing.manifests import Manifest, loads_of, next_sequence
from sales_support_kpi.landing.outcomes import Outcome, Status
from sales_support_kpi.landing.past import is_past
from sales_support_kpi.landing.released import is_waiting, no_rows
from sales_support_kpi.landing.store import place, writing
from sales_support_kpi.night import Night
from sales_support_kpi.settings import Home
from sales_support_kpi.sources.arrivals import open_elsewhere, still_arriving
from sales_support_kpi.sources.files import may_hold_an_entity, open_drop, tables_at
from sales_support_kpi.sources.tables import Drop, ReadRules, Table

if TYPE_CHECKING:
    from sales_support_kpi.config import Config, Source

CONTRACT = 1  # raised when the same input would land differently than before

ModeOf = Callable[[str], str]


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
        landed = _land(home, config, source.id, night, rules, open_source, source.mode_of)
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
        landed = _land(home, config, source.id, night, rules, lambda _: drop, source.mode_of)
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
            landed = _land(
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
    return _land(
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


def read_rules(config: "Config", source: "Source | None") -> ReadRules:
    """A source's read options over the company's zone and names."""
    rules = ReadRules(timezone=config.company.timezone, aliases=Aliases(config.company.aliases))
    if source is None:
        return rules
    read = source.read
    return replace(
        rules,
        timezone=read.timezone or rules.timezone,
        encoding=read.encoding,
        delimiter=read.delimiter,
        nulls=read.nulls,
        date_format=read.date_format,
        sheet=read.sheet,
        keep_extra=source.keep_extra,
    )


def _land(
    home: Home,
    config: "Config",
    source_id: str,
    night: Night,
    rules: ReadRules,
    open_source: Callable[[Path], Drop],
    mode_of: ModeOf,
    *,
    is_box: bool = False,
) -> Outcome:
    landed_at = datetime.now(UTC)
    with writing(home) as aside:
        drop = open_source(aside.folder("spool"))
        loads = loads_of(home, source_id)
        with connect(rules.timezone, aside.folder("spill")) as engine:
            context = Context(source_id, night, landed_at, rules, aside, engine)
            staged = _stage_all(home, drop, context, loads, mode_of, is_box=is_box)
        return _commit(home, config, context, drop, staged, loads, is_box=is_box)


def _stage_all(
    home: Home,
    drop: Drop,
    context: Context,
    loads: dict[str, list[Manifest]],
    mode_of: ModeOf,
    *,
    is_box: bool,
) -> list[Staged]:
    """Every table that is not word for word what was landed last, written aside.

    Of a drop box (`is_box`) nothing is read again that has ever been landed from it: an old file
    still lying there must not undo what a newer one said. Rows that a person has released come
    with their entity, or by themselves.
    """
    sequence = next_sequence(home)
    decisions = row_decisions(home, context.source)
    staged: list[Staged] = []
    carrier = drop.tables[-1] if drop.tables and extracted.moves(drop, loads) else None
    for table in drop:
        mode = mode_of(table.entity.name)
        earlier = loads.get(table.entity.name, [])
        decided = decisions.get(table.entity.name, [])
        contract = _contract(table, context.rules, mode, () if is_box else decided)
        known = replace(table, fingerprint=contract)
        is_known = any(
            one.fingerprint == known.fingerprint for one in earlier[0 if is_box else -1 :]
        )
        if is_known and (table is not carrier or staged):
            continue
        staged.append(stage(known, mode, sequence, earlier, context, decided))
        sequence += 1
    here = {one.manifest.entity for one in staged}
    for name, decided in decisions.items():
        earlier = loads.get(name, [])
        if name not in here and mode_of(name) == "changes" and is_waiting(decided, earlier):
            none = no_rows(ENTITIES[name])
            staged.insert(0, stage(none, "changes", sequence, earlier, context, decided))
            sequence += 1
    return staged


def _contract(table: Table, rules: ReadRules, mode: str, decided: Sequence[Decision]) -> str:
    """Fingerprint of an input and of everything that decides what becomes of it."""
    parts: list[object] = [
        CONTRACT, table.fingerprint, table.entity.schema_hash, mode, rules.digest_parts,
    ]  # fmt: skip
    if decided:
        parts.append(sorted((one.subject, one.content) for one in decided))
    text = json.dumps(parts, default=list, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def _commit(
    home: Home,
    config: "Config",
    context: Context,
    drop: Drop,
    staged: Sequence[Staged],
    loads: dict[str, list[Manifest]],
    *,
    is_box: bool,
) -> Outcome:
    ready: list[tuple[Staged, Manifest]] = []
    carried: tuple[Staged, Manifest] | None = None
    refused: list[str] = []
    rejected = loads_of(home, context.source, is_rejected=True)
    entities = tuple(table.entity.name for table in drop)
    read = None if drop.shortfall else drop.bookmark
    judgements = indoor.judge(
        home, config, context.night, staged, loads, is_box=is_box, bookmark=read
    )
    for one, judgement in zip(staged, judgements, strict=True):
        name = one.manifest.entity
        is_news = is_box or judgement.has_new_columns or _is_news(one, loads.get(name, []))
        manifest = replace(
            one.manifest,
            drop_entities=entities,
            verdict="accepted" if judgement.is_accepted else "rejected",
            reasons=judgement.reasons,
            differences=judgement.differences,
        )
        if one.failure is not None and judgement.is_accepted:
            raise one.failure  # the files are as they were: it is the select
        if judgement.is_accepted and not is_news:
            carried = (one, manifest)
            continue
        refused += judgement.reasons
        last = rejected.get(name, [])[-1:]
        if not judgement.is_accepted and _is_same_refusal(manifest, last):
            continue
        ready.append((one, manifest))
    status: Status = "rejected" if refused else "landed" if ready else "unchanged"
    if not refused and extracted.moves(drop, loads):
        bearer = ready.pop() if ready else carried
        if bearer is not None:
            ready.append((bearer[0], replace(bearer[1], bookmark=drop.bookmark)))
    written = [place(home, manifest, one.rows, one.quarantine) for one, manifest in ready]
    return Outcome(
        context.source,
        context.night,
        status,
        tuple(written),
        "\n".join(refused),
        drop.notes,
        tuple(result for judgement in judgements for result in judgement.results),
    )


def _is_news(staged: Staged, earlier: Sequence[Manifest]) -> bool:
    """Whether landing it would tell anything that landing does not hold already."""
    if not earlier or staged.has_news:
        return True
    return staged.manifest.quarantine_hash != earlier[-1].quarantine_hash


def _is_same_refusal(manifest: Manifest, last: Sequence[Manifest]) -> bool:
    return any(
        one.fingerprint == manifest.fingerprint and one.reasons == manifest.reasons for one in last
    )
