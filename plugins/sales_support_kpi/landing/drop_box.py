"""A watched folder: every file in it is a load of its own, the oldest first.

What has been landed is known by its content: the same file again, renamed or not, changes nothing.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from sales_support_kpi.landing.outcomes import Outcome, Status
from sales_support_kpi.sources.files import kind_of, tables_at

if TYPE_CHECKING:
    from sales_support_kpi.config import Source

_WORST_FIRST: Sequence[Status] = ("rejected", "failed", "landed", "unchanged")


def is_drop_box(source: "Source", path: Path) -> bool:
    """Whether the files at the path tell of changes one after the other."""
    is_mapped = any(mapping.text for mapping in source.entities.values())
    return source.mode == "changes" and not is_mapped and not path.is_file()


def in_order(path: Path) -> list[Path]:
    """The tables and workbooks in the box, the one that was changed first first."""
    return sorted(tables_at(path), key=lambda file: (file.stat().st_mtime_ns, file.name))


def together(outcomes: Sequence[Outcome], empty: Outcome, notes: Sequence[str]) -> Outcome:
    """One outcome for all files of a night: a bad file is named, the good ones are landed."""
    statuses = {outcome.status for outcome in outcomes}
    status: Status = next((one for one in _WORST_FIRST if one in statuses), "unchanged")
    return Outcome(
        empty.source,
        empty.night,
        status,
        tuple(load for outcome in outcomes for load in outcome.loads),
        "\n".join(outcome.message for outcome in outcomes if outcome.message),
        (*notes, *(note for outcome in outcomes for note in outcome.notes)),
        tuple(result for outcome in outcomes for result in outcome.results),
    )


def skipped(path: Path) -> list[str]:
    """A note for every file in the box that is no table."""
    if not path.is_dir():
        return []
    others = (one for one in sorted(path.iterdir()) if one.is_file() and kind_of(one) is None)
    return [
        f"{one.name}: skipped, it is no table of a known entity"
        for one in others
        if not one.name.startswith(("~$", "."))
    ]
