"""Randomly broken files are read or refused in one sentence: never a traceback."""

import contextlib
import csv
import gzip
import io
import json
import random
import zipfile
from pathlib import Path

import pytest
from source_help import HEADER, typed, write_book

from sales_support_kpi.errors import InputError
from sales_support_kpi.sources.files import open_drop
from sales_support_kpi.sources.tables import ReadRules

ROWS = [
    HEADER,
    *([f"m{at}", 'Guide "x", y' if at % 3 else "A\nB", "2026-01-01"] for at in range(9)),
]
INSERTS = (
    b'"',
    b",",
    b"\n",
    b"\r",
    b"\0",
    b"\xff\xfe",
    b";",
    b"\xed\xa0\x80",
    b"<",
    b"999999999999",
)


def broken(data: bytes, chance: random.Random) -> bytes:
    text = bytearray(data)
    for _ in range(chance.choice((1, 1, 2, 5, 20))):
        at = chance.randrange(len(text) + 1)
        match chance.randrange(5):
            case 0:
                text[at : at + 1] = bytes([chance.randrange(256)])
            case 1:
                del text[at : at + chance.randrange(1, 40)]
            case 2:
                text[at:at] = chance.choice(INSERTS)
            case 3:
                del text[at:]
            case _:
                text[at:at] = text[max(0, at - 50) : at]
    return bytes(text)


def broken_part(data: bytes, chance: random.Random) -> bytes:
    """The workbook with one of its parts broken, or gone."""
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as source, zipfile.ZipFile(target, "w") as copy:
        victim = chance.choice(source.namelist())
        for name in source.namelist():
            content = source.read(name)
            if name != victim:
                copy.writestr(name, content)
            elif chance.random() < 0.9:
                copy.writestr(name, broken(content, chance))
    return target.getvalue()


@pytest.mark.parametrize("seed", range(6))
def test_broken_bytes_never_make_a_traceback(
    tmp_path: Path, rules: ReadRules, spool: Path, seed: int
) -> None:
    chance = random.Random(seed)  # noqa: S311 - a repeatable choice is meant
    text = io.StringIO()
    csv.writer(text).writerows(ROWS)
    plain = text.getvalue()
    objects = [dict(zip(HEADER, row, strict=True)) for row in ROWS[1:]]
    book = write_book(tmp_path / "whole.xlsx", {"materials": ROWS}).read_bytes()
    seeds = {
        "materials.csv": plain.encode(),
        "자료.csv": plain.replace("Guide", "가이드").encode("cp949"),
        "materials.csv.gz": gzip.compress(plain.encode()),
        "materials.jsonl": "\n".join(map(json.dumps, objects)).encode(),
        "book.xlsx": book,
    }
    for number in range(20):
        name = chance.choice(list(seeds))
        is_book = name == "book.xlsx" and chance.random() < 0.8
        folder = tmp_path / str(number)
        folder.mkdir()
        (folder / name).write_bytes((broken_part if is_book else broken)(seeds[name], chance))
        with contextlib.suppress(InputError):
            for table in open_drop(folder / name, rules, spool):
                typed(table, rules, spool)
