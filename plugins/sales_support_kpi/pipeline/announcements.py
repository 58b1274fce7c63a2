"""What was said of each source's landings, and what follows from it: who is stale tonight."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

from sales_support_kpi.config import Config, enabled_sources
from sales_support_kpi.landing.ops import SOURCE as OPS
from sales_support_kpi.landing.ops import land_ops, read_ops
from sales_support_kpi.night import Night
from sales_support_kpi.settings import Home

if TYPE_CHECKING:
    from sales_support_kpi.landing import Manifest, Outcome
    from sales_support_kpi.warehouse.control_tables import SourceState

GOOD = ("landed", "unchanged")


def announce(home: Home, outcome: "Outcome", night: Night) -> None:
    """Say how a source's landing went; a good word stays when nothing has changed since."""
    from sales_support_kpi.warehouse.records import record_quality

    record_quality(home, night, f"{night.date} {outcome.source}", outcome.results)
    known = {
        (row["night"], row["announced_source"]): row["status"]
        for row in read_ops(home, "announcements")
    }
    if outcome.status == "unchanged" and known.get((night.date, outcome.source)) in GOOD:
        return
    row = {
        "night": night.date,
        "announced_source": outcome.source,
        "status": outcome.status,
        "message": outcome.message,
        "announced_at": datetime.now(UTC),
    }
    land_ops(home, "announcements", [row], night)


def usable_loads(home: Home, config: Config, known_at: date | None) -> list["Manifest"]:
    """Accepted loads of every source but those that the configuration switches off."""
    from sales_support_kpi.landing import accepted_loads

    disabled = {source.id for source in config.sources if not source.enabled} | {OPS}
    return [load for load in accepted_loads(home, known_at) if load.source not in disabled]


def source_states(
    home: Home,
    config: Config,
    loads: Sequence["Manifest"],
    night: Night,
    known_at: date | None,
) -> list["SourceState"]:
    """Configured sources in their order, then those landed by hand in order of appearance.

    A source is stale when its latest announcement is bad, or its latest good one is older than
    its freshness limit; both measured at `as_of`, never by the clock.
    """
    from sales_support_kpi.sources.extract.declared import declared_entities
    from sales_support_kpi.warehouse.control_tables import SourceState

    configured = {source.id: source for source in enabled_sources(config)}
    landed = {load.source for load in loads}
    names = list(dict.fromkeys([*configured, *(load.source for load in loads)]))
    announced = [
        row
        for row in sorted(read_ops(home, "announcements"), key=lambda row: row["night"])
        if known_at is None or row["night"] <= known_at
    ]
    states = []
    for position, name in enumerate(names):
        own = [row for row in announced if row["announced_source"] == name]
        good = [row["_effective_at"] for row in own if row["status"] in GOOD]
        hours = float(configured[name].freshness_hours) if name in configured else None
        is_old = (
            hours is not None and bool(good) and night.as_of - good[-1] > timedelta(hours=hours)
        )
        last_status = own[-1]["status"] if own else "never landed"
        is_bad = bool(own) and last_status not in GOOD
        states.append(
            SourceState(
                source=name,
                position=position,
                freshness_hours=hours,
                last_landed_at=good[-1] if good else None,
                last_outcome=last_status,
                is_stale=is_bad or is_old,
                declared=declared_entities(configured[name], has_landed=name in landed)
                if name in configured
                else frozenset(),
            )
        )
    return states
