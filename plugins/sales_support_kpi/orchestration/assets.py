"""The assets through which DAGs meet: what each source announces, and the published marts.

An announcement says that a source has been tried for a night, not that it brought anything new:
the event's extra holds the night, the status (landed, unchanged, failed, rejected) and a message.
"""

from airflow.sdk import Asset

KPI_MARTS = Asset("kpi_marts", group="published")


def announced(source_id: str) -> Asset:
    """The asset a source's ingest DAG announces each night."""
    return Asset(f"landing_{source_id}", group="landing")
