"""The shape of an input beside earlier ones: columns that are gone, emptied, or of another kind.

One way for what a load of an entity held, for what was read from a system, and for raw files.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from statistics import median
from typing import Any, Protocol


class ShapeLimits(Protocol):
    """The part of `quality:` that shapes are held against."""

    @property
    def min_rows(self) -> int:
        """Fewer values are too few to compare."""


@dataclass(frozen=True, slots=True)
class Shape:
    """What the columns of an input held.

    Attributes:
        filled: column → rows with a value in it.
        kinds: column that was there → the kinds of its values, as `text` or `number+text`; empty
            where it held none.
        has_names: it names its columns also where they hold nothing (lines of JSON do not).
    """

    rows: int
    filled: Mapping[str, int]
    kinds: Mapping[str, str] = field(default_factory=dict)
    has_names: bool = True

    @classmethod
    def of(cls, said: Mapping[str, Any]) -> "Shape":
        """The shape as a bookmark or a manifest says it; older ones know no kinds."""
        filled = said["filled"]
        kinds = said["kinds"] if "kinds" in said else dict.fromkeys(filled, "")
        return cls(said["rows"], filled, kinds, has_names=said.get("has_names", False))


@dataclass(frozen=True, slots=True)
class Comparison:
    """How a shape is compared with earlier ones.

    Attributes:
        base: the earlier shapes, oldest first.
        at_least: with fewer of them, nothing is usual.
        min_values: with fewer values of a column, their kind says nothing.
        accepted: differences a person has accepted, as `what|column`.
        plain: columns whose values mean the same as text and as anything else but a time.
    """

    base: Sequence[Shape]
    limits: ShapeLimits
    at_least: int = 1
    min_values: int = 1
    accepted: Collection[str] = ()
    plain: Collection[str] = ()

    def changes(self, now: Shape, names: Sequence[str]) -> list[dict[str, Any]]:
        """Per column how it differs from what is usual."""
        return [self._column(name, now) for name in names]

    def _column(self, name: str, now: Shape) -> dict[str, Any]:
        filled = now.filled.get(name, 0)
        usual = self._usual_share(name)
        expected = (usual or 0.0) * now.rows
        was_filled = any(one.filled.get(name) for one in self.base)
        # a column that a small input does not name may have held nothing there
        is_gone = name not in now.kinds and was_filled
        is_missing = is_gone and (now.has_names or expected >= self.limits.min_rows)
        is_emptied = not is_missing and filled == 0 and expected >= self.limits.min_rows
        was, kind = self._kinds(name), now.kinds.get(name) or ""
        is_retyped = was_filled and filled >= self.min_values and self._is_other(name, was, kind)
        is_judged = expected >= self.limits.min_rows and not is_missing and not is_emptied
        drop = max(0.0, usual - filled / now.rows) if is_judged and usual is not None else None
        return {
            "column": name,
            "filled_ratio": filled / now.rows if now.rows else None,
            "usual_ratio": usual,
            "fill_drop": drop,
            "was": was or None,
            "now": kind or was or None,
            "is_missing": is_missing and f"missing|{name}" not in self.accepted,
            "is_emptied": is_emptied and f"emptied|{name}" not in self.accepted,
            "is_retyped": is_retyped and f"retyped|{name}|{kind}" not in self.accepted,
        }

    def _usual_share(self, name: str) -> float | None:
        """The usual share of rows with a value in this column.

        The median: a first load of years of history does not say what a night is like.
        """
        shares = [one.filled.get(name, 0) / one.rows for one in self.base if one.rows]
        return float(median(shares)) if shares and len(shares) >= self.at_least else None

    def _kinds(self, name: str) -> str:
        """The kinds that there were: a small night may have had only some of them."""
        seen = {kind for one in self.base for kind in one.kinds.get(name, "").split("+") if kind}
        return "+".join(sorted(seen))

    def _is_other(self, name: str, was: str, now: str) -> bool:
        """Whether no kind of value is one that there was before."""
        before, after = {*was.split("+")} - {""}, {*now.split("+")} - {""}
        if not before or not after or before & after:
            return False
        return name not in self.plain or "time" in before | after
