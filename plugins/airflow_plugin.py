"""What Airflow loads from its plugins folder."""

from sales_support_kpi.orchestration.plugin import PublishedPages

__all__ = ["PublishedPages"]
