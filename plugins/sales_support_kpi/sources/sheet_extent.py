"""How far the cells of a sheet reach, found before the reader allocates memory for it.

The reader holds a sheet as one dense block from its first to its last cell, and an allocation
that fails ends the whole process: a stray or hostile reference has to be refused beforehand.
Sheets as spreadsheets write them are looked through by patterns, all others by a real parser.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from xml.parsers import expat

MAX_CELLS = 64_000_000
_MAX_TEXT = 1 << 24  # of one text or tag; spreadsheets allow 32,767 characters a cell

# Up to column BH and row 1,049,999: 60 columns of that many rows still fit.
_PLAIN_CELL = rb"""(?:[A-Z]|A[A-Z]|B[A-H])(?:[1-9]\d{0,5}|10[0-4]\d{4})\""""
_PLAIN_ROW = rb"""(?:[1-9]\d{0,5}|10[0-4]\d{4})\""""
_BEFORE = rb"""(?:\s+(?!r=)[^\s<>="]+="[^"<>]*")*\s+r=\""""
_ODD = (
    re.compile(rb"<c(?=[\s/>])(?!" + _BEFORE + _PLAIN_CELL + rb")"),
    re.compile(rb"<row(?=[\s/>])(?!" + _BEFORE + _PLAIN_ROW + rb")"),
    re.compile(rb":(?:c|row)[\s/>]"),  # with a prefix, or in a text, which does no harm
)
_VALUELESS = re.compile(
    rb"</(?:\w+:)?f>(?:<(?:\w+:)?v ?/>|<(?:\w+:)?v></(?:\w+:)?v>|</(?:\w+:)?c>)"
)
_REFERENCE = re.compile(r"([A-Za-z]{1,3})([0-9]{1,7})")


@dataclass(frozen=True, slots=True)
class Extent:
    """What a look through a sheet found."""

    is_too_large: bool  # the dense block would not fit into memory
    has_errors: bool  # errors, or formulas without a value


def extent_of(chunks: Iterable[bytes], again: Iterable[bytes]) -> Extent:
    """Look through a sheet's XML; `again` is the same once more, for the sheets that need it.

    Raises:
        ValueError: the sheet is not XML that a spreadsheet would write.
    """
    has_errors, is_odd = False, False
    for window in _whole_tags(chunks):
        has_errors = has_errors or b' t="e"' in window
        has_errors = has_errors or (b"f>" in window and bool(_VALUELESS.search(window)))
        is_odd = is_odd or any(pattern.search(window) for pattern in _ODD)
    if not is_odd:
        return Extent(is_too_large=False, has_errors=has_errors)
    rows, columns = count_cells(again)
    return Extent(is_too_large=rows * columns > MAX_CELLS, has_errors=True)


def count_cells(chunks: Iterable[bytes]) -> tuple[int, int]:
    """The last row and column that hold a cell, as the reader will place them.

    Raises:
        ValueError: a reference is none, or the sheet is no XML.
    """
    counter = _Counter()
    counter.read(chunks)
    return counter.rows, counter.columns


def _whole_tags(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """The text in pieces that end behind a tag."""
    rest, is_first = b"", True
    for chunk in chunks:
        if is_first and (chunk[:2] in (b"\xff\xfe", b"\xfe\xff") or b"\0" in chunk[:8]):
            raise ValueError("a sheet is not written in UTF-8")
        is_first = False
        window = rest + chunk
        cut = window.rfind(b">") + 1
        rest = window[cut:]
        if len(rest) > _MAX_TEXT:
            raise ValueError("a cell is longer than spreadsheets allow")
        yield window[:cut]


class _Counter:
    """Follows rows and cells the way the reader does, one element at a time."""

    def __init__(self) -> None:
        self.rows, self.columns = 1, 1
        self._row, self._column = 0, 0

    def read(self, chunks: Iterable[bytes]) -> None:
        parser = expat.ParserCreate()
        parser.StartElementHandler = self._start
        try:
            for chunk in chunks:
                parser.Parse(chunk, False)
            parser.Parse(b"", True)
        except expat.ExpatError as error:
            raise ValueError(f"a sheet is no XML: {error}") from error

    def _start(self, tag: str, attributes: Mapping[str, str]) -> None:
        name = tag.rsplit(":", 1)[-1]
        reference = attributes.get("r")
        if name == "row":
            if reference is not None and not re.fullmatch(r"[0-9]{1,7}", reference):
                raise ValueError(f"a row has the number {reference[:40]!r}")
            self._row = self._row + 1 if reference is None else int(reference)
            self._column = 0
        elif name == "c":
            self._column += 1
            if reference is not None:
                match = _REFERENCE.fullmatch(reference)
                if match is None:
                    raise ValueError(f"a cell is said to stand at {reference[:40]!r}")
                self._column, self._row = _number_of(match[1].upper()), int(match[2])
        self.rows = max(self.rows, self._row)
        self.columns = max(self.columns, self._column)


def _number_of(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - ord("A") + 1
    return number
