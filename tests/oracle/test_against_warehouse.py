"""Random companies through the whole product: every cell equals the oracle's.

`ORACLE_COMPANIES=1000` for more of them, `ORACLE_SEED=…` to see one again.
"""

from collections.abc import Callable, Collection
from itertools import count
from pathlib import Path

import pytest
from tests.oracle.companies import RandomCompany, random_company
from tests.oracle.compare import compare, report
from tests.oracle.oracle import Cell, CellKey, evaluate
from tests.oracle.product import nodes_of, product_cells
from tests.oracle.seeds import companies, drawn
from tests.oracle.shrinking import size, smallest

Compared = Callable[[Collection[Cell]], None]

REMEMBERED: list[int] = []  # seeds that once found a difference


@pytest.mark.oracle
@pytest.mark.parametrize("seed", drawn(0, companies(), REMEMBERED))
def test_every_cell_equals_the_oracle(seed: int, tmp_path: Path, compared: Compared) -> None:
    company = random_company(seed)

    def compared_in(folder: Path, company: RandomCompany) -> tuple[dict[CellKey, Cell], list[str]]:
        found = product_cells(company, folder, nodes_of(seed))
        expected = evaluate(company.drops, folder / "config", company.as_of, company.known_at)
        return expected, compare(expected, found)

    expected, differences = compared_in(tmp_path / "company", company)
    if differences:
        tries = (tmp_path / f"try_{number}" for number in count())
        small = smallest(company, lambda one: bool(compared_in(next(tries), one)[1]))
        _, left = compared_in(tmp_path / "smallest", small)
        pytest.fail(
            f"{report(seed, differences)}\nleft of it ({size(small)}, {tmp_path / 'smallest'}):\n"
            f"{report(seed, left)}"
        )
    compared(expected.values())
