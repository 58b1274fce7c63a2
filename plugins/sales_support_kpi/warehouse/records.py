"""What publishing and auditing leave in the landing, so that landing stays the whole state."""

import json
from collections.abc import Iterable
from dataclasses import fields
from datetime import UTC, datetime

from sales_support_kpi.config import Config, enabled_kpis
from sales_support_kpi.landing.ops import land_ops
from sales_support_kpi.night import Night
from sales_support_kpi.quality.results import CheckResult
from sales_support_kpi.settings import Home
from sales_support_kpi.warehouse.inputs import Inputs
from sales_support_kpi.warehouse.published import NightManifest, night_of_manifest


def record_definitions(home: Home, night: Night, config: Config, inputs: Inputs) -> None:
    """Land the config and the calendar in effect, each once by its hash."""
    effective = {"config_hash": config.hash, "content": _effective(config)}
    land_ops(home, "configs", [effective], night)
    calendar = {"calendar_hash": inputs.calendar_hash, "content": inputs.calendar}
    land_ops(home, "calendars", [calendar], night)


def record_night(home: Home, manifest: NightManifest) -> None:
    """Land that a night was published."""
    published = {
        "publish_id": manifest.publish_id,
        "night": manifest.night,
        "as_of": manifest.as_of,
        "known_at": manifest.known_at,
        "inputs_hash": manifest.inputs_hash,
        "content_hash": manifest.content_hash,
        "config_hash": manifest.config_hash,
        "calendar_hash": manifest.calendar_hash,
        "code_version": manifest.code_version,
        "warning_count": len(manifest.warnings),
        "withheld": ",".join(manifest.withheld),
        "created_at": manifest.created_at,
    }
    land_ops(home, "nights", [published], night_of_manifest(manifest))


def record_quality(
    home: Home, night: Night, inputs_hash: str, results: Iterable[CheckResult]
) -> None:
    """Land the results of a door.

    `inputs_hash` names what was judged: the build's inputs, or the fingerprint of a load.
    """
    land_ops(
        home,
        "quality_results",
        [
            {
                **{field.name: getattr(result, field.name) for field in fields(result)},
                "inputs_hash": inputs_hash,
                "kpi_id": result.kpi_id or "",
                "night": night.date,
                "judged_at": datetime.now(UTC),
            }
            for result in results
        ],
        night,
    )


def _effective(config: Config) -> str:
    """The configuration as it was in effect: enabled KPIs, defaults filled in."""
    content = {
        "company": config.company.model_dump(mode="json", by_alias=True),
        "kpis": [kpi.model_dump(mode="json", by_alias=True) for kpi in enabled_kpis(config)],
        "goals": [goal.model_dump(mode="json", by_alias=True) for goal in config.goals],
    }
    return json.dumps(content, ensure_ascii=False, sort_keys=True)
