"""Whether a night is over for a source: a later one has been landed from it, or announced."""

from collections.abc import Mapping, Sequence

from sales_support_kpi.landing.manifests import Manifest
from sales_support_kpi.landing.ops import read_ops
from sales_support_kpi.night import Night
from sales_support_kpi.settings import Home

_GOOD = ("landed", "unchanged")


def is_past(home: Home, source: str, night: Night, loads: Mapping[str, Sequence[Manifest]]) -> bool:
    """Whether what a source holds today is what it held after a later night.

    A later night without news leaves no load, only its announcement.
    """
    if any(load.night > night.date for each in loads.values() for load in each):
        return True
    return any(
        row["announced_source"] == source and row["status"] in _GOOD and row["night"] > night.date
        for row in read_ops(home, "announcements")
    )
