"""`company.yml`: zone, holidays, working time, limits, regular reports, own words."""

import re
from datetime import date
from itertools import pairwise
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    Strict,
    ValidationInfo,
    field_validator,
    model_validator,
)

from sales_support_kpi.config.base import Day, Model, Share, Slug, Str, Text, repeated
from sales_support_kpi.config.links import Links
from sales_support_kpi.config.problems import nearest, wrong
from sales_support_kpi.config.publishing import Publish
from sales_support_kpi.config.quality import Quality
from sales_support_kpi.config.records import Records
from sales_support_kpi.config.words import COLUMN_NAMES, ENTITY_NAMES

Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
WEEKDAYS: tuple[Weekday, ...] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
MINUTES_A_DAY = 24 * 60


def check_timezone(name: str) -> str:
    """The name of a zone that exists.

    Raises:
        PydanticCustomError: there is none of that name.
    """
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        from zoneinfo import available_timezones

        hint = nearest(name, available_timezones())
        raise wrong(f"unknown timezone {name!r}, expected one like Asia/Seoul; {hint}") from None
    return name


def _check_country(code: str) -> str:
    if code == "KR":  # the usual case costs no import
        return code
    from holidays import list_supported_countries

    known = list_supported_countries(include_aliases=False)
    if code not in known:
        hint = nearest(code.upper(), known)
        raise wrong(
            f"unknown country {code!r}: use the two-letter code (KR) or null for none; {hint}"
        )
    return code


def _country_text(value: object) -> object:
    # YAML 1.1 reads Norway's code as "no"
    return "NO" if value is False else value


Timezone = Annotated[str, Strict(), AfterValidator(check_timezone)]
CountryCode = Annotated[str, Strict(), AfterValidator(_check_country)]


class Interval(Model):
    """Working time within a day, `"09:00-18:00"`; in minutes since midnight, half-open."""

    start: int
    end: int

    @model_validator(mode="before")
    @classmethod
    def _from_text(cls, value: object) -> object:
        match = isinstance(value, str) and re.fullmatch(
            r"\s*(\d{1,2}):(\d{2})\s*-\s*(\d{1,2}):(\d{2})\s*", value
        )
        if not match:
            raise wrong(f'must be an interval like "09:00-18:00" (is {value!r})')
        hours, minutes, end_hours, end_minutes = map(int, match.groups())
        start, end = hours * 60 + minutes, end_hours * 60 + end_minutes
        if minutes > 59 or end_minutes > 59 or start > MINUTES_A_DAY or end > MINUTES_A_DAY:
            raise wrong(f"{value!r} is not a time of day: use 00:00 to 24:00")
        if start >= end:
            raise wrong(
                f"{value!r} ends before it starts: write a night shift as two intervals, "
                '"22:00-24:00" and on the next day "00:00-06:00"'
            )
        return {"start": start, "end": end}

    def __str__(self) -> str:
        return "-".join(f"{at // 60:02d}:{at % 60:02d}" for at in (self.start, self.end))


def _without_overlap(intervals: tuple[Interval, ...]) -> tuple[Interval, ...]:
    ordered = tuple(sorted(intervals, key=lambda one: one.start))
    for one, other in pairwise(ordered):
        if other.start < one.end:
            raise wrong(f"{one} and {other} overlap: make them one interval or set them apart")
    return ordered


DayHours = Annotated[tuple[Interval, ...], AfterValidator(_without_overlap)]


class WorkingHours(Model):
    """The week's hours from a date on; a weekday that is left out is closed."""

    valid_from: Day | None = Field(default=None, alias="from")
    mon: DayHours = ()
    tue: DayHours = ()
    wed: DayHours = ()
    thu: DayHours = ()
    fri: DayHours = ()
    sat: DayHours = ()
    sun: DayHours = ()

    def on_weekday(self, weekday: int) -> tuple[Interval, ...]:
        """Hours of a weekday, 0 = Monday."""
        hours: tuple[Interval, ...] = getattr(self, WEEKDAYS[weekday])
        return hours

    @model_validator(mode="after")
    def _has_hours(self) -> "WorkingHours":
        if not any(self.on_weekday(weekday) for weekday in range(7)):
            raise wrong("no weekday has working hours: the business clock would never run")
        return self


