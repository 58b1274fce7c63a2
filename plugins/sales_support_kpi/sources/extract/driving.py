"""Which endpoint, object or table the rows of a select are: the one that it begins from.

select + views → parsed by DuckDB → names; what is only joined to those rows is not named
"""

import json
from collections.abc import Collection, Iterator, Mapping
from typing import Any


def driving(select: str, views: Mapping[str, str], resources: Collection[str]) -> tuple[str, ...]:
    """The first resource after each `from`, through common tables and views; of a union several.

    Empty where the select cannot be parsed, or begins from no resource.
    """
    return tuple(dict.fromkeys(_of_select(select, views, resources)))


def _of_select(select: str, views: Mapping[str, str], resources: Collection[str]) -> Iterator[str]:
    import duckdb

    with duckdb.connect() as connection:
        row = connection.execute("select json_serialize_sql(?)", [select]).fetchone()
    parsed = json.loads(row[0]) if row else {}
    for statement in parsed.get("statements", ()):
        yield from _of_node(statement["node"], {}, views, resources)


def _of_node(
    node: dict[str, Any],
    common: Mapping[str, dict[str, Any]],
    views: Mapping[str, str],
    resources: Collection[str],
) -> Iterator[str]:
    """Of a query or of what stands after its `from`."""
    tables = {
        one["key"]: one["value"].get("query_node") or one["value"]["query"]["node"]
        for one in node.get("cte_map", {}).get("map", ())
    }
    common = {**common, **tables}
    match node["type"]:
        case "SELECT_NODE":
            yield from _of_node(node["from_table"], common, views, resources)
        case "SET_OPERATION_NODE":
            for child in node.get("children") or (node["left"], node["right"]):
                yield from _of_node(child, common, views, resources)
        case "JOIN":
            yield from _of_node(node["left"], common, views, resources)
        case "SUBQUERY":
            yield from _of_node(node["subquery"]["node"], common, views, resources)
        case "BASE_TABLE":
            name = node["table_name"]
            if name in common:
                others = {key: one for key, one in common.items() if key != name}
                yield from _of_node(common[name], others, views, resources)
            elif name in views:
                yield from _of_select(views[name], views, resources)
            elif name in resources:
                yield name
