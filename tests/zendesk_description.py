"""Zendesk's own description of its API (`fixtures/zendesk`), to hold requests and answers against.

`unknown(…)` finds what a schema lets pass: names, at any depth, that the description knows neither
from its schemas nor from its examples.
"""

import json
import re
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

from openapi_schema_validator import OAS30ReadValidator

FILE = Path(__file__).resolve().parent / "fixtures" / "zendesk" / "support_openapi.json"

Json = dict[str, Any]


@cache
def description() -> Json:
    found: Json = json.loads(FILE.read_text(encoding="utf-8"))
    return found


def described_path(path: str) -> str:
    """The path of the description that an address is one of; ids have numbers."""
    return re.sub(r"/\d+(?=/|$)", "/{ticket_id}", path.removesuffix(".json"))


def parameters(path: str) -> dict[str, Json]:
    """Parameter in the query → its schema."""
    found = (_resolved(one) for one in _operation(path)["parameters"])
    return {one["name"]: one["schema"] for one in found if one["in"] == "query"}


def problems(path: str, body: Any) -> Iterator[str]:
    """Where an answer is not as described: `tickets[].type: null`."""
    schema = {"allOf": [_answer(path)["schema"]], "components": description()["components"]}
    for error in OAS30ReadValidator(schema).iter_errors(body):
        place = "".join(
            "[]" if isinstance(one, int) else f".{one}" for one in error.absolute_path
        ).removeprefix(".")
        wrong = error.message if error.validator == "required" else json.dumps(error.instance)
        yield f"{place}: {wrong}"


def unknown(path: str, body: Any) -> Iterator[str]:
    """Names in an answer that are not described: `tickets[].generated_timestamp`."""
    told = _answer(path)
    examples = [_resolved(one).get("value") for one in told.get("examples", {}).values()]
    yield from _unknown(body, [told["schema"]], examples, "")


def _unknown(value: Any, schemas: list[Json], examples: list[Any], at: str) -> Iterator[str]:
    parts = list(_parts(schemas))
    examples = [*examples, *(one["example"] for one in parts if "example" in one)]
    if isinstance(value, list):
        items = [one["items"] for one in parts if "items" in one]
        shown = [each for one in examples if isinstance(one, list) for each in one]
        for each in value:
            yield from _unknown(each, items, shown, f"{at}[]")
        return
    if not isinstance(value, dict):
        return
    shown = [one for one in examples if isinstance(one, dict)]
    is_open = any(one.get("additionalProperties") for one in parts)
    for name, each in value.items():
        inner = [one["properties"][name] for one in parts if name in one.get("properties", {})]
        known = [one[name] for one in shown if name in one]
        place = f"{at}.{name}".removeprefix(".")
        if inner or known:
            yield from _unknown(each, inner, known, place)
        elif not is_open:
            yield place


def _parts(schemas: Iterable[Json]) -> Iterator[Json]:
    """Schemas with all that they refer to or consist of."""
    for schema in schemas:
        one = _resolved(schema)
        yield one
        for kind in ("allOf", "anyOf", "oneOf"):
            yield from _parts(one.get(kind, []))


def _resolved(one: Json) -> Json:
    if "$ref" not in one:
        return one
    _, _, kind, name = one["$ref"].split("/")
    found: Json = description()["components"][kind][name]
    return found


def _operation(path: str) -> Json:
    found: Json = description()["paths"][described_path(path)]["get"]
    return found


def _answer(path: str) -> Json:
    found: Json = _operation(path)["responses"]["200"]["content"]["application/json"]
    return found
