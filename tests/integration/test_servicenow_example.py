"""The worked example of mapped files: the public incident log, against plain Python.

The excerpt is shipped. The full log (2 MB) is looked for in `shared/data/uci_incident_log` beside
the repository.
"""

import math
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import duckdb
import pytest
from incident_log import (
    EXCERPT,
    FOUR_HOURS,
    Incident,
    config_reading,
    hours_taken,
    incidents_of,
    korean_hours,
    read_rows,
    when,
    why_in_time,
    within_four_hours,
)

from sales_support_kpi import pipeline
from sales_support_kpi.config import load_config
from sales_support_kpi.night import parse_as_of
from sales_support_kpi.settings import Home
from sales_support_kpi.warehouse.published import published_file

pytestmark = pytest.mark.integration

ROOT = Path(__file__).resolve().parents[2]
FULL = ROOT.parent / "shared" / "data" / "uci_incident_log" / "incident_event_log.csv.gz"
ZONE = "Asia/Seoul"
NOW, APRIL = datetime(2017, 3, 1), datetime(2016, 4, 16)  # noqa: DTZ001 - the log's clock face


@dataclass(frozen=True)
class Log:
    """The log's lines, the incidents they make, and the figures that are told in the README."""

    file: Path
    figures: dict
    rows: list = field(repr=False)
    incidents: dict[str, Incident] = field(repr=False)


@dataclass(frozen=True)
class Night:
    home: Home
    outcomes: tuple = ()

    def read(self, query):
        with duckdb.connect(str(published_file(self.home, people=True)), read_only=True) as reader:
            return reader.execute(query).fetchall()

    def rows(self, kpi_id, column="numerator"):
        query = f"select record_id, {column} from measure_rows where kpi_id = '{kpi_id}'"
        found = self.read(query)
        assert len({number for number, _ in found}) == len(found)
        return dict(found)

    def year(self, kpi_id):
        return self.read(
            "select numerator, denominator from kpi_values where grain = 'year' "
            f"and period_start = '2016-01-01' and scope_type = 'company' and kpi_id = '{kpi_id}'"
        )[0]


EXCERPT_FIGURES = {
    "incidents": 90,
    "no_events": (15, 80),
    "events": (42, 90),
    "korean_hours": (48, 90),
    "moves": {
        (1, 1, ""): 15,
        (0, 0, ""): 45,
        (0, 1, "waiting"): 9,
        (0, 1, "resolved"): 8,
        (0, 1, "both"): 3,
        (None, 1, ""): 7,
        (None, 0, ""): 3,
    },
    "in_april": {"known": 74, "printed": 66, "seen_done": 61, "done": 58},
}
FULL_FIGURES = {
    "incidents": 20769,
    "no_events": (7421, 19351),
    "events": (9952, 20769),
    "korean_hours": (11142, 20769),
    "moves": {
        (1, 1, ""): 7421,
        (0, 0, ""): 10814,
        (0, 1, "waiting"): 1049,
        (0, 1, "resolved"): 56,
        (0, 1, "both"): 11,
        (None, 1, ""): 1415,
        (None, 0, ""): 3,
    },
    "in_april": {"known": 13698, "printed": 12663, "seen_done": 12420, "done": 12413},
}


def make_log(file, figures):
    rows = read_rows(file)
    return Log(file, figures, rows, incidents_of(rows))


@pytest.fixture(scope="module")
def excerpt():
    return make_log(EXCERPT, EXCERPT_FIGURES)


@pytest.fixture(scope="module")
def full():
    if not FULL.exists():
        pytest.skip(f"the full log is not at {FULL}")
    return make_log(FULL, FULL_FIGURES)


@pytest.fixture(scope="module", params=["excerpt", "full"])
def log(request):
    return request.getfixturevalue(request.param)


@pytest.fixture(scope="module")
def config_of(log, tmp_path_factory):
    """A shipped configuration, reading the log at hand."""

    def load(variant):
        return load_config(config_reading(log.file, variant, tmp_path_factory.mktemp("config")))

    return load


def run(home, config, as_of="2017-02-28"):
    night = parse_as_of(as_of, ZONE)
    result = pipeline.run_night(home=home, config=config, night=night)
    assert result.exit_code == 0, result.message
    return Night(result.home, result.outcomes)


@pytest.fixture(scope="module")
def new_home(log, tmp_path_factory):
    return lambda: Home(tmp_path_factory.mktemp("home") / "var")


@pytest.fixture(scope="module")
def with_events(new_home, config_of):
    return run(new_home(), config_of("config"))


@pytest.fixture(scope="module")
def in_april(with_events, config_of):
    night = run(with_events.home, config_of("config"), "2016-04-15")
    assert night.home != with_events.home, "a look back must not be published"
    return night


@pytest.fixture(scope="module")
def in_korean_hours(new_home, config_of):
    return run(new_home(), config_of("config-korean-hours"))


@pytest.fixture(scope="module")
def without_events(new_home, config_of):
    return run(new_home(), config_of("config-no-events"))


def assert_hours(found, expected):
    assert found.keys() == expected.keys()
    wrong = {
        number: (found[number], hours)
        for number, hours in expected.items()
        if not math.isclose(found[number], hours, abs_tol=1e-9)
    }
    assert wrong == {}


