"""The split against the words of the specification, in exact fractions."""

from collections.abc import Mapping
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sales_support_kpi.report.explain_figures import apportion
from sales_support_kpi.report.explain_split import (
    Effect,
    Group,
    Sums,
    concentration,
    split_count,
    split_count_target,
    split_periods,
    split_target,
)

GROUPS: tuple[Group, ...] = ("email", "phone", "chat", "portal", "", None)
Whole = Mapping[Group, tuple[int, int]]  # numerator in hundredths, denominator


def sides(least_cases: int = 1) -> st.SearchStrategy[dict[Group, tuple[int, int]]]:
    """Groups with their sums; a group without cases has no numerator either."""
    sums = st.tuples(st.integers(0, 10**6), st.integers(0, 10**4)).map(
        lambda pair: pair if pair[1] else (0, 0)
    )
    found = st.dictionaries(st.sampled_from(GROUPS), sums, max_size=6)
    return found.filter(lambda side: sum(cases for _, cases in side.values()) >= least_cases)


def as_sums(side: Whole) -> dict[Group, Sums]:
    return {group: Sums(n / 100, float(d)) for group, (n, d) in side.items()}


def literal_split(now: Whole, base: Whole) -> dict[Group, tuple[Fraction, Fraction]]:
    """Rate and mix effect, word by word: share s, rate r of a group, value R of a period."""

    def share(side: Whole, group: Group) -> Fraction:
        return Fraction(side.get(group, (0, 0))[1], sum(d for _, d in side.values()))

    def rate(side: Whole, group: Group) -> Fraction:
        return Fraction(side[group][0], 100 * side[group][1])

    before = Fraction(sum(n for n, _ in base.values()), 100 * sum(d for _, d in base.values()))
    effects = {}
    for group in {**now, **base}:
        is_there = now.get(group, (0, 0))[1] > 0
        was_there = base.get(group, (0, 0))[1] > 0
        s1, s0 = share(now, group), share(base, group)
        if is_there and was_there:
            r1, r0 = rate(now, group), rate(base, group)
            effects[group] = (s1 * (r1 - r0), (s1 - s0) * (r0 - before))
        elif is_there:  # new
            effects[group] = (Fraction(0), s1 * (rate(now, group) - before))
        elif was_there:  # vanished
            effects[group] = (Fraction(0), (0 - s0) * (rate(base, group) - before))
        else:
            effects[group] = (Fraction(0), Fraction(0))
    return effects


def value(side: Whole) -> Fraction:
    return Fraction(sum(n for n, _ in side.values()), 100 * sum(d for _, d in side.values()))


def total(effects: list[Effect]) -> float:
    return sum(effect.total_effect for effect in effects)


@settings(deadline=None, max_examples=300)
@given(now=sides(), base=sides())
def test_two_periods_split_as_the_words_say_and_exactly(now: Whole, base: Whole) -> None:
    effects = split_periods(as_sums(now), as_sums(base))
    expected = literal_split(now, base)

    assert {effect.group for effect in effects} == set(expected)
    for effect in effects:
        rate_effect, mix_effect = expected[effect.group]
        assert effect.rate_effect == pytest.approx(float(rate_effect), abs=1e-9)
        assert effect.mix_effect == pytest.approx(float(mix_effect), abs=1e-9)
    difference = value(now) - value(base)
    assert sum(sum(pair) for pair in expected.values()) == difference
    assert total(effects) == pytest.approx(float(difference), abs=1e-9)


@settings(deadline=None)
@given(now=sides(), target=st.floats(0, 100))
def test_the_distance_to_a_target_is_what_the_groups_are_away_from_it(
    now: Whole, target: float
) -> None:
    effects = split_target(as_sums(now), target)

    assert total(effects) == pytest.approx(float(value(now)) - target, abs=1e-9)
    for effect in effects:
        if effect.rate is not None and effect.share is not None:
            assert effect.total_effect == pytest.approx(effect.share * (effect.rate - target))


@settings(deadline=None)
@given(now=sides(0), base=sides(0), target=st.integers(0, 100))
def test_counts_have_plain_differences_and_the_target_a_line_of_its_own(
    now: Whole, base: Whole, target: int
) -> None:
    counts = {group: Sums(float(n)) for group, (n, _) in now.items()}
    before = {group: Sums(float(n)) for group, (n, _) in base.items()}
    counted, previous = sum(n for n, _ in now.values()), sum(n for n, _ in base.values())

    assert total(split_count(counts, before)) == counted - previous
    against = split_count_target(counts, float(target))
    assert total(against) == counted - target
    assert [effect.total_effect for effect in against if effect.is_target] == [-target]
    assert all(effect.rate_effect is None for effect in against)


def test_a_new_group_and_a_vanished_one_have_only_a_mix_effect() -> None:
    now = {"email": Sums(1, 2), "phone": Sums(1, 1), "chat": Sums(0, 1)}
    base = {"email": Sums(2, 2), "phone": Sums(1, 2), "fax": Sums(0, 0)}

    effects = {effect.group: effect for effect in split_periods(now, base)}

    assert (effects["email"].rate_effect, effects["email"].mix_effect) == (-0.25, 0.0)
    assert (effects["phone"].rate_effect, effects["phone"].mix_effect) == (0.125, 0.0625)
    assert (effects["chat"].rate_effect, effects["chat"].mix_effect) == (0.0, -0.1875)
    assert (effects["fax"].rate_effect, effects["fax"].mix_effect) == (0.0, 0.0)
    assert effects["chat"].is_new
    assert not effects["fax"].is_gone
    back = {effect.group: effect for effect in split_periods(base, now)}
    assert back["chat"].is_gone
    assert (back["chat"].rate_effect, back["chat"].mix_effect) == (0.0, 0.125)


def test_effects_in_one_group_are_more_concentrated_than_spread_ones() -> None:
    def effects(*sizes: float) -> list[Effect]:
        return [Effect(str(place), size) for place, size in enumerate(sizes)]

    assert concentration(effects(0.5, 0, 0)) == 1
    assert concentration(effects(0.1, -0.1, 0.1)) == pytest.approx(0)
    assert concentration(effects(0.5)) == 0
    assert concentration(effects(0, 0)) == 0
    assert 0 < concentration(effects(0.5, 0.1)) < concentration(effects(0.5, 0.05))
    with_target = [*effects(2, 1), Effect(None, -3, is_target=True)]
    assert concentration(with_target) == concentration(effects(2, 1))


@given(
    parts=st.lists(st.floats(-1e4, 1e4), min_size=1, max_size=20),
    off=st.integers(-2, 2),
)
def test_rounded_parts_sum_to_the_rounded_whole(parts: list[float], off: int) -> None:
    whole = round(sum(parts)) + off

    rounded = apportion(parts, whole)

    assert sum(rounded) == whole
    assert all(abs(one - part) <= 4 for one, part in zip(rounded, parts, strict=True))


def test_rounding_leaves_nothing_as_nothing() -> None:
    assert apportion([0.0, 1.4, 1.4], 3) == [0, 2, 1]
    assert apportion([0.0, -1.4, -1.4], -3) == [0, -2, -1]
