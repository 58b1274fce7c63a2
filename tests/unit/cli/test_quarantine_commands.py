"""`kpi quarantine`: what is kept back can be seen, corrected and let in."""

from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest
from openpyxl import load_workbook
from publishing import PublishedFixture

from sales_support_kpi.cli import main
from sales_support_kpi.config import load_config
from sales_support_kpi.landing import land_drop
from sales_support_kpi.landing.kept_rows import kept_rows
from sales_support_kpi.night import parse_as_of
from sales_support_kpi.settings import Home, shipped_config_dir
from sales_support_kpi.warehouse.published import published_file

LINES = ["request_id,kind,status,opened_at", *(f"r{n},inquiry,open,2026-10-01" for n in range(30))]
Run = Callable[..., int]


@pytest.fixture
def home(tmp_path: Path) -> Home:
    home = Home(tmp_path / "home")
    land(home, tmp_path, "b1,inquiery,open,2026-10-02")
    return home


def land(home: Home, folder: Path, *bad: str) -> None:
    drop = folder / "desk"
    drop.mkdir(exist_ok=True)
    (drop / "requests.csv").write_text("\n".join([*LINES, *bad]) + "\n", encoding="utf-8")
    config = load_config(shipped_config_dir())
    land_drop(home, config, drop, parse_as_of("2026-10-31", config.company.timezone))


@pytest.fixture
def kpi(home: Home) -> Run:
    def run(*arguments: str | Path) -> int:
        config = [] if arguments[0] == "list" else ["--config", str(shipped_config_dir())]
        return main(["quarantine", *map(str, arguments), "--home", str(home.root), *config])

    return run


def test_the_list_counts_by_reason(kpi: Run, capsys: pytest.CaptureFixture[str]) -> None:
    assert kpi("list") == 0
    shown = capsys.readouterr().out
    assert "desk" in shown
    assert "out_of_vocabulary" in shown


def test_rows_that_a_rule_leaves_out_are_listed_apart(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    home = PublishedFixture(tmp_path / "var").write()
    with duckdb.connect(str(published_file(home))) as connection:
        connection.execute(
            "create or replace table rejected_summary as select "
            "'complaint_support_satisfaction' as kpi_id, 'desk' as source, "
            "'survey_responses' as entity, 'respondent_not_in_sales' as reason, 3 as row_count"
        )

    assert main(["quarantine", "list", "--home", str(home.root)]) == 0

    assert " ".join(capsys.readouterr().err.split()) == (
        "nothing is kept back "
        "Left out by a KPI's rule (recomputed every night, nothing to release): "
        "complaint_support_satisfaction: 3 of desk survey_responses, respondent_not_in_sales"
    )


def test_a_row_is_shown_with_where_it_stands_and_why(
    kpi: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    assert kpi("show", "desk", "requests") == 0
    shown = " ".join(capsys.readouterr().out.split())
    assert "1-32 open" in shown
    assert "requests.csv" in shown
    assert "inquiery" in shown


def test_a_row_is_corrected_and_let_in(kpi: Run, home: Home, tmp_path: Path) -> None:
    release = ["release", "desk", "requests", "--row", "1-32", "--set", "kind=inquiry"]
    assert kpi(*release, "--why", "a typing error", "--by", "kim") == 0
    land(home, tmp_path, "b1,inquiery,open,2026-10-02")

    assert [row.state for row in kept_rows(home)] == ["landed"]


def test_rows_are_corrected_in_a_workbook(kpi: Run, home: Home, tmp_path: Path) -> None:
    book = tmp_path / "rows.xlsx"
    assert kpi("show", "desk", "requests", "-o", book) == 0
    assert book.stat().st_mode & 0o777 == 0o600
    opened = load_workbook(book)
    sheet = opened["rows"]
    kind = [cell.value for cell in sheet[1]].index("kind") + 1
    sheet.cell(2, kind).value = "proposal"
    opened.save(book)

    assert kpi("release", "desk", "requests", "--from", book, "--why", "asked the author") == 0

    assert [row.state for row in kept_rows(home)] == ["released"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["release", "desk", "requests"], "say which rows"),
        (["release", "desk", "requests", "--row", "9-9"], "no open row is called 9-9"),
        (["release", "desk", "requests", "--row", "1-32"], "nothing was released"),
        (["release", "desk", "requests", "--row", "1-32", "--set", "kind"], "is not like"),
        (["release", "desk", "requests", "--shape"], "was rejected for its columns"),
        (["release", "desk", "request", "--row", "1-32"], "unknown entity 'request'"),
        (["release", "crm", "requests", "--row", "1-32"], "was ever kept back"),
        (["release", "desk", "requests", "--from", "none.xlsx"], "is no workbook of"),
    ],
)
def test_what_cannot_be_done_is_said_in_a_sentence(
    kpi: Run, capsys: pytest.CaptureFixture[str], arguments: list[str], said: str
) -> None:
    assert kpi(*arguments, "--why", "because") == 2
    assert said in " ".join(capsys.readouterr().err.split())
