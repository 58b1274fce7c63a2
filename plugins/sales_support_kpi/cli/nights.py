"""`kpi nights`, `kpi rollback`, `kpi rebuild`: what was published, and going back."""

from typing import TYPE_CHECKING, Annotated

import typer

from sales_support_kpi.cli import options, output
from sales_support_kpi.cli.progress import shown_progress
from sales_support_kpi.errors import UsageError

if TYPE_CHECKING:
    from sales_support_kpi.warehouse.nights import PublishedNight


def nights(home: options.HomeOption = None) -> None:
    """List what was published; ▶ is what readers see.

    Examples:
      kpi nights
    """
    from sales_support_kpi.warehouse.nights import nights as published_nights

    found = published_nights(options.home_of(home))
    if not found:
        output.say("nothing has been published yet; run `kpi run`")
        return
    _print(found)


def rollback(
    home: options.HomeOption = None,
    to: Annotated[
        str | None,
        typer.Option(
            metavar="NIGHT", help="A night's date or publish id (default: the one before)."
        ),
    ] = None,
    release: Annotated[
        bool, typer.Option("--release", help="End a hold: the next run publishes again.")
    ] = False,
    config: options.ConfigOption = None,
) -> None:
    """Publish an earlier night again, and hold it.

    It is held until loads or config change, or until it is released. Where nights are served by a
    database server too, it goes back with them.

    Examples:
      kpi rollback
      kpi rollback --to 2026-10-30
      kpi rollback --release
    """
    from sales_support_kpi import pipeline
    from sales_support_kpi.config import load_config
    from sales_support_kpi.warehouse import nights as published
    from sales_support_kpi.warehouse.lock import writer_lock

    if to and release:
        raise UsageError("--to and --release exclude each other")
    place, settings = options.home_of(home), load_config(config)
    with writer_lock(place):
        if release:
            was_held = published.release(place)
            output.say("released; the next run publishes again" if was_held else "nothing was held")
            return
        night = published.rollback(place, to)
    held = ", and held until inputs change or `kpi rollback --release`" if night.is_held else ""
    output.say(f"published again: {night.publish_id}{held}")
    pipeline.serve(place, settings)


def rebuild(home: options.HomeOption = None, config: options.ConfigOption = None) -> None:
    """Build the warehouse anew from landing.

    Landing is the only state, so the numbers stay the same.

    Examples:
      kpi rebuild
    """
    from sales_support_kpi import pipeline
    from sales_support_kpi.config import load_config

    settings = load_config(config)
    with shown_progress() as progress:
        result = pipeline.rebuild(home=options.home_of(home), config=settings, progress=progress)
    if result.message:
        output.say(result.message)
    raise typer.Exit(result.exit_code)


def _print(found: "list[PublishedNight]") -> None:
    from rich.table import Table

    table = Table(box=None, padding=(0, 1), pad_edge=False, header_style="dim")
    for header in ("", "Publish", "Night", "As of", "Published at"):
        table.add_column(header, no_wrap=True)
    table.add_column("Warnings", justify="right")
    table.add_column("")
    for night in found:
        table.add_row(
            "▶" if night.is_current else "",
            night.publish_id,
            night.night.isoformat(),
            f"{night.as_of:%Y-%m-%d %H:%M} UTC",
            f"{night.created_at:%Y-%m-%d %H:%M} UTC",
            str(night.warnings),
            "held" if night.is_held else "",
            style="bold" if night.is_current else "",
        )
    output.stdout_console().print(table)
