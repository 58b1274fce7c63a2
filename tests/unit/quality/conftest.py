import sys
from pathlib import Path

import pytest

# the hand-made build is shared with the tests of publishing
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "publish"))

from handmade_build import make_config, make_home

from sales_support_kpi.config import Config
from sales_support_kpi.settings import Home


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return make_home(tmp_path)


@pytest.fixture
def config() -> Config:
    return make_config()
