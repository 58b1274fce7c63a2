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
from sales_support_kpi.landing.shapes import Comparison, Shape
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


def reading_beside_earlier(
    source: str,
    name: str,
    read: Mapping[str, Any],
    earlier: Sequence[tuple[date, Mapping[str, Any]]],
    night: Night,
    limits: Limits,
    accepted: Collection[str] = (),
    *,
    is_full: bool = False,
) -> dict[str, Any]:
    """What one thing that was read looks like beside earlier readings of it.

    Args:
        source: the source's id.
        name: what was read: an endpoint, an object, a table; `raw` for the files of a mapping.
        read: its shape (`Shape.of`), and `others`: the columns that need not be there.
        earlier: night and shape of earlier readings, oldest first.
        night: the night that lands it.
        limits: what is usual.
        accepted: differences a person has accepted, as `what|column`.
        is_full: each reading holds everything: the last one alone says what is usual.
    """
    rows = read["rows"]
    counts = [(at, one["rows"]) for at, one in earlier]
    volume = (
        _in_terms_of([count for _, count in counts], rows, limits)
        if is_full
        else _against_nights(rows, counts, night, limits)
    )
    alike = [one for _, one in earlier if one["rows"] and one.get("selects") == read.get("selects")]
    base = alike[-1:] if is_full else alike[-limits.usual_nights :]
    known = {field for _, one in earlier for field in (*one.get("others", ()), *one["filled"])}
    is_known = any("others" in one for _, one in earlier)
    # what files held is not declared anywhere but by the files before
    names = [*read["filled"], *(n for one in base if "selects" in one for n in one["filled"])]
    return {
        "source": source,
        "entity": name,
        "mode": "full" if is_full else "changes",
        "rows_read": rows,
        "volume_ratio": volume,
        "arrived_ratio": volume,
        "new_columns": tuple(n for n in read.get("others", ()) if is_known and n not in known),
        "column_changes": Comparison(
            [Shape.of(one) for one in base],
            limits,
            at_least=1 if is_full else limits.min_nights,
            min_values=limits.min_rows,
            accepted=accepted,
        ).changes(Shape.of(read), list(dict.fromkeys(names))),
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
    is_full = profile["mode"] == "full"
    base = [
        Shape(load.rows_read, load.filled, load.columns)
        for load in (recent[-1:] if is_full else recent)
    ]
    now = Shape(
        profile["rows_read"], profile["filled"], profile["columns"],
        has_names=profile["has_header"],
    )  # fmt: skip
    names = [
        c.name for c in entity if c.name in now.kinds or any(s.filled.get(c.name) for s in base)
    ]
    return Comparison(
        base,
        limits,
        at_least=1 if is_full else limits.min_nights,
        accepted=accepted,
        plain={c.name for c in entity if c.type in _PLAIN},
    ).changes(now, names)


def _hours(span: timedelta) -> float:
    return span.total_seconds() / 3600
