"""`kpi init`: a company's own folder."""

import shlex
from pathlib import Path
from typing import Annotated

import typer

from sales_support_kpi.cli import output


def init(
    directory: Annotated[Path, typer.Argument(metavar="DIR", help="What is in it is kept.")],
) -> None:
    """Make your company's folder: config, mappings, .env.

    It stands outside the clone and is yours: upgrades never touch it. What you leave out has its
    shipped default; a file that is there already is kept.

    Examples:
      kpi init ~/acme-kpi
      kpi check --config ~/acme-kpi/config
    """
    from sales_support_kpi.config.init import init_company

    made = init_company(directory)
    for name in made.written:
        output.say(f"wrote {made.directory / name}")
    for name in made.kept:
        output.say(f"kept  {made.directory / name}")
    output.say(f"next: kpi check --config {shlex.quote(str(made.directory / 'config'))}")
