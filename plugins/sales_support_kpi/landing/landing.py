"""Land a source: open it, stage every entity, ask the in-door, move the loads into place.

By hand: `kpi run --source FOLDER --no-publish`.
"""

import hashlib
import json
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from sales_support_kpi.aliases import Aliases
from sales_support_kpi.errors import SalesSupportKpiError
from sales_support_kpi.landing import indoor
from sales_support_kpi.landing.load import Context, Staged, stage
from sales_support_kpi.landing.manifests import Manifest, loads_of, next_sequence
from sales_support_kpi.landing.store import place, writing
from sales_support_kpi.night import Night
from sales_support_kpi.settings import Home
from sales_support_kpi.sources.files import open_drop
from sales_support_kpi.sources.tables import Drop, ReadRules, Table

if TYPE_CHECKING:
    from sales_support_kpi.config import Config, Source
    from sales_support_kpi.quality.results import CheckResult

CONTRACT = 1  # raised when the same input would land differently than before

Status = Literal["landed", "unchanged", "failed", "rejected"]
ModeOf = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class Outcome:
    """How landing a source went.

    Attributes:
        loads: the manifests that were written, rejected ones included.
        message: for a person; empty when there is nothing to say.
        notes: what was noticed and skipped.
        results: what the in-door said of every load.
    """

    source: str
    night: Night
    status: Status
    loads: tuple[Manifest, ...] = ()
    message: str = ""
    notes: tuple[str, ...] = ()
    results: tuple["CheckResult", ...] = ()


def land(
    home: Home, config: "Config", source: "Source", night: Night, *, path: Path | None = None
) -> Outcome:
    """Land one configured source; a source that cannot be read is a failed outcome, no error."""
    rules = read_rules(config, source)
    where = path or source.path
    if where is None:
        return Outcome(source.id, night, "failed", message=f"{source.id}: no path is configured")

    def open_source(spool: Path) -> Drop:
        mappings = {name: mapping.text for name, mapping in source.entities.items() if mapping.text}
        if mappings:
            from sales_support_kpi.sources.mapped import open_mapped

            return open_mapped(where, source, rules, spool)
        return open_drop(where, rules, spool)

    try:
        return _land(home, config, source.id, night, rules, open_source, source.mode_of)
    except SalesSupportKpiError as error:
        return Outcome(source.id, night, "failed", message=str(error))


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


def land_tables(
    home: Home,
    config: "Config",
    source_id: str,
    night: Night,
    tables: Iterable[Table],
    *,
    mode: str = "changes",
) -> Outcome:
    """Land tables that an extraction has spooled to files."""
    drop = Drop(tuple(tables))
    rules = read_rules(config, None)
    return _land(home, config, source_id, night, rules, lambda _: drop, lambda _: mode)


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
) -> Outcome:
    landed_at = datetime.now(UTC)
    with writing(home) as aside:
        drop = open_source(aside.folder("spool"))
        context = Context(source_id, night, landed_at, rules, aside)
        loads = loads_of(home, source_id)
        staged = _stage_all(home, drop, context, loads, mode_of)
        return _commit(home, config, context, drop, staged, loads)


def _stage_all(
    home: Home,
    drop: Drop,
    context: Context,
    loads: dict[str, list[Manifest]],
    mode_of: ModeOf,
) -> list[Staged]:
    """Every table that is not word for word what was landed last, written aside."""
    sequence = next_sequence(home)
    staged = []
    for table in drop:
        mode = mode_of(table.entity.name)
        earlier = loads.get(table.entity.name, [])
        known = replace(table, fingerprint=_contract(table, context.rules, mode))
        if earlier and earlier[-1].fingerprint == known.fingerprint:
            continue
        staged.append(stage(known, mode, sequence, earlier, context))
        sequence += 1
    return staged


def _contract(table: Table, rules: ReadRules, mode: str) -> str:
    """Fingerprint of an input and of everything that decides what becomes of it."""
    parts = [CONTRACT, table.fingerprint, table.entity.schema_hash, mode, rules.digest_parts]
    text = json.dumps(parts, default=list, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def _commit(
    home: Home,
    config: "Config",
    context: Context,
    drop: Drop,
    staged: Sequence[Staged],
    loads: dict[str, list[Manifest]],
) -> Outcome:
    written: list[Manifest] = []
    refused: list[str] = []
    rejected = loads_of(home, context.source, is_rejected=True)
    entities = tuple(table.entity.name for table in drop)
    judgements = indoor.judge([one.profile for one in staged], config)
    for one, judgement in zip(staged, judgements, strict=True):
        name = one.manifest.entity
        if judgement.is_accepted and not _is_news(one, loads.get(name, [])):
            continue
        manifest = replace(
            one.manifest,
            drop_entities=entities,
            verdict="accepted" if judgement.is_accepted else "rejected",
            reasons=judgement.reasons,
        )
        refused += judgement.reasons
        last = rejected.get(name, [])[-1:]
        if not judgement.is_accepted and _is_same_refusal(manifest, last):
            continue
        written.append(place(home, manifest, one.rows, one.quarantine))
    status: Status = "rejected" if refused else "landed" if written else "unchanged"
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
