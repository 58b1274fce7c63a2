"""The effective configuration of a company, and how to ask it."""

from dataclasses import dataclass
from pathlib import Path

from sales_support_kpi.config.company import Company
from sales_support_kpi.config.kpis import Goal, Kpi
from sales_support_kpi.config.problems import nearest
from sales_support_kpi.config.sources import Identity, Source
from sales_support_kpi.errors import UsageError


@dataclass(frozen=True, slots=True)
class Config:
    """One effective configuration.

    Attributes:
        kpis: every known KPI by `position`, the enabled ones among them.
        directory: the folder it was loaded from.
        hash: of all that can change a number, whatever folder it stands in: company, goals, enabled
            KPIs, enabled sources with the text of their mappings, identities.
    """

    company: Company
    kpis: tuple[Kpi, ...]
    goals: tuple[Goal, ...]
    sources: tuple[Source, ...]
    identities: tuple[Identity, ...]
    directory: Path
    hash: str


def enabled_kpis(config: Config) -> tuple[Kpi, ...]:
    """The KPIs that are measured, by position."""
    return tuple(one for one in config.kpis if one.enabled)


def enabled_sources(config: Config) -> tuple[Source, ...]:
    """The sources that a night lands, in the order of the file."""
    return tuple(one for one in config.sources if one.enabled)


def kpi(config: Config, kpi_id: str) -> Kpi:
    """The KPI of that id.

    Raises:
        UsageError: there is none.
    """
    for one in config.kpis:
        if one.id == kpi_id:
            return one
    raise UsageError(f"unknown KPI {kpi_id!r}; {nearest(kpi_id, [one.id for one in config.kpis])}")
