"""A load beside the ones before it: what is unusual about its rows and its columns.

profile + manifests of earlier accepted loads → the profile with what is usual and what differs.
What a person has accepted (`decisions.py`) is no longer a difference.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from statistics import median
from typing import Any, Protocol

from sales_support_kpi.entities import ENTITIES, ColumnType
from sales_support_kpi.landing.manifests import Manifest
from sales_support_kpi.night import Night

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# values that mean the same whether a source types them or writes them as text
_PLAIN = frozenset({ColumnType.DECIMAL, ColumnType.INT, ColumnType.BOOL})


class Limits(Protocol):
    """The part of `quality:` that says what is usual."""

    @property
    def usual_nights(self) -> int:
        """How many earlier loads are looked at."""

    @property
    def min_nights(self) -> int:
        """With fewer, nothing is usual."""

    @property
    def min_rows(self) -> int:
        """Fewer rows or values are too few to compare."""


def beside_earlier(
    profile: Mapping[str, Any],
    earlier: Sequence[Manifest],
    night: Night,
    limits: Limits,
    *,
    freshness_hours: float | None = None,
    accepted: Collection[str] = (),
    is_box: bool = False,
) -> dict[str, Any]:
    """The profile, and beside it what earlier loads say of it.

    Args:
        profile: of `profiles.load_profile`.
        earlier: the accepted loads of this source and entity, oldest first.
        night: the night that lands it.
        limits: what is usual.
        freshness_hours: of the source; none for what is landed by hand.
        accepted: differences a person has accepted, as `what|column`.
        is_box: the load is one file of several, written by different people: its columns are not
            compared, and whether enough has come is said after the last one (`box_beside_earlier`).
    """
    recent = [load for load in earlier if load.columns][-limits.usual_nights :]
    known = {name for load in earlier for name in load.extra_columns}
    volume = _volume(profile, earlier, night, limits)
    return {
        **profile,
        "volume_ratio": volume,
        "arrived_ratio": None if is_box else volume,
        "new_columns": tuple(n for n in profile["extra_columns"] if n not in known),
        **_times(profile, recent, night, limits, freshness_hours),
        "column_changes": _columns(profile, () if is_box else recent, limits, accepted),
    }


def box_beside_earlier(
    source: str, entity: str, loads: Sequence[Manifest], night: Night, limits: Limits
) -> dict[str, Any]:
    """What all files of a drop box have brought of an entity, tonight's `loads` among them."""
    counts = [(load.night, load.rows_read) for load in loads]
    return {
        "source": source,
        "entity": entity,
        "mode": "changes",
        "rows_read": sum(count for at, count in counts if at == night.date),
        "arrived_ratio": _against_nights(0, counts, night, limits),
    }


def resource_beside_earlier(
    source: str,
    resource: str,
    read: Mapping[str, Any],
    earlier: Sequence[Manifest],
    night: Night,
    limits: Limits,
    accepted: Collection[str] = (),
) -> dict[str, Any]:
    """What one thing read from a system looks like beside earlier readings of it.

    Args:
        source: the source's id.
        resource: what was read.
        read: `rows`, and `filled` by declared column, as the bookmark of a pull says them.
        earlier: the source's accepted loads that carry a pull's bookmark, oldest first.
        night: the night that lands it.
        limits: what is usual.
        accepted: differences a person has accepted, as `what|column`.
    """
    readings = [
        (load.night, load.bookmark["columns"][resource])
        for load in earlier
        if resource in (load.bookmark.get("columns") or {})
    ]
    recent = [one for _, one in readings if one["rows"]][-limits.usual_nights :]
    rows = read["rows"]
    volume = _against_nights(rows, [(at, one["rows"]) for at, one in readings], night, limits)
    return {
        "source": source,
        "entity": resource,
        "mode": "changes",
        "rows_read": rows,
        "volume_ratio": volume,
        "arrived_ratio": volume,
        "column_changes": [
            _resource_column(name, filled, rows, recent, limits, accepted)
            for name, filled in read["filled"].items()
        ],
    }


def _resource_column(
    name: str,
    filled: int,
    rows: int,
    recent: Sequence[Mapping[str, Any]],
    limits: Limits,
    accepted: Collection[str],
) -> dict[str, Any]:
    shares = [one["filled"].get(name, 0) / one["rows"] for one in recent]
    usual = float(median(shares)) if len(shares) >= limits.min_nights else None
    expected = (usual or 0.0) * rows
    is_emptied = filled == 0 and expected >= limits.min_rows
    is_judged = usual is not None and expected >= limits.min_rows and not is_emptied
    return {
        "column": name,
        "filled_ratio": filled / rows if rows else None,
        "usual_ratio": usual,
        "fill_drop": max(0.0, (usual or 0.0) - filled / rows) if is_judged else None,
        "was": "text",
        "now": "text",
        "is_missing": False,
        "is_emptied": is_emptied and f"emptied|{name}" not in accepted,
        "is_retyped": False,
    }


