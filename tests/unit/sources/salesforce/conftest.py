"""One org for each test."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from salesforce_help import Shop, open_shop


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Shop]:
    with open_shop(tmp_path, monkeypatch) as opened:
        yield opened
