"""A company's configuration, and an invented API served over real HTTP on the loopback."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from desk_api import Desk

from quick_door import judge_by_hand
from sales_support_kpi.config import Config, load_config
from sales_support_kpi.quality import runner
from sales_support_kpi.settings import Home


@pytest.fixture(autouse=True)
def quick_door(monkeypatch: pytest.MonkeyPatch) -> None:
    """The doors' suites judged by hand."""
    monkeypatch.setattr(runner, "_validate", judge_by_hand)


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path / "home")


@pytest.fixture
def desk(monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    """The API, with a connection to it in the environment."""
    one = Desk()
    with one.serve() as url:
        place = url.removeprefix("http://")
        monkeypatch.setenv("AIRFLOW_CONN_DESK", f"http://agent:{one.token}@{place}")
        yield one


@pytest.fixture
def company(tmp_path: Path) -> Callable[..., Config]:
    """Load a configuration with the given sources, and mappings by their names."""

    def make(*sources: dict[str, Any], **mappings: str) -> Config:
        folder = tmp_path / "config"
        (folder / "mappings").mkdir(parents=True, exist_ok=True)
        for name, sql in mappings.items():
            (folder / "mappings" / f"{name}.sql").write_text(sql, encoding="utf-8")
        (folder / "sources.yml").write_text(yaml.safe_dump(list(sources)), encoding="utf-8")
        return load_config(folder)

    return make
