"""A home, a configuration and a short way to land a folder."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from landing_help import make_config, night, write_csv

from sales_support_kpi.landing import Outcome, land_drop
from sales_support_kpi.quality import indoor
from sales_support_kpi.settings import Home


@pytest.fixture(autouse=True)
def guards_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """The door's own guards; the suites behind it have tests of their own."""
    monkeypatch.setattr(indoor, "judge_all", lambda profiles, _config: ((),) * len(profiles))


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
