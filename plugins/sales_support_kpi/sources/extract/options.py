"""What all kinds of extracted sources may be told in `options:`."""

from datetime import datetime, timedelta
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from sales_support_kpi.config.base import Model, Number, Str
from sales_support_kpi.config.problems import wrong
from sales_support_kpi.sources.extract.instants import parse_instant


def _instant(value: object) -> object:
    found = parse_instant(value) if value is not None else None
    if value is not None and found is None:
        raise wrong(f"must be a date or an instant like 2025-01-01T00:00:00Z (is {value!r})")
    return found


def as_written(value: object) -> object:
    """A number or a truth value as YAML reads it, as the text it was."""
    if isinstance(value, bool):
        return str(value).lower()
    return str(value) if isinstance(value, int) else value


Name = Annotated[Str, BeforeValidator(as_written)]
SurveyName = Literal["material_request", "complaint_support", "onboarding"]


class ExtractOptions(Model):
    """The options of a kind; each kind adds its own.

    Attributes:
        start: the first reading begins here; left out, with the oldest record.
        lookback_minutes: how far each reading reaches back before the last one's end, instead of
            what the kind thinks right.
        hosts: further hosts that belong to the system and may be given its credentials, like
            `https://eu.example.com`.
    """

    start: Annotated[datetime | None, BeforeValidator(_instant)] = None
    lookback_minutes: Annotated[Number | None, Field(ge=0)] = None
    hosts: tuple[str, ...] = ()

    def lookback(self, usual: timedelta) -> timedelta:
        """The look-back of a resource."""
        if self.lookback_minutes is None:
            return usual
        return timedelta(minutes=self.lookback_minutes)
