"""The scorecard that is published with a night."""

import re
from dataclasses import replace
from pathlib import Path

import duckdb
import pytest

from sales_support_kpi.config.links import Links
from sales_support_kpi.report.html import scorecard_html
from sales_support_kpi.report.published_pages import write_pages
from sales_support_kpi.report.scorecard import load_scorecards
from sales_support_kpi.settings import Home
from sales_support_kpi.warehouse.published import current_dir, published_file


@pytest.fixture(scope="module")
def page(awkward_home: Home) -> str:
    return (awkward_home.published / "current" / "scorecard.html").read_text(encoding="utf-8")


def test_it_is_the_page_that_the_command_writes(awkward_home: Home, page: str) -> None:
    cards = load_scorecards(awkward_home)
    assert cards[0].data_docs is None
    assert page == scorecard_html(*(replace(card, dbt_docs=None) for card in cards))


def test_it_names_no_person(awkward_home: Home, page: str) -> None:
    with duckdb.connect(str(published_file(awkward_home, people=True)), read_only=True) as people:
        found = people.execute("select distinct employee_id, name from dim_employees").fetchall()
    assert found
    text = re.sub(r"<style>.*?</style>|<svg.*?</svg>|<[^>]*>", " ", page, flags=re.S)
    for employee_id, name in found:
        assert not re.search(rf"\b{re.escape(employee_id)}\b", text), employee_id
        assert not name or name not in text, name


def test_it_leads_to_docs_only_where_readers_can_open_them(
    awkward_home: Home, tmp_path: Path
) -> None:
    night = current_dir(awkward_home)
    assert night is not None
    for name in ("kpi.duckdb", "manifest.json"):
        (tmp_path / name).symlink_to(night / name)
    files = "https://files.example.com"
    write_pages(tmp_path, Links(data_docs=f"{files}/docs", dbt_docs=f"{files}/dbt/index.html"))
    written = (tmp_path / "scorecard.html").read_text(encoding="utf-8")
    assert f'href="{files}/docs/2026-10-31/index.html"' in written
    assert f'href="{files}/dbt/index.html"' in written


def test_a_page_that_cannot_be_drawn_stops_no_night(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    write_pages(tmp_path, Links())
    assert "no scorecard was written" in caplog.text
    assert list(tmp_path.iterdir()) == []
