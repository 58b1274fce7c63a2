"""Which random companies a run draws, and how much it has compared.

Every run draws others, unless `ORACLE_BASE_SEED` names the first one; what it was is printed, so
that the same can be had again.
"""

import os
from collections.abc import Collection
from pathlib import Path
from typing import Any

import pytest
from tests.oracle.oracle import Cell
from tests.oracle.seeds import new_base_seed
from tests.oracle.worked import Case

# Before pytest-xdist starts its workers: they inherit it, and have to agree on the tests.
os.environ.setdefault("ORACLE_BASE_SEED", str(new_base_seed()))


def _sentence() -> str:
    return f"random companies from seed {os.environ['ORACLE_BASE_SEED']} on (ORACLE_BASE_SEED)"


def pytest_report_header() -> str:
    return _sentence()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest first: else one process would end with them while the other has nothing left."""
    items.sort(key=lambda item: "nights" not in item.path.stem)


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Companies, nights, cells and those with a value that equalled the oracle's."""
    passed = terminalreporter.getreports("passed")
    totals = {"companies": 0, "nights": 0, "cells": 0, "valued cells": 0}
    for report in passed:
        for name, value in report.user_properties:
            if name in totals:
                totals[name] += value
    if any(totals.values()):
        said = ", ".join(f"{value:,} {name}" for name, value in totals.items())
        terminalreporter.write_line(f"equal to the oracle: {said}; {_sentence()}")


@pytest.fixture
def compared(record_property: Any) -> Any:
    """Tells the summary that a night of the test's company has been compared: its cells."""
    record_property("companies", 1)

    def note(cells: Collection[Cell]) -> None:
        record_property("nights", 1)
        record_property("cells", len(cells))
        record_property("valued cells", sum(cell.value is not None for cell in cells))

    return note


@pytest.fixture
def case(tmp_path: Path) -> Case:
    """A company to be worked out by hand."""
    return Case(tmp_path)
