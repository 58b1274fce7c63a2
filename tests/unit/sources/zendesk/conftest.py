"""One Zendesk account for each test."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from zendesk_help import HelpDesk, open_help_desk

from sales_support_kpi.landing import indoor


@pytest.fixture(autouse=True)
def open_door(monkeypatch: pytest.MonkeyPatch) -> None:
    """The in-door lets everything in: it takes a second a night and has tests of its own.

    Nor is the disk waited for.
    """
    monkeypatch.setattr("os.fsync", lambda _: None)
    monkeypatch.setattr(
        indoor, "judge", lambda _h, _c, _n, staged, *_, **__: [indoor.Judgement(()) for _ in staged]
    )


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[HelpDesk]:
    with open_help_desk(tmp_path, monkeypatch) as opened:
        yield opened
