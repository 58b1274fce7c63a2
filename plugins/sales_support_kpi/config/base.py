"""What the config models share: strict scalars and bilingual text."""

import re
from collections import Counter
from collections.abc import Iterable
from datetime import date
from typing import Annotated

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    Strict,
    model_validator,
)

from sales_support_kpi.config.problems import wrong

LANGUAGES = ("ko", "en")


class Model(BaseModel):
    """Frozen; a key it does not know is refused, so that a typo never passes for a setting."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


def _day(value: object) -> object:
    if isinstance(value, date):
        return value
    if not isinstance(value, str) or not re.fullmatch(r"\d{4}-\d{2}-\d{2}", value):
        raise wrong(f"must be a date like 2026-01-31 (is {value!r})")
    try:
        return date.fromisoformat(value)
    except ValueError:
        raise wrong(f"{value} is not a day of the calendar") from None


def _filled(value: str) -> str:
    if not value.strip():
        raise wrong("must not be empty")
    return value.strip()


def _slug(value: str) -> str:
    if not re.fullmatch(r"[a-z][a-z0-9_]*", value):
        raise wrong(f"{value!r} must be lower-case letters, digits and _ (as in weekly_trend)")
    return value


Str = Annotated[str, Strict(), AfterValidator(_filled)]
Slug = Annotated[str, Strict(), AfterValidator(_slug)]
Flag = Annotated[bool, Strict()]
Number = Annotated[float, Strict()]
Share = Annotated[float, Strict(), Field(ge=0, le=1)]
Day = Annotated[date, BeforeValidator(_day)]


class Text(Model):
    """A text in both languages; given in one only, it stands for the other too."""

    ko: Str
    en: Str

    @model_validator(mode="before")
    @classmethod
    def _one_stands_for_both(cls, value: object) -> object:
        if isinstance(value, str):
            return {"ko": value, "en": value}
        if isinstance(value, dict):
            given = next((value[key] for key in LANGUAGES if value.get(key) is not None), None)
            if given is not None:
                return {**value, **{key: value.get(key) or given for key in LANGUAGES}}
            raise wrong("must be a text in ko or en or both: {ko: …, en: …}")
        if not isinstance(value, Text):
            raise wrong(f"must be {{ko: …, en: …}} (is {value!r})")
        return value

    def in_language(self, language: str) -> str:
        """The text in `ko` or `en`."""
        return self.ko if language == "ko" else self.en


def repeated(values: Iterable[str]) -> list[str]:
    """Values that occur more than once."""
    return [value for value, count in Counter(values).items() if count > 1]
