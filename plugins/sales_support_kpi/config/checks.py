"""Rules across the keys of one entry, that a single field cannot know.

They work on what was written, valid or not, so that all problems of an entry are told at once.
Each yields the place within the entry and the sentence.
"""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from difflib import get_close_matches
from typing import Any

from pydantic import ValidationError

from sales_support_kpi.config.kpis import GOAL_LEVELS, Goal, Target
from sales_support_kpi.config.problems import Loc, nearest
from sales_support_kpi.config.words import EXTRACTED_KINDS, KINDS

Finding = tuple[Loc, str]
LARGEST_PARAM = 100_000
SCORE_RANGE = (1.0, 5.0)
_SECRET_NAME = re.compile(
    r"authorization|^cookie|passw|secret|api[-_]?key|credential|^(access|auth|api|bearer)?_?token$",
    re.IGNORECASE,
)


def kpi_problems(
    raw: Mapping[str, Any],
    merged: Mapping[str, Any],
    shipped: Mapping[str, Mapping[str, Any]],
    goals: Collection[str] | None,
) -> Iterator[Finding]:
    """What is wrong with a KPI's entry beyond its single keys."""
    base = shipped.get(str(raw.get("id")))
    if "position" in raw:
        yield ("position",), "unknown key: the order of the file is the order of the scorecard"
    yield from _target_problems(merged)
    yield from _entity_problems(merged)
    yield from _param_problems(raw, base)
    if base is not None and "clock" in raw:
        yield from _clock_problems(raw["clock"], base.get("clock"))
    for place, goal in enumerate(_list(raw.get("serves"))):
        if goals is not None and isinstance(goal, str) and goal not in goals:
            yield ("serves", place), f"unknown goal {goal!r}: {nearest(str(goal), goals)}"
    yield from _guard_problems(merged)


def misspelt_id(raw: Mapping[str, Any], shipped: Collection[str]) -> str | None:
    """What to say of an entry that is meant to inherit, but from a KPI that does not exist."""
    name = raw.get("id")
    if not isinstance(name, str) or name in shipped or "definition" in raw:
        return None
    if set(raw) <= {"id", "enabled"} or get_close_matches(name, shipped, n=1, cutoff=0.85):
        return f"there is no shipped KPI {name!r} to inherit from; {nearest(name, shipped)}"
    return None


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _target_problems(entry: Mapping[str, Any]) -> Iterator[Finding]:
    seen: dict[tuple[object, ...], int] = {}
    for place, raw in enumerate(_list(entry.get("targets"))):
        for key in {"scope_type", "scope_id"}.intersection(raw if isinstance(raw, dict) else ()):
            yield ("targets", place, key), "unknown key: write scope: team:<name> or the like"
        try:
            target = Target.model_validate(raw)
        except ValidationError:
            if isinstance(raw, dict):
                yield from _unreachable(entry, raw.get("value"), place)
            continue
        yield from _unreachable(entry, target.value, place)
        slot = (target.valid_from, target.scope_type, target.scope_id, target.grain)
        if slot in seen:
            message = (
                f"overlaps targets[{seen[slot]}]: both are valid from {target.valid_from} for "
                f"scope {target.scope} and grain {target.grain}; keep one or change its date"
            )
            yield ("targets", place), message
        seen.setdefault(slot, place)
        if entry.get("aggregation") == "month_end" and target.grain in ("day", "week"):
            yield (
                ("targets", place, "grain"),
                f"this KPI has no value by {target.grain}: use month, quarter or year",
            )


def _unreachable(entry: Mapping[str, Any], value: object, place: int) -> Iterator[Finding]:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return
    unit, is_lower = entry.get("unit"), entry.get("better") == "lower"
    low, high = SCORE_RANGE
    message = ""
    if unit == "ratio" and value > 1:
        message = f"a ratio is at most 1, so {value:g} cannot be reached: write {value / 100:g}?"
    elif unit == "score" and not low <= value <= high:
        message = f"a score lies between {low:g} and {high:g}, so {value:g} cannot be a target"
    elif value <= 0 and not (unit == "ratio" and value == 0 and is_lower):
        message = f"must be above 0 (is {value:g})"
    if message:
        yield ("targets", place, "value"), message


def _entity_problems(entry: Mapping[str, Any]) -> Iterator[Finding]:
    entities = _list(entry.get("entities"))
    for place, name in enumerate(_list(entry.get("required"))):
        if entities and name not in entities:
            yield ("required", place), f"{name!r} is not among entities: add it there too"


