"""Buttons on a run's task `publish` that lead to the pages of the night it published."""

from collections.abc import Collection
from typing import TYPE_CHECKING, Any

from airflow.sdk import BaseOperatorLink

from sales_support_kpi.config.links import Links

if TYPE_CHECKING:
    from airflow.sdk import BaseOperator

TITLES = {
    "scorecard": "KPI scorecard",
    "data_docs": "Data Docs",
    "dbt_docs": "dbt docs",
    "dashboards": "KPI dashboards",
}


class NightLink(BaseOperatorLink):
    """One page of the night; its address is among what the task has returned."""

    def __init__(self, page: str) -> None:
        self.page = page

    @property
    def name(self) -> str:
        """The button's text."""
        return TITLES[self.page]

    @property
    def xcom_key(self) -> str:
        """Where the address is kept for the UI."""
        return f"link_{self.page}"

    def get_link(self, operator: "BaseOperator", *, ti_key: Any) -> str:  # noqa: ANN401
        """The address; empty when nothing was published, or the page is not there."""
        from airflow.sdk.execution_time.xcom import XCom

        published = XCom.get_value(ti_key=ti_key, key=XCom.XCOM_RETURN_KEY) or {}
        return str(published.get("links", {}).get(self.page, ""))


def night_links(links: Links) -> Collection[BaseOperatorLink]:
    """A button per page that is configured; the others are left out rather than dead."""
    configured = {
        "scorecard": links.published,
        "data_docs": links.data_docs,
        "dbt_docs": links.dbt_docs,
        "dashboards": links.dashboards,
    }
    return tuple(NightLink(page) for page, address in configured.items() if address)
