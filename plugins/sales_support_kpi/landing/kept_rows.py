"""The quarantine as a place of work: which rows wait, since when, and what became of the others.

quarantine/…/rows.parquet + manifests + decisions → `KeptRow` → released as they are or corrected
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, Literal

from sales_support_kpi.aliases import Aliases, fold
from sales_support_kpi.entities import ENTITIES, Entity
from sales_support_kpi.errors import UsageError
from sales_support_kpi.landing.decisions import Decision, content_hash, decide, decisions
from sales_support_kpi.landing.manifests import Manifest, accepted_loads, rejected_loads
from sales_support_kpi.landing.reasons import reason_text
from sales_support_kpi.landing.released import write_corrected
from sales_support_kpi.landing.typed import staging_query
from sales_support_kpi.night import Night
from sales_support_kpi.settings import Home
from sales_support_kpi.sources.read_rules import read_rules
from sales_support_kpi.sources.tables import ReadRules, quoted

if TYPE_CHECKING:
    from sales_support_kpi.config import Config

State = Literal["open", "released", "landed", "past"]
LINE_REASONS = frozenset({"too_few_columns", "too_many_columns", "bad_quotes", "bad_json"})
_SHOWN_PROBLEMS = 10


@dataclass(frozen=True, slots=True)
class KeptRow:
    """One row of the quarantine.

    Attributes:
        raw: the record as JSON by the headers of its file, or the line as it stood.
        state: `open` waits for somebody; `released` will flow in with the next load; `landed` did;
            `past` is no more: a later load of its source speaks for it.
        is_rejected: its whole load was rejected.
    """

    load_seq: int
    source: str
    entity: str
    night: date
    reason: str
    message: str
    column_name: str | None
    value: str | None
    record_key: str | None
    file: str
    sheet: str | None
    row: int
    raw: str
    state: State
    is_rejected: bool

    @property
    def id(self) -> str:
        """How a person names it: load and row."""
        return f"{self.load_seq}-{self.row}"

    @property
    def place(self) -> str:
        """Where it stands in its input."""
        return " ".join(filter(None, (self.file, self.sheet, f"row {self.row}")))


def kept_rows(home: Home, source: str | None = None, entity: str | None = None) -> list[KeptRow]:
    """Every row ever kept back, the oldest first."""
    import duckdb

    pattern = f"{source or '*'}/{entity or '*'}/load=*/rows.parquet"
    files = sorted(str(file) for file in home.quarantine.glob(pattern))
    if not files:
        return []
    with duckdb.connect() as connection:
        cursor = connection.execute(
            "select load_seq, source, entity, night, reason, message, column_name, value, "
            "record_key, file, sheet, row, raw from read_parquet(?, hive_partitioning = false, "
            "union_by_name = true) order by load_seq, row",
            [files],
        )
        names = [column[0] for column in cursor.description or ()]
        found = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
    states = _States(home)
    return [KeptRow(**row, **states.of(row)) for row in found]


class _States:
    """What became of a row, from manifests, decisions and the keys landed since."""

    def __init__(self, home: Home) -> None:
        self.accepted: dict[tuple[str, str], list[Manifest]] = {}
        for load in accepted_loads(home):
            self.accepted.setdefault((load.source, load.entity), []).append(load)
        self.rejected = {load.load_seq: load for load in rejected_loads(home)}
        self.decided: dict[tuple[str, str, str], Decision] = {
            (one.source, one.entity, one.subject): one
            for one in decisions(home)
            if one.kind == "row"
        }
        self._keys: dict[tuple[str, str], dict[str, int]] = {}

    def of(self, row: Mapping[str, Any]) -> dict[str, Any]:
        where = (row["source"], row["entity"])
        loads = self.accepted.get(where, [])
        is_rejected = row["load_seq"] in self.rejected
        decision = self.decided.get((*where, content_hash(row["raw"] or "")))
        state: State = "open"
        if decision is not None:
            is_done = any(decision.decision_id in load.released for load in loads)
            state = "landed" if is_done else "released"
        elif self._is_past(row, where, loads, is_rejected=is_rejected):
            state = "past"
        return {"state": state, "is_rejected": is_rejected}

    def _is_past(
        self,
        row: Mapping[str, Any],
        where: tuple[str, str],
        loads: Sequence[Manifest],
        *,
        is_rejected: bool,
    ) -> bool:
        if not loads:
            return False
        last = loads[-1]
        if is_rejected or last.mode == "full":
            return bool(last.load_seq > row["load_seq"])
        later = self._landed(where, loads).get(row["record_key"] or "", -1)
        return bool(later > row["load_seq"])

    def _landed(self, where: tuple[str, str], loads: Sequence[Manifest]) -> dict[str, int]:
        """Key as the quarantine writes it → the last load that landed it."""
        if where not in self._keys:
            import duckdb

            key = ", ".join(quoted(name) for name in ENTITIES[where[1]].key)
            files = [str(file) for load in loads for file in load.files]
            with duckdb.connect() as connection:
                found = connection.execute(
                    f"select concat_ws(' / ', {key}), max(_load_seq) from read_parquet(?, "
                    "hive_partitioning = false, union_by_name = true) where _op = 'upsert' "
                    "group by all",
                    [files],
                ).fetchall()
            self._keys[where] = {str(one): int(load) for one, load in found}
        return self._keys[where]


def cells_of(row: KeptRow, aliases: Aliases) -> dict[str, str | None]:
    """The row's cells by the columns of its entity; none for a line that is no record."""
    if row.reason in LINE_REASONS:
        return {}
    entity = ENTITIES[row.entity]
    known = aliases.columns(entity)
    record = json.loads(row.raw)
    return {known[fold(name)]: value for name, value in record.items() if fold(name) in known}


