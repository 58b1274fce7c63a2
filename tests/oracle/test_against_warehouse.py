"""Random companies through the whole product: every cell equals the oracle's.

`ORACLE_COMPANIES=1000` for more of them, `ORACLE_SEED=…` to see one again.
"""

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.oracle.companies import random_company
from tests.oracle.compare import compare, report
from tests.oracle.oracle import evaluate
from tests.oracle.product import nodes_of, product_cells

REMEMBERED: list[int] = []  # seeds that once found a difference


def seeds() -> list[int]:
    if os.environ.get("ORACLE_SEED"):
        return [int(os.environ["ORACLE_SEED"])]
    base = int(os.environ["ORACLE_BASE_SEED"])
    drawn = range(base, base + int(os.environ.get("ORACLE_COMPANIES", "60")))
    return [*REMEMBERED, *(seed for seed in drawn if seed not in REMEMBERED)]


@pytest.mark.oracle
@pytest.mark.parametrize("seed", seeds())
def test_every_cell_equals_the_oracle(
    seed: int, tmp_path: Path, compared: Callable[[int], None]
) -> None:
    company = random_company(seed)
    found = product_cells(company, tmp_path, nodes_of(seed))
    expected = evaluate(company.drops, tmp_path / "config", company.as_of, company.known_at)
    differences = compare(expected, found)
    assert not differences, report(seed, differences)
    compared(len(expected))
