"""Files that are still being written: left alone until the next night.

A file changed within the last minute is looked at twice. One without its end (a workbook's
directory, a Parquet file's footer, any content at all) is still coming if it is young; an old one
is damaged, and its reader says so.
"""

import time
import zipfile
from collections.abc import Iterable
from pathlib import Path

YOUNG_SECONDS = 60.0
COMING_SECONDS = 3600.0  # how long a file may take to be copied
PAUSE_SECONDS = 1.0


def still_arriving(files: Iterable[Path]) -> dict[Path, str]:
    """Which of the files somebody is still writing, with a note for a person."""
    seen = {file: _state(file) for file in files}
    now = time.time()
    if any(abs(now - mtime / 1e9) < YOUNG_SECONDS for _, mtime in seen.values()):
        time.sleep(PAUSE_SECONDS)
    found = {}
    for file, before in seen.items():
        is_coming = abs(now - before[1] / 1e9) < COMING_SECONDS and not _has_end(file)
        if is_coming or _state(file) != before:
            found[file] = f"{file.name}: is still being copied; left for the next night"
    return found


def open_elsewhere(files: Iterable[Path]) -> tuple[str, ...]:
    """A note for every workbook that a spreadsheet program holds open (its `~$` file is there)."""
    return tuple(
        f"{file.name}: is open in a spreadsheet program; what was saved last is read"
        for file in files
        if any(file.with_name(f"~${name}").exists() for name in (file.name, file.name[2:]))
    )


def _state(file: Path) -> tuple[int, int]:
    try:
        found = file.stat()
    except OSError:  # renamed by who writes it
        return (-1, 0)
    return (found.st_size, found.st_mtime_ns)


def _has_end(file: Path) -> bool:
    """Whether what the kind of file ends with is there."""
    try:
        with file.open("rb") as opened:
            head = opened.read(4)
            size = opened.seek(0, 2)
            opened.seek(max(0, size - 4))
            tail = opened.read(4)
    except OSError:
        return False
    name = file.name.lower()
    if not head.strip(b"\0"):
        return False
    if name.endswith((".xlsx", ".xlsm")):
        return head != b"PK\x03\x04" or zipfile.is_zipfile(file)
    return not name.endswith(".parquet") or head != b"PAR1" or tail == b"PAR1"
