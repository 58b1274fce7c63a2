"""Where loads are written: aside first, then renamed into place; one writer at a time."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from uuid import uuid4

from filelock import FileLock, Timeout

from sales_support_kpi.errors import HomeBusy
from sales_support_kpi.landing.manifests import MANIFEST, REJECTED, Manifest
from sales_support_kpi.settings import Home

ASIDE = "_aside"
_PATIENCE_SECONDS = 900


@dataclass(frozen=True, slots=True)
class Aside:
    """A folder that nobody reads, on the same file system as the landing zone."""

    directory: Path

    def folder(self, *names: str) -> Path:
        """A folder within, made if needed."""
        path = self.directory.joinpath(*names)
        path.mkdir(parents=True, exist_ok=True)
        return path


@contextmanager
def writing(home: Home) -> Iterator[Aside]:
    """Hold the landing zone for one writer; what a killed one left behind is removed.

    Raises:
        HomeBusy: another process has been landing for a quarter of an hour.
    """
    for folder in (home.root, home.landing, home.quarantine):
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    lock = FileLock(home.landing / ".lock")
    try:
        lock.acquire(timeout=_PATIENCE_SECONDS)
    except Timeout as error:
        raise HomeBusy(
            f"{home.landing}: another run has been landing for {_PATIENCE_SECONDS // 60} minutes; "
            "wait for it, or end it"
        ) from error
    try:
        _clean(home)
        directory = home.landing / ASIDE / f"{os.getpid()}-{uuid4().hex[:8]}"
        directory.mkdir(parents=True)
        try:
            yield Aside(directory)
        finally:
            shutil.rmtree(home.landing / ASIDE, ignore_errors=True)
    finally:
        lock.release()


def load_name(landed_at: datetime, sequence: int) -> str:
    """`load=<utc>-<seq>`."""
    return f"load={landed_at:%Y%m%dT%H%M%SZ}-{sequence:08d}"


def place(home: Home, manifest: Manifest, rows: Path, quarantined: Path | None) -> Manifest:
    """Move a finished load to where readers find it: its quarantine first, in one rename each."""
    name = load_name(manifest.landed_at, manifest.load_seq)
    if quarantined is not None:
        target = home.quarantine / manifest.source / manifest.entity / name
        _rename(quarantined, target)
    root = home.landing if manifest.is_accepted else home.landing / REJECTED
    target = root / manifest.source / manifest.entity / name
    (rows / MANIFEST).write_text(manifest.to_json(), encoding="utf-8")
    _rename(rows, target)
    return Manifest.read(target)


def _rename(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    for file in source.iterdir():
        with file.open("rb") as handle:
            os.fsync(handle.fileno())
    source.rename(target)
    descriptor = os.open(target.parent, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _clean(home: Home) -> None:
    """Remove what a killed writer left: half-written loads, quarantine without its load."""
    shutil.rmtree(home.landing / ASIDE, ignore_errors=True)
    for directory in home.quarantine.glob("*/*/load=*"):
        tail = directory.relative_to(home.quarantine)
        homes = (home.landing / tail, home.landing / REJECTED / tail)
        if not any((one / MANIFEST).is_file() for one in homes):
            shutil.rmtree(directory)
