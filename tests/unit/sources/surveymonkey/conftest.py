"""One SurveyMonkey account for each test."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from surveymonkey_help import Panel, open_panel

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
def panel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Panel]:
    with open_panel(tmp_path, monkeypatch) as opened:
        yield opened
