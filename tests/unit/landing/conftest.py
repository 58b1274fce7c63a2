"""A home, a configuration and a short way to land a folder."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from landing_help import make_config, night, write_csv

from quick_door import judge_by_hand
from sales_support_kpi.landing import Outcome, land_drop
from sales_support_kpi.quality import runner
from sales_support_kpi.settings import Home


@pytest.fixture(autouse=True)
def quick_door(monkeypatch: pytest.MonkeyPatch) -> None:
    """The suites judged by hand: Great Expectations, a third of a second a time, has tests of its
    own in tests/expectations.
    """
    monkeypatch.setattr(runner, "_validate", judge_by_hand)


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path / "home")


@pytest.fixture
def config() -> Any:
    return make_config()


@pytest.fixture
def land(home: Home, config: Any, tmp_path: Path) -> Callable[..., Outcome]:
    """Write the given sheets as CSV files into one folder and land it."""
    drop = tmp_path / "drop"
    nights = iter(range(1, 100))

    def run(sheets: Mapping[str, Sequence[Sequence[Any]]], **company: Any) -> Outcome:
        for old in drop.glob("*"):
            old.unlink()
        for name, rows in sheets.items():
            write_csv(drop / f"{name}.csv", rows)
        chosen = make_config(**company) if company else config
        return land_drop(home, chosen, drop, night(next(nights)))

    return run
