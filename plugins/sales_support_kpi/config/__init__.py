"""A company's configuration: KPIs, targets, calendar, goals, sources, identities.

`config/*.yml, identities.csv → Config`; see `load_config`. By hand:
`python -c "from sales_support_kpi.config import load_config; print(load_config().hash)"`.
"""

from sales_support_kpi.config.base import Text
from sales_support_kpi.config.company import Aliases, Company, Interval, Report, WorkingHours
from sales_support_kpi.config.effective import Config, enabled_kpis, enabled_sources, kpi
from sales_support_kpi.config.kpis import Goal, Guard, Kpi, Target
from sales_support_kpi.config.loading import load_config
from sales_support_kpi.config.sources import EntityMapping, Identity, ReadOptions, Source

__all__ = [
    "Aliases",
    "Company",
    "Config",
    "EntityMapping",
    "Goal",
    "Guard",
    "Identity",
    "Interval",
    "Kpi",
    "ReadOptions",
    "Report",
    "Source",
    "Target",
    "Text",
    "WorkingHours",
    "enabled_kpis",
    "enabled_sources",
    "kpi",
    "load_config",
]
