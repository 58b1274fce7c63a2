"""What `kind: sql` may be told: which tables of a database are read, and by which column."""

from typing import Annotated

from pydantic import BeforeValidator, Field, model_validator

from sales_support_kpi.config.base import Model, Number, Slug, Str, repeated
from sales_support_kpi.config.problems import wrong
from sales_support_kpi.sources.extract.options import ExtractOptions


def _columns(value: object) -> object:
    if isinstance(value, list) and all(isinstance(one, str) for one in value):
        return {one: one for one in value}
    return value


def _names(value: object) -> object:
    return (value,) if isinstance(value, str) else value


class SqlTable(Model):
    """One table or view.

    Attributes:
        name: what it is called in the mapping.
        table: its name in the database, with its schema if it needs one; left out: `name`.
        columns: what is kept: name in the mapping → column; a list where both are the same.
        key: columns that tell its rows apart.
        cursor: the column (an instant or a growing number) that says what has changed; rows of
            equal value are read again rather than missed. Left out: the whole table is read every
            night, which is what an entity of `mode: full` needs.
        lookback_minutes: how far before the last value reading starts again.
    """

    name: Slug
    table: Str | None = None
    columns: Annotated[dict[Str, Str], BeforeValidator(_columns), Field(min_length=1)]
    key: Annotated[tuple[Str, ...], BeforeValidator(_names)] = ()
    cursor: Str | None = None
    lookback_minutes: Annotated[Number, Field(ge=0)] = 5

    @model_validator(mode="after")
    def _columns_are_declared(self) -> "SqlTable":
        for name in self.key:
            if name not in self.columns:
                raise wrong(f"key: {name!r} is not among columns: add it there")
        return self


class Options(ExtractOptions):
    """The database's tables."""

    tables: Annotated[tuple[SqlTable, ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _each_once(self) -> "Options":
        twice = repeated(one.name for one in self.tables)
        if twice:
            raise wrong(f"tables: {', '.join(twice)} is listed twice: keep one")
        return self
