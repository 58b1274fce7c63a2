"""The catalog entries the oracle's companies start from: the documented defaults, as a dict."""

import datetime as dt
from copy import deepcopy
from pathlib import Path

import yaml

_ROWS = """
document_turnaround hours lower 2.0 business flow requests request_events
customer_record_accuracy ratio higher 0.99 - stock customers,employees record_audits
material_request_satisfaction score higher 4.0 - flow survey_responses requests
contract_followup_completion ratio higher 1.0 calendar flow contracts,contract_steps
crm_entry_rate ratio higher 0.95 - flow+stock activities,opportunities
report_on_time ratio higher 1.0 - flow report_deliveries
report_usage ratio higher 0.8 - flow meetings,report_uses
insights_delivered count higher 2 - flow insights
inquiry_within_4h ratio higher 0.9 business flow requests request_events
inquiry_completion_rate ratio higher 1.0 - flow requests request_events
inquiry_handling_time hours lower 4.0 business flow requests request_events
complaint_support_satisfaction score higher 4.0 - flow survey_responses,employees requests
onboarding_satisfaction score higher 4.5 - flow survey_responses,employees
material_freshness ratio higher 1.0 - month_end materials,material_updates
"""

_PARAMS = {
    "contract_followup_completion": {
        "within_hours": 24,
        "steps": ["issue_contract", "register_system", "settle"],
    },
    "crm_entry_rate": {"entry_hours": 48, "stale_days": 30},
    "inquiry_within_4h": {"within_hours": 4},
    "onboarding_satisfaction": {"onboarding_days": 180},
}
_GRAINS = {"insights_delivered": "quarter", "crm_entry_rate": "month"}


def catalog() -> list[dict]:
    """A fresh copy of all entries."""
    entries = []
    for line in _ROWS.strip().splitlines():
        kpi_id, unit, better, target, clock, aggregation, required, *used = line.split()
        optional = used[0].split(",") if used else []
        reach = {"from": dt.date(2020, 1, 1), "value": float(target), "basis": "default"}
        if kpi_id in _GRAINS:
            reach["grain"] = _GRAINS[kpi_id]
        entries.append(
            {
                "id": kpi_id,
                "enabled": True,
                "name": {"ko": kpi_id, "en": kpi_id},
                "definition": {"ko": "정의", "en": "As in the KPI dictionary."},
                "unit": unit,
                "better": better,
                "clock": None if clock == "-" else clock,
                "params": deepcopy(_PARAMS.get(kpi_id, {})),
                "entities": required.split(",") + optional,
                "required": required.split(","),
                "aggregation": aggregation,
                "targets": [reach],
                "guard": None,
            }
        )
    return entries


def write_config(directory: Path, company: dict, kpis: list[dict]) -> Path:
    """Write company.yml and kpis.yml."""
    directory.mkdir(parents=True, exist_ok=True)
    for name, content in (("company.yml", company), ("kpis.yml", kpis)):
        text = yaml.safe_dump(content, allow_unicode=True, sort_keys=False)
        (directory / name).write_text(text, encoding="utf-8")
    return directory
