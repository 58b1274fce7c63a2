"""What a check said, and what follows from all of them: `CheckResult`, `Verdict`."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

Door = Literal["in", "out"]
Severity = Literal["critical", "warning"]
Outcome = Literal["passed", "failed", "error", "no_data"]
OnBreach = Literal["stop", "withhold"]
Bound = Literal["min", "max"]


@dataclass(frozen=True, slots=True)
class CheckResult:
    """One expectation applied to one thing.

    Attributes:
        door: `in` judges a load before anything reads it, `out` the marts before anyone does.
        suite: the suite of `expectations/` the check belongs to.
        check: the check's name within its suite.
        kpi_id: the KPI concerned, if it is one alone.
        severity: `critical` stops what is behind the door, `warning` is reported.
        outcome: `error` means the check itself could not be made, `no_data` that there was
            nothing to judge; neither is a pass.
        observed: what was seen, for a person.
        expected: what should have been seen.
        why: why anybody cares.
        owner: who acts.
        subject: what was judged where that is not a KPI (`crm__requests`, a source).
        on_breach: a critical breach stops the publish, or withholds the one KPI concerned.
        may_be_empty: having nothing to judge is an ordinary state here, not a breach.
        value: the number that was judged (of several, the worst).
        threshold: what it was held against.
        bound: whether the threshold is the least (`min`) or the most (`max`) it may be.
        file: the file that was judged where several bring the same, as in a drop box.
        series: the subject of the group it is one of: what a trend of the check goes by, so that
            it goes on in the night in which one of the group fails.
    """

    door: Door
    suite: str
    check: str
    kpi_id: str | None
    severity: Severity
    outcome: Outcome
    observed: str
    expected: str
    why: str
    owner: str
    subject: str = ""
    on_breach: OnBreach = "stop"
    may_be_empty: bool = False
    value: float | None = None
    threshold: float | None = None
    bound: Bound | None = None
    file: str = ""
    series: str | None = None

    @property
    def headroom(self) -> float | None:
        """How far the value is on the good side of its threshold; negative behind it."""
        if self.value is None or self.threshold is None:
            return None
        apart = self.threshold - self.value
        return -apart if self.bound == "min" else apart

    @property
    def is_breach(self) -> bool:
        """Whether somebody has to hear of it: an empty table never passes."""
        if self.outcome == "no_data":
            return not self.may_be_empty
        return self.outcome != "passed"

    @property
    def is_critical_breach(self) -> bool:
        """A breach that may not pass the door as it is."""
        return self.is_breach and self.severity == "critical"

    @property
    def is_warning(self) -> bool:
        """A breach that passes the door, flagged."""
        return self.is_breach and self.severity == "warning"

    def sentence(self) -> str:
        """The result for a person: what, where, seen, expected, who acts."""
        about = self.kpi_id or self.subject
        where = f"{self.check} ({about})" if about else self.check
        seen = {"no_data": "there was nothing to judge", "error": "the check could not be made: "}
        observed = seen.get(self.outcome, "")
        if self.outcome != "no_data":
            observed += self.observed
        return f"{where}: {observed}; expected {self.expected}. {self.why} Acts: {self.owner}."


@dataclass(frozen=True, slots=True)
class Verdict:
    """All results of a door, and what they decide."""

    results: tuple[CheckResult, ...]

    @classmethod
    def of(cls, results: Iterable[CheckResult]) -> "Verdict":
        """The verdict over these results."""
        return cls(tuple(results))

    @property
    def critical(self) -> tuple[CheckResult, ...]:
        """Critical breaches that stop everything behind the door."""
        return tuple(r for r in self.results if r.is_critical_breach and not _is_withheld(r))

    @property
    def warnings(self) -> tuple[CheckResult, ...]:
        """Breaches that are published, flagged; withheld KPIs are among them."""
        return tuple(r for r in self.results if r.is_warning or _is_withheld(r))

    @property
    def withheld(self) -> frozenset[str]:
        """KPIs whose own data broke: they are published without a number."""
        return frozenset(r.kpi_id for r in self.results if r.kpi_id and _is_withheld(r))

    @property
    def may_publish(self) -> bool:
        """Whether the night may be shown to its readers."""
        return not self.critical


def summed_up(
    results: Sequence[CheckResult], group_of: Callable[[CheckResult], str | None]
) -> list[CheckResult]:
    """One line for what passed in each group, with its worst value: a night has thousands.

    `group_of` names the group by its subject; None where a result stands for itself. What failed,
    and what could not be judged where that is a breach, always stands for itself, in the series of
    its group.
    """
    groups: dict[tuple[str, str, str], list[CheckResult]] = {}
    for result in results:
        group = group_of(result)
        if group is not None and not result.is_breach:
            groups.setdefault((result.suite, result.check, group), []).append(result)
    said: set[tuple[str, str, str]] = set()
    lines = []
    for result in results:
        group = group_of(result)
        if group is None or result.is_breach:
            lines.append(replace(result, series=group))
        elif (result.suite, result.check, group) not in said:
            said.add((result.suite, result.check, group))
            lines.append(_one_line(groups[result.suite, result.check, group], group))
    return lines


def _one_line(results: Sequence[CheckResult], subject: str) -> CheckResult:
    passed = [result for result in results if result.outcome == "passed"]
    if not passed:
        return replace(
            results[0], kpi_id=None, subject=subject, series=subject, observed="", value=None
        )
    worst = min(passed, key=lambda one: float("inf") if one.headroom is None else one.headroom)
    observed = f"{len(passed)} passed"
    return replace(worst, kpi_id=None, subject=subject, series=subject, observed=observed)


def _is_withheld(result: CheckResult) -> bool:
    return (
        result.is_critical_breach and result.on_breach == "withhold" and result.kpi_id is not None
    )
