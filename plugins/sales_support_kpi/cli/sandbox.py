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


@app.command("serve")
def serve(
    size: Annotated[
        Literal["S"], typer.Option(help="S: the demo company; others do not fit into memory.")
    ] = "S",
    factor: Annotated[
        float | None, typer.Option(help="That many times size S instead, such as 0.1.")
    ] = None,
) -> None:
    """Serve the demo company's source systems on this machine, until Ctrl-C.

    What they are found by (addresses and credentials made up for this time) goes to standard
    output, as lines for a shell; connections that the environment has already are kept to.

    Examples:
      kpi sandbox serve > demo.env          # in one terminal; wait for "ready"
      . ./demo.env && kpi run --config examples/demo_company/config --as-of 2026-10-31
    """
    import os

    from sales_support_kpi.sandbox.systems import (
        connections,
        serving,
        wait_for_the_end,
        write_files,
    )
    from sales_support_kpi.settings import repo_root

    folder = repo_root() / "var" / "demo"
    write_files(folder, size=size, factor=factor)
    environment = connections(folder)
    environment |= {name: os.environ[name] for name in environment if name in os.environ}
    with serving(environment, size=size, factor=factor) as places:
        for name, value in environment.items():
            output.write_text([f"export {name}={shlex.quote(value)}\n"], None)
        for place in places.values():
            output.say(f"serving {place}")
        output.say(f"files in {folder}; ready. Ctrl-C stops everything")
        wait_for_the_end()
