"""What makes a night another one: loads that brought something, not those that moved a bookmark."""

from datetime import UTC, date, datetime
from types import SimpleNamespace

import pytest

from sales_support_kpi.config import load_config
from sales_support_kpi.night import Night
from sales_support_kpi.warehouse.build import inputs_hash

NIGHT = Night(date(2026, 10, 31), datetime(2026, 10, 31, 15, tzinfo=UTC))


def load(number, **brought):
    counts = {"rows_landed": 0, "tombstones": 0, "rows_quarantined": 0} | brought
    return SimpleNamespace(source="crm", entity="opportunities", load_seq=number, **counts)


def hash_of(*loads):
    return inputs_hash(load_config(None), NIGHT, loads, [], None)


def test_a_load_that_only_moves_a_bookmark_makes_no_new_night():
    assert hash_of(load(1, rows_landed=9), load(2)) == hash_of(load(1, rows_landed=9))


@pytest.mark.parametrize("what", ["rows_landed", "tombstones", "rows_quarantined"])
def test_a_load_that_brought_something_does(what):
    assert hash_of(load(1, rows_landed=9), load(2, **{what: 1})) != hash_of(load(1, rows_landed=9))


def test_the_first_empty_load_says_that_the_entity_is_there():
    assert hash_of(load(1)) != hash_of()
