"""Options that several commands share, and what they mean when left out."""

from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Literal, TypeVar

import typer

from sales_support_kpi.errors import UsageError
from sales_support_kpi.settings import Home, default_home

F = TypeVar("F", bound=StrEnum)


class Format(StrEnum):
    """How a result is written."""

    TEXT = "text"
    JSON = "json"
    CSV = "csv"
    XLSX = "xlsx"
    HTML = "html"


class RowsFormat(StrEnum):
    """How rows are written."""

    TEXT = "text"
    JSON = "json"
    CSV = "csv"
    XLSX = "xlsx"


HomeOption = Annotated[
    Path | None,
    typer.Option("--home", metavar="DIR", help="Folder of all state (else $KPI_HOME, else ./var)."),
]
ConfigOption = Annotated[
    Path | None,
    typer.Option(
        "--config", metavar="DIR", help="Folder of the config (else $KPI_CONFIG, else ./config)."
    ),
]
GrainOption = Annotated[
    str | None,
    typer.Option("--grain", metavar="GRAIN", help="day, week, month, quarter or year."),
]
PeriodOption = Annotated[
    str | None,
    typer.Option(
        "--period",
        metavar="PERIOD",
        help="2026-10, 2026-Q4, 2026-W44, 2026-10-31 or 2026; else the published night's.",
    ),
]
ScopeOption = Annotated[
    str,
    typer.Option("--scope", metavar="SCOPE", help="company, team:NAME or employee:ID."),
]
LangOption = Annotated[
    Literal["ko", "en"], typer.Option("--lang", help="Language of names and labels.")
]
OutputOption = Annotated[
    Path | None,
    typer.Option(
        "-o", "--output", metavar="FILE", help="Write to a file; its ending names the format."
    ),
]


def home_of(home: Path | None) -> Home:
    """The home asked for, else the default one."""
    return Home(default_home() if home is None else home)


def format_of(known: type[F], chosen: F | None, output: Path | None) -> F:
    """The format asked for, else the one that the file's ending names, else text.

    Raises:
        UsageError: the ending names a format this command cannot write.
    """
    if chosen is not None:
        return chosen
    ending = output.suffix.removeprefix(".").lower() if output else ""
    if ending in ("", "txt"):
        return known("text")
    try:
        return known(ending)
    except ValueError as error:
        raise UsageError(
            f"{output}: no format ends with .{ending}; choose one with --format: "
            + ", ".join(known)
        ) from error


def day_of(option: str, text: str) -> date:
    """The date given to an option.

    Raises:
        UsageError: it is none.
    """
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise UsageError(f"{option} {text!r} is not a date; write it like 2026-10-31") from error
