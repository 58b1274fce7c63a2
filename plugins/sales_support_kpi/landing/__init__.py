"""Landing: the only state. Drops and extractions become typed, append-only Parquet loads.

source → `Table` per entity → staged → in-door → `landing/<source>/<entity>/load=…`.
"""

from sales_support_kpi.landing.extracted import read
from sales_support_kpi.landing.landing import land, land_drop
from sales_support_kpi.landing.manifests import Manifest, accepted_loads, rejected_loads
from sales_support_kpi.landing.outcomes import Outcome

__all__ = [
    "Manifest",
    "Outcome",
    "accepted_loads",
    "land",
    "land_drop",
    "read",
    "rejected_loads",
]
