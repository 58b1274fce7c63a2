"""Land one input: open it, stage every entity, ask the in-door, move the loads into place.

opened drop → staged loads aside → judgements → loads where readers find them
"""

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from sales_support_kpi.entities import ENTITIES
from sales_support_kpi.landing import extracted, indoor
from sales_support_kpi.landing.decisions import Decision, row_decisions
from sales_support_kpi.landing.load import Context, Staged, connect, stage
from sales_support_kpi.landing.manifests import Manifest, loads_of, next_sequence
from sales_support_kpi.landing.outcomes import Outcome, Status
from sales_support_kpi.landing.released import is_waiting, no_rows
from sales_support_kpi.landing.store import place, writing
from sales_support_kpi.night import Night
from sales_support_kpi.settings import Home
from sales_support_kpi.sources.tables import Drop, ReadRules, Table

if TYPE_CHECKING:
    from sales_support_kpi.config import Config

CONTRACT = 1  # raised when the same input would land differently than before

ModeOf = Callable[[str], str]


def land_input(
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
    """Land what `open_source` opens, given a folder to unpack into.

    Of a drop box (`is_box`) nothing is read again that has ever been landed from it: an old file
    still lying there must not undo what a newer one said.

    Raises:
        SalesSupportKpiError: it cannot be read.
    """
    landed_at = datetime.now(UTC)
    with writing(home) as aside:
        drop = open_source(aside.folder("spool"))
        loads = loads_of(home, source_id)
        with connect(rules.timezone, aside.folder("spill")) as engine:
            context = Context(source_id, night, landed_at, rules, aside, engine)
            staged = _stage_all(home, drop, context, loads, mode_of, is_box=is_box)
        return _commit(home, config, source_id, night, drop, staged, loads, is_box=is_box)


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

    Rows that a person has released come with their entity, or by themselves.
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
    source_id: str,
    night: Night,
    drop: Drop,
    staged: Sequence[Staged],
    loads: dict[str, list[Manifest]],
    *,
    is_box: bool,
) -> Outcome:
    ready: list[tuple[Staged, Manifest]] = []
    carried: tuple[Staged, Manifest] | None = None
    refused: list[str] = []
    rejected = loads_of(home, source_id, is_rejected=True)
    entities = tuple(table.entity.name for table in drop)
    read = None if drop.shortfall else drop.bookmark
    judgements = indoor.judge(home, config, night, staged, loads, is_box=is_box, bookmark=read)
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
        source_id,
        night,
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
