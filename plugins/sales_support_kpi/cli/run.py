"""`kpi run`: one night without Airflow."""

from pathlib import Path
from typing import Annotated

import typer

from sales_support_kpi.cli import options, output
from sales_support_kpi.cli.progress import shown_progress


def run(
    source: Annotated[
        list[Path] | None,
        typer.Option(
            "--source",
            "-s",
            metavar="PATH",
            help="A workbook or folder to land; repeat for more. Without it: config/sources.yml.",
        ),
    ] = None,
    as_of: Annotated[
        str | None,
        typer.Option(
            "--as-of",
            metavar="INSTANT",
            help="What happened later is invisible; a date is the end of that day. Default: now.",
        ),
    ] = None,
    known_at: Annotated[
        str | None,
        typer.Option(
            "--known-at", metavar="NIGHT", help="Use only what had been landed up to that night."
        ),
    ] = None,
    since: Annotated[
        str | None,
        typer.Option(
            "--since",
            metavar="INSTANT",
            help="Read systems again from there on; a date is its beginning. Files: no effect.",
        ),
    ] = None,
    home: options.HomeOption = None,
    config: options.ConfigOption = None,
    publish: Annotated[
        bool | None,
        typer.Option(
            "--publish/--no-publish",
            help="Publish even when a later night is published; or build and audit only.",
        ),
    ] = None,
    lang: options.LangOption = "ko",
) -> None:
    """Run one night: land, build, audit, publish.

    Running the same night again changes nothing. On a terminal the scorecard follows.

    Examples:
      kpi run --source my_data.xlsx
      kpi run --source exports/ --as-of 2026-10-31
      kpi run --as-of 2026-09-30 --known-at 2026-10-05 --no-publish
      kpi run --since 2026-09-01

    Exit codes:
      0 published, warnings allowed
      1 unexpected error
      2 wrong usage, config or input
      3 the audit failed: nothing was published, the last good night stays
      4 published, but a source failed or was rejected and is marked stale
    """
    from sales_support_kpi import pipeline
    from sales_support_kpi.config import load_config
    from sales_support_kpi.night import parse_as_of

    settings = load_config(config)
    place = options.home_of(home)
    with shown_progress() as progress:
        result = pipeline.run_night(
            home=place,
            config=settings,
            drops=list(source or ()),
            night=parse_as_of(as_of, settings.company.timezone) if as_of else None,
            known_at=options.day_of("--known-at", known_at) if known_at else None,
            publish=publish,
            since=pipeline.parse_since(since, settings),
            progress=progress,
        )
    if result.publication is not None and result.publication.is_new and result.home == place:
        output.say(f"published {result.publication.publish_id}")
    if result.message:
        output.say(result.message)
    if result.publication is not None and output.is_terminal():
        from sales_support_kpi.cli.scorecard import show
        from sales_support_kpi.report.scorecard import load_scorecard

        show(load_scorecard(result.home, lang=lang))
    raise typer.Exit(result.exit_code)