def _volume(
    profile: Mapping[str, Any], earlier: Sequence[Manifest], night: Night, limits: Limits
) -> float | None:
    """The night's rows in terms of the usual ones; of the same weekday where nights differ."""
    rows = profile["rows_read"]
    if profile["mode"] == "full":
        return _in_terms_of([load.rows_read for load in earlier], rows, limits)
    counts = [(load.night, load.rows_read) for load in earlier]
    return _against_nights(rows, counts, night, limits)


def _against_nights(
    rows: int, earlier: Sequence[tuple[date, int]], night: Night, limits: Limits
) -> float | None:
    """What came tonight, with what came earlier tonight, in terms of nights of its weekday."""
    by_night: dict[date, int] = {}
    for at, count in earlier:
        if at == night.date:
            rows += count
        elif at.weekday() == night.date.weekday():
            by_night[at] = by_night.get(at, 0) + count
    return _in_terms_of(list(by_night.values()), rows, limits)


def _in_terms_of(counts: Sequence[int], rows: int, limits: Limits) -> float | None:
    recent = counts[-limits.usual_nights :]
    if len(recent) < limits.min_nights or median(recent) < limits.min_rows:
        return None
    return float(rows / median(recent))


def _times(
    profile: Mapping[str, Any],
    recent: Sequence[Manifest],
    night: Night,
    limits: Limits,
    freshness_hours: float | None,
) -> dict[str, float | None]:
    """How old the load's newest instant is, against the usual; and whether it went back."""
    if profile["newest_instant_us"] is None:
        return {"age_hours": None, "age_ratio": None, "behind_hours": None}
    newest = _EPOCH + timedelta(microseconds=profile["newest_instant_us"])
    dated = [load for load in recent if load.newest_at is not None]
    age = max(0.0, _hours(night.as_of - newest))
    ages = [_hours(load.effective_at - load.newest_at) for load in dated if load.newest_at]
    limit = max(freshness_hours or 0.0, 2 * max(ages, default=0.0))
    is_usual = len(ages) >= limits.min_nights and limit > 0
    last = dated[-1].newest_at if dated else None
    is_behind = profile["mode"] == "full" and last is not None
    return {
        "age_hours": round(age, 1),
        "age_ratio": age / limit if is_usual else None,
        "behind_hours": max(0.0, _hours(last - newest)) if is_behind and last else None,
    }


def _columns(
    profile: Mapping[str, Any],
    recent: Sequence[Manifest],
    limits: Limits,
    accepted: Collection[str],
) -> list[dict[str, Any]]:
    """Per column of the input, or formerly of the input, how it differs from earlier loads."""
    entity = ENTITIES[profile["entity"]]
    base = recent[-1:] if profile["mode"] == "full" else recent
    names = [c.name for c in entity if c.name in profile["columns"] or _was_filled(base, c.name)]
    return [_column(name, profile, base, limits, accepted) for name in names]


def _column(
    name: str,
    profile: Mapping[str, Any],
    base: Sequence[Manifest],
    limits: Limits,
    accepted: Collection[str],
) -> dict[str, Any]:
    rows = profile["rows_read"]
    filled = profile["filled"].get(name, 0)
    usual = _usual_share(name, base, 1 if profile["mode"] == "full" else limits.min_nights)
    expected = (usual or 0.0) * rows
    is_there = name in profile["columns"]
    was = next((load.columns[name] for load in reversed(base) if name in load.columns), None)
    now = profile["columns"].get(name, was)
    was_filled = _was_filled(base, name)
    is_missing = not is_there and profile["has_header"] and was_filled
    is_emptied = not is_missing and filled == 0 and expected >= limits.min_rows
    is_plain = ENTITIES[profile["entity"]].column(name).type in _PLAIN and "time" not in (was, now)
    is_retyped = was not in (None, now) and bool(filled) and was_filled and not is_plain
    is_judged = expected >= limits.min_rows and not is_missing and not is_emptied
    return {
        "column": name,
        "filled_ratio": filled / rows if rows else None,
        "usual_ratio": usual,
        "fill_drop": max(0.0, usual - filled / rows) if is_judged and usual is not None else None,
        "was": was,
        "now": now,
        "is_missing": is_missing and f"missing|{name}" not in accepted,
        "is_emptied": is_emptied and f"emptied|{name}" not in accepted,
        "is_retyped": is_retyped and f"retyped|{name}|{now}" not in accepted,
    }


def _usual_share(name: str, base: Sequence[Manifest], at_least: int) -> float | None:
    """The usual share of rows with a value in this column.

    The median: a first load of years of history does not say what a night is like.
    """
    shares = [load.filled.get(name, 0) / load.rows_read for load in base if load.rows_read]
    return float(median(shares)) if len(shares) >= at_least and shares else None


def _was_filled(base: Sequence[Manifest], name: str) -> bool:
    return any(load.filled.get(name) for load in base)


def _hours(span: timedelta) -> float:
    return span.total_seconds() / 3600
