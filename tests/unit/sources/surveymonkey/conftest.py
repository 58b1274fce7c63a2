"""One SurveyMonkey account for each test."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from surveymonkey_help import Panel, open_panel
from vendor_company import open_the_door


@pytest.fixture(autouse=True)
def open_door(monkeypatch: pytest.MonkeyPatch) -> None:
    open_the_door(monkeypatch)


@pytest.fixture
def panel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Panel]:
    with open_panel(tmp_path, monkeypatch) as opened:
        yield opened
