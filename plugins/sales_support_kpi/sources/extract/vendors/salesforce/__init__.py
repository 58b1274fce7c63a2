"""Salesforce: CRM records by REST query and Bulk API 2.0. See docs/sources/salesforce.md."""

from sales_support_kpi.sources.extract.resources import Connector, Setting


def connect(setting: Setting) -> Connector:
    """A connector for one pull or one check."""
    from sales_support_kpi.sources.extract.vendors.salesforce.connector import Salesforce

    return Salesforce(setting)
