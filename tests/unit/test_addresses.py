"""Links to what is published: only what is configured and there, and the night that was meant."""

from datetime import date
from pathlib import Path

import pytest

from sales_support_kpi.addresses import current_addresses, files_of_night, night_addresses
from sales_support_kpi.config.links import Links
from sales_support_kpi.settings import Home
from sales_support_kpi.warehouse.published import swap_symlink

NIGHT = date(2026, 10, 31)
LINKS = Links(
    published="https://files.example.com/kpi/published/",
    data_docs="https://files.example.com/kpi/data_docs",
    dbt_docs="https://files.example.com/kpi/dbt_docs/index.html",
    dashboards="https://bi.example.com/superset/dashboard/scorecard",
)
MANIFEST = """{"publish_id": "2026-10-31.02", "night": "2026-10-31", "loads": [],
"as_of": "2026-10-31T15:00:00+00:00", "created_at": "2026-10-31T16:00:00+00:00",
"timezone": "Asia/Seoul", "known_at": null, "config_hash": "", "calendar_hash": "",
"code_version": "", "inputs_hash": "", "content_hash": "",
"warnings": [], "withheld": [], "definitions": {}, "tables": {}}"""


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """A night with a scorecard, Data Docs and dbt docs."""
    home = Home(tmp_path / "var")
    night = home.published / "nights" / "2026-10-31.02"
    docs, dbt_docs = home.data_docs / "2026-10-31", home.dbt_docs / "2026-10-31"
    for folder in (night, docs, dbt_docs):
        folder.mkdir(parents=True)
    (night / "manifest.json").write_text(MANIFEST, encoding="utf-8")
    (night / "scorecard.html").touch()
    (docs / "index.html").touch()
    (dbt_docs / "index.html").touch()
    swap_symlink(home.dbt_docs / "index.html", Path("2026-10-31") / "index.html")
    swap_symlink(home.published / "current", Path("nights") / "2026-10-31.02")
    return home


def test_a_nights_addresses_stay_those_of_that_night(home: Home) -> None:
    assert night_addresses(home, LINKS, "2026-10-31.02", NIGHT) == {
        "scorecard": "https://files.example.com/kpi/published/nights/2026-10-31.02/scorecard.html",
        "data_docs": "https://files.example.com/kpi/data_docs/2026-10-31/index.html",
        "dbt_docs": "https://files.example.com/kpi/dbt_docs/index.html",
        "dashboards": "https://bi.example.com/superset/dashboard/scorecard",
    }


def test_the_current_scorecard_has_one_address_for_all_nights(home: Home) -> None:
    found = current_addresses(home, LINKS)
    assert found["scorecard"] == "https://files.example.com/kpi/published/current/scorecard.html"
    assert list(found) == ["scorecard", "data_docs", "dbt_docs", "dashboards"]


def test_what_is_not_configured_has_no_address(home: Home) -> None:
    assert current_addresses(home, Links()) == {}
    only = Links(dashboards="https://bi.example.com")
    assert current_addresses(home, only) == {"dashboards": "https://bi.example.com"}


def test_what_is_not_there_has_no_address(home: Home) -> None:
    (home.published / "nights" / "2026-10-31.02" / "scorecard.html").unlink()
    (home.data_docs / "2026-10-31" / "index.html").unlink()
    (home.dbt_docs / "2026-10-31" / "index.html").unlink()
    assert list(current_addresses(home, LINKS)) == ["dashboards"]
    assert files_of_night(home, "2026-10-31.02", NIGHT) == {}


def test_before_the_first_night_there_is_nothing_to_read(tmp_path: Path) -> None:
    assert list(current_addresses(Home(tmp_path), LINKS)) == ["dashboards"]


def test_on_the_machine_itself_the_pages_are_files(home: Home) -> None:
    found = files_of_night(home, "2026-10-31.02", NIGHT)
    assert list(found) == ["scorecard", "data_docs", "dbt_docs"]
    assert found["scorecard"].startswith("file:///")
    assert found["scorecard"].endswith("/published/nights/2026-10-31.02/scorecard.html")
