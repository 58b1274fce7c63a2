"""Which kinds of sources can be extracted, and by which module."""

from importlib import import_module
from typing import cast

from sales_support_kpi.sources.extract.options import ExtractOptions
from sales_support_kpi.sources.extract.resources import Connector, Setting

_HOME = "sales_support_kpi.sources.extract"
_MODULES = {
    "rest": f"{_HOME}.rest",
    "sql": f"{_HOME}.sql",
    "salesforce": f"{_HOME}.vendors.salesforce",
    "surveymonkey": f"{_HOME}.vendors.surveymonkey",
    "zendesk": f"{_HOME}.vendors.zendesk",
}
"""Kind → package with `connect(setting)`, and a module `options` (or `<name>_options`) beside."""


def options_of(kind: str) -> type[ExtractOptions] | None:
    """The model of a kind's options; light, so that a configuration loads fast."""
    if kind not in _MODULES:
        return None
    name = _MODULES[kind]
    module = f"{name}.options" if ".vendors." in name else f"{name}_options"
    return cast("type[ExtractOptions]", import_module(module).Options)


def connect(kind: str, setting: Setting) -> Connector:
    """Open a connector."""
    return cast("Connector", import_module(_MODULES[kind]).connect(setting))
