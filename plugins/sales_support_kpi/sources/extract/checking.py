"""`kpi check` of a system: its connector's findings, and whether the company's own selects run."""

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from sales_support_kpi.errors import SalesSupportKpiError
from sales_support_kpi.sources.extract.credentials import scrub
from sales_support_kpi.sources.extract.mapping import Mapped
from sales_support_kpi.sources.extract.pulling import opened
from sales_support_kpi.sources.extract.resources import Connector, Finding
from sales_support_kpi.sources.extract.spool import Spool, Writer
from sales_support_kpi.sources.read_rules import read_rules

if TYPE_CHECKING:
    from sales_support_kpi.config import Config, Source


def check(config: "Config", source: "Source") -> Iterator[Finding]:
    """Try a source's connection and everything its options and its selects name."""
    try:
        with opened(config, source) as (connector, _):
            is_ok = True
            for finding in connector.check():
                is_ok = is_ok and finding.is_ok
                yield finding
            if is_ok:
                yield from _selects(config, source, connector)
    except SalesSupportKpiError as error:
        yield Finding(False, scrub(str(error)))


def _selects(config: "Config", source: "Source", connector: Connector) -> Iterator[Finding]:
    """The company's own selects over resources without a row: every name in them is looked up."""
    own = {name: one.text for name, one in source.entities.items() if one.text}
    with TemporaryDirectory() as folder:
        spool = Spool(Path(folder))
        for resource in connector.resources:
            with Writer(spool, resource):
                pass
        mapped = Mapped(
            source=source.id,
            spool=spool,
            resources=tuple(connector.resources),
            selects=own,
            places={name: str(source.entities[name].sql) for name in own},
            views=connector.views,
            tables=connector.tables,
            rules=read_rules(config, source),
        )
        for entity in own:
            try:
                columns = mapped.try_out(entity)
            except SalesSupportKpiError as error:
                yield Finding(False, str(error))
            else:
                yield Finding(True, f"{entity}: the select gives {len(columns)} columns")
