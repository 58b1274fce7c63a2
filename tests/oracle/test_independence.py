"""The oracle knows nothing of the product, and every wrong line is still there to be broken."""

import ast
from pathlib import Path

import pytest
from tests.oracle.mutants import REPO
from tests.oracle.oracle import KPIS
from tests.oracle.wrong_lines import MUTANTS, Mutant

DRIVERS = {"product", "mutants"}  # run the product, to compare and to break it
OF_THE_PRODUCT = {"sales_support_kpi", "expectations", "dbt", "duckdb"}
MODULES = sorted(Path(__file__).parent.glob("*.py"))


def imported(file: Path) -> set[str]:
    """Every module that a file imports, also within its functions."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{file.name}: relative import"
            names |= {node.module or ""} | {f"{node.module}.{a.name}" for a in node.names}
    return names


@pytest.mark.parametrize(
    "file", [f for f in MODULES if f.stem not in DRIVERS], ids=lambda f: f.stem
)
def test_only_the_drivers_import_the_product(file: Path) -> None:
    assert not {name for name in imported(file) if name.split(".")[0] in OF_THE_PRODUCT}


@pytest.mark.parametrize(
    "file", [f for f in MODULES if not f.stem.startswith("test_")], ids=lambda f: f.stem
)
def test_only_tests_use_the_drivers(file: Path) -> None:
    drivers = {f"tests.oracle.{name}" for name in DRIVERS}
    assert file.stem in DRIVERS or not imported(file) & drivers


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda m: f"{m.kpi}: {m.wrong}")
def test_the_line_to_break_is_there_once(mutant: Mutant) -> None:
    text = (REPO / "dbt_project" / mutant.file).read_text(encoding="utf-8")
    assert text.count(mutant.before) == 1
    assert mutant.after != mutant.before


def test_every_kpi_is_broken_in_three_ways_at_least() -> None:
    ways = {kpi_id: sum(mutant.kpi == kpi_id for mutant in MUTANTS) for kpi_id in KPIS}
    assert {kpi_id for kpi_id, count in ways.items() if count < 3} == set()
