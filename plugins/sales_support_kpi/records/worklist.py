"""The worklist of one steward, read from the published night: ids and rules, no contact data.

published/kpi_people.duckdb (customer_record_issues, _fixes, _progress, record_rules) → `Worklist`
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sales_support_kpi.errors import SalesSupportKpiError, UsageError
from sales_support_kpi.report.published import (
    PublishedNight,
    Reader,
    current_night,
    suggestion,
)
from sales_support_kpi.settings import Home

NEW_WITHIN = timedelta(days=7)
NOBODY = "-"  # the list of the records that have no steward


@dataclass(frozen=True, slots=True)
class Issue:
    """One rule that one record fails."""

    place: int
    source: str
    customer_id: str
    rule: str
    is_critical: bool
    since: datetime
    days: int
    is_new: bool
    fix_count: int
    lift: float
    other_customer_ids: str | None


@dataclass(frozen=True, slots=True)
class Fix:
    """What was put right."""

    source: str
    customer_id: str
    rule: str
    since: datetime
    fixed_at: datetime
    days: int


@dataclass(frozen=True, slots=True)
class Rule:
    """What a rule is called, and what to do where it fails."""

    name: dict[str, str]
    why: dict[str, str]
    todo: dict[str, str]


@dataclass(frozen=True, slots=True)
class Worklist:
    """What one steward has to do, best first, and what has been done.

    Attributes:
        progress: the scope's row of customer_record_progress; empty where the KPI says nothing.
        company: the same for the company.
    """

    steward_id: str
    steward_name: str | None
    night: date
    as_of: datetime
    timezone: str
    publish_id: str
    issues: tuple[Issue, ...]
    fixes: tuple[Fix, ...]
    rules: dict[str, Rule]
    progress: dict[str, Any]
    company: dict[str, Any]


class Worklists:
    """The worklists of a published night."""

    def __init__(self, night: PublishedNight, reader: Reader) -> None:
        self._night = night
        self._reader = reader
        if "lift" not in reader.columns("customer_record_issues"):
            raise SalesSupportKpiError(
                f"the published night {night.publish_id} has no worklist; publish it again with "
                "`kpi run` or `kpi rebuild`"
            )

    def stewards(self) -> list[str]:
        """Everybody with something to do or done; `-` for the records that nobody keeps."""
        found = self._reader.select(
            "select distinct coalesce(steward_id, '-') as steward_id from ("
            "select steward_id from customer_record_issues union all "
            "select steward_id from customer_record_fixes) order by steward_id"
        )
        return [row["steward_id"] for row in found]

    def of(self, steward_id: str) -> Worklist:
        """One steward's list.

        Raises:
            UsageError: nobody of that id keeps records.
        """
        known = self._known()
        if steward_id not in known:
            raise UsageError(
                f"{steward_id!r} keeps no customer records; {suggestion(steward_id, known)}"
            )
        return Worklist(
            steward_id=steward_id,
            steward_name=self._name(steward_id),
            night=self._night.night,
            as_of=self._night.as_of,
            timezone=self._night.timezone,
            publish_id=self._night.publish_id,
            issues=tuple(self._issues(steward_id)),
            fixes=tuple(self._fixes(steward_id)),
            rules=self._rules(),
            progress=self._progress("employee", steward_id),
            company=self._progress("company", "company"),
        )

    def _known(self) -> list[str]:
        keepers = self._reader.select(
            "select distinct steward_id from dim_customers "
            "where status = 'active' and steward_id is not null order by steward_id"
        )
        return list(dict.fromkeys([*self.stewards(), *(row["steward_id"] for row in keepers)]))

    def _name(self, steward_id: str) -> str | None:
        if "name" not in self._reader.columns("dim_employees"):
            return None
        found = self._reader.select(
            "select name from dim_employees where employee_id = ? limit 1", [steward_id]
        )
        return found[0]["name"] if found else None

    def _issues(self, steward_id: str) -> Iterator[Issue]:
        for row in self._reader.stream(
            "select *, epoch_us(since) as since_micros from customer_record_issues "
            "where coalesce(steward_id, '-') = ? order by place",
            [steward_id],
        ):
            since = _instant(row["since_micros"])
            stood = self._night.as_of - since
            yield Issue(
                place=row["place"],
                source=row["source"],
                customer_id=row["customer_id"],
                rule=row["rule"],
                is_critical=row["is_critical"],
                since=since,
                days=stood.days,
                is_new=stood <= NEW_WITHIN,
                fix_count=row["fix_count"],
                lift=row["lift"],
                other_customer_ids=row["other_customer_ids"],
            )

    def _fixes(self, steward_id: str) -> Iterator[Fix]:
        for row in self._reader.stream(
            "select source, customer_id, rule, epoch_us(since) as since_micros, "
            "epoch_us(fixed_at) as fixed_micros from customer_record_fixes "
            "where coalesce(steward_id, '-') = ? order by fixed_at desc, source, customer_id, rule",
            [steward_id],
        ):
            since, fixed_at = _instant(row["since_micros"]), _instant(row["fixed_micros"])
            days = (fixed_at - since).days
            yield Fix(row["source"], row["customer_id"], row["rule"], since, fixed_at, days)

    def _rules(self) -> dict[str, Rule]:
        return {
            row["rule"]: Rule(
                {"ko": row["name_ko"], "en": row["name_en"]},
                {"ko": row["why_ko"], "en": row["why_en"]},
                {"ko": row["todo_ko"], "en": row["todo_en"]},
            )
            for row in self._reader.table("record_rules")
        }

    def _progress(self, scope_type: str, scope_id: str) -> dict[str, Any]:
        found = self._reader.select(
            "select * exclude (as_of) from customer_record_progress "
            "where scope_type = ? and scope_id = ?",
            [scope_type, scope_id],
        )
        return found[0] if found else {}


@contextmanager
def open_worklists(home: Home) -> Iterator[Worklists]:
    """The worklists of what is published now; needs the right to read about persons."""
    night = current_night(home)
    with night.open(people=True) as reader:
        yield Worklists(night, reader)


def _instant(micros: int) -> datetime:
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=micros)
