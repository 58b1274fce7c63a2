"""A small part of SOQL over plain records: enough for extractors, strict where Salesforce is.

text → `parse` → `Query` → `run(query, org, …)` → the records in order.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, NoReturn, Protocol

Scalar = str | int | float | bool | None
Record = Mapping[str, Any]
Condition = Callable[[Record], bool]

_TOKEN = re.compile(
    r"\s*(?:(?P<text>'(?:[^'\\]|\\.)*')"
    r"|(?P<when>\d{4}-\d\d-\d\d(?:T\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:?\d\d))?)"
    r"|(?P<number>-?\d+(?:\.\d+)?)"
    r"|(?P<name>[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*(?:\(\))?)"
    r"|(?P<sign><=|>=|!=|<>|[=<>(),]))"
)


class SoqlError(Exception):
    """A query that Salesforce would refuse."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code, self.message = code, message


class Schema(Protocol):
    """What a query needs to know of the object it asks."""

    def type_of(self, path: str) -> str | None:
        """Type of a field (or of a parent's), None where the caller may not see it."""

    def value(self, record: Record, path: str) -> Scalar:
        """The value of a field, or of a parent's."""


@dataclass(frozen=True, slots=True)
class Literal:
    """A constant of a query and how it was written."""

    value: Scalar
    kind: str


@dataclass(frozen=True, slots=True)
class Query:
    """A parsed query; `where` is the text's tree."""

    fields: tuple[str, ...]
    source: str
    where: tuple[Any, ...] | None
    order: tuple[tuple[str, bool], ...]
    limit: int | None

    @property
    def is_count(self) -> bool:
        """Whether only the number of records is asked."""
        return [field.lower() for field in self.fields] == ["count()"]


def vendor_time(when: datetime) -> str:
    """An instant as the REST API writes it, e.g. 2011-07-07T00:37:00.000+0000."""
    utc = when.astimezone(UTC)
    return f"{utc:%Y-%m-%dT%H:%M:%S}.{utc.microsecond // 1000:03d}+0000"


def parse(text: str) -> Query:
    """Take a query apart.

    Raises:
        SoqlError: it is not of the subset.
    """
    return _Parser(text).query()


def check(query: Query, schema: Schema) -> None:
    """Refuse fields that the object does not have, or the caller may not see."""
    if not query.is_count:
        for field in query.fields:
            _type(schema, field, query.source)
    for field, _ in query.order:
        _type(schema, field, query.source)


def run(query: Query, records: Sequence[Record], schema: Schema) -> list[Record]:
    """The records a query finds, in its order."""
    check(query, schema)
    found = list(records)
    if query.where is not None:
        keep = _condition(query.where, schema, query.source)
        found = [record for record in found if keep(record)]
    for field, is_descending in reversed(query.order):

        def key(record: Record, field: str = field) -> tuple[bool, Any]:
            value = schema.value(record, field)
            return (value is not None, value if value is not None else "")

        found.sort(key=key, reverse=is_descending)
    return found if query.limit is None else found[: query.limit]


def _type(schema: Schema, field: str, source: str) -> str:
    kind = schema.type_of(field)
    if kind is None:
        message = (
            f"ERROR at Row:1:Column:8\nNo such column '{field}' on entity '{source}'. If you are "
            "attempting to use a custom field, be sure to append the '__c' after the custom field "
            "name. Please reference your WSDL or the describe call for the appropriate names."
        )
        raise SoqlError("INVALID_FIELD", message)
    return kind


def _condition(tree: tuple[Any, ...], schema: Schema, source: str) -> Condition:
    kind, *rest = tree
    if kind in ("and", "or"):
        parts = [_condition(part, schema, source) for part in rest]
        if kind == "and":
            return lambda record: all(part(record) for part in parts)
        return lambda record: any(part(record) for part in parts)
    if kind == "not":
        inner = _condition(rest[0], schema, source)
        return lambda record: not inner(record)
    field, sign, constants = rest
    wanted = [_fitting(one, _type(schema, field, source), field) for one in constants]
    return _comparison(schema, field, sign, wanted)


def _comparison(schema: Schema, field: str, sign: str, wanted: list[Scalar]) -> Condition:
    if sign == "in":
        among = set(wanted)
        return lambda record: schema.value(record, field) in among
    if sign == "not in":
        apart = set(wanted)
        return lambda record: schema.value(record, field) not in apart
    one = wanted[0]
    if sign == "=":
        return lambda record: schema.value(record, field) == one
    if sign in ("!=", "<>"):
        return lambda record: schema.value(record, field) != one
    compare: dict[str, Callable[[Any, Any], bool]] = {
        "<": lambda a, b: a < b,
        "<=": lambda a, b: a <= b,
        ">": lambda a, b: a > b,
        ">=": lambda a, b: a >= b,
    }
    relation = compare[sign]

    def compared(record: Record) -> bool:
        value = schema.value(record, field)
        return value is not None and one is not None and relation(value, one)

    return compared


