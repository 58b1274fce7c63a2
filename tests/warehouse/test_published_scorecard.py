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


def test_it_is_the_page_that_the_command_writes_with_links_to_the_docs(
    awkward_home: Home, page: str
) -> None:
    cards = load_scorecards(awkward_home)
    assert page == scorecard_html(
        *(replace(card, dbt_docs="dbt_docs/index.html") for card in cards)
    )


def test_a_page_to_send_holds_no_place_of_this_machine_and_is_not_clipped(
    awkward_home: Home,
) -> None:
    for card in load_scorecards(awkward_home):
        sent = scorecard_html(card)
        assert str(awkward_home.root) not in sent
        assert "href" not in sent
        assert len(sent.encode()) < 100_000  # what Gmail shows of a mail


def test_its_links_resolve_from_the_nights_folder_and_through_current(
    awkward_home: Home, tmp_path: Path
) -> None:
    home = Home(tmp_path)
    docs = [folder / "2026-10-31" / "index.html" for folder in (home.data_docs, home.dbt_docs)]
    for index in docs:
        index.parent.mkdir(parents=True)
        index.touch()
    aside = prepared(awkward_home, home.published / ".writing")
    write_pages(home, aside, Links())
    (home.published / "nights").mkdir()
    night = aside.rename(home.published / "nights" / "2026-10-31.01")
    (home.published / "current").symlink_to(Path("nights") / night.name)
    text = (night / "scorecard.html").read_text(encoding="utf-8")
    links = dict.fromkeys(re.findall(r'href="([^"#]+)"', text))
    for folder in (night, home.published / "current"):
        assert [(folder / link).resolve(strict=True) for link in links] == docs


def prepared(home: Home, folder: Path) -> Path:
    """A folder with what the page is drawn from, as a publish writes it aside."""
    night = current_dir(home)
    assert night is not None
    folder.mkdir(parents=True, exist_ok=True)
    for name in ("kpi.duckdb", "manifest.json"):
        (folder / name).symlink_to(night / name)
    return folder


def test_it_names_no_person(awkward_home: Home, page: str) -> None:
    with duckdb.connect(str(published_file(awkward_home, people=True)), read_only=True) as people:
        found = people.execute("select distinct employee_id, name from dim_employees").fetchall()
    assert found
    text = re.sub(r"<style>.*?</style>|<svg.*?</svg>|<[^>]*>", " ", page, flags=re.S)
    for employee_id, name in found:
        assert not re.search(rf"\b{re.escape(employee_id)}\b", text), employee_id
        assert not name or name not in text, name


def test_an_address_that_readers_know_comes_before_the_place_in_the_home(
    awkward_home: Home, tmp_path: Path
) -> None:
    prepared(awkward_home, tmp_path)
    files = "https://files.example.com"
    links = Links(data_docs=f"{files}/docs", dbt_docs=f"{files}/dbt/index.html")
    write_pages(awkward_home, tmp_path, links)
    written = (tmp_path / "scorecard.html").read_text(encoding="utf-8")
    assert f'href="{files}/docs/2026-10-31/index.html"' in written
    assert f'href="{files}/dbt/index.html"' in written


def test_what_was_not_built_has_no_link(awkward_home: Home, tmp_path: Path) -> None:
    prepared(awkward_home, tmp_path)
    write_pages(Home(tmp_path / "elsewhere"), tmp_path, Links())
    assert "_docs" not in (tmp_path / "scorecard.html").read_text(encoding="utf-8")


def test_a_page_that_cannot_be_drawn_stops_no_night(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    write_pages(Home(tmp_path), tmp_path, Links())
    assert "no scorecard was written" in caplog.text
    assert list(tmp_path.iterdir()) == []
