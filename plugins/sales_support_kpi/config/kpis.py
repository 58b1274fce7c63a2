"""`kpis.yml` and `goals.yml`: the catalog entry of a KPI, its targets, and what it is good for."""

import math
from typing import Annotated, Literal

from pydantic import (
    AfterValidator,
    Field,
    PlainSerializer,
    PlainValidator,
    Strict,
    ValidationInfo,
    field_validator,
    model_validator,
)

from sales_support_kpi.config.base import Day, Flag, Model, Number, Share, Slug, Str, Text, repeated
from sales_support_kpi.config.problems import nearest, wrong
from sales_support_kpi.config.words import ENTITY_NAMES

Unit = Literal["hours", "ratio", "score", "count"]
Better = Literal["higher", "lower"]
Clock = Literal["business", "calendar"]
Aggregation = Literal["flow", "stock", "month_end", "flow+stock"]
Grain = Literal["any", "day", "week", "month", "quarter", "year"]
ScopeType = Literal["any", "company", "team", "role", "employee"]
ROLES = ("sales", "support")


def _setting(value: object) -> object:
    if isinstance(value, (bool, int, float)) and math.isfinite(value):
        return value
    if isinstance(value, str) and value.strip():
        return value.strip()
    if isinstance(value, (list, tuple)) and all(isinstance(one, str) for one in value):
        return tuple(one.strip() for one in value)
    raise wrong(f"must be a number, true or false, text, or a list of texts (is {value!r})")


def _as_given(value: object) -> object:
    return list(value) if isinstance(value, tuple) else value


Setting = Annotated[
    bool | int | float | str | tuple[str, ...],
    PlainValidator(_setting),
    PlainSerializer(_as_given),
]


class Target(Model):
    """The value to reach from a date on; the latest `from` not after a period's end judges it.

    In the file the scope is one text: `scope: company`, `team:<name>`, `role:support` or
    `employee:<id>`; without it the target is meant for company, teams and employees alike
    (`any`; for counts: the company only).
    """

    valid_from: Day = Field(alias="from")
    value: Number
    scope_type: ScopeType = "any"
    scope_id: str | None = None
    grain: Grain = "any"
    basis: Literal["agreed", "default", "proposed"] = "agreed"
    agreed_by: tuple[Str, ...] = ()

    @model_validator(mode="before")
    @classmethod
    def _split_scope(cls, raw: object) -> object:
        if not isinstance(raw, dict) or "scope" not in raw:
            return raw
        values = {key: value for key, value in raw.items() if key != "scope"}
        return values | _scope(raw["scope"])

    @property
    def scope(self) -> str:
        """The scope as the file spells it."""
        named = self.scope_type in ("team", "role", "employee")
        return f"{self.scope_type}:{self.scope_id}" if named else self.scope_type


def _scope(text: object) -> dict[str, str]:
    if text == "company":
        return {"scope_type": "company", "scope_id": "company"}
    kind, colon, name = text.partition(":") if isinstance(text, str) else ("", "", "")
    if kind not in ("team", "role", "employee") or not colon or not name.strip():
        raise wrong(
            f"scope {text!r} is not one of company, team:<name>, role:support, employee:<id>"
        )
    if kind == "role" and name.strip() not in ROLES:
        raise wrong(f"scope {text!r}: a role is one of {', '.join(ROLES)}")
    return {"scope_type": kind, "scope_id": name.strip()}


class Guard(Model):
    """Where a value is broken data rather than a missed target, and what broken data leads to.

    Attributes:
        floor: a value below it breaches.
        max_drop: a fall by more than this against the last published night breaches.
        on_breach: of these and of whatever else is critical for this KPI alone (its values are
            impossible, or do not tie to its rows): `stop` publishes nothing, `withhold` leaves
            out this KPI alone, as happens to a KPI without a guard.
    """

    floor: Number | None = None
    max_drop: Annotated[Number, Field(gt=0)] | None = None
    on_breach: Literal["stop", "withhold"]


def _check_entity(name: str) -> str:
    if name not in ENTITY_NAMES:
        raise wrong(f"unknown entity {name!r}: {nearest(name, ENTITY_NAMES)}")
    return name


def _distinct(names: tuple[str, ...]) -> tuple[str, ...]:
    if not names:
        raise wrong("must not be empty")
    twice = repeated(names)
    if twice:
        raise wrong(f"{', '.join(twice)} is listed twice")
    return names


EntityName = Annotated[str, Strict(), AfterValidator(_check_entity)]
EntityNames = Annotated[tuple[EntityName, ...], AfterValidator(_distinct)]


def _some(targets: tuple[Target, ...]) -> tuple[Target, ...]:
    if not targets:
        raise wrong("is empty: add the value to reach, e.g. {from: 2026-01-01, value: 0.95}")
    return targets


SomeTargets = Annotated[tuple[Target, ...], AfterValidator(_some)]


class Kpi(Model):
    """One KPI as this company uses it.

    Attributes:
        number: its number in the KPI catalog, as people call it (`8a`).
        position: its place on the scorecard, from 1.
        clock: the clock its hours run on; null where no hours are measured.
        params: the numbers of its rule.
        entities: what feeds it: staleness and withholding follow from them.
        required: those it cannot be measured without (default: all of `entities`).
        aggregation: how its rows become a period's value (`flow+stock`: it has parts of both).
        accountable: the team whose scorecard it stands on, whoever its rows belong to.
        tolerance: share of the target by which a miss is still `at_risk`.
        min_sample: below this sample size the status is `insufficient`.
    """

    id: Slug
    number: Str | None = None
    position: int = 0
    enabled: Flag = True
    name: Text
    definition: Text
    unit: Unit
    better: Better
    clock: Clock | None = None
    params: dict[str, Setting] = Field(default_factory=dict)
    entities: EntityNames
    required: Annotated[tuple[EntityName, ...], Field(validate_default=True)] = ()
    aggregation: Aggregation
    accountable: Slug = "sales_support"
    tolerance: Share = 0.05
    min_sample: Annotated[int, Strict(), Field(ge=1)] = 1
    targets: SomeTargets
    serves: tuple[Slug, ...] = ()
    owner: Str | None = None
    guard: Guard | None = None

    @field_validator("required")
    @classmethod
    def _all_are_required(cls, given: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
        return given or info.data.get("entities", ())


GOAL_LEVELS = ("support", "sales", "company")


class Goal(Model):
    """A goal of sales support, sales or the company, and the goals above it that it serves."""

    id: Slug
    level: Literal["support", "sales", "company"]
    name: Text
    serves: tuple[Slug, ...] = ()
