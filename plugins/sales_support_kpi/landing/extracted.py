"""Landing what an extraction has read: outside the landing zone's lock, with its bookmark.

`extract.pull` → spool beside the landing zone → the same doors as a file drop → the last load of
the pull carries where to read on.
"""

import json
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from filelock import FileLock, Timeout

from sales_support_kpi.errors import HomeBusy, SalesSupportKpiError
from sales_support_kpi.landing.manifests import Manifest
from sales_support_kpi.landing.outcomes import Outcome
from sales_support_kpi.night import Night
from sales_support_kpi.settings import Home
from sales_support_kpi.sources.tables import Drop

if TYPE_CHECKING:
    from sales_support_kpi.config import Config, Source

SPOOL = "_spool"


@dataclass(frozen=True, slots=True)
class Pulled:
    """What a reading brought: a drop, or why there is none."""

    drop: Drop | None = None
    error: SalesSupportKpiError | None = None


@contextmanager
def read(
    home: Home, config: "Config", source: "Source", night: Night, since: datetime | None = None
) -> Iterator[Pulled | None]:
    """What a source has to say; None for files, which are read while they are landed."""
    if source.kind == "files":
        yield None
        return
    with pulled(home, config, source, night, since) as found:
        yield found


@contextmanager
def pulled(
    home: Home, config: "Config", source: "Source", night: Night, since: datetime | None = None
) -> Iterator[Pulled]:
    """Read a source into its spool, which lasts as long as the context does.

    It takes no lock of the home: reading a foreign system may take hours. One source is read by one
    run at a time.
    """
    from sales_support_kpi.sources.extract.pulling import pull

    root = home.landing / SPOOL
    for each in (home.root, home.landing, root):
        each.mkdir(parents=True, exist_ok=True, mode=0o700)
    lock = FileLock(root / f"{source.id}.lock")
    try:
        lock.acquire(timeout=0)
    except Timeout:
        busy = f"{source.id} is being read by another run; wait for it, or end it"
        yield Pulled(error=HomeBusy(busy))
        return
    folder = root / source.id
    try:
        shutil.rmtree(folder, ignore_errors=True)  # of a reading that was killed
        folder.mkdir()
        try:
            found = Pulled(pull(home, config, source, night, folder, since=since))
        except SalesSupportKpiError as error:
            found = Pulled(error=error)
        yield found
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        lock.release()


def failed(source: str, night: Night, reading: Pulled) -> Outcome:
    """The outcome of a reading that came to nothing."""
    is_final = getattr(reading.error, "is_final", False)
    return Outcome(source, night, "failed", message=str(reading.error), is_final=is_final)


def moves(drop: Drop, loads: Mapping[str, Sequence[Manifest]]) -> bool:
    """Whether the drop's bookmark says anything that the landing zone does not hold yet."""
    if drop.bookmark is None:
        return False
    pulls = [load for each in loads.values() for load in each if load.bookmark]
    if not pulls:
        return True
    last = max(pulls, key=lambda load: load.load_seq).bookmark
    return _place(last) != _place(drop.bookmark)


def _place(bookmark: Mapping[str, Any]) -> str:
    """Where to read on; what else a bookmark says does not move it."""
    said = [bookmark.get("resources"), bookmark.get("mapping")]
    return json.dumps(said, sort_keys=True, default=str)