def release(
    home: Home,
    config: "Config",
    night: Night,
    rows: Sequence[KeptRow],
    changes: Mapping[str, Mapping[str, str | None]],
    *,
    why: str,
    who: str | None = None,
) -> int:
    """Decide that rows count, with these cells corrected (row id → column → value).

    They flow in with the next load of their source. Returns how many were released.

    Raises:
        UsageError: a row cannot be read even so; nothing is released then.
    """
    by_entity: dict[tuple[str, str], list[KeptRow]] = {}
    for row in rows:
        by_entity.setdefault((row.source, row.entity), []).append(row)
    problems: list[str] = []
    about: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for (source, name), kept in by_entity.items():
        configured = next((one for one in config.sources if one.id == source), None)
        rules = read_rules(config, configured)
        said = [_said(row, changes.get(row.id, {}), rules.aliases) for row in kept]
        for row, one, problem in zip(
            kept, said, _problems(ENTITIES[name], said, rules), strict=True
        ):
            if problem:
                problems.append(f"{row.id} ({row.place}): {problem}")
            else:
                about.setdefault((source, name), []).append(one)
    if problems:
        rest = len(problems) - _SHOWN_PROBLEMS
        more = f"\n… and {rest} more" if rest > 0 else ""
        raise UsageError(
            "nothing was released, because these rows cannot be used as they are:\n"
            + "\n".join(problems[:_SHOWN_PROBLEMS])
            + more
        )
    return sum(
        decide(home, night, "row", source, name, about=found, why=why, who=who)
        for (source, name), found in about.items()
    )


def _said(row: KeptRow, changes: Mapping[str, str | None], aliases: Aliases) -> dict[str, Any]:
    """What a decision about a row holds."""
    entity = ENTITIES[row.entity]
    known = {column.name for column in entity}
    unknown = sorted(set(changes) - known)
    if unknown:
        raise UsageError(
            f"{row.entity} has no column {', '.join(unknown)}; it has: "
            + ", ".join(column.name for column in entity)
        )
    own = cells_of(row, aliases)
    cells = {**own, **changes} if own else {}
    if row.reason == "tied_versions" and "version_no" not in changes:
        # of rows that cannot be told apart this is the one that counts
        cells["version_no"] = str(int(float(cells.get("version_no") or 0)) + 1)
    return {
        "subject": content_hash(row.raw),
        "load_seq": row.load_seq,
        "row": row.row,
        "content": json.dumps(cells, ensure_ascii=False, sort_keys=True) if cells else "",
        "changed": ",".join(sorted(changes)),
    }


def _problems(
    entity: Entity, said: Sequence[Mapping[str, Any]], rules: ReadRules
) -> list[str | None]:
    """Per row why it could not be landed by today's rules."""
    import duckdb

    lines = "a line that is no record cannot be released; correct it in its file"
    found: list[str | None] = [None if one["content"] else lines for one in said]
    rows = [(at, one) for at, one in enumerate(said) if one["content"]]
    if not rows:
        return found
    with TemporaryDirectory() as folder, duckdb.connect() as connection:
        connection.execute(f"set timezone = '{rules.timezone}'")
        numbered = [(_pending(one), at) for at, one in rows]
        table = write_corrected(numbered, entity, Path(folder) / "rows.parquet")
        judged = connection.execute(
            f"select _row, _code, _column, _value from ({staging_query(table, rules)}) "
            "where _code is not null"
        ).fetchall()
    for at, code, column, value in judged:
        if code == "blank":
            found[at] = "every cell is empty"
            continue
        seen = f" {value!r}" if value is not None else ""
        found[at] = (
            f"{column}:{seen} {reason_text(code, 'en')}; give it with --set {column}=…, or correct "
            "it in the source"
        )
    return found


def _pending(said: Mapping[str, Any]) -> Decision:
    """A decision that nobody has taken yet, to try its content."""
    from datetime import UTC, datetime

    return Decision(
        decision_id="",
        kind="row",
        source="",
        entity="",
        subject=said["subject"],
        load_seq=said["load_seq"],
        row=said["row"],
        content=said["content"],
        changed="",
        why="",
        who="",
        decided_at=datetime.now(UTC),
    )
