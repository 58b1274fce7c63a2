"""What is published, read back from the disk: the nights, the current one, its manifest.

`published/nights/<publish_id>/` holds one night and is never modified; `published/current` is a
symlink to one of them, swapped in one rename.
"""

import json
import os
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from sales_support_kpi.errors import NoAcceptedLoad
from sales_support_kpi.night import Night
from sales_support_kpi.settings import Home

COMPANY_FILE = "kpi.duckdb"
PEOPLE_FILE = "kpi_people.duckdb"
MANIFEST = "manifest.json"
SCORECARD = "scorecard.html"


@dataclass(frozen=True, slots=True)
class NightManifest:
    """`manifest.json` of a published night.

    Attributes:
        inputs_hash: everything the night is a function of.
        content_hash: the same without `as_of` and `known_at`: the loads and the config alone.
        definitions: per KPI a hash of how it is measured, so that a changed definition is not
            taken for a dropped value.
    """

    publish_id: str
    night: date
    as_of: datetime
    timezone: str
    known_at: date | None
    config_hash: str
    calendar_hash: str
    code_version: str
    inputs_hash: str
    content_hash: str
    created_at: datetime
    loads: tuple[dict[str, Any], ...]
    warnings: tuple[str, ...]
    withheld: tuple[str, ...]
    definitions: dict[str, str]
    tables: dict[str, dict[str, int]]

    def to_json(self) -> str:
        """The file's text."""
        plain = {name: getattr(self, name) for name in self.__slots__}
        return json.dumps(plain, default=_to_text, ensure_ascii=False, indent=2, sort_keys=True)

    @classmethod
    def from_json(cls, text: str) -> "NightManifest":
        """Read the file's text."""
        plain = json.loads(text)
        known_at = plain["known_at"]
        return cls(
            **{
                **plain,
                "night": date.fromisoformat(plain["night"]),
                "as_of": datetime.fromisoformat(plain["as_of"]),
                "known_at": date.fromisoformat(known_at) if known_at else None,
                "created_at": datetime.fromisoformat(plain["created_at"]),
                "loads": tuple(plain["loads"]),
                "warnings": tuple(plain["warnings"]),
                "withheld": tuple(plain["withheld"]),
            }
        )


def nights_dir(home: Home) -> Path:
    """Folder of all published nights."""
    return home.published / "nights"


def read_manifest(directory: Path) -> NightManifest | None:
    """The manifest of a night's folder; none when there is no such night."""
    try:
        return NightManifest.from_json((directory / MANIFEST).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None


def current_dir(home: Home) -> Path | None:
    """Folder of the night that readers see, as a path that does not change under them."""
    link = home.published / "current"
    return link.resolve() if link.exists() else None


def current_manifest(home: Home) -> NightManifest | None:
    """Manifest of the night that readers see; none before the first publish."""
    directory = current_dir(home)
    return read_manifest(directory) if directory else None


def all_manifests(home: Home) -> list[NightManifest]:
    """Manifests of every night on disk, in the order they were published."""
    if not nights_dir(home).is_dir():
        return []
    found = (read_manifest(directory) for directory in nights_dir(home).iterdir())
    return sorted((m for m in found if m), key=lambda m: (m.created_at, m.publish_id))


def published_file(home: Home, *, people: bool = False) -> Path:
    """The current night's DuckDB file, by a path that no later publish replaces.

    DuckDB caches an open database by its path within a process, so readers inside this package
    open the night's own file and not the symlink.

    Raises:
        NoAcceptedLoad: nothing was published yet.
    """
    directory = current_dir(home)
    if directory is None:
        raise NoAcceptedLoad(f"Nothing has been published in {home.root} yet; run `kpi run` first.")
    return directory / (PEOPLE_FILE if people else COMPANY_FILE)


def point_current_at(home: Home, publish_id: str) -> None:
    """Show this night to the readers: one atomic rename of a symlink."""
    for name in (COMPANY_FILE, PEOPLE_FILE):
        if not (home.published / name).is_symlink():
            swap_symlink(home.published / name, Path("current") / name)
    swap_symlink(home.published / "current", Path("nights") / publish_id)


def swap_symlink(link: Path, target: Path) -> None:
    """Make `link` lead to `target` in one rename, durable when it returns."""
    aside = link.with_name(f".{link.name}-{os.getpid()}")
    aside.unlink(missing_ok=True)
    aside.symlink_to(target)
    aside.replace(link)
    sync_dir(link.parent)


def sync_dir(directory: Path) -> None:
    """Make renames within a folder durable."""
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def night_of_manifest(manifest: NightManifest) -> Night:
    """The night a manifest is about."""
    return Night(manifest.night, manifest.as_of)


def _to_text(value: object) -> str:
    if isinstance(value, date):  # also datetimes
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} does not belong in a manifest")
