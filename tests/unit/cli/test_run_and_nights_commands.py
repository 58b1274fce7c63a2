import contextlib
import importlib
from datetime import UTC, date, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from sales_support_kpi import pipeline
from sales_support_kpi.cli import main
from sales_support_kpi.cli import progress as bars
from sales_support_kpi.pipeline import RunResult
from sales_support_kpi.settings import Home

Captured = pytest.CaptureFixture[str]


class FakePipeline:
    """Stands for `pipeline.run_night`: keeps what it was called with."""

    def __init__(self, exit_code: int = 0, message: str = "") -> None:
        self.exit_code = exit_code
        self.message = message
        self.wanted: dict[str, Any] = {}

    def __call__(self, **wanted: Any) -> RunResult:
        self.wanted = wanted
        wanted["progress"]("land drop", done=10)
        wanted["progress"]("land drop", is_finished=True, detail="10 rows")
        return RunResult(self.exit_code, wanted["home"], (), None, None, self.message)


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> FakePipeline:
    fake = FakePipeline()
    monkeypatch.setattr(pipeline, "run_night", fake)
    return fake


def test_a_run_hands_everything_to_the_pipeline(fake: FakePipeline, tmp_path: Path) -> None:
    arguments = ["run", "--source", "a.xlsx", "-s", "b/", "--as-of", "2026-10-31"]
    arguments += ["--known-at", "2026-11-02", "--no-publish", "--home", str(tmp_path)]

    assert main(arguments) == 0
    assert fake.wanted["drops"] == [Path("a.xlsx"), Path("b/")]
    assert fake.wanted["night"].as_of == datetime(2026, 10, 31, 15, tzinfo=UTC)
    assert fake.wanted["known_at"] == date(2026, 11, 2)
    assert fake.wanted["publish"] is False
    assert fake.wanted["home"] == Home(tmp_path)


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("2026-10-01", datetime(2026, 9, 30, 15, tzinfo=UTC)),  # its beginning in Seoul
        ("2026-10-01T18:00", datetime(2026, 10, 1, 9, tzinfo=UTC)),
        ("2026-10-01T18:00+02:00", datetime(2026, 10, 1, 16, tzinfo=UTC)),
        ("2026-10-01T18:00Z", datetime(2026, 10, 1, 18, tzinfo=UTC)),
    ],
)
def test_systems_are_read_again_from_a_day_or_an_instant_on(
    fake: FakePipeline, text: str, instant: datetime
) -> None:
    assert main(["run", "--since", text]) == 0
    assert fake.wanted["since"] == instant


def test_without_options_it_is_now_and_the_pipeline_decides(fake: FakePipeline) -> None:
    assert main(["run"]) == 0
    assert fake.wanted["drops"] == []
    wanted = [fake.wanted[name] for name in ("night", "known_at", "publish", "since")]
    assert wanted == [None] * 4


def test_the_runs_exit_code_and_message_are_passed_on(fake: FakePipeline, capsys: Captured) -> None:
    fake.exit_code, fake.message = 4, "helpdesk failed: [Errno 2] no file"

    assert main(["run"]) == 4
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err == "helpdesk failed: [Errno 2] no file\n"


@pytest.mark.parametrize("option", ["--as-of", "--known-at", "--since"])
def test_a_date_that_is_none_ends_with_2(fake: FakePipeline, option: str, capsys: Captured) -> None:
    assert main(["run", option, "2026-02-30"]) == 2
    assert "2026-02-30" in capsys.readouterr().err
    assert fake.wanted == {}


def test_a_config_folder_that_is_missing_ends_with_2(
    fake: FakePipeline, tmp_path: Path, capsys: Captured
) -> None:
    assert main(["run", "--config", str(tmp_path / "none")]) == 2
    assert "does not exist" in capsys.readouterr().err


def test_progress_is_silent_without_a_terminal(capsys: Captured) -> None:
    with bars.shown_progress() as progress:
        progress("build", done=1, total=2)

    assert capsys.readouterr() == ("", "")


def test_progress_draws_bars_on_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    from rich.console import Console
    from rich.progress import Progress

    with contextlib.ExitStack() as stack:
        shown = stack.enter_context(Progress(console=Console(quiet=True)))
        progress = bars._Shown(shown)
        progress("build", done=1, total=4)
        progress("build", done=4, total=4)
        progress("build", is_finished=True, detail="4 models")
        progress("audit")

        assert [task.description for task in shown.tasks] == ["build", "audit"]
        assert shown.tasks[0].finished
        assert shown.tasks[0].fields["figure"] == "4 models"
        assert not shown.tasks[1].finished


def test_the_published_nights_are_listed(home: Home, capsys: Captured) -> None:
    assert main(["nights", "--home", str(home.root)]) == 0
    assert "▶  2026-10-31.01" in capsys.readouterr().out


def test_no_published_night_is_no_error(tmp_path: Path, capsys: Captured) -> None:
    assert main(["nights", "--home", str(tmp_path)]) == 0
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "kpi run" in captured.err


def test_a_rollback_says_what_was_published_again(
    tmp_path: Path, capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    def rollback(home: Home, to: str | None) -> SimpleNamespace:
        assert to == "2026-10-30"
        return SimpleNamespace(publish_id="2026-10-30.01", is_held=True)

    monkeypatch.setattr("sales_support_kpi.warehouse.nights.rollback", rollback)

    assert main(["rollback", "--to", "2026-10-30", "--home", str(tmp_path)]) == 0
    said = capsys.readouterr().err
    assert "published again: 2026-10-30.01, and held" in said


def test_to_and_release_exclude_each_other(tmp_path: Path) -> None:
    assert main(["rollback", "--release", "--to", "x", "--home", str(tmp_path)]) == 2


def test_nothing_to_roll_back_ends_with_2(tmp_path: Path, capsys: Captured) -> None:
    assert main(["rollback", "--home", str(tmp_path)]) == 2
    assert "nothing to roll back" in capsys.readouterr().err.lower()


def test_init_makes_a_folder_that_check_accepts(tmp_path: Path, capsys: Captured) -> None:
    folder = tmp_path / "acme"

    assert main(["init", str(folder)]) == 0
    assert (folder / "config" / "kpis.yml").exists()
    assert main(["check", "--config", str(folder / "config")]) == 0
    assert "ok:" in capsys.readouterr().out


def test_a_demo_company_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    wanted: dict[str, object] = {}

    def generate(directory: Path, **options: object) -> SimpleNamespace:
        wanted.update(options, directory=directory)
        return SimpleNamespace(rows={"requests": 3})

    # the package's `generate` is the function, so the module is reached by its name
    module = importlib.import_module("sales_support_kpi.sandbox.generate")
    monkeypatch.setattr(module, "generate", generate)

    assert main(["sandbox", "generate", str(tmp_path / "demo"), "--size", "M"]) == 0
    assert (wanted["size"], wanted["until"], wanted["layout"]) == ("M", date(2026, 10, 31), "drop")
