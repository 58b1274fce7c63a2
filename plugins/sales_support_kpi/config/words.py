"""The words a configuration may use for entities and kinds of sources."""

ENTITY_NAMES = (
    "employees",
    "customers",
    "opportunities",
    "activities",
    "contracts",
    "contract_steps",
    "requests",
    "request_events",
    "survey_responses",
    "report_deliveries",
    "meetings",
    "report_uses",
    "insights",
    "materials",
    "material_updates",
    "record_audits",
)
KINDS = ("files", "salesforce", "hubspot", "zendesk", "surveymonkey", "qualtrics", "sql", "rest")
EXTRACTED_KINDS = ("files",)  # the kinds that have an extractor in this version
