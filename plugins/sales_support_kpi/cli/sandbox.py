"""`kpi sandbox`: a demo company to try everything on."""

import shlex
from pathlib import Path
from typing import Annotated, Literal

import typer

from sales_support_kpi.cli import options, output

app = typer.Typer(
    no_args_is_help=True, help="A demo company to try everything on.", rich_markup_mode="rich"
)


@app.callback()
def _sandbox() -> None:
    """A demo company to try everything on."""


@app.command("generate")
def generate(
    directory: Annotated[Path, typer.Argument(metavar="DIR", help="Where to write its files.")],
    size: Annotated[
        Literal["S", "M", "L"],
        typer.Option(help="S: the demo company; M, L: a million requests, ten million."),
    ] = "S",
    until: Annotated[
        str | None,
        typer.Option(metavar="DATE", help="The last night that is seen (default: 2026-10-31)."),
    ] = None,
    layout: Annotated[
        Literal["drop", "sources"],
        typer.Option(help="One folder with everything, or one per source system."),
    ] = "drop",
    format: Annotated[
        Literal["csv", "parquet", "jsonl", "xlsx"] | None,
        typer.Option("--format", help="Of the files (default: csv)."),
    ] = None,
    seed: Annotated[int | None, typer.Option(help="Another seed is another company.")] = None,
) -> None:
    """Write a demo company's files: a year of requests, customers, surveys, contracts.

    Examples:
      kpi sandbox generate demo/
      kpi run --source demo/ --as-of 2026-10-31
    """
    from sales_support_kpi.sandbox.generate import SEED
    from sales_support_kpi.sandbox.generate import generate as write_company
    from sales_support_kpi.sandbox.rhythm import LAST_NIGHT

    night = options.day_of("--until", until) if until else LAST_NIGHT
    truth = write_company(
        directory,
        size=size,
        until=night,
        layout=layout,
        format=format,
        seed=SEED if seed is None else seed,
    )
    output.say(f"wrote {sum(truth.rows.values()):,} rows of {len(truth.rows)} entities")
    if layout == "drop":
        output.say(f"next: kpi run --source {shlex.quote(str(directory))} --as-of {night}")
