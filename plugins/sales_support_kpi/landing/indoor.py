"""The in-door: whether loads that were written aside may be landed.

staged loads + earlier ones → profiles with what is usual → quality checks → accepted, or reasons
that say what to do.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sales_support_kpi.entities import ENTITIES
from sales_support_kpi.landing.decisions import RAW, accepted_differences
from sales_support_kpi.landing.load import Staged
from sales_support_kpi.landing.manifests import Manifest
from sales_support_kpi.landing.reasons import reason_text
from sales_support_kpi.landing.usual import (
    beside_earlier,
    box_beside_earlier,
    reading_beside_earlier,
)
from sales_support_kpi.night import Night
from sales_support_kpi.settings import Home

if TYPE_CHECKING:
    from sales_support_kpi.config import Config
    from sales_support_kpi.quality.results import CheckResult

ENOUGH_ARRIVES = "as_much_arrives_as_usual"
_CAUSES_SHOWN = 3


@dataclass(frozen=True, slots=True)
class Judgement:
    """What the in-door says of one load.

    Attributes:
        reasons: why it may not be landed, as sentences.
        differences: to earlier loads, for which it is refused; a person may accept them.
        has_new_columns: the input has columns that no earlier load had.
        results: of every check.
    """

    reasons: tuple[str, ...]
    differences: tuple[str, ...] = ()
    has_new_columns: bool = False
    results: tuple["CheckResult", ...] = ()

    @property
    def is_accepted(self) -> bool:
        """Whether the load may be landed."""
        return not self.reasons


def judge(
    home: Home,
    config: "Config",
    night: Night,
    staged: Sequence[Staged],
    loads: Mapping[str, Sequence[Manifest]],
    *,
    is_box: bool = False,
    bookmark: Mapping[str, Any] | None = None,
) -> list[Judgement]:
    """Judge what one source has brought; `loads` are its earlier accepted ones, by entity.

    Of a pull the `bookmark` says what was read: an emptied column there makes all of it doubtful.
    The files of a drop box (`is_box`) are written by different people: that one has fewer columns
    than the last one says nothing.
    """
    if not staged:
        return []
    from sales_support_kpi.quality import indoor

    source = staged[0].manifest.source
    freshness = {one.id: one.freshness_hours for one in config.sources}.get(source)
    accepted = accepted_differences(home, source, loads)
    profiles = [
        beside_earlier(
            one.profile,
            loads.get(one.manifest.entity, ()),
            night,
            config.company.quality,
            freshness_hours=freshness,
            accepted=accepted.get(one.manifest.entity, frozenset()),
            is_box=is_box,
        )
        for one in staged
    ]
    resources = _readings(source, staged, bookmark, loads, night, config, accepted)
    file = staged[0].profile["file"] if is_box else ""
    results = indoor.judge_night(home, night, [*profiles, *resources], config, file=file)
    read = [
        _judgement(profile, found, config)
        for profile, found in zip(resources, results[len(profiles) :], strict=True)
    ]
    return [
        _with_reading(
            _judgement(profile, found, config),
            read,
            is_first=at == 0,
            is_raw=bool(staged[at].manifest.raw),
        )
        for at, (profile, found) in enumerate(zip(profiles, results, strict=False))
    ]


def judge_box(
    home: Home,
    config: "Config",
    night: Night,
    source: str,
    entities: Collection[str],
    loads: Mapping[str, Sequence[Manifest]],
) -> tuple["CheckResult", ...]:
    """Whether all files of a drop box together have brought as much as usual; it only warns."""
    if not entities:
        return ()
    from sales_support_kpi.quality import indoor

    limits = config.company.quality
    profiles = [
        box_beside_earlier(source, name, loads.get(name, ()), night, limits)
        for name in sorted(entities)
    ]
    judged = indoor.judge_night(home, night, profiles, config)
    return tuple(one for lines in judged for one in lines if one.check == ENOUGH_ARRIVES)


def _readings(
    source: str,
    staged: Sequence[Staged],
    bookmark: Mapping[str, Any] | None,
    loads: Mapping[str, Sequence[Manifest]],
    night: Night,
    config: "Config",
    accepted: Mapping[str, frozenset[str]],
) -> list[dict[str, Any]]:
    """The profiles of what a pull or a mapping has read, beside earlier ones."""
    limits = config.company.quality
    landed = sorted((one for each in loads.values() for one in each), key=lambda m: m.load_seq)
    pulls = [(one.night, one.bookmark.get("columns") or {}) for one in landed if one.bookmark]
    profiles = [
        reading_beside_earlier(
            source, name, read, [(at, said[name]) for at, said in pulls if name in said], night,
            limits, accepted.get(name, frozenset()),
        )
        for name, read in ((bookmark or {}).get("columns") or {}).items()
    ]  # fmt: skip
    mapped = next((one.manifest for one in staged if one.manifest.raw), None)
    if mapped is not None:
        # all loads of one landing were made of the same files
        files = {one.landed_at: (one.night, one.raw) for one in landed if one.raw}
        profiles.append(
            reading_beside_earlier(
                source, RAW, mapped.raw, list(files.values()), night, limits,
                accepted.get(RAW, frozenset()), is_full=mapped.mode == "full",
            )
        )  # fmt: skip
    return profiles


def _with_reading(
    judgement: Judgement, read: Sequence[Judgement], *, is_first: bool, is_raw: bool
) -> Judgement:
    """A load's judgement with that of the reading it comes from, whose results stand once."""
    said = [result for one in read for result in one.results] if is_first else []
    return Judgement(
        reasons=(*judgement.reasons, *(reason for one in read for reason in one.reasons)),
        differences=(*judgement.differences, *(d for one in read for d in one.differences)),
        # files tell theirs again each night, unless a load has said so
        has_new_columns=judgement.has_new_columns
        or (is_raw and any(r.has_new_columns for r in read)),
        results=(*judgement.results, *said),
    )


