"""The published nights: list them, roll back to one, release what is held."""

from dataclasses import dataclass
from datetime import date, datetime

from sales_support_kpi.errors import UsageError
from sales_support_kpi.settings import Home
from sales_support_kpi.warehouse import holds
from sales_support_kpi.warehouse.published import (
    NightManifest,
    all_manifests,
    current_manifest,
    night_of_manifest,
    point_current_at,
)


@dataclass(frozen=True, slots=True)
class PublishedNight:
    """One line of `kpi nights`."""

    publish_id: str
    night: date
    as_of: datetime
    created_at: datetime
    warnings: int
    is_current: bool
    is_held: bool


def nights(home: Home) -> list[PublishedNight]:
    """The nights on disk in the order they were published."""
    current = current_manifest(home)
    hold = holds.active_hold(home)
    return [
        PublishedNight(
            publish_id=manifest.publish_id,
            night=manifest.night,
            as_of=manifest.as_of,
            created_at=manifest.created_at,
            warnings=len(manifest.warnings),
            is_current=current is not None and manifest.publish_id == current.publish_id,
            is_held=hold is not None and manifest.publish_id == hold.publish_id,
        )
        for manifest in all_manifests(home)
    ]


def rollback(home: Home, to: str | None = None) -> PublishedNight:
    """Publish an earlier night again and hold it; the caller holds the writer's lock.

    `to` is a publish id, or the date of a night (its last publish); without it, the night that
    was published before the current one. Going back to the newest night ends the hold.

    Raises:
        UsageError: there is no such night.
    """
    manifests = all_manifests(home)
    current = current_manifest(home)
    if current is None:
        raise UsageError(f"Nothing has been published in {home.root} yet: nothing to roll back.")
    target = _find(manifests, current, to)
    newest = manifests[-1]
    night = night_of_manifest(current)
    if target.publish_id == newest.publish_id:
        holds.release_hold(home, night, "the newest night was published again")
    else:
        holds.place_hold(home, night, target.publish_id, newest.content_hash)
    point_current_at(home, target.publish_id)
    return next(line for line in nights(home) if line.publish_id == target.publish_id)


def release(home: Home) -> bool:
    """End a hold; the next run publishes again. Says whether anything was held."""
    current = current_manifest(home)
    if current is None:
        return False
    return holds.release_hold(home, night_of_manifest(current), "released")


def _find(manifests: list[NightManifest], current: NightManifest, to: str | None) -> NightManifest:
    if to is None:
        position = [manifest.publish_id for manifest in manifests].index(current.publish_id)
        if position == 0:
            raise UsageError(f"{current.publish_id} is the oldest night kept: nothing before it.")
        return manifests[position - 1]
    found = [m for m in manifests if to in (m.publish_id, m.night.isoformat())]
    if not found:
        known = ", ".join(manifest.publish_id for manifest in manifests) or "none"
        raise UsageError(f"There is no published night {to!r}; there are: {known}.")
    return found[-1]
