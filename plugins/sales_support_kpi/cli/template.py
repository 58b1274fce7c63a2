"""`kpi template`: an empty workbook to fill in."""

from pathlib import Path
from typing import Annotated

import typer

from sales_support_kpi.cli import options, output


def template(
    file: Annotated[Path, typer.Argument(metavar="FILE.xlsx", help="The workbook to write.")],
    kpis: Annotated[
        str | None,
        typer.Option(
            metavar="ID,ID,…", help="Only the sheets these KPIs need; else those of all enabled."
        ),
    ] = None,
    lang: options.LangOption = "ko",
    config: options.ConfigOption = None,
) -> None:
    """Write an empty workbook to fill in.

    It has the sheets the KPIs need, typed columns, drop-down lists and one example row.

    Examples:
      kpi template my_data.xlsx
      kpi template inquiries.xlsx --kpis inquiry_within_4h,inquiry_completion_rate --lang en
    """
    from sales_support_kpi.config import load_config
    from sales_support_kpi.sources.template import entities_for, write_template

    wanted = [name.strip() for name in kpis.split(",") if name.strip()] if kpis else None
    write_template(file, entities_for(load_config(config), wanted), lang)
    output.say(f"wrote {file}; fill it in, then: kpi run --source {file}")
