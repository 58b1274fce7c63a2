"""Random companies night by night: incremental builds, looks back, rebuilds, as the oracle says.

Per company one home: every drop is landed and its night built on top of the one before. Then the
nights are asked for again (`as_of` and `known_at` of the past), and the last one is built from
nothing.
"""

import os
from pathlib import Path

import pytest
from tests.oracle.companies import random_company
from tests.oracle.compare import compare, report
from tests.oracle.oracle import evaluate
from tests.oracle.product import Product

FIRST_SEED = 88_000_000
COMPANIES = int(os.environ.get("ORACLE_NIGHT_COMPANIES", "3"))
REMEMBERED = [90_000_009]  # an event was moved to another request: the one it left had changed too


def seeds() -> list[int]:
    if os.environ.get("ORACLE_SEED"):
        return [int(os.environ["ORACLE_SEED"])]
    base = int(os.environ.get("ORACLE_BASE_SEED", FIRST_SEED))
    drawn = [seed for seed in range(base, base + 1000) if is_several_nights(seed)]
    return REMEMBERED + [seed for seed in drawn if seed not in REMEMBERED][:COMPANIES]


def is_several_nights(seed: int) -> bool:
    nights = [drop.night for drop in random_company(seed).drops]
    return len(set(nights)) == len(nights) > 1 and nights == sorted(nights)


@pytest.mark.oracle
@pytest.mark.parametrize("seed", seeds())
def test_nights_in_a_row_equal_the_oracle_and_can_be_had_again(seed: int, tmp_path: Path) -> None:
    company = random_company(seed)
    product = Product(company, tmp_path)
    folder = product.config_folder

    said = {}
    for number, drop in enumerate(company.drops, 1):
        product.land(drop, number - 1)
        found = product.cells(drop.as_of)
        expected = evaluate(company.drops[:number], folder, drop.as_of)
        differences = compare(expected, found)
        assert not differences, f"night {drop.night}: {report(seed, differences)}"
        said[drop.night] = (drop.as_of, expected)

    for night, (as_of, expected) in said.items():
        differences = compare(expected, product.cells(as_of, known_at=night, is_look_back=True))
        assert not differences, f"night {night} again: {report(seed, differences)}"

    last_as_of, expected = said[company.drops[-1].night]
    differences = compare(expected, product.cells(last_as_of, full_refresh=True))
    assert not differences, f"rebuilt: {report(seed, differences)}"
