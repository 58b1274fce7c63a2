"""Where a sheet's header stands: below its titles, and perhaps in two rows with merged cells.

The first rows as text (+ merged ranges) → the names of the columns and the row they end in.
"""

from collections.abc import Container, Sequence
from dataclasses import dataclass

from sales_support_kpi.aliases import fold

LOOK = 30  # rows from the top among which a header is looked for

Merge = tuple[tuple[int, int], tuple[int, int]]  # (row, column) of its first and last cell, from 0


@dataclass(frozen=True, slots=True)
class FoundHeader:
    """The names of the columns, and the index of the last row that belongs to them."""

    names: tuple[str, ...]
    last: int
    score: int = 0


def find_header(
    rows: Sequence[Sequence[str]], known: Container[str] | None, merges: Sequence[Merge] = ()
) -> FoundHeader | None:
    """The header among the first rows of a sheet or file; None where all of them are blank.

    With `known` names (folded) it is the row that has most of them; without, the first row that
    fills more than half as many cells as the fullest one: what stands above is a title.
    """
    counts = [sum(bool(cell.strip()) for cell in row) for row in rows]
    if not any(counts):
        return None
    filled = _filled(rows, merges)
    if known is None:
        at = next(at for at, count in enumerate(counts) if count * 2 > max(counts))
        return _below(at, filled[at], merges) if not _has_groups(at, merges) else _pair(
            at + 1, filled, None, merges
        )  # fmt: skip
    found = [
        FoundHeader(one.names, one.last, _score(one.names, known))
        for at, count in enumerate(counts)
        if count
        for one in _candidates(at, filled, known, merges)
    ]
    return max(found, key=lambda one: one.score)  # of equals the first


def _candidates(
    at: int, filled: Sequence[Sequence[str]], known: Container[str], merges: Sequence[Merge]
) -> list[FoundHeader]:
    single = _below(at, filled[at], merges)
    return [single] if not _has_groups(at - 1, merges) else [
        single, _pair(at, filled, known, merges)
    ]  # fmt: skip


def _score(names: Sequence[str], known: Container[str]) -> int:
    return len({fold(name) for name in names if fold(name) in known})


def _has_groups(at: int, merges: Sequence[Merge]) -> bool:
    """Whether the row has a cell that spans several columns: a heading over headings."""
    return any(top <= at <= bottom and left < right for (top, left), (bottom, right) in merges)


def _below(at: int, names: Sequence[str], merges: Sequence[Merge]) -> FoundHeader:
    """A row as header; it ends where the tallest of its merged cells does."""
    ends = (bottom for (top, _), (bottom, _) in merges if top <= at <= bottom)
    return FoundHeader(tuple(names), max(ends, default=at))


def _pair(
    at: int,
    filled: Sequence[Sequence[str]],
    known: Container[str] | None,
    merges: Sequence[Merge],
) -> FoundHeader:
    """A row and the groups above it as one header."""
    upper = filled[at - 1]
    lower = filled[at] if at < len(filled) else [""] * len(upper)
    names = [_joined(a.strip(), b.strip(), known) for a, b in zip(upper, lower, strict=True)]
    return _below(min(at, len(filled) - 1), names, merges)


def _joined(group: str, name: str, known: Container[str] | None) -> str:
    if not name or group == name:
        return group
    both = f"{group} {name}".strip()
    is_known_alone = known is not None and fold(both) not in known and fold(name) in known
    return name if is_known_alone else both


def _filled(rows: Sequence[Sequence[str]], merges: Sequence[Merge]) -> list[list[str]]:
    """The rows with every merged cell's text in all the places that it covers."""
    if not merges:
        return [list(row) for row in rows]
    width = max(map(len, rows), default=0)
    grid = [[*row, *[""] * (width - len(row))] for row in rows]
    for (top, left), (bottom, right) in merges:
        if top >= len(grid) or left >= width:
            continue
        text = grid[top][left]
        for row in grid[top : bottom + 1]:
            row[left : min(right, width - 1) + 1] = [text] * (min(right, width - 1) + 1 - left)
    return grid
