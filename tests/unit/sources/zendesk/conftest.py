"""One Zendesk account for each test."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from vendor_company import open_the_door
from zendesk_help import HelpDesk, open_help_desk


@pytest.fixture(autouse=True)
def open_door(monkeypatch: pytest.MonkeyPatch) -> None:
    open_the_door(monkeypatch)


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[HelpDesk]:
    with open_help_desk(tmp_path, monkeypatch) as opened:
        yield opened
