"""Airflow's connections as credentials, from whichever secrets backend the installation has."""

from sales_support_kpi.sources.extract.credentials import Credentials


def from_airflow(connection: str) -> Credentials | None:
    """The connection of that id, None when no backend has it; for use within a running task."""
    from airflow.sdk import Connection
    from airflow.sdk.exceptions import AirflowNotFoundException

    try:
        found = Connection.get(connection)
    except AirflowNotFoundException:
        return None
    return Credentials(
        connection=connection,
        kind=found.conn_type or "",
        host=found.host or "",
        schema=found.schema or "",
        login=found.login or "",
        password=found.password or "",
        port=found.port,
        extra=found.extra_dejson,
    )
