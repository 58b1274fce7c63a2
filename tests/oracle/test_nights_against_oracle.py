"""Random companies night by night: incremental builds, looks back, rebuilds, as the oracle says.

Per company one home: every drop is landed and its night built on top of what was there. Nights are
skipped, repeated and followed by older ones, builds are killed and begun again or left to the next
night, the configuration changes. Then a night is asked for again (`as_of` and `known_at` of the
past), and the last one is built from nothing: every table has to come out the same, row for row.
"""

import random
from collections.abc import Callable, Collection
from pathlib import Path
from typing import Any

import pytest
from tests.oracle.companies import RandomCompany, random_company
from tests.oracle.compare import compare, report
from tests.oracle.oracle import Cell, evaluate
from tests.oracle.product import EVERY_NODE, MODELS_ONLY, Product, only
from tests.oracle.seeds import drawn, sequences
from tests.oracle.sequences import in_any_order, reconfigured
from tests.whole_tables import differing, tables

MODELS = 60  # of those that lead to kpi_values
FATES = ("built", "built twice", "skipped", "killed", "killed and left", "followed by an older one")
Compared = Callable[[Collection[Cell]], None]

REMEMBERED: list[int] = []  # seeds that once found a difference


def is_several_nights(seed: int) -> bool:
    company = random_company(seed)
    nights = [company.drops[numbers[0]].night for numbers in company.nights]
    return len(set(nights)) == len(nights) > 2 and nights == sorted(nights)


class Sequence:
    """A company's nights, each compared with the oracle."""

    def __init__(
        self, company: RandomCompany, folder: Path, compared: Compared, nodes: tuple[str, ...]
    ) -> None:
        self.company = company
        self.nights = company.nights
        self.compared = compared
        self.product = Product(company, folder, nodes)
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

    def build(self, night: int, fate: str) -> None:
        """What becomes of a night; each one that is built is compared."""
        if fate.startswith("killed"):
            self.kill(night)
        if fate not in ("skipped", "killed and left"):
            self.compare(night, what="built on the nights before")
        if fate == "built twice":
            self.compare(night, what="built again")
        if fate == "followed by an older one":
            self.compare(self.chance.randrange(night), landed=night, what="older than the last")

    def compare(
        self,
        night: int,
        *,
        what: str,
        landed: int | None = None,
        is_look_back: bool = False,
        **how: bool,
    ) -> list[dict[str, Any]]:
        """The night equals the oracle's, from the loads by then or by a later night; its cells."""
        last = self.nights[night if landed is None else landed][-1]
        drop = self.company.drops[self.nights[night][-1]]
        known_at = drop.night if is_look_back else None
        known = self.company.drops[: last + 1]
        found = self.product.cells(drop.as_of, known_at=known_at, is_look_back=is_look_back, **how)
        expected = evaluate(known, self.product.config_folder, drop.as_of)
        differences = compare(expected, found)
        seed = self.company.seed
        assert not differences, f"night {night} ({drop.night}), {what}: {report(seed, differences)}"
        self.compared(expected.values())
        return found


@pytest.mark.oracle
@pytest.mark.parametrize("seed", drawn(1, sequences(), REMEMBERED, is_several_nights))
def test_nights_in_a_row_equal_the_oracle_and_can_be_had_again(
    seed: int, tmp_path: Path, compared: Compared
) -> None:
    company = random_company(seed)
    nights = Sequence(company, tmp_path, compared, EVERY_NODE if seed % 6 == 0 else MODELS_ONLY)
    last = len(company.nights) - 1
    for number in range(last):
        if number and nights.chance.random() < 0.3:
            nights.reconfigure(number)
        nights.land(number)
        nights.build(number, nights.chance.choice(FATES if number else FATES[:-1]))
    nights.land(last)
    nights.build(last, nights.chance.choice(("built", "killed")))
    one_by_one = tables(nights.product.file)
    nights.compare(nights.chance.randrange(last), what="had again", is_look_back=True)
    nights.compare(last, what="rebuilt", full_refresh=True)
    assert differing(one_by_one, tables(nights.product.file)) == [], f"company {seed}"


@pytest.mark.oracle
@pytest.mark.parametrize("seed", drawn(2, sequences()))
def test_dated_records_arriving_in_any_order_equal_one_big_load(
    seed: int, tmp_path: Path, compared: Compared
) -> None:
    company, big = in_any_order(seed)
    nights = Sequence(company, tmp_path, compared, only("kpi_values"))
    found: list[dict[str, Any]] = []
    for number in range(len(company.nights)):
        nights.land(number)
        found = nights.compare(number, what="arrived so far")
    differences = compare(evaluate([big], tmp_path / "config", big.as_of), found)
    assert not differences, report(seed, differences)
