"""How a source's text is to be read: its own options over the company's."""

from dataclasses import replace
from typing import TYPE_CHECKING

from sales_support_kpi.aliases import Aliases
from sales_support_kpi.sources.tables import ReadRules

if TYPE_CHECKING:
    from sales_support_kpi.config import Config, Source


def read_rules(config: "Config", source: "Source | None") -> ReadRules:
    """A source's read options over the company's zone and names."""
    rules = ReadRules(timezone=config.company.timezone, aliases=Aliases(config.company.aliases))
    if source is None:
        return rules
    read = source.read
    return replace(
        rules,
        timezone=read.timezone or rules.timezone,
        encoding=read.encoding,
        delimiter=read.delimiter,
        nulls=read.nulls,
        date_format=read.date_format,
        sheet=read.sheet,
        keep_extra=source.keep_extra,
    )