def _param_problems(raw: Mapping[str, Any], base: Mapping[str, Any] | None) -> Iterator[Finding]:
    params = raw.get("params")
    if not isinstance(params, dict):
        return
    known = (base or {}).get("params", {})
    for key, value in params.items():
        if base is not None and key not in known:
            hint = nearest(key, known) if known else "this KPI has no params"
            yield ("params", key), f"unknown key: {hint}"
            continue
        is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
        if isinstance(known.get(key), list):
            words = _list(value)
            if not words or len(set(map(str, words))) < len(words):
                yield ("params", key), "must be a list of different words, e.g. [a, b]"
        elif isinstance(known.get(key), (int, float)) and not is_number:
            yield ("params", key), f"must be a number (is {value!r})"
        if is_number and not 0 < value <= LARGEST_PARAM:
            yield ("params", key), f"must be above 0 and at most {LARGEST_PARAM} (is {value:g})"


def _clock_problems(clock: object, shipped: object) -> Iterator[Finding]:
    if shipped is None and clock is not None:
        yield ("clock",), "this KPI measures no time: remove the key"
    elif shipped == "business" and clock is None:
        yield ("clock",), "this KPI measures time: write business or calendar"
    elif shipped == "calendar" and clock != "calendar":
        yield ("clock",), "the deadline of this KPI is elapsed time: only calendar is possible"


def _guard_problems(entry: Mapping[str, Any]) -> Iterator[Finding]:
    guard = entry.get("guard")
    floor = guard.get("floor") if isinstance(guard, dict) else None
    if entry.get("unit") == "ratio" and isinstance(floor, (int, float)) and not 0 <= floor <= 1:
        yield ("guard", "floor"), f"a ratio lies between 0 and 1 (is {floor:g})"


def goal_problems(goal: Goal, goals: Sequence[Goal]) -> Iterator[Finding]:
    """A goal serves goals of a higher level, so the tree has no circles."""
    by_id = {one.id: one for one in goals}
    for place, name in enumerate(goal.serves):
        served = by_id.get(name)
        if served is None:
            yield ("serves", place), f"unknown goal {name!r}: {nearest(name, by_id)}"
        elif GOAL_LEVELS.index(served.level) <= GOAL_LEVELS.index(goal.level):
            message = (
                f"a {goal.level} goal cannot serve {name!r}, a {served.level} goal: goals lead "
                f"from {' to '.join(GOAL_LEVELS)}"
            )
            yield ("serves", place), message


def source_problems(raw: Mapping[str, Any]) -> Iterator[Finding]:
    """An enabled source has to be one that this version can extract."""
    if raw.get("id") == "ops":
        yield ("id",), "'ops' is the product's own source: choose another id"
    if raw.get("enabled") is False:
        return
    kind = raw.get("kind")
    if kind in KINDS and kind not in EXTRACTED_KINDS:
        message = (
            f"{kind} cannot be extracted by this version, which extracts: "
            f"{', '.join(EXTRACTED_KINDS)}. Export it to files, or set enabled: false"
        )
        yield ("kind",), message
    elif kind == "files" and raw.get("path") is None:
        yield ("path",), "is missing: add the file, folder or pattern, e.g. path: inbox/*.csv"
    elif kind in KINDS and kind != "files":
        yield from _system_problems(kind, raw)


def _system_problems(kind: str, raw: Mapping[str, Any]) -> Iterator[Finding]:
    """A system is reached through a connection; what is in it is chosen by options, not a path."""
    options = raw.get("options")
    options = options if isinstance(options, dict) else {}
    is_open = kind == "rest" and "base_url" in options and "auth" not in options
    if raw.get("connection") is None and not is_open:
        yield ("connection",), "is missing: add the id of the Airflow connection to the system"
    if raw.get("path") is not None:
        yield ("path",), f"belongs to files: a source of kind {kind} has a connection"


def secret_problems(options: object, place: Loc = ()) -> Iterator[Finding]:
    """Credentials in a configuration, wherever they stand: they belong into a connection."""
    if isinstance(options, list):
        for at, value in enumerate(options):
            yield from secret_problems(value, (*place, at))
    for name, value in options.items() if isinstance(options, dict) else ():
        if name == "columns":
            continue
        if _SECRET_NAME.search(str(name)) and isinstance(value, (str, int)):
            message = (
                "looks like a credential, which has no place in a configuration: put it into the "
                "connection, and change it, for it may have been seen"
            )
            yield (*place, str(name)), message
        else:
            yield from secret_problems(value, (*place, str(name)))


def identity_problems(rows: Sequence[Sequence[str]], width: int) -> Iterator[tuple[int, str]]:
    """Line and sentence of every bad line of identities.csv (the header is line 1)."""
    mapped = {tuple(row[:2]): tuple(row[2:4]) for row in rows if len(row) == width}
    seen: set[tuple[str, ...]] = set()
    for line, row in enumerate(rows, start=2):
        if len(row) != width or not all(row):
            yield line, f"must have {width} filled cells"
            continue
        one, other = tuple(row[:2]), tuple(row[2:4])
        if one in seen:
            yield line, f"{row[1]!r} of {row[0]!r} is listed twice: keep one line"
        seen.add(one)
        if mapped.get(other, other) != other:
            yield (
                line,
                f"leads to {row[3]!r} of {row[2]!r}, which itself leads on: name the last one",
            )
