"""The Data Docs of a night: Great Expectations' own pages, of both doors, and no other host's."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from expectations.outdoor import sources_suite

from sales_support_kpi.night import Night
from sales_support_kpi.quality import docs
from sales_support_kpi.quality.runner import keeping_validations, run_suite
from sales_support_kpi.settings import Home


def night(day: int) -> Night:
    return Night(date(2026, 10, day), datetime(2026, 10, day, 15, tzinfo=UTC))


@pytest.fixture(scope="module")
def validations() -> list[Any]:
    rows = [
        {"subject": "crm", "is_stale": 0, "observed": "fresh"},
        {"subject": "desk", "is_stale": 1, "observed": "stale"},
    ]
    with keeping_validations() as kept:
        run_suite(sources_suite(), rows, door="out", index="subject")
    return kept


def test_a_night_s_pages_say_why_and_who_acts_and_ask_no_other_host(
    home: Home, validations: list[Any]
) -> None:
    docs.keep_for_docs(home, night(31), "in-crm", validations)
    docs.keep_for_docs(home, night(31), "out", validations)

    index = docs.build_docs(home, night(31), keep=3)

    assert (
        index
        == home.data_docs / "2026-10-31" / "index.html"
        == docs.docs_index(home, date(2026, 10, 31))
    )
    pages = {page.name: page.read_text("utf-8") for page in index.parent.rglob("*.html")}
    assert set(pages) == {"index.html", "in-crm.html", "out.html"}
    assert (
        "Its KPIs show an older day than the others. Acts: owner of the source."
        in (pages["out.html"])
    )
    for page in pages.values():
        assert 'src="http' not in page
        assert '<link rel="stylesheet" href="http' not in page
        assert "doors.css" in page


def test_what_cannot_be_kept_stops_nothing(
    home: Home, validations: list[Any], caplog: pytest.LogCaptureFixture
) -> None:
    home.root.mkdir(parents=True)
    home.data_docs.write_text("where a folder should be")

    docs.keep_for_docs(home, night(31), "out", validations)

    assert "nothing is kept of out for the Data Docs" in caplog.text


def test_each_file_of_a_drop_box_has_a_page_of_its_own(home: Home, validations: list[Any]) -> None:
    names = [docs.page_name("in", "box", file) for file in ("자료 (1).xlsx", "자료_1.xlsx", "")]
    for name in names:
        docs.keep_for_docs(home, night(31), name, validations)

    index = docs.build_docs(home, night(31), keep=3)

    assert index is not None
    pages = {page.stem for page in index.parent.rglob("*.html")}
    assert pages == {*names, "index"}
    assert len(set(names)) == 3


def test_only_the_last_nights_are_kept(home: Home, validations: list[Any]) -> None:
    for day in (1, 2, 3):
        docs.keep_for_docs(home, night(day), "out", validations)
        (home.data_docs / f"2026-10-0{day}").mkdir()

    assert docs.prune_docs(home, 2) == ["2026-10-01"]
    assert sorted(path.name for path in home.data_docs.iterdir()) == [
        ".validations", "2026-10-02", "2026-10-03",
    ]  # fmt: skip
    assert len(list((home.data_docs / ".validations").iterdir())) == 2


def test_a_night_without_results_has_no_pages(home: Home) -> None:
    assert docs.build_docs(home, night(31), keep=3) is None
    assert docs.docs_index(home, date(2026, 10, 31)) is None


def test_pages_that_cannot_be_built_stop_nothing(
    home: Home, validations: list[Any], caplog: pytest.LogCaptureFixture
) -> None:
    docs.keep_for_docs(home, night(31), "out", validations)
    for kept in (home.data_docs / ".validations" / "2026-10-31").iterdir():
        kept.write_text("no json")

    assert docs.build_docs(home, night(31), keep=3) is None
    assert "the Data Docs of 2026-10-31 were not built" in caplog.text
