"""Rules for reading, and a folder to write aside."""

from pathlib import Path

import pytest

from sales_support_kpi.sources.tables import ReadRules


@pytest.fixture
def rules() -> ReadRules:
    return ReadRules("Asia/Seoul")


@pytest.fixture
def spool(tmp_path: Path) -> Path:
    folder = tmp_path / "spool"
    folder.mkdir()
    return folder
