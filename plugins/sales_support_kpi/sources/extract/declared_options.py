"""What `kind: rest` and `kind: sql` are told alike: what is read, and which of it is kept."""

from typing import Annotated

from pydantic import BeforeValidator, Field, model_validator

from sales_support_kpi.config.base import Model, Number, Slug, Str
from sales_support_kpi.config.problems import wrong


def _columns(value: object) -> object:
    if isinstance(value, list) and all(isinstance(one, str) for one in value):
        return {one: one for one in value}
    return value


def _names(value: object) -> object:
    return (value,) if isinstance(value, str) else value


class Declared(Model):
    """One endpoint or table.

    Attributes:
        name: what it is called in the mapping.
        columns: what is kept: name in the mapping → place in the record, or column of the table; a
            list where both are the same.
        key: columns that tell its records apart.
        cursor: what says that a record has changed. Left out: everything is read every night, which
            is what an entity of `mode: full` needs.
        lookback_minutes: how far before the last value reading starts again.
    """

    name: Slug
    columns: Annotated[dict[Str, Str], BeforeValidator(_columns), Field(min_length=1)]
    key: Annotated[tuple[Str, ...], BeforeValidator(_names)] = ()
    cursor: Str | None = None
    lookback_minutes: Annotated[Number, Field(ge=0)] = 5

    @property
    def named_columns(self) -> tuple[str, ...]:
        """What has to be among the columns."""
        return self.key

    @model_validator(mode="after")
    def _columns_are_declared(self) -> "Declared":
        for name in self.named_columns:
            if name not in self.columns:
                raise wrong(f"{name!r} is not among columns: add it there")
        return self
