"""Which entities a source is said to bring, before it has brought any.

`entities:` of the source, else the selects that come with its kind → names
"""

from pathlib import Path

from sales_support_kpi.config.sources import Source
from sales_support_kpi.entities import ENTITIES

_VENDORS = Path(__file__).parent / "vendors"


def declared_entities(source: Source, *, has_landed: bool) -> frozenset[str]:
    """Of a source that has landed, only what is configured: the rest is what it landed."""
    own = frozenset(str(name) for name in source.entities)
    if has_landed:
        return own
    shipped = {file.stem for file in (_VENDORS / source.kind / "mappings").glob("*.sql")}
    return own | (shipped & ENTITIES.keys())
