"""`sources.yml` and `identities.csv`: where records come from, who is who across systems."""

import os
import re
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    Strict,
    ValidationInfo,
    model_validator,
)

from sales_support_kpi.config.base import Flag, Model, Number, Slug, Str
from sales_support_kpi.config.company import Timezone
from sales_support_kpi.config.kpis import EntityName
from sales_support_kpi.config.problems import wrong

Kind = Literal[
    "files", "salesforce", "hubspot", "zendesk", "surveymonkey", "qualtrics", "sql", "rest"
]
Mode = Literal["changes", "full"]

_CRON_RANGES = ((0, 59), (0, 23), (1, 31), (1, 12), (0, 7))
_CRON_WORDS = {
    **{name: place for place, name in enumerate(("sun", "mon", "tue", "wed", "thu", "fri", "sat"))},
    **{
        name: place
        for place, name in enumerate(
            ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"), 1
        )
    },
}


def _cron_number(text: str) -> int:
    return _CRON_WORDS[text] if text in _CRON_WORDS else int(text)


def _is_cron_part(text: str, low: int, high: int) -> bool:
    match = re.fullmatch(r"(\*|\w+(?:-\w+)?)(?:/(\d+))?", text)
    if not match or match[2] == "0":
        return False
    if match[1] == "*":
        return True
    try:
        bounds = [_cron_number(word) for word in match[1].split("-")]
    except ValueError:
        return False
    return low <= bounds[0] <= bounds[-1] <= high


def _check_cron(text: str) -> str:
    fields = text.lower().split()
    good = len(fields) == len(_CRON_RANGES) and all(
        _is_cron_part(part, low, high)
        for field, (low, high) in zip(fields, _CRON_RANGES, strict=True)
        for part in field.split(",")
    )
    if not good:
        raise wrong(f'{text!r} is not a cron schedule like "0 1 * * *" (every day at 01:00)')
    return text


Cron = Annotated[str, Strict(), AfterValidator(_check_cron)]


class ReadOptions(Model):
    """How the text of foreign files is to be read; the defaults read what spreadsheets write."""

    encoding: Str = "auto"
    delimiter: Annotated[str, Strict(), Field(min_length=1)] = "auto"
    nulls: tuple[Annotated[str, Strict()], ...] = ("",)
    date_format: Str | None = None
    timezone: Timezone | None = None
    sheet: Str | None = None

    @model_validator(mode="after")
    def _can_be_used(self) -> "ReadOptions":
        if self.delimiter != "auto" and len(self.delimiter) > 1 and self.delimiter != "\\t":
            raise wrong(f"delimiter: {self.delimiter!r} must be auto or one character")
        try:
            "".encode("utf-8" if self.encoding == "auto" else self.encoding)
        except (LookupError, ValueError):
            raise wrong(
                f"encoding: {self.encoding!r} is unknown: use auto, utf-8, cp949, utf-16 …"
            ) from None
        return self


def config_path(text: object, info: ValidationInfo) -> Path:
    """A path of the configuration: relative ones start at the config folder, `~` is home."""
    if not isinstance(text, str) or not text.strip() or "\0" in text:
        raise wrong(f"must be a path (is {text!r})")
    directory = Path((info.context or {}).get("directory", Path())).resolve()
    try:
        written = Path(text.strip()).expanduser()
    except RuntimeError:
        raise wrong(f"{text!r}: there is no such user: write the whole path") from None
    return Path(os.path.normpath(directory / written))


def _path(text: object, info: ValidationInfo) -> object:
    return None if text is None else config_path(text, info)


class EntityMapping(Model):
    """How one entity comes out of a source.

    In the file: the path of a mapping (one select from `raw`), or `{sql: …, mode: …}`.
    `text` is the SQL as it stood when the configuration was loaded; both are null for a
    source whose files are canonical already.
    """

    sql: Path | None = None
    text: str | None = None
    mode: Mode | None = None

    @model_validator(mode="before")
    @classmethod
    def _read_sql(cls, raw: object, info: ValidationInfo) -> object:
        values = {"sql": raw} if isinstance(raw, str) else {} if raw is None else raw
        if not isinstance(values, dict):
            raise wrong("must be the path of a mapping, or {sql: PATH, mode: full}")
        if "text" in values:
            raise wrong("text: unknown key: put the SQL into a file and give its path as sql:")
        if values.get("sql") is None:
            return values
        path = config_path(values["sql"], info)
        try:
            text = path.read_text(encoding="utf-8-sig")
        except FileNotFoundError:
            raise wrong(f"the mapping {path} does not exist: create it or correct it") from None
        except (OSError, ValueError) as error:
            raise wrong(f"the mapping {path} cannot be read as UTF-8 text: {error}") from None
        if not text.strip():
            raise wrong(f"the mapping {path} is empty: write one select from raw")
        return {**values, "sql": path, "text": text}


class Source(Model):
    """One system or folder that records come from.

    Attributes:
        path: for files: a workbook, a folder or a pattern; absolute once loaded (in the file it
            may be relative to the config folder).
        connection: for the other kinds: the Airflow connection's id.
        mode: of all its entities, where they do not say otherwise. Left out: `full` for files,
            `changes` for the rest.
        entities: how to get at each entity; left out, the files are canonical already, or the
            kind has selects of its own.
        options: what the kind may be told, as written; checked by the kind's own model.
    """

    id: Slug
    kind: Kind
    enabled: Flag = True
    schedule: Cron = "0 1 * * *"
    freshness_hours: Annotated[Number, Field(gt=0)] = 36
    mode: Mode = "changes"
    path: Annotated[Path | None, BeforeValidator(_path)] = None
    connection: Str | None = None
    read: ReadOptions = ReadOptions()
    entities: dict[EntityName, EntityMapping] = Field(default_factory=dict)
    keep_extra: Flag = False
    options: dict[str, Any] = Field(default_factory=dict)

    @model_validator(mode="before")
    @classmethod
    def _files_are_full(cls, raw: object) -> object:
        if isinstance(raw, dict) and raw.get("mode") is None and raw.get("kind") == "files":
            return {**raw, "mode": "full"}
        return raw

    def mode_of(self, entity: str) -> Mode:
        """The mode of one entity."""
        mapping = self.entities.get(entity)
        return self.mode if mapping is None or mapping.mode is None else mapping.mode


class Identity(Model):
    """One line of `identities.csv`: an employee id of one system is that person of another.

    It overrides the match by e-mail. A person mapped to itself is matched to nobody.
    """

    source: str
    employee_id: str
    same_as_source: str
    same_as_employee_id: str
