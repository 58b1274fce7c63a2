import sys
from pathlib import Path

import pytest

from sales_support_kpi.settings import Home

sys.path.insert(0, str(Path(__file__).parents[1] / "report"))

from publishing import PublishedFixture


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """A home with the hand-made published night."""
    return PublishedFixture(tmp_path_factory.mktemp("cli") / "var").write()


@pytest.fixture(autouse=True)
def _no_settings_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("KPI_HOME", "KPI_CONFIG", "NO_COLOR", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)
