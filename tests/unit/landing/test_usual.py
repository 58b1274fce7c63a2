"""What is usual: volumes of the same weekday, shares of filled cells, the age of the newest row."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from landing_help import QUALITY

from sales_support_kpi.landing.manifests import Manifest
from sales_support_kpi.landing.usual import (
    beside_earlier,
    box_beside_earlier,
    reading_beside_earlier,
)
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


def test_what_came_earlier_in_the_night_counts_with_it() -> None:
    mondays = [load(days, 90) for days in (0, 7, 14)]
    tonight = [load(28, 50, seq=1), load(28, 37, seq=2)]

    assert ratio(3, [*mondays, *tonight]) == 1.0


def test_one_of_several_files_may_be_small_but_is_never_too_large_unseen() -> None:
    mondays = [load(days, 90) for days in (0, 7, 14)]
    first, second = load(28, 30, seq=1), load(28, 30, seq=2)

    one = beside_earlier(profile(30), mondays, night(28), QUALITY, is_box=True)
    last = beside_earlier(profile(300), [*mondays, first, second], night(28), QUALITY, is_box=True)
    whole = box_beside_earlier("desk", "requests", [*mondays, first, second], night(28), QUALITY)

    assert one["arrived_ratio"] is None
    assert last["volume_ratio"] == 4.0
    assert (whole["rows_read"], whole["arrived_ratio"]) == (60, pytest.approx(2 / 3))


Reading = tuple[Any, dict[str, Any]]


def reading(days: int, rows: int, filled: int | None = None, **more: Any) -> Reading:
    """The night and the shape of what was once read of `tickets`."""
    return night(days).date, shape(rows, rows if filled is None else filled, **more)


def shape(rows: int, filled: int, **more: Any) -> dict[str, Any]:
    return {"rows": rows, "filled": {"status": filled}, "kinds": {"status": "text"}, **more}


def read_tonight(rows: int, filled: int, earlier: list[Reading], **more: Any) -> dict[str, Any]:
    read = shape(rows, filled, **more)
    return reading_beside_earlier("desk", "tickets", read, earlier, night(28), QUALITY)


def test_what_is_read_from_a_system_is_compared_with_nights_of_its_weekday_too() -> None:
    mondays = [reading(days, 100) for days in (0, 7, 14)]
    sundays = [reading(days, 1000) for days in (-1, 6, 13)]

    assert read_tonight(50, 50, [*mondays, *sundays])["arrived_ratio"] == 0.5
    assert read_tonight(50, 50, mondays[:2])["arrived_ratio"] is None


def test_a_second_pull_in_one_night_is_no_fall() -> None:
    earlier = [*(reading(days, 100) for days in (0, 7, 14)), reading(28, 97)]

    found = read_tonight(3, 3, earlier)

    assert found["arrived_ratio"] == found["volume_ratio"] == 1.0


def test_a_column_that_a_permission_emptied_is_found_in_what_was_read() -> None:
    earlier = [reading(days, 100, 90) for days in (0, 7, 14)]

    emptied, halved, usual = (
        read_tonight(100, count, earlier)["column_changes"][0] for count in (0, 45, 90)
    )

    assert emptied["is_emptied"]
    assert (halved["is_emptied"], halved["fill_drop"]) == (False, pytest.approx(0.45))
    assert (usual["is_emptied"], usual["fill_drop"]) == (False, 0.0)


def change(earlier: list[Reading], **more: Any) -> dict[str, Any]:
    return dict(read_tonight(100, 100, earlier, **more)["column_changes"][0])


def test_a_field_of_another_type_is_found_and_one_of_several_types_is_not() -> None:
    earlier = [reading(days, 100) for days in (0, 7, 14)]
    mixed = [reading(0, 100, kinds={"status": "number+text"}), *earlier[1:]]

    assert change(earlier, kinds={"status": "number"})["is_retyped"]
    assert not change(earlier, kinds={"status": "number+text"})["is_retyped"]
    assert not change(mixed, kinds={"status": "number"})["is_retyped"]
    few = read_tonight(5, 5, earlier, kinds={"status": "number"})["column_changes"][0]
    assert not few["is_retyped"]


def test_a_field_that_is_gone_is_told_from_one_that_holds_nothing() -> None:
    earlier = [reading(days, 100) for days in (0, 7, 14)]

    gone = read_tonight(100, 0, earlier, kinds={})["column_changes"][0]
    empty = read_tonight(100, 0, earlier, kinds={"status": ""})["column_changes"][0]
    few = read_tonight(5, 0, earlier, kinds={})["column_changes"][0]

    assert (gone["is_missing"], gone["is_emptied"]) == (True, False)
    assert (empty["is_missing"], empty["is_emptied"]) == (False, True)
    assert (few["is_missing"], few["is_emptied"]) == (False, False)


def test_a_field_that_nobody_asked_for_is_new_once() -> None:
    plain = [reading(days, 100) for days in (0, 7)]
    told = [*plain, reading(14, 100, others=["url"])]

    assert read_tonight(9, 9, plain, others=["url"])["new_columns"] == ()
    assert read_tonight(9, 9, told, others=["brand", "url"])["new_columns"] == ("brand",)
    known = [*told, reading(21, 9, others=["brand", "url"])]
    assert read_tonight(9, 9, known, others=["brand", "url"])["new_columns"] == ()


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