def _as_list(value: object) -> object:
    return [value] if isinstance(value, dict) else value


def _by_date(schedules: tuple[WorkingHours, ...]) -> tuple[WorkingHours, ...]:
    if not schedules:
        raise wrong('must not be empty, e.g. {mon: ["09:00-18:00"]}')
    starts = [schedule.valid_from for schedule in schedules]
    if len(set(starts)) < len(starts):
        raise wrong("two schedules start on the same date: give each its own from: DATE")
    return tuple(sorted(schedules, key=lambda one: one.valid_from or date.min))


class Report(Model):
    """A report that sales support delivers every week, due on its weekday."""

    id: Slug
    name: Text
    owner_id: Str | None = None
    weekday: Weekday = "mon"
    starts_on: Day


class Aliases(Model):
    """The company's own words for sheets, columns and vocabulary words, beside the shipped ones.

    A column may be named for one entity only: `{처리담당: requests.assignee_id}`.
    """

    sheets: dict[str, Str] = Field(default_factory=dict)
    columns: dict[str, Str] = Field(default_factory=dict)
    words: dict[str, Str] = Field(default_factory=dict)

    @field_validator("sheets")
    @classmethod
    def _are_entities(cls, sheets: dict[str, str]) -> dict[str, str]:
        for alias, entity in sheets.items():
            if entity not in ENTITY_NAMES:
                hint = nearest(entity, ENTITY_NAMES)
                raise wrong(f"{alias} stands for {entity!r}, which is no entity; {hint}")
        return sheets

    @field_validator("columns")
    @classmethod
    def _are_columns(cls, columns: dict[str, str]) -> dict[str, str]:
        for alias, column in columns.items():
            if column not in COLUMN_NAMES:
                plain = [name for name in COLUMN_NAMES if "." not in name]
                hint = nearest(column.rpartition(".")[2], plain)
                raise wrong(f"{alias} stands for {column!r}, which is no column; {hint}")
        return columns


def _distinct_reports(reports: tuple[Report, ...]) -> tuple[Report, ...]:
    twice = repeated(report.id for report in reports)
    if twice:
        raise wrong(f"{', '.join(twice)} is listed twice: every id once")
    return reports


def schedule_on(schedules: tuple[WorkingHours, ...], day: date) -> WorkingHours:
    """The schedule in force on a day, of schedules ordered by date."""
    found = schedules[0]
    for schedule in schedules[1:]:
        if schedule.valid_from is not None and schedule.valid_from <= day:
            found = schedule
    return found


class Company(Model):
    """One company's calendar, limits and reports.

    `working_hours` is ordered by date; its first schedule also covers the time before it.
    """

    timezone: Timezone
    country: Annotated[CountryCode | None, BeforeValidator(_country_text)]
    working_hours: Annotated[
        tuple[WorkingHours, ...], BeforeValidator(_as_list), AfterValidator(_by_date)
    ]
    closed_days: tuple[Day, ...]
    open_days: tuple[Day, ...]
    max_quarantine: Share
    max_shrink: Share
    quality: Quality
    reports: Annotated[tuple[Report, ...], AfterValidator(_distinct_reports)]
    aliases: Aliases = Aliases()
    records: Records
    links: Links = Links()
    publish: Publish = Publish()

    def schedule_on(self, day: date) -> WorkingHours:
        """The schedule in force on a day."""
        return schedule_on(self.working_hours, day)

    @field_validator("open_days")
    @classmethod
    def _have_hours(cls, days: tuple[date, ...], info: ValidationInfo) -> tuple[date, ...]:
        schedules = info.data.get("working_hours", ())
        for day in days if schedules else ():
            if not schedule_on(schedules, day).mon:
                raise wrong(
                    f"{day} would have Monday's hours, but Monday has none then: "
                    "give mon: working hours or remove the date"
                )
        return days
