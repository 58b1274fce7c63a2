"""What stands in a workbook beside its values: sheets, sizes, number formats, the date system.

Read from the package's XML in a streaming way, so that a hostile or broken file is refused
before anything allocates memory for it.
"""

import re
import struct
import zipfile
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from xml.etree import ElementTree as ET

from sales_support_kpi.aliases import is_korean
from sales_support_kpi.sources.sheet_extent import MAX_CELLS, extent_of
from sales_support_kpi.sources.texts import input_error

_MAX_UNPACKED = 6 << 30
_CHUNK = 1 << 22
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_DAMAGES = (
    zipfile.BadZipFile, zlib.error, ET.ParseError, KeyError, ValueError, OSError, EOFError,
    NotImplementedError, RuntimeError, struct.error, LookupError,
)  # fmt: skip
_REL = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"


@dataclass(frozen=True, slots=True)
class Package:
    """An .xlsx file's parts.

    Attributes:
        parts: sheet name → the part of the package that holds it.
        is_1904: whether serial dates count from 1904.
        patterns: cell style → number format, where that pads a number with zeros.
        hidden: names of the sheets that are not shown.
    """

    path: Path
    parts: Mapping[str, str]
    is_1904: bool
    patterns: Mapping[int, str]
    hidden: frozenset[str] = frozenset()

    @property
    def sheets(self) -> Sequence[str]:
        """Names of the sheets, in order."""
        return tuple(self.parts)

    @property
    def epoch(self) -> datetime:
        """The day that serial number 0 stands for."""
        return datetime(1904, 1, 1) if self.is_1904 else datetime(1899, 12, 30)  # noqa: DTZ001

    def has_cells(self, sheet: str) -> bool:
        """Whether the sheet holds any cell."""
        return any(b"<c " in chunk or b":c " in chunk for chunk in self._chunks(sheet))

    def look_through(self, sheet: str, language: str) -> bool:
        """Whether the sheet holds formulas without a value.

        A sheet whose far corners would need memory for everything in between is refused.

        Raises:
            InputError: it would.
        """
        extent = extent_of(self._chunks(sheet), self._chunks(sheet))
        if extent.is_too_large:
            size = f"{MAX_CELLS:,} cells"
            raise input_error("too_large", language, file=f"{self.path.name} ({sheet})", size=size)
        return extent.has_errors

    def notes(self, sheet: str, first_row: int) -> Iterator[Sequence[str | None]]:
        """Per row and cell, what its value does not say: `=` and a padding number format, or `#…`.

        `#…` is an error (`#N/A`), or `#FORMULA` where a formula has never been computed.
        """
        expected = first_row
        with zipfile.ZipFile(self.path) as package, package.open(self.parts[sheet]) as part:
            for _, element in ET.iterparse(part):  # noqa: S314 - expat limits entity expansion
                if _local(element.tag) != "row":
                    continue
                number = int(element.get("r") or expected)
                while expected < number:
                    yield ()
                    expected += 1
                if number == expected:
                    yield self._row_notes(element)
                    expected += 1
                element.clear()

    def _row_notes(self, row: ET.Element) -> list[str | None]:
        found: list[str | None] = []
        for cell in row:
            letters = re.match(r"[A-Z]+", cell.get("r") or "")
            position = _column_number(letters[0].encode()) - 1 if letters else len(found)
            found += [None] * (position - len(found))
            found.append(self._note(cell))
        return found

    def _note(self, cell: ET.Element) -> str | None:
        kind = cell.get("t")
        if kind not in ("e", "str"):
            is_formula = any(_local(child.tag) == "f" for child in cell)
            if not is_formula or any(_local(c.tag) == "v" and c.text for c in cell):
                pattern = self.patterns.get(int(cell.get("s") or 0))
                return f"={pattern}" if pattern else None
        elif kind == "str":
            return None
        value = next((c.text for c in cell if _local(c.tag) == "v" and c.text), "#FORMULA")
        return value if value.startswith("#") else f"#{value}"

    def _chunks(self, sheet: str) -> Iterator[bytes]:
        with zipfile.ZipFile(self.path) as package, package.open(self.parts[sheet]) as part:
            while chunk := part.read(_CHUNK):
                yield chunk


@contextmanager
def undamaged(path: Path, language: str) -> Iterator[None]:
    """Say what a damaged package makes its readers say as one clear error.

    Raises:
        InputError: the package is damaged.
    """
    try:
        yield
    except _DAMAGES as error:
        raise input_error("corrupt", language, file=path.name, why=error) from error


def open_package(path: Path) -> Package:
    """Look into a workbook without reading its cells.

    Raises:
        InputError: it is empty, protected, damaged or far too large.
    """
    language = "ko" if is_korean(path.name) else "en"
    with path.open("rb") as file:
        head = file.read(8)
    if not head:
        raise input_error("empty_file", language, file=path.name)
    if head == _OLE:
        raise input_error("encrypted", language, file=path.name)
    with undamaged(path, language), zipfile.ZipFile(path) as package:
        if sum(one.file_size for one in package.infolist()) > _MAX_UNPACKED:
            size = f"{_MAX_UNPACKED >> 30} GiB"
            raise input_error("too_large", language, file=path.name, size=size)
        return _parts(path, package)


def _parts(path: Path, package: zipfile.ZipFile) -> Package:
    book = ET.fromstring(package.read("xl/workbook.xml"))  # noqa: S314 - see above
    links = ET.fromstring(package.read("xl/_rels/workbook.xml.rels"))  # noqa: S314
    targets = {link.get("Id"): link.get("Target") or "" for link in links}
    sheets: dict[str, str] = {}
    hidden: set[str] = set()
    is_1904 = False
    for element in book.iter():
        if _local(element.tag) == "sheet":
            target = targets.get(element.get(_REL), "")
            part = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
            if "worksheets/" in part:
                sheets[element.get("name") or ""] = part
                if element.get("state") in ("hidden", "veryHidden"):
                    hidden.add(element.get("name") or "")
        elif _local(element.tag) == "workbookPr":
            is_1904 = element.get("date1904") in ("1", "true")
    styles = package.read("xl/styles.xml") if "xl/styles.xml" in package.namelist() else b""
    return Package(path, sheets, is_1904, _patterns(styles), frozenset(hidden))


def _patterns(styles: bytes) -> dict[int, str]:
    if not styles:
        return {}
    root = ET.fromstring(styles)  # noqa: S314 - see above
    codes: dict[str, str] = {}
    cells: list[str] = []
    for element in root:
        if _local(element.tag) == "numFmts":
            codes = {one.get("numFmtId") or "": one.get("formatCode") or "" for one in element}
        elif _local(element.tag) == "cellXfs":
            cells = [one.get("numFmtId") or "" for one in element]
    return {
        style: codes[number]
        for style, number in enumerate(cells)
        if number in codes and padded_tokens(codes[number])
    }


def padded_tokens(pattern: str) -> list[str] | None:
    """Tokens of a format that only pads and separates digits (`000`, `"A-"0000`, `000-00`)."""
    section = pattern.split(";", 1)[0]
    tokens: list[str] = []
    for quoted, escaped, plain in re.findall(r'"([^"]*)"|\\(.)|([^"\\])', section):
        if quoted or escaped:
            tokens += quoted or escaped
        elif plain in "0#- ()/":
            tokens.append(plain)
        else:
            return None
    zeros = tokens.count("0")
    return tokens if zeros >= 2 or (zeros and len(tokens) > 1) else None


def _column_number(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - ord("A") + 1
    return number


def _local(tag: str) -> str:
    return tag.rsplit("}", 1)[-1]
