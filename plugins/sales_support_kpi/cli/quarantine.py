"""`kpi quarantine`: rows that were kept back, and letting them in."""

import csv
import io
import json
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sales_support_kpi.cli import options, output
from sales_support_kpi.cli.quarantine_tables import print_rejected, print_rows, print_summaries
from sales_support_kpi.errors import UsageError

if TYPE_CHECKING:
    from sales_support_kpi.landing.kept_rows import KeptRow
    from sales_support_kpi.settings import Home

app = typer.Typer(no_args_is_help=True, help="Rows that could not be used: look, correct, let in.")

SourceArgument = Annotated[str, typer.Argument(metavar="SOURCE", help="The source's id.")]
EntityArgument = Annotated[str, typer.Argument(metavar="ENTITY", help="requests, customers, …")]
ReasonOption = Annotated[
    str | None, typer.Option("--reason", metavar="REASON", help="Only rows kept for this reason.")
]
AllOption = Annotated[bool, typer.Option("--all", help="Also rows that a later load has settled.")]


@app.command("list")
def list_(
    home: options.HomeOption = None,
    source: Annotated[str | None, typer.Option(metavar="SOURCE", help="Only this source.")] = None,
    every: AllOption = False,
    format: Annotated[
        options.RowsFormat | None,
        typer.Option("--format", help="How to write it (default: text)."),
    ] = None,
    file: options.OutputOption = None,
) -> None:
    """Count what is kept back, by source, entity and reason, over the nights.

    Below it, apart: rows that a KPI's rule leaves out, as of the published night.

    Examples:
      kpi quarantine list
      kpi quarantine list --source helpdesk --all
    """
    from sales_support_kpi.landing.kept_rows import kept_rows
    from sales_support_kpi.landing.kept_summary import summarised

    place = options.home_of(home)
    rows = [row for row in kept_rows(place, source) if every or row.state != "past"]
    found = [one for one in summarised(rows) if every or one.open or one.released]
    chosen = options.format_of(options.RowsFormat, format, file)
    if chosen is options.RowsFormat.TEXT and file is None:
        print_summaries(found)
        print_rejected(place)
        return
    plain = [
        {**asdict(one), "nights": " ".join(f"{night}:{count}" for night, count in one.nights)}
        for one in found
    ]
    _write(plain, chosen, file)


@app.command("show")
def show(
    source: SourceArgument,
    entity: EntityArgument,
    home: options.HomeOption = None,
    config: options.ConfigOption = None,
    reason: ReasonOption = None,
    every: AllOption = False,
    limit: Annotated[int, typer.Option(min=0, help="Most rows on the terminal; 0 shows all.")] = 20,
    format: Annotated[
        options.RowsFormat | None,
        typer.Option("--format", help="How to write them (default: text)."),
    ] = None,
    file: options.OutputOption = None,
) -> None:
    """Show rows that were kept back, with their cells: personal data, handle it as such.

    A workbook written with `-o rows.xlsx` can be corrected and given back to `release --from`.

    Examples:
      kpi quarantine show helpdesk requests
      kpi quarantine show helpdesk requests --reason out_of_vocabulary -o rows.xlsx
    """
    from sales_support_kpi.aliases import Aliases
    from sales_support_kpi.config import load_config
    from sales_support_kpi.landing.kept_rows import cells_of

    rows = _rows(options.home_of(home), source, entity, reason, every=every)
    chosen = options.format_of(options.RowsFormat, format, file)
    if chosen is options.RowsFormat.TEXT and file is None:
        print_rows(rows, limit)
        return
    aliases = Aliases(load_config(config).company.aliases)
    _write([_plain(row) | cells_of(row, aliases) for row in rows], chosen, file)


