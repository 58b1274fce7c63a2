"""Airflow's plugin: links in its menu to what is published. No page and no endpoint of its own."""

import logging

from airflow.plugins_manager import AirflowPlugin

from sales_support_kpi.addresses import current_addresses
from sales_support_kpi.config import load_config
from sales_support_kpi.errors import SalesSupportKpiError
from sales_support_kpi.orchestration.links import TITLES
from sales_support_kpi.settings import Home, default_config_dir, default_home

ExternalView = dict[str, str]


class PublishedPages(AirflowPlugin):
    """Browse → scorecard, Data Docs, dbt docs, dashboards, as far as they are configured and there.

    The views are read with each request, so a night's pages are linked as soon as it is published.
    """

    name = "sales_support_kpi"

    @property
    def external_views(self) -> list[ExternalView]:  # type: ignore[override]
        """One entry per page; a broken configuration has none, and is reported by the DAGs."""
        try:
            links = load_config(default_config_dir()).company.links
            addresses = current_addresses(Home(default_home()), links)
        except (SalesSupportKpiError, OSError, ValueError, KeyError) as error:
            logging.getLogger(__name__).warning("no links to what is published: %s", error)
            return []
        return [
            {"name": TITLES[page], "href": address, "destination": "nav", "category": "browse"}
            for page, address in addresses.items()
        ]
