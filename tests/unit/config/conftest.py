from collections.abc import Callable
from pathlib import Path

import pytest

from sales_support_kpi.config import Config, load_config
from sales_support_kpi.errors import ConfigError

Load = Callable[..., Config]
Problems = Callable[..., list[str]]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "config"
    path.mkdir()
    return path


@pytest.fixture
def load(folder: Path) -> Load:
    """Load a folder that holds the given files: `load(kpis="- id: …")`."""

    def write_and_load(**files: str) -> Config:
        for name, text in files.items():
            (folder / f"{name}.yml").write_text(text, encoding="utf-8")
        return load_config(folder)

    return write_and_load


@pytest.fixture
def problems(load: Load) -> Problems:
    """Everything that is said against the given files."""

    def all_of(**files: str) -> list[str]:
        with pytest.raises(ConfigError) as caught:
            load(**files)
        return list(caught.value.problems)

    return all_of
