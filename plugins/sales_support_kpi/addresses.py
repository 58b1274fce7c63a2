"""Where readers open what a night has published: addresses out of `links:` of `company.yml`.

An address is given only for what is configured and, where it lies in the home, is there: a link
that is not shown is better than a dead one.
"""

from datetime import date

from sales_support_kpi.config.links import Links
from sales_support_kpi.quality.docs import docs_index
from sales_support_kpi.report.dbt_docs import PAGE as DBT_DOCS
from sales_support_kpi.report.dbt_docs import dbt_docs_page
from sales_support_kpi.settings import Home
from sales_support_kpi.warehouse.published import SCORECARD, current_manifest, nights_dir

Addresses = dict[str, str]
"""scorecard, data_docs, dbt_docs, dashboards → address, in this order."""


def current_addresses(home: Home, links: Links) -> Addresses:
    """Of what is published now; the scorecard's stays the same from night to night."""
    manifest = current_manifest(home)
    if manifest is None:
        return _of_all_nights(home, links)
    found = night_addresses(home, links, manifest.publish_id, manifest.night)
    if "scorecard" in found:
        found["scorecard"] = f"{links.published}/current/{SCORECARD}"
    return found


def night_addresses(home: Home, links: Links, publish_id: str, night: date) -> Addresses:
    """Of one night, which a later night's do not replace."""
    found: Addresses = {}
    if links.published and (nights_dir(home) / publish_id / SCORECARD).is_file():
        found["scorecard"] = f"{links.published}/nights/{publish_id}/{SCORECARD}"
    if links.data_docs and docs_index(home, night):
        found["data_docs"] = f"{links.data_docs}/{night.isoformat()}/index.html"
    return found | _of_all_nights(home, links)


def files_of_night(home: Home, publish_id: str, night: date) -> Addresses:
    """The same pages by their place on this machine, for whoever works on it."""
    pages = {
        "scorecard": nights_dir(home) / publish_id / SCORECARD,
        "data_docs": docs_index(home, night),
        "dbt_docs": dbt_docs_page(home, night),
    }
    return {name: page.as_uri() for name, page in pages.items() if page and page.is_file()}


def _of_all_nights(home: Home, links: Links) -> Addresses:
    is_there = (home.dbt_docs / DBT_DOCS).is_file()
    pages = {"dbt_docs": links.dbt_docs if is_there else None, "dashboards": links.dashboards}
    return {name: address for name, address in pages.items() if address}
