"""Bookmarks: where each resource is read on. Their only place is the manifests of accepted loads.

The last load of a pull carries the pull's bookmarks, so they exist only when all the rest is in
place; a pull that brought nothing new writes an empty load to move them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sales_support_kpi.landing.manifests import Manifest
from sales_support_kpi.night import Night
from sales_support_kpi.sources.extract.instants import parse_instant
from sales_support_kpi.sources.extract.resources import Bookmark, Resource, Start
from sales_support_kpi.sources.extract.spool import Written

UNTIL = "until"


@dataclass(frozen=True, slots=True)
class Bookmarks:
    """What earlier pulls of a source have left.

    Attributes:
        by_resource: resource → where to go on.
        mapping: hash of the mapping of the last pull.
        is_past: a later night has been landed already: this one's window is closed.
    """

    by_resource: Mapping[str, Bookmark] = field(default_factory=dict)
    mapping: str = ""
    is_past: bool = False

    @classmethod
    def before(
        cls, loads: Mapping[str, Sequence[Manifest]], night: Night, *, is_past: bool
    ) -> "Bookmarks":
        """The bookmarks a night's pull starts from.

        The newest night goes on where the last pull ended. A night that lies before what has been
        landed is read again from where its own pull began, so that it finds the same records.
        """
        pulls = sorted(
            (load for each in loads.values() for load in each if load.bookmark),
            key=lambda load: load.load_seq,
        )
        if is_past:
            pulls = [load for load in pulls if load.night < night.date]
        if not pulls:
            return cls(is_past=is_past)
        last = pulls[-1].bookmark
        return cls(last.get("resources", {}), last.get("mapping", ""), is_past)

    def start(
        self,
        resource: Resource,
        *,
        since: datetime | None,
        first: datetime | None,
        night: Night,
    ) -> Start:
        """Where a resource's reading begins.

        Args:
            resource: what is read.
            since: asked for by hand, whatever was read before.
            first: where the very first reading begins.
            night: the night it is read for.
        """
        until = night.as_of if self.is_past else None
        if since is not None:
            return Start(None, since, until)
        bookmark = self.by_resource.get(resource.name)
        if bookmark is None:
            return Start(None, first, until)
        reached = parse_instant(bookmark.get(UNTIL))
        return Start(bookmark, reached - resource.lookback if reached else None, until)


def after_reading(
    resource: Resource,
    given: Bookmark | None,
    before: Bookmark | None,
    written: Written,
    began: datetime,
) -> Bookmark | None:
    """Where to go on after a resource has been read to its end.

    Without a word of the reader: the latest change that was seen, never later than the reading
    itself, or one record with a date in the far future would hide all that follow.
    """
    if given is not None:
        return given
    if resource.cursor is None:
        return None
    earlier = parse_instant(before.get(UNTIL)) if before else None
    seen = min(written.newest, began) if written.newest else None
    reached = max((one for one in (earlier, seen) if one), default=None)
    return {UNTIL: reached.isoformat()} if reached else None
