"""How a text file is written: its encoding and delimiter, and whether the fast reader suits it."""

import codecs
import gzip
import io
import zlib
from collections.abc import Container
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import IO, cast

from sales_support_kpi.sources.header_rows import LOOK, FoundHeader, find_header
from sales_support_kpi.sources.records import records
from sales_support_kpi.sources.tables import fingerprint_of
from sales_support_kpi.sources.texts import input_error

_HEAD = 1 << 20
_CHUNK = 1 << 22
_DELIMITERS = (",", ";", "\t", "|")
_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


@dataclass(frozen=True, slots=True)
class TextFormat:
    """What had to be found out before a text file can be read."""

    path: Path
    encoding: str
    delimiter: str
    header: tuple[str, ...]
    header_row: int  # as a spreadsheet shows it; above it stand titles
    is_regular: bool  # no blank lines in between, so the order of rows tells their numbers
    fingerprint: str

    @property
    def is_utf8(self) -> bool:
        """Whether it can be read without transcoding."""
        return codecs.lookup(self.encoding).name in ("utf-8", "utf-8-sig", "ascii")


def open_bytes(path: Path) -> IO[bytes]:
    """The file's bytes, unpacked if it ends in `.gz`."""
    return cast("IO[bytes]", gzip.open(path)) if path.suffix == ".gz" else path.open("rb")


def find_format(
    path: Path, encoding: str, delimiter: str, known: Container[str] | None, language: str
) -> TextFormat:
    """Look at a text file; `known` are the (folded) names that its header may have.

    Raises:
        InputError: it is empty, damaged, or in no encoding that is known.
    """
    try:
        with open_bytes(path) as file:
            head = file.read(_HEAD)
        fingerprint, is_regular = _scan(path)
    except (OSError, EOFError, zlib.error) as error:
        raise input_error("corrupt", language, file=path.name, why=error) from error
    found = find_encoding(path, head, encoding, language)
    text = codecs.getincrementaldecoder(found)(errors="replace").decode(head)
    if not text.strip("\ufeff \t\r\n"):
        raise input_error("empty_file", language, file=path.name)
    wanted = "\t" if delimiter == "\\t" else delimiter
    tried = _DELIMITERS if wanted == "auto" else (wanted,)
    headers = {one: _header(text, one, known) for one in tried}
    best = max(headers, key=lambda one: (headers[one][0].score, len(headers[one][0].names)))
    header, row = headers[best]
    is_first = row == 1 and bool(text.lstrip("\ufeff").split("\n", 1)[0].strip())
    return TextFormat(path, found, best, header.names, row, is_regular and is_first, fingerprint)


def find_encoding(path: Path, head: bytes, wanted: str, language: str) -> str:
    """The encoding of a file from its first bytes; UTF-8 unless something speaks against it."""
    if wanted != "auto":
        return wanted
    for bom, name in _BOMS:
        if head.startswith(bom):
            return name
    if head and head.count(0) * 4 > len(head):
        return "utf-16-le" if head[1::2].count(0) > head[::2].count(0) else "utf-16-be"
    for name in ("utf-8", "cp949"):
        try:
            codecs.getincrementaldecoder(name)().decode(head)
        except UnicodeDecodeError:
            continue
        return name
    raise undecodable(path, "utf-8", language, "UTF-8, CP949")


def undecodable(path: Path, encoding: str, language: str, tried: str) -> Exception:
    """The error naming the first line that is no text in `encoding`."""
    line = 1
    decoder = codecs.getincrementaldecoder(encoding)()
    with open_bytes(path) as file:
        while chunk := file.read(_CHUNK):
            try:
                text = decoder.decode(chunk)
            except UnicodeDecodeError as error:
                line += error.object[: error.start].count(b"\n")
                break
            line += text.count("\n")
    return input_error("undecodable", language, file=path.name, line=line, tried=tried)


def is_valid(path: Path, encoding: str) -> bool:
    """Whether the whole file is text in that encoding."""
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        with open_bytes(path) as file:
            while chunk := file.read(_CHUNK):
                decoder.decode(chunk)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _scan(path: Path) -> tuple[str, bool]:
    """Hash of the bytes, and whether no line before the last one is blank; both at once."""
    with ThreadPoolExecutor(1) as pool:
        fingerprint = pool.submit(fingerprint_of, path)
        is_regular = _has_no_gaps(path)
        return fingerprint.result(), is_regular


def _has_no_gaps(path: Path) -> bool:
    tail, blank_seen = b"", False
    with open_bytes(path) as file:
        while chunk := file.read(_CHUNK):
            if blank_seen and chunk.strip(b"\r\n"):
                return False
            window = tail + chunk
            body = window.rstrip(b"\r\n")
            if b"\n\n" in body:
                return False
            if b"\r" in body and (b"\n\r\n" in body or b"\r\r" in body):
                return False
            rest = window[len(body) :].replace(b"\r", b"")
            blank_seen = len(rest) > 1
            tail = chunk[-3:]
    return True


def _header(text: str, delimiter: str, known: Container[str] | None) -> tuple[FoundHeader, int]:
    """The header by this delimiter, and its row."""
    head = list(islice(records(io.StringIO(text, newline=""), delimiter), LOOK))
    rows = [fields or [] for _, fields, _ in head]
    found = find_header(rows, known) or FoundHeader((), 0)
    return found, head[found.last][0]
