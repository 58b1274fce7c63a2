"""Names and texts in statements that cannot bind values."""


def quoted(*parts: str) -> str:
    """A name that PostgreSQL takes as it is written: `quoted("kpi", "runs")` → `"kpi"."runs"`."""
    return ".".join('"' + part.replace('"', '""') + '"' for part in parts)


def literal(text: str) -> str:
    """A text literal."""
    return "'" + text.replace("'", "''") + "'"
