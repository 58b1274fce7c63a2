"""Listing, rolling back, holding and releasing nights."""

from dataclasses import replace
from datetime import date

import pytest
from handmade_build import Recipe, make_build

from sales_support_kpi.config import Config
from sales_support_kpi.errors import UsageError
from sales_support_kpi.landing.ops import read_ops
from sales_support_kpi.quality.results import Verdict
from sales_support_kpi.settings import Home
from sales_support_kpi.warehouse.nights import nights, release, rollback
from sales_support_kpi.warehouse.publish import Publication, publish

GOOD, BAD, MENDED = ((("crm", "customers", number),) for number in (1, 2, 3))


def run(
    home: Home, config: Config, day: int, loads: tuple[tuple[str, str, int], ...]
) -> Publication:
    build = make_build(home.warehouse, Recipe(date(2026, 10, day), loads=loads))
    return publish(home, config, build, Verdict(()))


@pytest.fixture
def two_nights(home: Home, config: Config) -> Home:
    run(home, config, 29, GOOD)
    run(home, config, 30, BAD)
    return home


def shown(home: Home) -> str:
    return next(night.publish_id for night in nights(home) if night.is_current)


def test_nights_are_listed_in_the_order_they_were_published(two_nights: Home) -> None:
    listed = [(night.publish_id, night.is_current, night.is_held) for night in nights(two_nights)]

    assert listed == [("2026-10-29.01", False, False), ("2026-10-30.01", True, False)]


def test_a_rollback_shows_the_night_before_and_holds_it(two_nights: Home) -> None:
    back = rollback(two_nights)

    assert (back.publish_id, back.is_current, back.is_held) == ("2026-10-29.01", True, True)
    assert shown(two_nights) == "2026-10-29.01"


@pytest.mark.parametrize("to", ["2026-10-29", "2026-10-29.01"])
def test_a_night_is_named_by_its_date_or_its_id(two_nights: Home, to: str) -> None:
    assert rollback(two_nights, to).publish_id == "2026-10-29.01"


def test_a_held_night_stays_while_loads_and_config_are_the_same(
    two_nights: Home, config: Config
) -> None:
    rollback(two_nights)

    again = run(two_nights, config, 30, BAD)
    next_day = run(two_nights, config, 31, BAD)

    assert (again.reason, next_day.reason) == ("held", "held")
    assert next_day.publish_id == "2026-10-29.01"


def test_a_changed_load_ends_the_hold(two_nights: Home, config: Config) -> None:
    rollback(two_nights)

    assert run(two_nights, config, 31, MENDED).is_new
    assert not any(night.is_held for night in nights(two_nights))


def test_a_changed_config_ends_the_hold(two_nights: Home, config: Config) -> None:
    rollback(two_nights)

    assert run(two_nights, replace(config, hash="config-2"), 31, BAD).is_new


def test_a_released_night_is_replaced_by_the_next_run(two_nights: Home, config: Config) -> None:
    rollback(two_nights)

    assert release(two_nights)
    assert run(two_nights, config, 30, BAD).publish_id == "2026-10-30.02"


def test_releasing_what_is_not_held_says_so(two_nights: Home) -> None:
    assert not release(two_nights)


def test_going_forward_to_the_newest_night_ends_the_hold(two_nights: Home) -> None:
    rollback(two_nights)
    forward = rollback(two_nights, "2026-10-30")

    assert (forward.is_current, forward.is_held) == (True, False)


def test_going_back_twice_holds_against_the_newest_night(two_nights: Home, config: Config) -> None:
    run(two_nights, config, 31, MENDED)
    rollback(two_nights)
    rollback(two_nights)

    assert shown(two_nights) == "2026-10-29.01"
    assert run(two_nights, config, 31, MENDED).reason == "held"
    assert [row["state"] for row in read_ops(two_nights, "holds")] == ["released", "held"]


def test_a_hold_is_landed_and_nowhere_else(two_nights: Home) -> None:
    rollback(two_nights)

    (row,) = read_ops(two_nights, "holds")
    assert (row["publish_id"], row["state"]) == ("2026-10-29.01", "held")
    assert (row["_source"], row["_op"]) == ("ops", "upsert")


def test_an_unknown_night_is_refused_with_those_there_are(two_nights: Home) -> None:
    with pytest.raises(UsageError, match=r"'2026-01-01'.*2026-10-29\.01, 2026-10-30\.01"):
        rollback(two_nights, "2026-01-01")


def test_there_is_nothing_before_the_oldest_night(two_nights: Home) -> None:
    rollback(two_nights)

    with pytest.raises(UsageError, match="oldest"):
        rollback(two_nights)


def test_an_empty_home_has_nothing_to_roll_back(home: Home) -> None:
    assert nights(home) == []
    with pytest.raises(UsageError, match="Nothing has been published"):
        rollback(home)