def _judgement(
    profile: Mapping[str, Any], results: Sequence["CheckResult"], config: "Config"
) -> Judgement:
    reasons = []
    for result in results:
        if result.is_critical_breach:
            sentence = _SENTENCES.get(result.check) if result.outcome == "failed" else None
            known = {**profile, "subject": result.subject}
            reasons.append(sentence(known, config) if sentence else result.sentence())
    # of a thing read from a system, not of an entity: named with it
    prefix = "" if profile["entity"] in ENTITIES else f"{profile['entity']}."
    differences = [
        difference
        for change in profile["column_changes"]
        for difference in _differences({**change, "column": prefix + change["column"]})
    ]
    has_new = bool(profile.get("new_columns"))
    return Judgement(tuple(reasons), tuple(differences), has_new, tuple(results))


def _differences(change: Mapping[str, Any]) -> list[str]:
    """What a person would have to accept, as `what|column`."""
    found = [what for what in ("missing", "emptied") if change[f"is_{what}"]]
    said = [f"{what}|{change['column']}" for what in found]
    return [*said, *([f"retyped|{change['column']}|{change['now']}"] * change["is_retyped"])]


def _too_many_bad_rows(profile: Mapping[str, Any], config: "Config") -> str:
    worst = sorted(profile["causes"].items(), key=lambda cause: -cause[1])[:_CAUSES_SHOWN]
    causes = "; ".join(f"{_cause(cause)} ({count})" for cause, count in worst)
    return (
        f"{profile['entity']}: {profile['rows_quarantined']} of {profile['rows_read']} rows "
        f"({profile['quarantined_ratio']:.1%}) cannot be used: {causes}; at most "
        f"{config.company.max_quarantine:.1%} are accepted (company.yml: max_quarantine). "
        f"See the rows with `kpi quarantine show {profile['source']} {profile['entity']}`, correct "
        "the export or its mapping, and land it again"
    )


def _cause(cause: str) -> str:
    code, _, column = cause.partition("|")
    return f"{column}: {reason_text(code, 'en')}" if column else reason_text(code, "en")


def _shrunk(profile: Mapping[str, Any], config: "Config") -> str:
    return (
        f"{profile['entity']}: the load holds {profile['keys_now']} records where "
        f"{profile['live_keys_before']} were known ({profile['shrunk_ratio']:.1%} fewer); at "
        f"most {config.company.max_shrink:.1%} fewer are accepted (company.yml: max_shrink). "
        "Check that the export is complete"
    )


def _column_of(profile: Mapping[str, Any]) -> Mapping[str, Any]:
    name = profile["subject"].removeprefix(f"{profile['source']}__{profile['entity']}.")
    found: Mapping[str, Any] = next(c for c in profile["column_changes"] if c["column"] == name)
    return found


def _accept(profile: Mapping[str, Any]) -> str:
    return (
        f"if it is meant to be so, accept it with `kpi quarantine release {profile['source']} "
        f"{profile['entity']} --shape --why …`"
    )


def _vanished(profile: Mapping[str, Any], _: "Config") -> str:
    column = _column_of(profile)
    return (
        f"{profile['entity']}: the column {column['column']} is gone; it was filled in "
        f"{column['usual_ratio'] or 0:.0%} of the rows before. Put it back into the export, or "
        f"name its new header (company.yml: aliases, or the mapping); {_accept(profile)}"
    )


def _emptied(profile: Mapping[str, Any], _: "Config") -> str:
    column = _column_of(profile)
    return (
        f"{profile['entity']}: the column {column['column']} holds nothing; it was filled in "
        f"{column['usual_ratio'] or 0:.0%} of the rows before. Look for a permission or a filter "
        f"that changed in the source; {_accept(profile)}"
    )


def _retyped(profile: Mapping[str, Any], _: "Config") -> str:
    column = _column_of(profile)
    return (
        f"{profile['entity']}: the column {column['column']} came as {column['now']}, until now as "
        f"{column['was']}. Let the export write it as before, or convert it in a mapping; "
        f"{_accept(profile)}"
    )


_SENTENCES: Mapping[str, Callable[[Mapping[str, Any], "Config"], str]] = {
    "few_rows_are_quarantined": _too_many_bad_rows,
    "a_full_load_does_not_shrink": _shrunk,
    "columns_do_not_vanish": _vanished,
    "columns_are_not_emptied": _emptied,
    "columns_keep_their_type": _retyped,
}
