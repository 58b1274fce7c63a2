"""Holding a night: after a rollback it stays until loads or config change, or it is released.

A hold is a decision, so it is landed as `ops`; nothing else remembers it.
"""

from dataclasses import dataclass
from datetime import UTC, datetime

from sales_support_kpi.landing.ops import land_ops, read_ops
from sales_support_kpi.night import Night
from sales_support_kpi.settings import Home
from sales_support_kpi.warehouse.published import current_manifest


@dataclass(frozen=True, slots=True)
class Hold:
    """A night that stays published.

    Attributes:
        content_hash: loads and config of the night that was taken back; while they are what a
            build is made of, that build is not published.
    """

    hold_id: str
    publish_id: str
    content_hash: str


def active_hold(home: Home) -> Hold | None:
    """The hold in force, if there is one; a night that readers do not see is not held."""
    current = current_manifest(home)
    for row in reversed(read_ops(home, "holds")):
        if row["state"] == "held" and current and row["publish_id"] == current.publish_id:
            return Hold(row["hold_id"], row["publish_id"], row["content_hash"])
    return None


def place_hold(home: Home, night: Night, publish_id: str, content_hash: str) -> None:
    """Hold a night against the loads and config of the one that was taken back."""
    release_hold(home, night, f"replaced by a hold of {publish_id}")
    now = datetime.now(UTC)
    row = {
        "hold_id": f"{publish_id}@{now:%Y%m%dT%H%M%S%fZ}",
        "publish_id": publish_id,
        "content_hash": content_hash,
        "state": "held",
        "reason": "rolled back",
        "changed_at": now,
    }
    land_ops(home, "holds", [row], night)


def release_hold(home: Home, night: Night, reason: str) -> bool:
    """End the hold in force; says whether there was one."""
    held = [row for row in read_ops(home, "holds") if row["state"] == "held"]
    now = datetime.now(UTC)
    released = [{**row, "state": "released", "reason": reason, "changed_at": now} for row in held]
    land_ops(home, "holds", released, night)
    return bool(held)