def _fitting(literal: Literal, kind: str, field: str) -> Scalar:
    """A constant as records hold it, refused where Salesforce refuses it."""
    if literal.kind == "null":
        return None
    is_time = kind in ("datetime", "date")
    if is_time and literal.kind != kind:
        message = (
            f"value of filter criterion for field '{field}' must be of type "
            f"{'dateTime' if kind == 'datetime' else kind} and should not be enclosed in quotes"
        )
        raise SoqlError("INVALID_FIELD", message)
    if kind == "datetime":
        return vendor_time(datetime.fromisoformat(str(literal.value)))
    text = literal.value
    is_short = kind in ("id", "reference") and isinstance(text, str) and len(text) == 15
    return id18(str(text)) if is_short else text


def id18(short: str) -> str:
    """The 18-character form of a 15-character id: three letters say which are upper case."""
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"
    chunks = (short[:5], short[5:10], short[10:15])
    sums = (sum(1 << place for place, c in enumerate(chunk) if c.isupper()) for chunk in chunks)
    return short + "".join(letters[one] for one in sums)


class _Parser:
    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens = list(self._tokens())
        self.at = 0

    def _tokens(self) -> Iterator[tuple[str, str]]:
        at, text = 0, self.text.strip()
        while at < len(text):
            match = _TOKEN.match(text, at)
            if match is None or match.lastgroup is None:
                self._fail(text[at : at + 10])
            yield match.lastgroup, match[match.lastgroup]
            at = match.end()

    def query(self) -> Query:
        self._word("select")
        fields = [self._name()]
        while self._takes(","):
            fields.append(self._name())
        self._word("from")
        source = self._name()
        where = self._or() if self._takes("where") else None
        order: list[tuple[str, bool]] = []
        if self._takes("order"):
            self._word("by")
            order.append(self._order())
            while self._takes(","):
                order.append(self._order())
        limit = int(self._next("number")) if self._takes("limit") else None
        if self.at < len(self.tokens):
            self._fail(self.tokens[self.at][1])
        return Query(tuple(fields), source, where, tuple(order), limit)

    def _order(self) -> tuple[str, bool]:
        field = self._name()
        if self._takes("desc"):
            return field, True
        self._takes("asc")
        return field, False

    def _or(self) -> tuple[Any, ...]:
        parts = [self._and()]
        while self._takes("or"):
            parts.append(self._and())
        return parts[0] if len(parts) == 1 else ("or", *parts)

    def _and(self) -> tuple[Any, ...]:
        parts = [self._one()]
        while self._takes("and"):
            parts.append(self._one())
        return parts[0] if len(parts) == 1 else ("and", *parts)

    def _one(self) -> tuple[Any, ...]:
        if self._takes("not"):
            return ("not", self._one())
        if self._takes("("):
            inner = self._or()
            self._word(")")
            return inner
        field = self._name()
        if self._takes("not"):
            self._word("in")
            return ("compare", field, "not in", self._list())
        if self._takes("in"):
            return ("compare", field, "in", self._list())
        return ("compare", field, self._next("sign"), [self._literal()])

    def _list(self) -> list[Literal]:
        self._word("(")
        found = [self._literal()]
        while self._takes(","):
            found.append(self._literal())
        self._word(")")
        return found

    def _literal(self) -> Literal:
        kind, text = self.tokens[self.at] if self.at < len(self.tokens) else ("", "")
        self.at += 1
        if kind == "text":
            return Literal(re.sub(r"\\(.)", r"\1", text[1:-1]), "text")
        if kind == "when":
            return Literal(text, "datetime" if "T" in text else "date")
        if kind == "number":
            return Literal(float(text) if "." in text else int(text), "number")
        if text.lower() in ("true", "false"):
            return Literal(text.lower() == "true", "boolean")
        if text.lower() == "null":
            return Literal(None, "null")
        return self._fail(text)

    def _takes(self, word: str) -> bool:
        if self.at < len(self.tokens):
            kind, text = self.tokens[self.at]
            if kind in ("name", "sign") and text.lower() == word:
                self.at += 1
                return True
        return False

    def _word(self, word: str) -> None:
        if not self._takes(word):
            self._fail(self.tokens[self.at][1] if self.at < len(self.tokens) else "<EOF>")

    def _next(self, kind: str) -> str:
        if self.at >= len(self.tokens) or self.tokens[self.at][0] != kind:
            self._fail(self.tokens[self.at][1] if self.at < len(self.tokens) else "<EOF>")
        self.at += 1
        return self.tokens[self.at - 1][1]

    def _name(self) -> str:
        return self._next("name")

    def _fail(self, near: str) -> NoReturn:
        raise SoqlError("MALFORMED_QUERY", f"unexpected token: '{near}'")
