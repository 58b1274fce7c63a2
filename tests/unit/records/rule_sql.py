"""The SQL of a record rule, as dbt would render its macro, to be run on its own."""

from collections.abc import Callable, Sequence
from typing import Any

import duckdb
import jinja2
import jinja2.runtime

from sales_support_kpi.settings import repo_root

_MACROS = ("record_matching.sql", "statistics.sql", "record_rules.sql")


class Returned(Exception):
    """Carries what a macro returns: jinja's own macros only give text."""


def _give_back(value: object) -> None:
    raise Returned(value)


_invoke = jinja2.runtime.Macro._invoke


def _invoke_and_catch(macro: Any, arguments: Any, autoescape: Any) -> Any:
    try:
        return _invoke(macro, arguments, autoescape)
    except Returned as returned:
        return returned.args[0]


setattr(jinja2.runtime.Macro, "_invoke", _invoke_and_catch)  # noqa: B010 - nobody types it


def macros(more: str = "", entry: str = "") -> Any:
    """The macros as a module of jinja, with one more macro and one more entry of the catalog."""
    folder = repo_root() / "dbt_project" / "macros"
    text = "".join((folder / name).read_text(encoding="utf-8") for name in _MACROS)
    assert text.count("\n    ]) }}") == 1
    text = text.replace("\n    ]) }}", f"\n{entry}\n    ]) }}}}") + more
    module: Any = None
    names = {
        "return": _give_back,
        "source": lambda *parts: ".".join(parts),
        "context": Lookup(lambda name: getattr(module, name)),
    }
    environment = jinja2.Environment(extensions=["jinja2.ext.do"])  # noqa: S701
    module = environment.from_string(text, names).make_module({})
    return module


class Lookup:
    """What dbt calls `context`: the macros by their names."""

    def __init__(self, find: Callable[[str], Any]) -> None:
        self._find = find

    def __getitem__(self, name: str) -> Any:
        return self._find(name)


def model(path: str, known: Any = None) -> str:
    """A model's SQL; its parents and sources are tables of their own names."""
    loader = jinja2.FileSystemLoader(repo_root() / "dbt_project" / "models")
    environment = jinja2.Environment(loader=loader, extensions=["jinja2.ext.do"])  # noqa: S701
    module = known or macros()
    names = {name: getattr(module, name) for name in dir(module) if not name.startswith("_")}
    return environment.get_template(path).render(
        names, ref=lambda name: name, source=lambda _, name: name, config=lambda **_: ""
    )


def passes(rule: str, rows: Sequence[tuple[str | None, ...]], *columns: str) -> list[bool]:
    """What the rule says of each row of its columns."""
    import pyarrow as pa

    expression = getattr(macros(), f"rule_{rule}")(*columns)
    table = pa.table(
        {
            "_at": pa.array(range(len(rows)), pa.int64()),
            **{
                column: pa.array([row[place] for row in rows], pa.string())
                for place, column in enumerate(columns)
            },
        }
    )
    with duckdb.connect() as connection:
        connection.register("given", table)
        found = connection.execute(f"select {expression} from given order by _at").fetchall()
    return [row[0] for row in found]
