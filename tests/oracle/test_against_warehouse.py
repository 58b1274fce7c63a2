"""Random companies through the whole product: every cell equals the oracle's.

`ORACLE_COMPANIES=1000` for more of them, `ORACLE_SEED=…` to see one again.
"""

import os
from pathlib import Path

import pytest
from tests.oracle.companies import random_company
from tests.oracle.compare import compare, report
from tests.oracle.oracle import evaluate
from tests.oracle.product import product_cells

FIRST_SEED = 20260000


def seeds() -> list[int]:
    if os.environ.get("ORACLE_SEED"):
        return [int(os.environ["ORACLE_SEED"])]
    base = int(os.environ.get("ORACLE_BASE_SEED", FIRST_SEED))
    return list(range(base, base + int(os.environ.get("ORACLE_COMPANIES", "60"))))


@pytest.mark.oracle
@pytest.mark.parametrize("seed", seeds())
def test_every_cell_equals_the_oracle(seed: int, tmp_path: Path) -> None:
    company = random_company(seed)
    found = product_cells(company, tmp_path)
    expected = evaluate(company.drops, tmp_path / "config", company.as_of, company.known_at)
    differences = compare(expected, found)
    assert not differences, report(seed, differences)
