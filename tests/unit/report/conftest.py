from pathlib import Path

import pytest
from publishing import PublishedFixture

from sales_support_kpi.settings import Home


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """A home with the hand-made night, read-only for the tests of a module."""
    return PublishedFixture(tmp_path_factory.mktemp("published") / "var").write()


@pytest.fixture
def empty_home(tmp_path: Path) -> Home:
    return Home(tmp_path / "var")
