"""What is usual: volumes of the same weekday, shares of filled cells, the age of the newest row."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from landing_help import QUALITY

from sales_support_kpi.landing.manifests import Manifest
from sales_support_kpi.landing.usual import beside_earlier
from sales_support_kpi.night import Night

MONDAY = datetime(2026, 10, 5, 15, tzinfo=UTC)


def night(days: int) -> Night:
    as_of = MONDAY + timedelta(days=days)
    return Night(as_of.date(), as_of)


def load(days: int, rows: int, *, seq: int = 0, mode: str = "changes", **more: Any) -> Manifest:
    at = night(days)
    values: dict[str, Any] = {
        "source": "desk", "entity": "requests", "load_seq": seq or days + 100, "night": at.date,
        "effective_at": at.as_of, "landed_at": at.as_of, "mode": mode, "schema_hash": "",
        "fingerprint": "", "rows_read": rows, "columns": {"subject": "text"},
    }  # fmt: skip
    return Manifest(**{**values, **more})


def profile(rows: int, *, mode: str = "changes", **more: Any) -> dict[str, Any]:
    values: dict[str, Any] = {
        "source": "desk", "entity": "requests", "mode": mode, "rows_read": rows, "has_header": True,
        "columns": {"subject": "text"}, "filled": {"subject": rows}, "extra_columns": (),
        "newest_instant_us": None,
    }  # fmt: skip
    return {**values, **more}


def ratio(rows: int, earlier: list[Manifest], days: int = 28) -> float | None:
    found = beside_earlier(profile(rows), earlier, night(days), QUALITY)["volume_ratio"]
    return None if found is None else float(found)


def test_a_night_is_compared_with_nights_of_its_weekday() -> None:
    mondays = [load(days, 100) for days in (0, 7, 14, 21)]
    sundays = [load(days, 1000) for days in (-1, 6, 13, 20, 27)]

    assert ratio(50, [*mondays, *sundays]) == 0.5


def test_loads_of_one_night_are_taken_together() -> None:
    halves = [load(days, 50, seq=days * 10 + n) for days in (0, 7, 14) for n in (1, 2)]

    assert ratio(100, halves) == 1.0


def test_a_first_load_of_years_of_history_is_not_the_usual_night() -> None:
    assert ratio(100, [load(0, 100_000), load(7, 100), load(14, 100)]) == 1.0


def test_two_nights_are_no_habit() -> None:
    assert ratio(1, [load(0, 100), load(7, 100)]) is None


def test_a_handful_of_rows_is_not_compared() -> None:
    assert ratio(0, [load(days, 3) for days in (0, 7, 14)]) is None


def test_full_loads_are_compared_with_the_last_ones_whatever_their_weekday() -> None:
    earlier = [load(days, 100, mode="full") for days in (0, 1, 2)]

    found = beside_earlier(profile(300, mode="full"), earlier, night(3), QUALITY)

    assert found["volume_ratio"] == 3.0


def changes(rows: int, filled: int, earlier: list[Manifest]) -> dict[str, Any]:
    found = beside_earlier(profile(rows, filled={"subject": filled}), earlier, night(28), QUALITY)[
        "column_changes"
    ]
    assert [one["column"] for one in found] == ["subject"]
    return dict(found[0])


def filled(days: int, rows: int, count: int) -> Manifest:
    return load(days, rows, filled={"subject": count})


def test_a_history_that_was_filled_does_not_make_new_rows_emptied() -> None:
    earlier = [filled(0, 10_000, 9_000), filled(1, 50, 1), filled(2, 50, 2)]

    assert not changes(50, 0, earlier)["is_emptied"]


def test_a_column_that_is_always_filled_and_now_empty_was_emptied() -> None:
    earlier = [filled(days, 50, 45) for days in range(3)]

    assert changes(50, 0, earlier)["is_emptied"]
    assert not changes(5, 0, earlier)["is_emptied"]  # five rows may well be without


@pytest.mark.parametrize(("count", "drop"), [(45, 0.0), (20, 0.5)])
def test_the_fall_in_filled_cells_is_a_share_of_the_rows(count: int, drop: float) -> None:
    earlier = [filled(days, 50, 45) for days in range(3)]

    assert changes(50, count, earlier)["fill_drop"] == pytest.approx(drop)


def test_news_is_old_when_it_is_older_than_it_ever_was() -> None:
    earlier = [load(d, 50, newest_at=night(d).as_of - timedelta(hours=10)) for d in range(3)]
    newest = int((night(3).as_of - timedelta(hours=50)).timestamp() * 1e6)
    old = profile(50, newest_instant_us=newest)

    by_habit = beside_earlier(old, earlier, night(3), QUALITY)
    by_limit = beside_earlier(old, earlier, night(3), QUALITY, freshness_hours=100)

    assert by_habit["age_ratio"] == pytest.approx(2.5)
    assert by_limit["age_ratio"] == pytest.approx(0.5)


def test_a_full_load_that_goes_back_is_told_from_a_late_one() -> None:
    last = load(0, 50, mode="full", newest_at=night(0).as_of)
    older = int((night(0).as_of - timedelta(hours=30)).timestamp() * 1e6)

    back = beside_earlier(
        profile(50, mode="full", newest_instant_us=older), [last], night(1), QUALITY
    )
    changed = beside_earlier(profile(50, newest_instant_us=older), [last], night(1), QUALITY)

    assert back["behind_hours"] == pytest.approx(30)
    assert changed["behind_hours"] is None
