"""The worked examples of the KPI dictionary, read from the unit tests of the dbt project.

`dbt_project/models/**/*.yml → UnitTest (given rows, expected rows) → WorkedExample`. What the page
shows is what the test runs: nothing is typed twice.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from sales_support_kpi.report.model import Lang
from sales_support_kpi.settings import repo_root

Row = Mapping[str, Any]
_INSTANT = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d")


@dataclass(frozen=True, slots=True)
class UnitTest:
    """One dbt unit test.

    Attributes:
        given: input (`requests`, `control.night`) → its rows.
        as_of: the instant the example is looked at from; only examples of measures have one.
        built_from: unit tests whose expected rows are this one's given rows.
        shows: the inputs that a reader should see.
    """

    name: str
    model: str
    descriptions: Mapping[Lang, str]
    given: Mapping[str, Sequence[Row]]
    expected: Sequence[Row]
    as_of: datetime | None
    built_from: tuple[str, ...]
    shows: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class WorkedExample:
    """An example as one can follow it by hand: the records, the measure rows, what they come to."""

    test: UnitTest
    inputs: Mapping[str, Sequence[Row]]
    beginnings: tuple[UnitTest, ...] = ()

    def said(self, lang: Lang) -> list[str]:
        """What the example shows, from its first step to its last, a paragraph each."""
        return [test.descriptions[lang] for test in (*self.beginnings[:1], self.test)]

    @property
    def as_of(self) -> datetime:
        """The instant the example is looked at from."""
        if self.test.as_of is None:
            raise ValueError(f"the example {self.test.name} has no as_of")
        return self.test.as_of

    @property
    def counted(self) -> list[Row]:
        """The measure rows that count at `as_of`."""
        return [row for row in self.test.expected if self.counts(row)]

    def counts(self, row: Row) -> bool:
        """Whether a measure row counts at `as_of`: it has happened, is decided, still holds."""
        since = instant(row.get("visible_from") or row["occurred_at"])
        until = instant(row["visible_until"]) if row.get("visible_until") else None
        return (
            instant(row["occurred_at"]) < self.as_of
            and since < self.as_of
            and (until is None or until >= self.as_of)
        )

    @property
    def numerator(self) -> float:
        """Sum of what counts."""
        return float(sum(row["numerator"] for row in self.counted))

    @property
    def denominator(self) -> float | None:
        """Sum of what counts; none for a count."""
        parts = [row["denominator"] for row in self.counted if row["denominator"] is not None]
        return float(sum(parts)) if parts else None

    @property
    def value(self) -> float | None:
        """Numerator divided by denominator, once; a count is its numerator."""
        if self.denominator is None:
            return self.numerator
        return self.numerator / self.denominator if self.denominator > 0 else None


def instant(text: str) -> datetime:
    """An instant as the examples write it: `2026-10-06 09:00+09`."""
    return datetime.fromisoformat(text)


@lru_cache(maxsize=1)
def model_files() -> tuple[Mapping[str, Any], ...]:
    """Every `.yml` beside a model, as written."""
    models = repo_root() / "dbt_project" / "models"
    return tuple(_read(path) for path in sorted(models.rglob("*.yml")))


def models() -> dict[str, Mapping[str, Any]]:
    """Model name → what its `.yml` says about it."""
    return {model["name"]: model for file in model_files() for model in file.get("models", ())}


def unit_tests() -> dict[str, UnitTest]:
    """Unit test name → the test."""
    return {test.name: test for test in _unit_tests()}


def example_of(kpi_id: str) -> WorkedExample:
    """The worked example of a KPI.

    Raises:
        LookupError: its measure has none.
    """
    tests = unit_tests()
    for test in tests.values():
        if test.model == f"measure_{kpi_id}" and test.as_of is not None:
            inputs = {name: _rows(test, name, tests) for name in test.shows}
            return WorkedExample(test, inputs, tuple(tests[name] for name in test.built_from))
    raise LookupError(f"measure_{kpi_id} has no worked example")


def _rows(test: UnitTest, name: str, tests: Mapping[str, UnitTest]) -> Sequence[Row]:
    for place in (test, *(tests[other] for other in test.built_from)):
        if place.given.get(name):
            return place.given[name]
    raise LookupError(f"the example {test.name} shows {name}, but nothing gives it")


def _unit_tests() -> Iterator[UnitTest]:
    for file in model_files():
        for test in file.get("unit_tests", ()):
            meta = test.get("config", {}).get("meta", {})
            said = [line for line in test.get("description", "").splitlines() if line.strip()]
            yield UnitTest(
                name=test["name"],
                model=test["model"],
                descriptions={"en": said[0], "ko": said[-1]} if said else {},
                given={_input(given["input"]): given["rows"] for given in test["given"]},
                expected=test["expect"]["rows"],
                as_of=instant(meta["as_of"]).astimezone(UTC) if "as_of" in meta else None,
                built_from=tuple(meta.get("built_from", ())),
                shows=tuple(meta.get("shows", ())),
            )


def _input(text: str) -> str:
    """`ref('requests')` → `requests`; `source('control', 'night')` → `control.night`."""
    return text.partition("(")[2].rstrip(")").replace("'", "").replace(", ", ".")


def _read(path: Path) -> Mapping[str, Any]:
    content: Mapping[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return content


def is_instant(value: object) -> bool:
    """Whether a cell of an example is an instant."""
    return isinstance(value, str) and _INSTANT.match(value) is not None


def is_date(value: object) -> bool:
    """Whether a cell of an example is a date."""
    return isinstance(value, date) and not isinstance(value, datetime)
