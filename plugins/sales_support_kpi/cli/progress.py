"""Progress of long work on standard error: bars on a terminal, nothing anywhere else.

A step announces itself by its first call and may say how far it is:

    progress("land helpdesk")                           it has begun
    progress("land helpdesk", done=120_000)             so many rows
    progress("build", done=17, total=64)                17 of 64 models
    progress("build", is_finished=True, detail="64 models")
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.progress import Progress as Bars
    from rich.progress import TaskID

    from sales_support_kpi.pipeline import Progress


def silent(
    step: str,
    *,
    done: int | None = None,
    total: int | None = None,
    is_finished: bool = False,
    detail: str = "",
) -> None:
    """Say nothing: nobody watches."""


@contextmanager
def shown_progress() -> "Iterator[Progress]":
    """Bars while the block runs, when standard error is a terminal; else `silent`."""
    if not sys.stderr.isatty():
        yield silent
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    bars = Progress(
        SpinnerColumn(finished_text="✓"),
        TextColumn("{task.description}"),
        BarColumn(bar_width=24),
        TextColumn("{task.fields[figure]}", justify="right"),
        TimeElapsedColumn(),
        console=Console(stderr=True),
        transient=True,
    )
    with bars:
        yield _Shown(bars)


class _Shown:
    """Turns calls into bars; a step that follows another one ends it."""

    def __init__(self, bars: "Bars") -> None:
        self._bars = bars
        self._tasks: dict[str, TaskID] = {}

    def __call__(
        self,
        step: str,
        *,
        done: int | None = None,
        total: int | None = None,
        is_finished: bool = False,
        detail: str = "",
    ) -> None:
        if step not in self._tasks:
            self._tasks[step] = self._bars.add_task(step, total=total, figure="")
        task = self._tasks[step]
        figure = detail or _figure(done, total)
        if is_finished:
            self._bars.update(task, total=1, completed=1, figure=figure)
        else:
            self._bars.update(task, total=total, completed=done or 0, figure=figure)


def _figure(done: int | None, total: int | None) -> str:
    if done is None:
        return ""
    return f"{done:,}" if total is None else f"{done:,} / {total:,}"
