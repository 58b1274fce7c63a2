"""What `kind: sql` may be told: which tables of a database are read, and by which column."""

from typing import Annotated

from pydantic import Field, model_validator

from sales_support_kpi.config.base import Str, repeated
from sales_support_kpi.config.problems import wrong
from sales_support_kpi.sources.extract.declared_options import Declared
from sales_support_kpi.sources.extract.options import ExtractOptions


class SqlTable(Declared):
    """One table or view.

    The cursor is an instant or a growing number; rows of equal value are read again rather than
    missed.

    Attributes:
        table: its name in the database, with its schema if it needs one; left out: `name`.
    """

    table: Str | None = None


class Options(ExtractOptions):
    """The database's tables."""

    tables: Annotated[tuple[SqlTable, ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _each_once(self) -> "Options":
        twice = repeated(one.name for one in self.tables)
        if twice:
            raise wrong(f"tables: {', '.join(twice)} is listed twice: keep one")
        return self
