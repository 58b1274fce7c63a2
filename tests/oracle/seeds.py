"""Which random companies a run draws: others every time, and the same ones again when asked to.

`ORACLE_BASE_SEED` names the first of a run, `ORACLE_COMPANIES` says how many, `ORACLE_SEED` asks
for one alone. Each test that draws companies has a range of its own, so that none is drawn twice.
"""

import os
import time
from collections.abc import Callable, Sequence
from itertools import count, islice

RANGE = 10**12  # further apart than any two base seeds
A_MINUTE = 1000  # seeds between runs that begin a minute apart


def new_base_seed() -> int:
    """The first seed of a run that begins now."""
    return int(time.strftime("%y%j%H%M")) * A_MINUTE


def base_seed() -> int:
    return int(os.environ["ORACLE_BASE_SEED"])


def companies() -> int:
    """How many single nights a run compares; a tenth as many sequences of nights come with them."""
    return int(os.environ.get("ORACLE_COMPANIES", "60"))


def sequences() -> int:
    return max(1, companies() // 10)


def drawn(
    place: int,
    many: int,
    remembered: Sequence[int] = (),
    is_fit: Callable[[int], bool] = lambda _: True,
) -> list[int]:
    """The seeds of a test: those that once found a difference, and the next ones of its range."""
    if os.environ.get("ORACLE_SEED"):
        return [seed for seed in (int(os.environ["ORACLE_SEED"]),) if is_fit(seed)]
    fresh = (seed for seed in count(base_seed() + place * RANGE) if seed not in remembered)
    return [*remembered, *islice(filter(is_fit, fresh), many)]