def test_every_incident_is_an_inquiry_and_nothing_is_kept_back(with_events, log):
    rows = with_events.rows("inquiry_completion_rate")
    assert rows == {number: float(one.is_done) for number, one in log.incidents.items()}
    assert len(rows) == log.figures["incidents"]
    assert [number for number, done in rows.items() if not done] == ["INC0029233"]
    loads = with_events.outcomes[0].loads
    assert {load.entity for load in loads} == {"employees", "requests", "request_events"}
    assert sum(load.rows_quarantined for load in loads) == 0
    assert with_events.read("select * from rejected") == []


def test_without_events_the_share_is_that_of_resolved_at(without_events, log):
    rows = without_events.rows("inquiry_within_4h")
    assert rows == within_four_hours(log.incidents, NOW, has_events=False)
    assert rows.keys() == {number for number, one in log.incidents.items() if one.stated}
    assert without_events.year("inquiry_within_4h") == log.figures["no_events"]
    assert (sum(rows.values()), len(rows)) == log.figures["no_events"]


def test_without_events_what_has_no_resolved_at_is_listed_with_that_reason(without_events, log):
    listed = without_events.read("select distinct record_id, reason from rejected")
    missing = {number for number, one in log.incidents.items() if one.stated is None}
    assert set(listed) == {(number, "done_without_completion") for number in missing}


def test_with_events_waiting_stops_the_clock_and_a_missing_resolution_is_found(with_events, log):
    rows = with_events.rows("inquiry_within_4h")
    assert rows == within_four_hours(log.incidents, NOW)
    assert with_events.year("inquiry_within_4h") == log.figures["events"]
    assert_hours(with_events.rows("inquiry_handling_time"), hours_taken(log.incidents))


def test_in_korean_hours_nights_and_holidays_do_not_count(in_korean_hours, with_events, log):
    rows = in_korean_hours.rows("inquiry_within_4h")
    assert rows == within_four_hours(log.incidents, NOW, hours=korean_hours)
    assert in_korean_hours.year("inquiry_within_4h") == log.figures["korean_hours"]
    hours = hours_taken(log.incidents, hours=korean_hours)
    assert_hours(in_korean_hours.rows("inquiry_handling_time"), hours)
    always_open = with_events.rows("inquiry_within_4h")
    assert all(rows[number] >= value for number, value in always_open.items())


def test_no_incident_is_done_before_it_is_resolved(in_april, log):
    """Every row printed its final `resolved_at` from the first day on."""
    rows = in_april.rows("inquiry_completion_rate")
    known = {number: one for number, one in log.incidents.items() if one.opened < APRIL}
    assert rows.keys() == known.keys()
    done = {number for number, value in rows.items() if value}
    seen_done = {number for number, one in known.items() if one.status_at(APRIL) == "done"}
    assert done < seen_done
    assert log.figures["in_april"] == {
        "known": len(known),
        "printed": sum(one.stated is not None for one in known.values()),
        "seen_done": len(seen_done),
        "done": len(done),
    }
    # seen as resolved on that evening, but not for good
    reopened = {number for number in seen_done if known[number].changes[-1][0] >= APRIL}
    resolved_again = {n for n in seen_done if known[n].stated and known[n].stated >= APRIL}
    assert seen_done - done == reopened | resolved_again
    assert reopened
    assert resolved_again


def test_the_share_of_that_evening_knows_no_later_resolution(in_april, log):
    rows = in_april.rows("inquiry_within_4h")
    known = {number: one for number, one in log.incidents.items() if one.opened < APRIL}
    expected = {}
    for number, one in known.items():
        end = one.end()
        if end is not None and end < APRIL:
            expected[number] = float(one.clock(end) <= FOUR_HOURS)
        elif one.clock(APRIL) > FOUR_HOURS:
            expected[number] = 0.0
    assert rows == expected


def test_what_the_events_change_is_explained_to_the_last_incident(without_events, with_events, log):
    """The table of the README."""
    before = without_events.rows("inquiry_within_4h")
    after = with_events.rows("inquiry_within_4h")

    def reason(number):
        is_stopped = before.get(number) == 0 and after[number] == 1
        return why_in_time(log.incidents[number]) if is_stopped else ""

    moves = Counter((before.get(number), after[number], reason(number)) for number in after)
    assert moves == log.figures["moves"]


def test_the_excerpt_is_cut_out_of_the_full_log(full, excerpt):
    numbers = set(excerpt.incidents)
    assert excerpt.rows == [row for row in full.rows if row["number"] in numbers]
    assert 400 < len(excerpt.rows) < 600


def test_the_counter_orders_the_versions_as_time_does(full):
    """What the mapping relies on: once the five doubled versions are one."""
    lines = Counter((row["number"], row["sys_mod_count"]) for row in full.rows)
    assert sum(count > 1 for count in lines.values()) == 5
    for one in full.incidents.values():
        times = [when(version["sys_updated_at"]) for version in one.versions]
        assert times == sorted(times)
        assert one.stated is None or not one.is_done or one.stated >= one.changes[-1][0]
