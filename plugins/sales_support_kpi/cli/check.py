"""`kpi check`: everything that is wrong with the config and the sources, at once."""

import typer

from sales_support_kpi.cli import options, output

PROBLEMS_FOUND = 2


def check(config: options.ConfigOption = None) -> None:
    """Validate the config and try every source; nothing is changed.

    Says everything that is wrong at once, and ends with exit code 2 if anything is.

    Examples:
      kpi check
      kpi check --config ~/acme-kpi/config
    """
    from sales_support_kpi.config import load_config
    from sales_support_kpi.config.check import check as check_config

    lines = check_config(load_config(config))
    output.write_text((f"{line}\n" for line in lines), None)
    if not all(line.is_ok for line in lines):
        raise typer.Exit(PROBLEMS_FOUND)
