"""Random companies night by night: incremental builds, looks back, rebuilds, as the oracle says.

Per company one home: every drop is landed and its night built on top of the one before; in between
the configuration changes, and builds are killed. Then a night is asked for again (`as_of` and
`known_at` of the past), and the last one is built from nothing.
"""

import os
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.oracle.companies import RandomCompany, random_company
from tests.oracle.compare import compare, report
from tests.oracle.oracle import evaluate
from tests.oracle.product import Product, nodes_of
from tests.oracle.sequences import in_any_order, reconfigured

COMPANIES = int(os.environ.get("ORACLE_NIGHT_COMPANIES", "6"))
MODELS = 60  # of those that lead to kpi_values
REMEMBERED: list[int] = []  # seeds that once found a difference


def seeds() -> list[int]:
    if os.environ.get("ORACLE_SEED"):
        return [int(os.environ["ORACLE_SEED"])]
    base = int(os.environ["ORACLE_BASE_SEED"])
    drawn = [seed for seed in range(base, base + 20 * COMPANIES) if is_several_nights(seed)]
    return REMEMBERED + [seed for seed in drawn if seed not in REMEMBERED][:COMPANIES]


def is_several_nights(seed: int) -> bool:
    company = random_company(seed)
    nights = [company.drops[numbers[0]].night for numbers in company.nights]
    return len(set(nights)) == len(nights) > 1 and nights == sorted(nights)


class Sequence:
    """A company's nights, each compared with the oracle."""

    def __init__(
        self, company: RandomCompany, folder: Path, compared: Callable[[int], None]
    ) -> None:
        self.company = company
        self.nights = company.nights
        self.compared = compared
        self.product = Product(company, folder, nodes_of(company.seed))
        self.chance = random.Random(company.seed)  # noqa: S311

    def reconfigure(self, number: int) -> None:
        self.company = reconfigured(self.company, number)
        self.product.configure(self.company)

    def kill(self, night: int) -> None:
        """A build that dies after some model."""
        models = self.chance.randint(1, MODELS)
        as_of = self.company.drops[self.nights[night][0]].as_of
        assert self.product.is_killed_while_building(as_of, models), "it lived to see the end"

    def land(self, night: int) -> None:
        for number in self.nights[night]:
            self.product.land(self.company.drops[number], number)

    def compare(
        self, night: int, *, what: str, is_look_back: bool = False, **how: bool
    ) -> list[dict[str, Any]]:
        """The night, built from what is landed by then, equals the oracle's; its cells."""
        last = self.nights[night][-1]
        drop = self.company.drops[last]
        known_at = drop.night if is_look_back else None
        known = self.company.drops[: last + 1]
        found = self.product.cells(drop.as_of, known_at=known_at, is_look_back=is_look_back, **how)
        expected = evaluate(known, self.product.config_folder, drop.as_of)
        differences = compare(expected, found)
        seed = self.company.seed
        assert not differences, f"night {night} ({drop.night}), {what}: {report(seed, differences)}"
        self.compared(len(expected))
        return found


@pytest.mark.oracle
@pytest.mark.parametrize("seed", seeds())
def test_nights_in_a_row_equal_the_oracle_and_can_be_had_again(
    seed: int, tmp_path: Path, compared: Callable[[int], None]
) -> None:
    company = random_company(seed)
    nights = Sequence(company, tmp_path, compared)
    for number in range(len(company.nights)):
        if number and nights.chance.random() < 0.3:
            nights.reconfigure(number)
        nights.land(number)
        if number and nights.chance.random() < 0.4:
            nights.kill(number)
        nights.compare(number, what="built on the nights before")
    earlier = nights.chance.randrange(len(company.nights) - 1)
    nights.compare(earlier, what="had again", is_look_back=True)
    nights.compare(len(company.nights) - 1, what="rebuilt", full_refresh=True)


@pytest.mark.oracle
@pytest.mark.parametrize("seed", seeds())
def test_dated_records_arriving_in_any_order_equal_one_big_load(
    seed: int, tmp_path: Path, compared: Callable[[int], None]
) -> None:
    company, big = in_any_order(seed)
    nights = Sequence(company, tmp_path, compared)
    found: list[dict[str, Any]] = []
    for number in range(len(company.nights)):
        nights.land(number)
        found = nights.compare(number, what="arrived so far")
    differences = compare(evaluate([big], tmp_path / "config", big.as_of), found)
    assert not differences, report(seed, differences)
