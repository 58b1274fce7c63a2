"""The mappings of the incident log's worked example, landed: every line of the excerpt."""

import csv
from datetime import datetime

import duckdb
import pytest
from incident_log import EXCERPT, config_reading, incidents_of, read_rows, when

from sales_support_kpi import landing
from sales_support_kpi.config import load_config
from sales_support_kpi.landing import accepted_loads
from sales_support_kpi.night import parse_as_of
from sales_support_kpi.settings import Home

ZONE = "Asia/Seoul"
APRIL = datetime(2016, 4, 16)  # noqa: DTZ001 - the log's clock face


@pytest.fixture(scope="module")
def rows():
    return read_rows(EXCERPT)


@pytest.fixture(scope="module")
def incidents(rows):
    return incidents_of(rows)


def landed(home, entity, columns):
    files = [str(f) for m in accepted_loads(home) if m.entity == entity for f in m.files]
    with duckdb.connect() as reader:
        reader.execute(f"set timezone = '{ZONE}'")
        return reader.execute(
            f"select {columns} from read_parquet({files}) order by all"
        ).fetchall()


def land(rows, folder, as_of="2017-02-28"):
    """Land lines of the log with the shipped mappings."""
    file = folder / "log.csv"
    with file.open("w", encoding="utf-8", newline="") as target:
        writer = csv.DictWriter(target, rows[0])
        writer.writeheader()
        writer.writerows(rows)
    config = load_config(config_reading(file, "config", folder))
    home = Home(folder / "var")
    (source,) = config.sources
    outcome = landing.land(home, config, source, parse_as_of(as_of, ZONE))
    return home, outcome


@pytest.fixture(scope="module")
def landed_excerpt(rows, tmp_path_factory):
    home, outcome = land(rows, tmp_path_factory.mktemp("landed"))
    assert outcome.status == "landed", outcome.message
    return home


def test_the_events_are_the_changes_of_status(landed_excerpt, incidents):
    events = landed(
        landed_excerpt, "request_events", "request_id, occurred_at::timestamp, to_status"
    )
    expected = [(n, at, to) for n, one in incidents.items() for at, to in one.changes]
    assert sorted(events) == sorted(expected)


def test_events_of_one_minute_are_in_order_by_their_ids(landed_excerpt, incidents):
    events = landed(
        landed_excerpt, "request_events", "occurred_at, event_id, request_id, to_status"
    )
    for number, one in incidents.items():
        statuses = [to for _, _, request, to in events if request == number]
        assert statuses == [to for _, to in one.changes]
    assert len({event for _, event, _, _ in events}) == len(events)
    assert any(event.endswith("-00010") for _, event, _, _ in events)


def test_an_unknown_state_is_kept_back_and_does_not_pass_for_open(rows, tmp_path):
    *others, last = rows
    _, outcome = land([*others, last | {"incident_state": "Parked"}], tmp_path)
    kept = {load.entity: load.rows_quarantined for load in outcome.loads}
    assert kept == {"employees": 0, "requests": 1, "request_events": 1}


def test_the_log_as_it_stood_on_an_evening_lands_no_later_resolution(rows, incidents, tmp_path):
    """A nightly export of that evening, with the final values already printed on its rows."""
    known = [row for row in rows if when(row["sys_updated_at"]) < APRIL]
    home, _ = land(known, tmp_path, "2016-04-15")
    seen = {number: one.status_at(APRIL) for number, one in incidents.items()}
    statuses = landed(home, "requests", "request_id, status")
    assert dict(statuses) == {number: status for number, status in seen.items() if status}
    undone = landed(home, "requests", "count(completed_at) filter (where status <> 'done')")
    assert undone == [(0,)]
