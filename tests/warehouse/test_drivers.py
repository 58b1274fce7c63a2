"""`kpi_drivers` on the awkward company, built and published.

Every split has to sum to what was published, and `kpi explain` has to say the same.
"""

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

import duckdb
import pytest

from sales_support_kpi.report.explain import explain
from sales_support_kpi.report.explain_split import (
    Effect,
    Sums,
    split_count,
    split_count_target,
    split_periods,
    split_target,
)
from sales_support_kpi.report.periods import Grain, Period
from sales_support_kpi.settings import Home

pytestmark = pytest.mark.integration

KEY = ("kpi_id", "grain", "period_start", "scope_type", "scope_id", "comparison", "dimension")
Rows = list[dict[str, Any]]


@pytest.fixture(scope="module")
def home(awkward_home: Home) -> Home:
    return awkward_home


@pytest.fixture(scope="module")
def people(home: Home) -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(str(home.published / "kpi_people.duckdb"), read_only=True) as connection:
        yield connection


@pytest.fixture(scope="module")
def splits(people: duckdb.DuckDBPyConnection) -> dict[tuple[Any, ...], Rows]:
    """The lines of every split in the mart."""
    found = people.execute("select * from kpi_drivers")
    names = [column[0] for column in found.description]
    by_key: dict[tuple[Any, ...], Rows] = defaultdict(list)
    for record in found.fetchall():
        line = dict(zip(names, record, strict=True))
        by_key[tuple(line[name] for name in KEY)].append(line)
    return by_key


def as_effects(lines: Rows) -> dict[tuple[object, ...], tuple[float | None, ...]]:
    return {
        (line["group_value"], line["is_target"]): (
            line["total_effect"], line["rate_effect"], line["mix_effect"], line["share"],
            line["rate"], line["base_share"], line["base_rate"],
        )
        for line in lines
    }  # fmt: skip


def of_effects(effects: list[Effect]) -> dict[tuple[object, ...], tuple[float | None, ...]]:
    return {
        (each.group, each.is_target): (
            each.total_effect, each.rate_effect, each.mix_effect, each.share,
            each.rate, each.base_share, each.base_rate,
        )
        for each in effects
    }  # fmt: skip


def assert_equal(
    found: dict[tuple[object, ...], tuple[float | None, ...]],
    expected: dict[tuple[object, ...], tuple[float | None, ...]],
    key: tuple[Any, ...],
) -> None:
    assert found.keys() == expected.keys(), key
    for group, numbers in expected.items():
        assert found[group] == pytest.approx(numbers, abs=1e-9), (key, group)


def test_every_comparison_is_split_over_every_dimension_and_sums_to_the_difference(
    people: duckdb.DuckDBPyConnection, splits: dict[tuple[Any, ...], Rows]
) -> None:
    values = {
        row[:5]: row[5:]
        for row in people.execute(
            "select kpi_id, grain, period_start, scope_type, scope_id, value, target,"
            " lag(value) over (partition by kpi_id, grain, scope_type, scope_id"
            " order by period_start) from kpi_values where grain <> 'day'"
        ).fetchall()
    }

    compared = {
        (*key, comparison)
        for key, (value, target, previous) in values.items()
        for comparison, base in (("target", target), ("previous", previous))
        if value is not None and base is not None and key[3] == "company"
    }
    split_here = {key[:6] for key in splits if key[3] == "company"}
    assert split_here == compared
    for key, lines in splits.items():
        value, target, previous = values[key[:5]]
        base = target if key[5] == "target" else previous
        effects = sum(line["total_effect"] for line in lines)
        assert effects == pytest.approx(value - base, abs=1e-9), key


def test_the_mart_splits_as_the_words_of_the_specification_say(
    splits: dict[tuple[Any, ...], Rows],
) -> None:
    for key, lines in splits.items():
        groups = [line for line in lines if not line["is_target"]]
        is_count = all(line["denominator"] is None for line in groups)
        now = {
            line["group_value"]: Sums(line["numerator"], line["denominator"] or 0.0)
            for line in groups
        }
        base = {
            line["group_value"]: Sums(
                line["base_numerator"] or 0.0, line["base_denominator"] or 0.0
            )
            for line in groups
        }
        target = lines[0]["base_value"]
        if key[5] == "target":
            effects = split_count_target(now, target) if is_count else split_target(now, target)
        else:
            effects = split_count(now, base) if is_count else split_periods(now, base)
        assert_equal(as_effects(lines), of_effects(effects), key)


def test_kpi_explain_says_what_the_mart_says(
    home: Home, splits: dict[tuple[Any, ...], Rows]
) -> None:
    keys = sorted(splits, key=str)
    stock = [key for key in keys if key[0] in ("customer_record_accuracy", "crm_entry_rate")]
    for key in {*keys[:: max(1, len(keys) // 30)], *stock[:: max(1, len(stock) // 20)]}:
        kpi_id, grain, start, scope_type, scope_id, comparison, dimension = key
        found = explain(
            home,
            kpi_id,
            period=Period(Grain(grain), start).label,
            versus="previous" if comparison == "previous" else None,
            by=dimension,
            scope=f"{scope_type}:{scope_id}",
        )
        assert found.is_published, key
        assert_equal(of_effects(list(found.chosen.effects)), as_effects(splits[key]), key)


def test_all_kinds_of_rows_are_split(splits: dict[tuple[Any, ...], Rows]) -> None:
    october = [key for key in splits if key[1] == "month" and str(key[2]) == "2026-10-01"]
    dimensions: dict[str, set[str]] = defaultdict(set)
    for key in october:
        if key[3] == "company":
            dimensions[key[0]].add(key[6])
    assert dimensions["inquiry_within_4h"] == {"employee", "team", "channel", "priority", "segment"}
    assert dimensions["customer_record_accuracy"] == {"employee", "team", "segment"}
    assert dimensions["crm_entry_rate"] == {"employee", "kind", "part", "segment"}
    assert dimensions["material_freshness"] == {"employee", "team"}
    assert dimensions["insights_delivered"] == {"employee", "team"}
    assert {key[3] for key in october} == {"company", "team", "employee"}
    assert not [key for key in splits if key[3] == key[6]]


def test_a_customer_that_grows_is_counted_among_the_large_ones_from_then_on(
    people: duckdb.DuckDBPyConnection,
) -> None:
    found = people.execute(
        "select group_value, base_numerator, base_denominator, numerator, denominator"
        " from kpi_drivers where kpi_id = 'customer_record_accuracy' and grain = 'month'"
        " and period_start = '2026-10-01' and scope_type = 'company' and comparison = 'previous'"
        " and dimension = 'segment' order by group_value nulls last"
    ).fetchall()

    assert found == [
        ("large", 0, 0, 1, 1),  # c3 is back
        ("mid", 0, 1, 1, 3),  # c5; c0 is broken, c1 right
        ("small", 4, 4, 1, 1),  # c2
        (None, 1, 1, 1, 1),  # c4
    ]


def test_nothing_about_one_person_is_published_for_everybody(home: Home) -> None:
    with duckdb.connect(str(home.published / "kpi.duckdb"), read_only=True) as connection:
        found = connection.execute(
            "select distinct scope_type, dimension = 'employee' from kpi_drivers order by all"
        ).fetchall()

    assert found == [("company", False), ("team", False)]
