"""`kind: rest`: an API that nobody has programmed for is read by declaration alone."""

from collections.abc import Callable
from datetime import date
from typing import Any

from desk_api import REQUESTS, SOURCE, Desk

from sales_support_kpi.config import Config
from sales_support_kpi.landing import accepted_loads, land
from sales_support_kpi.night import night_ending
from sales_support_kpi.settings import Home

Company = Callable[..., Config]
FIRST, SECOND = (night_ending(date(2026, 10, day), "Asia/Seoul") for day in (5, 6))


def landed_requests(home: Home) -> list[tuple[Any, ...]]:
    import duckdb

    files = [str(f) for load in accepted_loads(home) for f in load.files]
    query = "select request_id, status, channel from read_parquet(?) order by _load_seq, _row"
    return duckdb.execute(query, [files]).fetchall()


def test_an_invented_api_is_landed_without_python(home: Home, desk: Desk, company: Company) -> None:
    for number in range(5):
        desk.add(number, f"2026-10-0{number + 1}T09:00:00Z")
    desk.cases[4] |= {"state": "closed", "closed": "2026-10-05T09:00:00Z"}
    config = company(SOURCE, requests=REQUESTS)

    outcome = land(home, config, config.sources[0], FIRST)

    assert (outcome.status, outcome.message) == ("landed", "")
    assert landed_requests(home) == [
        ("0", "open", "web"), ("1", "open", "web"), ("2", "open", "web"), ("3", "open", "web"),
        ("4", "done", "web"),
    ]  # fmt: skip


def test_the_next_night_asks_only_for_what_has_changed(
    home: Home, desk: Desk, company: Company
) -> None:
    desk.add(1, "2026-10-05T09:00:00Z")
    config = company(SOURCE, requests=REQUESTS)
    land(home, config, config.sources[0], FIRST)
    desk.add(2, "2026-10-05T09:00:00Z")  # of the very instant that was the latest one
    desk.add(3, "2026-10-06T09:00:00Z")

    outcome = land(home, config, config.sources[0], SECOND)

    assert [load.rows_landed for load in outcome.loads] == [2]
    assert [row[0] for row in landed_requests(home)] == ["1", "2", "3"]
    asked = [seen.query.get("changed_since") for seen in desk.script.seen()]
    assert asked == [None, "2026-10-05T08:55:00Z", "2026-10-05T08:55:00Z"]
