"""The incident log worked out in plain Python, sharing nothing with the product.

Times are naive throughout: the log's own clock face, which is also the company's.
"""

import csv
import gzip
import shutil
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property
from pathlib import Path

EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "servicenow_incidents"
EXCERPT = EXAMPLE / "incident_event_log_excerpt.csv"
FOUR_HOURS, ZERO = timedelta(hours=4), timedelta()
STATUS = {"New": "open", "Active": "open", "Resolved": "done", "Closed": "done"}
HOLIDAYS = {  # public holidays in Korea from March 2016 to February 2017 that fall on a weekday
    date(2016, 3, 1), date(2016, 4, 13), date(2016, 5, 5), date(2016, 5, 6), date(2016, 6, 6),
    date(2016, 8, 15), date(2016, 9, 14), date(2016, 9, 15), date(2016, 9, 16), date(2016, 10, 3),
    date(2017, 1, 27), date(2017, 1, 30),
}  # fmt: skip


def when(text):
    return None if text == "?" else datetime.strptime(text, "%d/%m/%Y %H:%M")  # noqa: DTZ007


def always(start, end):
    return end - start


def korean_hours(start, end):
    """Time between two instants that lies on Monday to Friday, 09:00 to 18:00."""
    total, day = ZERO, start.date()
    while day <= end.date():
        if day.weekday() < 5 and day not in HOLIDAYS:
            opens = datetime(day.year, day.month, day.day, 9)  # noqa: DTZ001
            begin, until = max(start, opens), min(end, opens + timedelta(hours=9))
            total += max(until - begin, ZERO)
        day += timedelta(days=1)
    return total


@dataclass(frozen=True)
class Incident:
    """`versions` in the order of their counter; of two lines for one version the later one."""

    number: str
    versions: tuple

    @cached_property
    def opened(self):
        return when(self.versions[-1]["opened_at"])

    @cached_property
    def stated(self):
        """The final `resolved_at`, as printed on every row."""
        return when(self.versions[-1]["resolved_at"])

    @cached_property
    def changes(self):
        """(instant, status) where the status becomes another one."""
        found = []
        for version in self.versions:
            state = version["incident_state"]
            status = "waiting" if state.startswith("Awaiting ") else STATUS.get(state)
            if status and (not found or found[-1][1] != status):
                found.append((when(version["sys_updated_at"]), status))
        return found

    @property
    def is_done(self):
        return self.changes[-1][1] == "done"

    def status_at(self, instant):
        """What somebody who looked just before that instant saw; None: nothing yet."""
        seen = [status for at, status in self.changes if at < instant]
        return seen[-1] if seen else None

    def end(self, has_events=True):
        """When it was completed: as stated, else (known by its events only) the last change."""
        if not self.is_done:
            return None
        return self.stated or (self.changes[-1][0] if has_events else None)

    def spans(self, end, has_events=True):
        """(status, from, until) from the opening to an end."""
        status, since = "open", self.opened
        for at, changed in self.changes if has_events else ():
            if self.opened <= at < end:
                yield status, since, at
                status, since = changed, at
        yield status, since, end

    def clock(self, end, has_events=True, hours=always, stopping=("waiting", "done")):
        """Time between opening and end in which the clock ran."""
        spans = self.spans(end, has_events)
        return sum((hours(a, b) for status, a, b in spans if status not in stopping), ZERO)


def read_rows(file):
    opener = gzip.open if file.suffix == ".gz" else open
    with opener(file, "rt", encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def config_reading(file, variant, folder):
    """A copy of a shipped configuration that reads another file."""
    config = shutil.copytree(EXAMPLE / variant, folder / variant)
    sources = (config / "sources.yml").read_text(encoding="utf-8")
    assert sources.count(f"../{EXCERPT.name}") == 1
    sources = sources.replace(f"../{EXCERPT.name}", str(file))
    (config / "sources.yml").write_text(sources, encoding="utf-8")
    return config


def incidents_of(rows):
    by_number = {}
    for row in rows:
        by_number.setdefault(row["number"], {})[int(row["sys_mod_count"])] = row
    return {
        number: Incident(number, tuple(versions[at] for at in sorted(versions)))
        for number, versions in by_number.items()
    }


def within_four_hours(incidents, now, has_events=True, hours=always):
    """{incident: 1.0 or 0.0}, of those whose outcome is decided."""
    found = {}
    for number, one in incidents.items():
        end = one.end(has_events)
        if end is not None:
            found[number] = float(one.clock(end, has_events, hours) <= FOUR_HOURS)
        elif not one.is_done and one.clock(now, has_events, hours) > FOUR_HOURS:
            found[number] = 0.0
    return found


def hours_taken(incidents, has_events=True, hours=always):
    """{incident: hours on the clock}, of those that were completed."""
    ends = {number: one.end(has_events) for number, one in incidents.items()}
    return {
        number: incidents[number].clock(end, has_events, hours) / timedelta(hours=1)
        for number, end in ends.items()
        if end is not None
    }


def why_in_time(one):
    """Which stops of the clock bring an incident within the four hours that it took longer than."""
    end = one.end()
    by_waiting = one.clock(end, stopping=("waiting",)) <= FOUR_HOURS
    by_resolved = one.clock(end, stopping=("done",)) <= FOUR_HOURS
    if by_waiting or by_resolved:
        return {(1, 0): "waiting", (0, 1): "resolved", (1, 1): "either"}[by_waiting, by_resolved]
    return "both"
