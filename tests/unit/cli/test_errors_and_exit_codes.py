import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from sales_support_kpi import __version__
from sales_support_kpi.cli import main
from sales_support_kpi.errors import AuditFailed, ConfigError, HomeBusy, SalesSupportKpiError
from sales_support_kpi.settings import Home


def failing(monkeypatch: pytest.MonkeyPatch, error: BaseException) -> None:
    """Let `kpi nights` fail like this."""

    def fail(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr("sales_support_kpi.warehouse.nights.nights", fail)


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (SalesSupportKpiError("x"), 1),
        (HomeBusy("x"), 1),
        (ConfigError(["x"]), 2),
        (AuditFailed("x"), 3),
    ],
)
def test_an_expected_error_is_its_sentence_and_its_exit_code(
    error: SalesSupportKpiError,
    code: int,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    failing(monkeypatch, error)

    assert main(["nights"]) == code
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err == "Error: x\n"


def test_every_problem_of_a_configuration_has_its_own_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    failing(monkeypatch, ConfigError(["kpis.yml: one", "company.yml: two"]))

    assert main(["nights"]) == 2
    lines = capsys.readouterr().err.splitlines()
    assert lines[0] == "Error: the configuration cannot be used, 2 problems:"
    assert lines[1:] == ["  - kpis.yml: one", "  - company.yml: two"]


def test_an_unexpected_error_is_short_and_says_how_to_see_more(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    failing(monkeypatch, ZeroDivisionError("by zero\nand more"))

    assert main(["nights"]) == 1
    said = capsys.readouterr().err
    assert "unexpected ZeroDivisionError: by zero\n" in said
    assert "--debug" in said
    assert "Traceback" not in said


@pytest.mark.parametrize("arguments", [["--debug", "nights"], ["nights", "--debug"]])
def test_debug_shows_the_traceback_wherever_it_stands(
    arguments: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    failing(monkeypatch, AuditFailed("x"))

    assert main(arguments) == 3
    assert "Traceback" in capsys.readouterr().err


def test_an_interrupt_ends_with_130(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    failing(monkeypatch, KeyboardInterrupt())

    assert main(["nights"]) == 130
    assert "Traceback" not in capsys.readouterr().err


@pytest.mark.parametrize(
    "arguments",
    [["--bogus"], ["bogus"], ["rows"], ["scorecard", "--lang", "fr"], ["run", "--as-of"]],
)
def test_wrong_usage_ends_with_2_and_nothing_on_standard_output(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err


def test_the_version_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--version"]) == 0
    assert capsys.readouterr().out == f"kpi {__version__}\n"


@pytest.mark.parametrize(
    "command",
    ["run", "scorecard", "rows", "check", "init", "template", "nights", "rollback", "rebuild"],
)
def test_every_command_teaches_with_an_example(
    command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([command, "--help"]) == 0
    said = capsys.readouterr().out
    assert "Examples:" in said
    assert f"kpi {command}" in said.split("Examples:")[1]


def test_help_loads_nothing_heavy() -> None:
    heavy = ("duckdb", "pandas", "pyarrow", "dbt", "great_expectations", "airflow", "pydantic")
    program = (
        "import sys; from sales_support_kpi.cli import main; main(['--help']);"
        f"print([name for name in {heavy} if name in sys.modules], file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)

    assert done.stderr.strip() == "[]"


def test_python_dash_m_is_the_same_command() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "sales_support_kpi", "--version"], capture_output=True, text=True
    )

    assert (done.returncode, done.stdout) == (0, f"kpi {__version__}\n")


def test_a_reader_that_goes_away_is_no_error_message(home: Home) -> None:
    read_end, write_end = os.pipe()
    os.close(read_end)
    with os.fdopen(write_end, "wb") as gone:
        done = subprocess.run(
            [sys.executable, "-m", "sales_support_kpi", "scorecard", "--home", str(home.root)],
            stdout=gone,
            stderr=subprocess.PIPE,
        )

    assert done.stderr == b""
    assert done.returncode in (1, 141)


def test_a_console_that_knows_no_korean_gets_question_marks_not_a_crash(home: Home) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "sales_support_kpi", "nights", "--home", str(home.root)],
        capture_output=True,
        env={**os.environ, "PYTHONIOENCODING": "ascii"},
    )

    assert done.returncode == 0
    assert b"2026-10-31.01" in done.stdout


def test_an_interrupt_from_the_keyboard_leaves_no_traceback(tmp_path: Path) -> None:
    program = (
        "import signal, sys, time\n"
        # a shell that started the tests in the background has switched the signal off for them
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        "from sales_support_kpi.warehouse import nights\n"
        "def slow(_):\n    print('ready', flush=True)\n    time.sleep(60)\n"
        "nights.nights = slow\n"
        "from sales_support_kpi.cli import main\n"
        "sys.exit(main(['nights']))\n"
    )
    running = subprocess.Popen(
        [sys.executable, "-c", program], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert running.stdout is not None
    assert running.stdout.readline() == "ready\n"
    time.sleep(0.05)
    running.send_signal(signal.SIGINT)
    _, said = running.communicate(timeout=30)

    assert running.returncode == 130
    assert "Traceback" not in said
