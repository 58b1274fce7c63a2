"""Where results go: standard output or a file; nothing but the result goes there."""

import io
import os
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from sales_support_kpi.errors import UsageError

if TYPE_CHECKING:
    from rich.console import Console

WIDEST = 120


def is_terminal() -> bool:
    """Whether a person reads standard output."""
    return sys.stdout.isatty()


def stdout_console() -> "Console":
    """A console for people; without a terminal it writes plain text of a fixed width."""
    from rich.console import Console

    from sales_support_kpi.report.text import PLAIN_WIDTH

    if is_terminal():
        console = Console(highlight=False)
        return Console(highlight=False, width=min(console.width, WIDEST))
    return Console(width=PLAIN_WIDTH, highlight=False, color_system=None, force_terminal=False)


def stderr_console() -> "Console":
    """A console for what is not a result."""
    from rich.console import Console

    return Console(stderr=True, highlight=False, soft_wrap=not sys.stderr.isatty())


def say(message: str) -> None:
    """A sentence for the person, on standard error."""
    stderr_console().print(message, markup=False)


def write_text(chunks: Iterable[str], output: Path | None) -> None:
    """Write text, UTF-8, to the file or to standard output."""
    if output is None:
        if isinstance(sys.stdout, io.TextIOWrapper):
            sys.stdout.reconfigure(encoding="utf-8", newline="\n")
        for chunk in chunks:
            sys.stdout.write(chunk)
        sys.stdout.flush()
        return
    write_bytes((chunk.encode() for chunk in chunks), output)


def write_private(chunks: Iterable[bytes], output: Path) -> None:
    """Write a file that only its owner can read, from its first byte on."""
    previous = os.umask(0o077)
    try:
        write_bytes(chunks, output)
    finally:
        os.umask(previous)


def write_bytes(chunks: Iterable[bytes], output: Path | None) -> None:
    """Write bytes; a file appears whole or not at all.

    Raises:
        UsageError: the file cannot be written, or bytes would go to a person's terminal.
    """
    if output is None:
        if is_terminal():
            raise UsageError("this format is not for a terminal; name a file with -o FILE")
        for chunk in chunks:
            sys.stdout.buffer.write(chunk)
        sys.stdout.buffer.flush()
        return
    aside = output.with_name(f".{output.name}-{os.getpid()}")
    try:
        with aside.open("wb") as stream:
            for chunk in chunks:
                stream.write(chunk)
        aside.replace(output)
    except OSError as error:
        raise UsageError(f"{output} cannot be written: {error.strerror or error}") from error
    finally:
        aside.unlink(missing_ok=True)
