"""What is wrong with a configuration, in sentences: file, line, entry, key, and what to do.

Pydantic finds the faults; this module says them the way a manager can act upon.
"""

import types
import typing
from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails, PydanticCustomError

Loc = tuple[str | int, ...]

_HINTS = {
    "targets": "add the value to reach, e.g. targets: [{from: 2026-01-01, value: 0.95}]",
    "unit": "add unit: hours, ratio, score or count",
    "definition": "add the formula in words: definition: {ko: …, en: …}",
    "entities": "list the entities that feed it, e.g. entities: [requests]",
    "better": "add better: higher or better: lower",
    "from": "add the date it is valid from, e.g. from: 2026-01-01",
    "path": "add path: the file, folder or pattern, e.g. path: inbox/*.csv",
}


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong; `str()` is the sentence shown to a person."""

    file: str
    entry: str
    key: str
    message: str
    line: int | None = None

    @classmethod
    def at(
        cls, file: str, message: str, *, entry: str = "", loc: Loc = (), line: int | None = None
    ) -> "Problem":
        """A problem at a place of a file, the place given as pydantic gives it."""
        return cls(file, entry, dotted(loc), message.rstrip("; "), line)

    def __str__(self) -> str:
        place = self.file if self.line is None else f"{self.file} line {self.line}"
        return ": ".join([", ".join(filter(None, (place, self.entry, self.key))), self.message])


def wrong(message: str) -> PydanticCustomError:
    """An error for validators whose message is already a sentence."""
    return PydanticCustomError("wrong", "{message}", {"message": message})


def dotted(loc: Loc) -> str:
    """`('targets', 0, 'value')` → `targets[0].value`."""
    text = ""
    for part in loc:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else part
    return text


def nearest(word: str, known: Iterable[str]) -> str:
    """Say which known word was probably meant, else list them all."""
    words = sorted(known)
    close = get_close_matches(word, words, n=1, cutoff=0.6)
    if close:
        return f"did you mean {close[0]!r}?"
    return f"known: {', '.join(words) or 'none'}" if len(words) <= 40 else ""


def problems_of(
    error: ValidationError, model: type[BaseModel], raw: object
) -> list[tuple[Loc, str]]:
    """Place (as the person wrote it) and sentence of every fault pydantic found."""
    return [
        (written_loc(raw, detail["loc"]), _sentence(detail, model)) for detail in error.errors()
    ]


def written_loc(raw: object, loc: Loc) -> Loc:
    """Drop the steps of a place that exist only in the model (`hours: {…}` became `hours[0]`)."""
    written: list[str | int] = []
    value = raw
    for part in loc:
        if part == "[key]" or (isinstance(part, int) and not isinstance(value, list)):
            continue
        written.append(part)
        if isinstance(part, int) and isinstance(value, list):
            value = value[part] if part < len(value) else None
        else:
            value = value.get(part) if isinstance(value, dict) else None
    return tuple(written)


def _sentence(detail: ErrorDetails, model: type[BaseModel]) -> str:
    kind, given, context = detail["type"], detail["input"], detail.get("ctx", {})
    key = str(detail["loc"][-1]) if detail["loc"] else ""
    if kind == "missing":
        return f"is missing: {_HINTS.get(key, f'add {key}:')}"
    if kind == "extra_forbidden":
        return f"unknown key: {nearest(key, _keys_at(model, detail['loc'][:-1]))}"
    if kind == "literal_error":
        expected = str(context.get("expected", "")).replace("'", "")
        choices = [word for part in expected.split(", ") for word in part.split(" or ")]
        return f"{_shown(given)} is not one of {expected}; {nearest(str(given), choices)}"
    if kind == "string_type" and given is not None and not isinstance(given, (list, dict)):
        return f"must be text (is {_shown(given)}): write it in quotes"
    wanted = {
        "string_type": "text",
        "bool_type": "true or false",
        "float_type": "a number",
        "int_type": "a whole number",
        "int_from_float": "a whole number",
        "finite_number": "a finite number",
        "model_type": "a mapping (key: value)",
        "model_attributes_type": "a mapping (key: value)",
        "dict_type": "a mapping (key: value)",
        "tuple_type": "a list, e.g. [a, b]",
        "list_type": "a list, e.g. [a, b]",
        "greater_than": f"above {context.get('gt')}",
        "greater_than_equal": f"at least {context.get('ge')}",
        "less_than": f"below {context.get('lt')}",
        "less_than_equal": f"at most {context.get('le')}",
    }.get(kind)
    if wanted is not None:
        return f"must be {wanted} (is {_shown(given)})"
    return detail["msg"]


def _shown(value: object) -> str:
    if value is None:
        return "empty"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, dict):
        return "a mapping"
    if isinstance(value, (list, tuple)):
        return "a list"
    return repr(value) if len(repr(value)) <= 60 else repr(value)[:57] + "…"


def _keys_at(model: type[BaseModel], loc: Loc) -> list[str]:
    """Keys the model knows at a place."""
    found: object = model
    for part in loc:
        found = _step(_bare(found), part)
    bare = _bare(found)
    if isinstance(bare, type) and issubclass(bare, BaseModel):
        return [field.alias or name for name, field in bare.model_fields.items()]
    return []


def _step(kind: object, part: str | int) -> object:
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        for name, field in kind.model_fields.items():
            if part in (name, field.alias):
                return field.annotation
        return None
    arguments = typing.get_args(kind)
    return arguments[-1 if typing.get_origin(kind) is dict else 0] if arguments else None


def _bare(kind: object) -> object:
    """Without `Annotated` and `| None`."""
    if typing.get_origin(kind) is typing.Annotated:
        return _bare(typing.get_args(kind)[0])
    if typing.get_origin(kind) in (typing.Union, types.UnionType):
        kept = [one for one in typing.get_args(kind) if one is not type(None)]
        return _bare(kept[0])
    return kind
