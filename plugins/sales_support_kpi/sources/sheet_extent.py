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

_TAG = rb"<(?:[^\s<>/:]+:)?(?:c|row)(?=[\s/>])"
_PLAIN = rb'(?:\s+(?!r=)[^\s<>="]+="[^"<>]*")*\s+r="(?:(?:[A-Z]|[AB][A-Z])?[1-9]\d{0,6})"'
_ODD = re.compile(_TAG + rb"(?!" + _PLAIN + rb")")
_ROW = re.compile(rb'<(?:[^\s<>/:]+:)?row\s[^<>]*?\br="(\d+)"')
_FAR_ROW = re.compile(rb'\sr="[A-Z]{1,2}(\d{7})"')
_WIDE = re.compile(rb'\sr="([AB][A-Z])\d')
_ERROR = re.compile(
    rb' t="e"|</(?:\w+:)?f>(?:<(?:\w+:)?v ?/>|<(?:\w+:)?v></(?:\w+:)?v>|</(?:\w+:)?c>)'
)
_REFERENCE = re.compile(r"([A-Za-z]{1,3})([0-9]{1,7})")


@dataclass(frozen=True, slots=True)
class Extent:
    """What a look through a sheet found."""

    rows: int
    columns: int
    has_errors: bool  # errors, or formulas without a value

    @property
    def is_too_large(self) -> bool:
        """Whether the dense block would not fit into memory."""
        return self.rows * self.columns > MAX_CELLS


def extent_of(chunks: Iterable[bytes], again: Iterable[bytes]) -> Extent:
    """Look through a sheet's XML; `again` is the same once more, for the sheets that need it.

    Raises:
        ValueError: the sheet is not XML that a spreadsheet would write.
    """
    rows, columns, has_errors, is_odd = 1, 26, False, False
    for window in _whole_tags(chunks):
        found = [*_ROW.findall(window), *_FAR_ROW.findall(window)]
        rows = max(rows, *map(int, found)) if found else rows
        columns = max(
            columns, *map(_number_of, {name.decode() for name in _WIDE.findall(window)}), 0
        )
        has_errors = has_errors or bool(_ERROR.search(window))
        is_odd = is_odd or bool(_ODD.search(window))
    if not is_odd:
        return Extent(rows, columns, has_errors)
    exact = _Counter()
    exact.read(again)
    return Extent(exact.rows, exact.columns, has_errors=True)


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
