"""One org for each test."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from salesforce_help import Shop, open_shop

from quick_door import judge_by_hand
from sales_support_kpi.quality import runner


@pytest.fixture(autouse=True)
def quick_door(monkeypatch: pytest.MonkeyPatch) -> None:
    """The doors' suites judged by hand; nor is the disk waited for."""
    monkeypatch.setattr(runner, "_validate", judge_by_hand)
    monkeypatch.setattr("os.fsync", lambda _: None)


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Shop]:
    with open_shop(tmp_path, monkeypatch) as opened:
        yield opened
