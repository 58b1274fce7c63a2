"""`kpi mf`: MetricFlow's own command on the published night."""

import typer

from sales_support_kpi.cli import options


def mf(context: typer.Context, home: options.HomeOption = None) -> None:
    """Ask for KPIs by any period, team, person or dimension (MetricFlow's `mf`).

    It reads the published night's kpi_people.duckdb, never writes and asks no other host.
    Options of ours stand before MetricFlow's own.

    Examples:
      kpi mf query --metrics inquiry_within_4h --group-by metric_time__month,team
      kpi mf list metrics
    """
    from sales_support_kpi.metricflow import run_metricflow
    from sales_support_kpi.warehouse.published import published_file

    file = published_file(options.home_of(home), people=True)
    raise typer.Exit(run_metricflow(context.args or ["--help"], file))
