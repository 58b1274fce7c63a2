"""`publish:` of `company.yml`: whether nights are also served by a database server."""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from sales_support_kpi.config.base import Model, Slug, Str
from sales_support_kpi.config.problems import wrong

LONGEST_SCHEMA = 40  # PostgreSQL's names have 63 bytes; ours get endings


class Publish(Model):
    """Where a night is published beside the files of the home.

    Attributes:
        to: `files` alone, or `postgres` too.
        connection: the Airflow connection of the server; credentials stand nowhere else.
        served_schema: the schema of company and teams; persons are in `<schema>_people`.
    """

    to: Literal["files", "postgres"] = "files"
    connection: Str | None = None
    served_schema: Annotated[Slug, Field(alias="schema", max_length=LONGEST_SCHEMA)] = "kpi"

    @model_validator(mode="after")
    def _has_a_connection(self) -> "Publish":
        if self.to == "postgres" and self.connection is None:
            raise wrong("to: postgres needs connection: the id of an Airflow connection")
        return self
