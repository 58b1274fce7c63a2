"""The words a configuration may use for entities, columns and kinds of sources."""

from sales_support_kpi.entities import ENTITIES

ENTITY_NAMES = tuple(ENTITIES)
COLUMN_NAMES = frozenset(
    name
    for entity in ENTITIES.values()
    for column in entity.all_columns
    for name in (column.name, f"{entity.name}.{column.name}")
)
KINDS = ("files", "salesforce", "hubspot", "zendesk", "surveymonkey", "qualtrics", "sql", "rest")
# the kinds that have an extractor in this version
EXTRACTED_KINDS = ("files", "rest", "salesforce", "sql", "surveymonkey", "zendesk")
