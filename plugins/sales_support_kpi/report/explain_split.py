"""The exact split of a difference over groups: what became better, what became more.

For a group with share s and rate r of two periods 0 and 1, whose values are R₀ and R₁:

- rate effect = s₁ (r₁ - r₀): the group itself did better or worse;
- mix effect = (s₁ - s₀)(r₀ - R₀): it made up more or less of all cases;
- a group that is new has only a mix effect, s₁ (r₁ - R₀); one that has vanished has s₁ = 0.

Against a target T a group's effect is s₁ (r₁ - T). Counts have plain differences; there the target
is taken off once, on a line of its own. The effects always sum to the difference.
"""

from collections.abc import Mapping
from dataclasses import dataclass

Group = str | None  # None: the records that have no such value


@dataclass(frozen=True, slots=True)
class Sums:
    """Numerator and denominator of a group's records; counts have no denominator."""

    numerator: float = 0.0
    denominator: float = 0.0

    @property
    def rate(self) -> float | None:
        """The group's own value; None where nothing counts."""
        return self.numerator / self.denominator if self.denominator else None


@dataclass(frozen=True, slots=True)
class Effect:
    """What one group did to the value.

    Attributes:
        is_target: the line that takes the target off the groups of a count.
        rate_effect, mix_effect: None for counts.
    """

    group: Group
    total_effect: float
    rate_effect: float | None = None
    mix_effect: float | None = None
    now: Sums | None = None
    base: Sums | None = None
    share: float | None = None
    base_share: float | None = None
    is_target: bool = False

    @property
    def is_new(self) -> bool:
        """Whether it had no cases before."""
        return self.base is not None and self.base.rate is None and self.rate is not None

    @property
    def is_gone(self) -> bool:
        """Whether it has no cases any more."""
        return self.base is not None and self.base.rate is not None and self.rate is None

    @property
    def rate(self) -> float | None:
        """Its value now."""
        return self.now.rate if self.now else None

    @property
    def base_rate(self) -> float | None:
        """Its value before."""
        return self.base.rate if self.base else None


Sides = Mapping[Group, Sums]


def split_periods(now: Sides, base: Sides) -> list[Effect]:
    """Split the change of a quotient of sums between two periods, the largest effects first.

    Both sides need a value: some group with cases.
    """
    total, base_total = _total(now), _total(base)
    base_value = base_total.numerator / base_total.denominator
    effects = []
    for group in _groups(now, base):
        here, before = now.get(group, Sums()), base.get(group, Sums())
        share = here.denominator / total.denominator
        base_share = before.denominator / base_total.denominator
        rate_effect = mix_effect = 0.0
        if before.rate is None:
            mix_effect = share * ((here.rate or 0.0) - base_value) if share else 0.0
        else:
            rate_effect = 0.0 if here.rate is None else share * (here.rate - before.rate)
            mix_effect = (share - base_share) * (before.rate - base_value)
        effects.append(
            Effect(
                group,
                rate_effect + mix_effect,
                rate_effect,
                mix_effect,
                now=here,
                base=before,
                share=share,
                base_share=base_share,
            )
        )
    return _by_size(effects)


def split_target(now: Sides, target: float) -> list[Effect]:
    """Split the distance of a quotient of sums to its target."""
    total = _total(now)
    effects = []
    for group, here in now.items():
        share = here.denominator / total.denominator
        effect = 0.0 if here.rate is None else share * (here.rate - target)
        effects.append(Effect(group, effect, effect, 0.0, now=here, share=share))
    return _by_size(effects)


def split_count(now: Sides, base: Sides) -> list[Effect]:
    """Split the change of a count."""
    effects = []
    for group in _groups(now, base):
        here, before = now.get(group, Sums()), base.get(group, Sums())
        difference = here.numerator - before.numerator
        effects.append(Effect(group, difference, now=here, base=before))
    return _by_size(effects)


def split_count_target(now: Sides, target: float) -> list[Effect]:
    """Split the distance of a count to its target: every group's count, less the target."""
    effects = [Effect(group, here.numerator, now=here) for group, here in now.items()]
    return [*_by_size(effects), Effect(None, -target, is_target=True)]


def concentration(effects: list[Effect]) -> float:
    """How much the effects sit in few groups: 0 spread evenly, 1 all in one group.

    The Herfindahl index of the sizes of the effects, scaled so that dimensions with few and with
    many groups compare.
    """
    sizes = [abs(effect.total_effect) for effect in effects if not effect.is_target]
    whole = sum(sizes)
    if len(sizes) < 2 or whole <= 0:
        return 0.0
    index = sum((size / whole) ** 2 for size in sizes)
    even = 1 / len(sizes)
    return max(0.0, (index - even) / (1 - even))


def _total(side: Sides) -> Sums:
    return Sums(
        sum(sums.numerator for sums in side.values()),
        sum(sums.denominator for sums in side.values()),
    )


def _groups(now: Sides, base: Sides) -> list[Group]:
    return [*now, *(group for group in base if group not in now)]


def _by_size(effects: list[Effect]) -> list[Effect]:
    return sorted(
        effects,
        key=lambda e: (-abs(e.total_effect), e.group is None, e.group or ""),
    )
