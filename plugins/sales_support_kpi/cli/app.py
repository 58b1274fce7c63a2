"""The typer application: which commands there are."""

from typing import Annotated

import typer

from sales_support_kpi import __version__
from sales_support_kpi.cli import (
    audit_sample,
    check,
    explain,
    init,
    mf,
    nights,
    quarantine,
    rows,
    run,
    sandbox,
    scorecard,
    template,
    worklist,
)

DAILY, SET_UP, NIGHTS, TRY = "Every day", "Set up", "Published nights", "Try it out"
RECORDS = "Customer records"

app = typer.Typer(
    name="kpi",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _show_version(is_wanted: bool) -> None:
    if is_wanted:
        typer.echo(f"kpi {__version__}")
        raise typer.Exit


@app.callback()
def _kpi(
    version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_show_version, is_eager=True, help="Say the version and stop."
        ),
    ] = False,
    debug: Annotated[
        bool,
        typer.Option("--debug", help="Show where an error came from (also after the command)."),
    ] = False,
) -> None:
    """The KPIs of a sales-support team: land, build, audit, publish, read.

    First steps, with an Excel file of your own:

      kpi template my_data.xlsx         an empty workbook, to fill in
      kpi run --source my_data.xlsx     land, build, audit, publish
      kpi scorecard --lang en           the published values
    """
    del version, debug


app.command("run", rich_help_panel=DAILY)(run.run)
app.command("scorecard", rich_help_panel=DAILY)(scorecard.scorecard)
app.command("explain", rich_help_panel=DAILY)(explain.explain)
app.command("rows", rich_help_panel=DAILY)(rows.rows)
app.command(
    "mf",
    rich_help_panel=DAILY,
    context_settings={
        "allow_extra_args": True,
        "allow_interspersed_args": False,
        "ignore_unknown_options": True,
    },
)(mf.mf)
app.command("worklist", rich_help_panel=RECORDS)(worklist.worklist)
app.command("audit-sample", rich_help_panel=RECORDS)(audit_sample.audit_sample)
app.command("init", rich_help_panel=SET_UP)(init.init)
app.command("template", rich_help_panel=SET_UP)(template.template)
app.command("check", rich_help_panel=SET_UP)(check.check)
app.command("nights", rich_help_panel=NIGHTS)(nights.nights)
app.command("rollback", rich_help_panel=NIGHTS)(nights.rollback)
app.command("rebuild", rich_help_panel=NIGHTS)(nights.rebuild)
app.add_typer(quarantine.app, name="quarantine", rich_help_panel=RECORDS)
app.add_typer(sandbox.app, name="sandbox", rich_help_panel=TRY)
