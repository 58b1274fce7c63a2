"""Records of a CSV file with their row numbers, forgiving about quotes that are a slip."""

import re
from collections import deque
from collections.abc import Iterator
from typing import IO

_MAX_LINES, _MAX_RECORD = 1000, 1 << 18  # of one quoted record; beyond, its quote was a slip
_NEWLINE = re.compile(r"[\r\n]+$")


def records(file: IO[str], delimiter: str) -> Iterator[tuple[int, list[str] | None, str]]:
    """Row number as a spreadsheet shows it, fields (None: unbalanced quotes) and the raw line.

    Blank lines count as rows and are left out.
    """
    waiting: deque[str] = deque()
    number = 0

    def next_line() -> str | None:
        return waiting.popleft() if waiting else next(file, None)

    while (line := next_line()) is not None:
        number += 1
        line = line.lstrip("\ufeff") if number == 1 else line
        if not line.strip():
            continue
        if '"' not in line:
            yield number, _NEWLINE.sub("", line).split(delimiter), line
            continue
        taken = [line]
        fields = split_record(line, delimiter)
        size = len(line)
        while fields is _UNFINISHED and len(taken) < _MAX_LINES and size < _MAX_RECORD:
            more = next_line()
            if more is None:
                break
            taken.append(more)
            size += len(more)
            if '"' in more:
                fields = split_record("".join(taken), delimiter)
        if fields is _UNFINISHED:
            waiting.extendleft(reversed(taken[1:]))
            yield number, None, line
        else:
            yield number, fields, "".join(taken)


_UNFINISHED: list[str] = []


def split_record(text: str, delimiter: str) -> list[str] | None:
    """Fields of one record; None when quotes are wrong, `_UNFINISHED` when one is still open."""
    fields: list[str] = []
    at, end = 0, len(_NEWLINE.sub("", text))
    while True:
        if text.startswith('"', at):
            close = text.find('"', at + 1)
            while close != -1 and text.startswith('""', close):
                close = text.find('"', close + 2)
            if close == -1:
                return _UNFINISHED
            fields.append(text[at + 1 : close].replace('""', '"'))
            at = close + 1
            if at < end and not text.startswith(delimiter, at):
                return None
        else:
            stop = text.find(delimiter, at, end)
            stop = end if stop == -1 else stop
            fields.append(text[at:stop])
            at = stop
        if at >= end:
            return fields
        at += len(delimiter)
