"""The demo company: invented people, customers and work, with the truth that was planted."""

from sales_support_kpi.sandbox.generate import ENTITIES, SIZES, SOURCES, generate
from sales_support_kpi.sandbox.rhythm import LAST_NIGHT
from sales_support_kpi.sandbox.truth import Cell, Truth

__all__ = ["ENTITIES", "LAST_NIGHT", "SIZES", "SOURCES", "Cell", "Truth", "generate"]
