"""The SQL of a record rule, as dbt would render its macro, to be run on its own."""

from collections.abc import Sequence
from typing import Any

import duckdb
import jinja2

from sales_support_kpi.settings import repo_root

_MACROS = ("record_matching.sql", "record_rules.sql")


def macros() -> Any:
    """The macros as a module of jinja."""
    loader = jinja2.FileSystemLoader(repo_root() / "dbt_project" / "macros")
    environment = jinja2.Environment(loader=loader, extensions=["jinja2.ext.do"])  # noqa: S701
    text = "".join((repo_root() / "dbt_project" / "macros" / name).read_text() for name in _MACROS)
    return environment.from_string(
        text, {"return": lambda value: value, "source": lambda *names: ".".join(names)}
    ).make_module({})


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
