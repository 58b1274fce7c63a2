"""Working time and holidays of a company, as the tables that the models join.

`Company → days, working_intervals` (Arrow). By hand: `python -m sales_support_kpi.calendar`.
"""

from sales_support_kpi.calendar.tables import (
    DAYS_SCHEMA,
    INTERVALS_SCHEMA,
    calendar_hash,
    calendar_range,
    days,
    working_intervals,
)

__all__ = [
    "DAYS_SCHEMA",
    "INTERVALS_SCHEMA",
    "calendar_hash",
    "calendar_range",
    "days",
    "working_intervals",
]