@app.command("release")
def release(
    source: SourceArgument,
    entity: EntityArgument,
    why: Annotated[str, typer.Option(metavar="TEXT", help="Why; it is kept with your name.")],
    home: options.HomeOption = None,
    config: options.ConfigOption = None,
    row: Annotated[
        list[str] | None, typer.Option("--row", metavar="ID", help="A row as `show` names it.")
    ] = None,
    set_: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="COLUMN=VALUE", help="Correct a cell; empty clears it."),
    ] = None,
    workbook: Annotated[
        Path | None,
        typer.Option("--from", metavar="FILE.xlsx", help="A workbook of `show`, corrected."),
    ] = None,
    reason: ReasonOption = None,
    shape: Annotated[
        bool,
        typer.Option("--shape", help="Accept the columns for which its last load was rejected."),
    ] = False,
    who: Annotated[
        str | None, typer.Option("--by", metavar="NAME", help="Who decides (default: you).")
    ] = None,
) -> None:
    """Let rows in, as they are or corrected; they flow in with the next load of their source.

    A row that cannot be typed, keyed or placed in its vocabulary has to be corrected for that.
    Name rows with --row, take all of a --reason, or give a corrected workbook.

    Examples:
      kpi quarantine release helpdesk requests --row 12-3 --set kind=inquiry --why "typing error"
      kpi quarantine release helpdesk requests --from rows.xlsx --why "checked with the team"
      kpi quarantine release crm customers --shape --why "fax numbers are no longer kept"
    """
    from sales_support_kpi.config import load_config
    from sales_support_kpi.landing import kept_rows
    from sales_support_kpi.landing.decisions import accept_shape
    from sales_support_kpi.night import night_of
    from sales_support_kpi.warehouse.lock import writer_lock

    place, settings = options.home_of(home), load_config(config)
    night = night_of(datetime.now(UTC), settings.company.timezone)
    if shape and (row or set_ or workbook or reason):
        raise UsageError("--shape is about columns; give it alone")
    with writer_lock(place, wait_seconds=60):
        if shape:
            accepted = accept_shape(place, night, source, entity, why=why, who=who)
            output.say(f"accepted: {', '.join(accepted)}; the next load of {source} may be so")
            return
        rows = _rows(place, source, entity, reason, every=False)
        chosen, changes = _chosen(rows, row, set_, workbook, has_reason=reason is not None)
        count = kept_rows.release(place, settings, night, chosen, changes, why=why, who=who)
    output.say(
        f"{count} row{'' if count == 1 else 's'} released; "
        f"they flow in with the next load of {source}"
    )


def _rows(
    home: "Home", source: str, entity: str, reason: str | None, *, every: bool
) -> "list[KeptRow]":
    from sales_support_kpi.entities import ENTITIES
    from sales_support_kpi.landing.kept_rows import kept_rows

    if entity not in ENTITIES:
        raise UsageError(f"unknown entity {entity!r}; there is: {', '.join(ENTITIES)}")
    rows = kept_rows(home, source, entity)
    wanted = [
        row
        for row in rows
        if (every or row.state in ("open", "released")) and reason in (None, row.reason)
    ]
    if not rows:
        raise UsageError(f"no row of {source} {entity} was ever kept back in {home.quarantine}")
    return wanted


def _chosen(
    rows: "Sequence[KeptRow]",
    ids: Sequence[str] | None,
    settings: Sequence[str] | None,
    workbook: Path | None,
    *,
    has_reason: bool,
) -> "tuple[list[KeptRow], dict[str, dict[str, str | None]]]":
    """The rows to release and what is corrected in each."""
    changes: dict[str, dict[str, str | None]] = {}
    if workbook is not None:
        if ids or settings:
            raise UsageError("--from holds the rows and their values; give it alone")
        from sales_support_kpi.cli.quarantine_book import read_corrections

        changes = read_corrections(workbook)
        ids = list(changes)
        if not ids:
            raise UsageError(f"{workbook}: no cell differs from what was exported")
    if not ids and not has_reason:
        raise UsageError(
            "say which rows: --row ID (see `kpi quarantine show`), --reason, or --from"
        )
    by_id = {row.id: row for row in rows}
    unknown = [one for one in ids or () if one not in by_id]
    if unknown:
        raise UsageError(f"no open row is called {', '.join(unknown)}; see `kpi quarantine show`")
    chosen = [by_id[one] for one in ids] if ids else list(rows)
    given = dict(_cell(one) for one in settings or ())
    for row in chosen:
        changes.setdefault(row.id, {}).update(given)
    return chosen, changes


def _cell(text: str) -> tuple[str, str | None]:
    name, is_given, value = text.partition("=")
    if not is_given or not name.strip():
        raise UsageError(f"--set {text!r} is not like column=value")
    return name.strip(), value if value.strip() else None


def _plain(row: "KeptRow") -> dict[str, Any]:
    return {
        "id": row.id,
        "state": row.state,
        "night": row.night.isoformat(),
        "reason": row.reason,
        "message": row.message,
        "column_name": row.column_name,
        "file": row.file,
        "sheet": row.sheet,
        "row": row.row,
        "raw": row.raw,
    }


def _write(rows: Sequence[dict[str, Any]], chosen: options.RowsFormat, file: Path | None) -> None:
    if chosen is options.RowsFormat.XLSX:
        from sales_support_kpi.cli.quarantine_book import corrections_book

        output.write_bytes([corrections_book(rows)], file)
    elif chosen is options.RowsFormat.JSON:
        lines = (f"{json.dumps(row, ensure_ascii=False, default=str)}\n" for row in rows)
        output.write_text(lines, file)
    else:
        names = list(dict.fromkeys(name for row in rows for name in row))
        text = io.StringIO()
        writer = csv.DictWriter(text, names)
        writer.writeheader()
        writer.writerows(rows)
        output.write_text([text.getvalue()], file)
    if file is not None:
        file.chmod(0o600)  # it holds what the sources say of people
