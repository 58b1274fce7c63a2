"""Wall-clock times as instants, also on the days when the clocks change.

A wall-clock time stands for the earliest instant at which the zone's clock has reached it: of an
hour that comes twice the first one counts, of an hour that is skipped the moment of skipping.
So intervals that touch on the wall touch in time too, and none overlaps another.
"""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001  (wall-clock arithmetic)
MICROSECOND = timedelta(microseconds=1)
MICROSECONDS_A_MINUTE = 60_000_000


def instant_at(day: date, minute: int, zone: ZoneInfo) -> int:
    """Microseconds since 1970 UTC at which a minute of a day is reached (1440: the next day)."""
    wall = datetime.combine(day, time()) + timedelta(minutes=minute)
    first = wall.replace(tzinfo=zone)
    offset = first.utcoffset() or timedelta()
    later_offset = first.replace(fold=1).utcoffset() or timedelta()
    if later_offset > offset:  # the clock skips this time
        return _start_of_gap(wall, offset, later_offset, zone)
    return (wall - EPOCH - offset) // MICROSECOND


def _start_of_gap(wall: datetime, before: timedelta, after: timedelta, zone: ZoneInfo) -> int:
    """The instant of the change that skips a wall-clock time, to the second."""
    low, high = ((wall - EPOCH - offset) // timedelta(seconds=1) for offset in (after, before))
    while high - low > 1:  # the offset is the old one at `low`, the new one at `high`
        middle = (low + high) // 2
        changed = datetime.fromtimestamp(middle, UTC).astimezone(zone).utcoffset() == after
        low, high = (low, middle) if changed else (middle, high)
    return high * 1_000_000
