"""Twenty readers over twenty publishes: every answer is one whole night, at last the newest."""

import json
import shutil
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import duckdb
import pytest
from tests.browser.superset_page import Api

from sales_support_kpi.warehouse.published import current_dir, nights_dir, point_current_at

READERS, PUBLISHES = 20, 20
AS_OF = datetime(2026, 10, 31, 15, tzinfo=UTC)  # of the demo company: the end of that day in Seoul
NAMES = ("trend", "people_values")

pytestmark = pytest.mark.browser


def publish_night(home, number):
    """A night in which every value is its number and as-of is so many days later, in one rename."""
    origin = current_dir(home)
    name = f"2027-01-{number:02d}.01"
    target = nights_dir(home) / name
    shutil.copytree(origin, target)
    for file in ("kpi.duckdb", "kpi_people.duckdb"):
        (target / file).chmod(0o600)
        with duckdb.connect(str(target / file)) as connection:
            connection.execute(
                "update kpi_values set value = ?, as_of = ?",
                [float(number), AS_OF + timedelta(days=number)],
            )
    manifest = json.loads((target / "manifest.json").read_text(encoding="utf-8"))
    (target / "manifest.json").write_text(json.dumps(manifest | {"publish_id": name}))
    point_current_at(home, name)


def values(answer):
    """What an answer says: values, and the day that they are as of."""
    assert answer.status_code == 200, answer.text
    return frozenset((row["value"], row["night"]) for row in answer.json()["result"][0]["data"])


def whole(number):
    """What an answer of one of those nights says."""
    return frozenset({(float(number), f"{AS_OF + timedelta(days=number):%Y-%m-%d}")})


def test_readers_always_see_one_whole_night_and_at_last_the_newest(home, superset):
    before = current_dir(home).name
    readers = [Api(superset, "e01") for _ in range(READERS)]
    datasets, insights = readers[0].datasets(), [("kpi_id", ["insights_delivered"])]
    # of the company and of people, which stand in two files
    questions = [(datasets[name], ["value", "night"], insights) for name in NAMES]
    first = {values(readers[0].ask(*question)) for question in questions}
    assert {len({night for _, night in answer}) for answer in first} == {1}
    assert max(map(len, first)) > 1
    is_over = threading.Event()

    def read(api):
        seen = set()
        while not is_over.is_set():
            seen.update(values(api.ask(*question)) for question in questions)
        return seen

    try:
        with ThreadPoolExecutor(READERS) as pool:
            futures = [pool.submit(read, api) for api in readers]
            for number in range(1, PUBLISHES + 1):
                publish_night(home, number)
            is_over.set()
            seen = set().union(*(future.result() for future in futures))
        last = {values(api.ask(*question)) for api in readers for question in questions}
    finally:
        is_over.set()
        point_current_at(home, before)
        for number in range(1, PUBLISHES + 1):
            shutil.rmtree(nights_dir(home) / f"2027-01-{number:02d}.01", ignore_errors=True)
    nights = {whole(number) for number in range(1, PUBLISHES + 1)}
    assert seen <= first | nights, "an answer mixed two nights"
    assert len(seen) > 2, "the readers saw nights come"
    assert last == {whole(PUBLISHES)}
