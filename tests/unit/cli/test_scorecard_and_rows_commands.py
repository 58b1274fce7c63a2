import csv
import io
import json
from pathlib import Path

import pytest
from openpyxl import load_workbook

from sales_support_kpi.cli import main
from sales_support_kpi.settings import Home

Captured = pytest.CaptureFixture[str]


def test_the_scorecard_is_printed(home: Home, capsys: Captured) -> None:
    assert main(["scorecard", "--home", str(home.root), "--lang", "en"]) == 0
    captured = capsys.readouterr()
    assert "October 2026" in captured.out
    assert "\x1b" not in captured.out
    assert captured.err == ""


def test_the_home_may_come_from_the_environment(
    home: Home, capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KPI_HOME", str(home.root))

    assert main(["scorecard"]) == 0
    assert "2026년 10월" in capsys.readouterr().out


def test_machine_formats_stand_alone_on_standard_output(
    home: Home, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    assert main(["scorecard", "--home", str(home.root), "--format", "json"]) == 0
    assert json.loads(capfdbinary.readouterr().out)["publish_id"] == "2026-10-31.01"

    assert main(["scorecard", "--home", str(home.root), "--format", "csv"]) == 0
    lines = list(csv.DictReader(io.StringIO(capfdbinary.readouterr().out.decode())))
    assert len(lines) == 10

    assert main(["scorecard", "--home", str(home.root), "--format", "xlsx"]) == 0
    assert load_workbook(io.BytesIO(capfdbinary.readouterr().out)).sheetnames[0] == "성과표"


@pytest.mark.parametrize(
    ("name", "begins"),
    [("a.html", b"<!doctype html>"), ("a.json", b"{"), ("a.csv", b"publish_id,"),
     ("a.xlsx", b"PK"), ("a.txt", b"\n ")],
)  # fmt: skip
def test_a_files_ending_names_the_format(
    home: Home, tmp_path: Path, capsys: Captured, name: str, begins: bytes
) -> None:
    assert main(["scorecard", "--home", str(home.root), "-o", str(tmp_path / name)]) == 0
    assert (tmp_path / name).read_bytes().startswith(begins)
    assert capsys.readouterr().out == ""
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_a_page_holds_both_languages_unless_one_is_asked_for(home: Home, tmp_path: Path) -> None:
    for name, lang in (("both", []), ("en", ["--lang", "en"])):
        page = str(tmp_path / f"{name}.html")
        assert main(["scorecard", "--home", str(home.root), *lang, "-o", page]) == 0

    assert "2026년 10월" in (tmp_path / "both.html").read_text(encoding="utf-8")
    english = (tmp_path / "en.html").read_text(encoding="utf-8")
    assert "October 2026" in english
    assert "2026년" not in english


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["-o", "a.pdf"], "no format ends with .pdf"),
        (["-o", "missing/a.html"], "cannot be written"),
        (["--period", "2019-01"], "there is 2025-11 to 2026-10"),
        (["--scope", "team:영업지원9팀"], "did you mean 영업지원1팀"),
    ],
)
def test_what_cannot_be_done_is_one_sentence_and_exit_2(
    home: Home, tmp_path: Path, capsys: Captured, monkeypatch: pytest.MonkeyPatch,
    arguments: list[str], said: str,
) -> None:  # fmt: skip
    monkeypatch.chdir(tmp_path)

    assert main(["scorecard", "--home", str(home.root), *arguments]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert said in captured.err
    assert captured.err.count("\n") == 1


def test_before_the_first_publish_exit_2_says_what_to_do(tmp_path: Path, capsys: Captured) -> None:
    assert main(["scorecard", "--home", str(tmp_path)]) == 2
    assert "kpi run" in capsys.readouterr().err


def test_an_existing_file_survives_a_failure(
    home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "a.csv"
    target.write_text("before", encoding="utf-8")

    assert main(["scorecard", "--home", str(home.root), "--period", "1999", "-o", str(target)]) == 2
    assert target.read_text(encoding="utf-8") == "before"


def test_rows_are_printed_and_written(home: Home, tmp_path: Path, capsys: Captured) -> None:
    arguments = ["rows", "inquiry_within_4h", "--home", str(home.root), "--lang", "en"]

    assert main(arguments) == 0
    captured = capsys.readouterr()
    assert "no rows" in captured.out
    assert "do not sum up" in captured.err  # the fixture publishes a value without any rows

    assert main([*arguments, "-o", str(tmp_path / "rows.csv")]) == 0
    assert (tmp_path / "rows.csv").read_text(encoding="utf-8").startswith("kpi_id,part,")


def test_an_unknown_kpi_is_refused(home: Home, capsys: Captured) -> None:
    assert main(["rows", "inquiry", "--home", str(home.root)]) == 2
    assert "there is no KPI 'inquiry'" in capsys.readouterr().err
