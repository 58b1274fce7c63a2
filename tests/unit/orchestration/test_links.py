"""Airflow's links to what is published."""

from types import SimpleNamespace

import pytest
from airflow.sdk.execution_time import xcom  # noqa: TID251 - where a task's result is read from

from sales_support_kpi.config.links import Links
from sales_support_kpi.orchestration import plugin
from sales_support_kpi.orchestration.links import night_links


@pytest.fixture
def returned(monkeypatch):
    """Say what the task has returned."""

    def say(value):
        fake = SimpleNamespace(get_value=lambda **_: value, XCOM_RETURN_KEY="return_value")
        monkeypatch.setattr(xcom, "XCom", fake)

    return say


def test_only_configured_pages_have_a_button():
    links = Links(published="https://files.example.com", dashboards="https://bi.example.com")
    assert [link.name for link in night_links(links)] == ["KPI scorecard", "KPI dashboards"]
    assert night_links(Links()) == ()


def test_each_button_keeps_an_address_of_its_own(returned):
    links = Links(published="https://files.example.com", data_docs="https://docs.example.com")
    returned({"links": {"scorecard": "https://a", "data_docs": "https://b"}})
    found = {link.xcom_key: link.get_link(None, ti_key=None) for link in night_links(links)}
    assert found == {"link_scorecard": "https://a", "link_data_docs": "https://b"}


@pytest.mark.parametrize("value", [None, {}, {"links": {}}])
def test_a_run_that_published_nothing_has_no_address(returned, value):
    returned(value)
    (link,) = night_links(Links(published="https://files.example.com"))
    assert link.get_link(None, ti_key=None) == ""


def test_the_menu_follows_what_is_published(monkeypatch, tmp_path):
    monkeypatch.setenv("KPI_HOME", str(tmp_path / "var"))
    monkeypatch.setenv("KPI_CONFIG", str(tmp_path))
    (tmp_path / "company.yml").write_text(
        "links: {published: 'https://files.example.com', dashboards: 'https://bi.example.com'}"
    )
    views = plugin.PublishedPages().external_views
    assert views == [
        {
            "name": "KPI dashboards",
            "href": "https://bi.example.com",
            "destination": "nav",
            "category": "browse",
        }
    ]
    found = {"scorecard": "https://files.example.com/current/scorecard.html"}
    monkeypatch.setattr(plugin, "current_addresses", lambda *_: found)
    assert [view["href"] for view in plugin.PublishedPages().external_views] == [*found.values()]


def test_a_broken_configuration_breaks_no_menu(monkeypatch, tmp_path, caplog):
    monkeypatch.setenv("KPI_CONFIG", str(tmp_path))
    (tmp_path / "company.yml").write_text("links: {published: 'javascript:alert(1)'}")
    assert plugin.PublishedPages().external_views == []
    assert "no links to what is published" in caplog.text
