"""Every cell of `kpi_values`, computed slowly from the records: the one to compare with.

    drops + config → landed rows → the world at as_of → measure rows → a cell per period and scope

Run alone: `evaluate(drops, config_directory, as_of)`; the drops may come from `read_folder`.
"""

import csv
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path

from tests.oracle import rules
from tests.oracle.cells import ALWAYS, COLUMNS, local_date, micros, midnight
from tests.oracle.company_config import Company
from tests.oracle.judging import interval_of, judge, quantile, target_of
from tests.oracle.loads import Drop, land
from tests.oracle.people import Ref
from tests.oracle.periods import GRAINS, next_start, start_of
from tests.oracle.rules import MeasureRow, Standing
from tests.oracle.world import World

Scope = tuple[str, str]
CellKey = tuple[str, str, date, str, str]
COMPANY: Scope = ("company", "company")
DAYS_KEPT = 92
LONG_AGO = ALWAYS // 2  # after all that is without a date, before all that has one


@dataclass(frozen=True)
class Kpi:
    """Which rule measures a KPI, and what it cannot be measured without."""

    required: tuple[str, ...]
    flow: Callable[..., Iterator[MeasureRow]] | None = None
    stock: Callable[..., Iterator[Standing]] | None = None
    month_end: Callable[..., Iterator[MeasureRow]] | None = None
    stock_entity: str = ""


KPIS = {
    "document_turnaround": Kpi(("requests",), rules.document_turnaround),
    "customer_record_accuracy": Kpi(
        ("customers", "employees"),
        stock=rules.customer_record_accuracy,
        stock_entity="customers",
    ),
    "material_request_satisfaction": Kpi(
        ("survey_responses",), rules.material_request_satisfaction
    ),
    "contract_followup_completion": Kpi(
        ("contracts", "contract_steps"), rules.contract_followup_completion
    ),
    "crm_entry_rate": Kpi(
        ("activities", "opportunities"),
        rules.crm_entry_rate_activities,
        rules.crm_entry_rate_opportunities,
        stock_entity="opportunities",
    ),
    "report_on_time": Kpi(("report_deliveries",), rules.report_on_time),
    "report_usage": Kpi(("meetings", "report_uses"), rules.report_usage),
    "insights_delivered": Kpi(("insights",), rules.insights_delivered),
    "inquiry_within_4h": Kpi(("requests",), rules.inquiry_within_4h),
    "inquiry_completion_rate": Kpi(("requests",), rules.inquiry_completion_rate),
    "inquiry_handling_time": Kpi(("requests",), rules.inquiry_handling_time),
    "complaint_support_satisfaction": Kpi(
        ("survey_responses", "employees"), rules.complaint_support_satisfaction
    ),
    "onboarding_satisfaction": Kpi(
        ("survey_responses", "employees"), rules.onboarding_satisfaction
    ),
    "material_freshness": Kpi(
        ("materials", "material_updates"), month_end=rules.material_freshness
    ),
}


@dataclass
class Cell:
    """One row of `kpi_values`, without what other nights said."""

    numerator: float
    denominator: float | None
    value: float | None
    target: float | None
    attainment: float | None
    status: str
    sample_size: int
    ci_low: float | None
    ci_high: float | None
    is_certain: bool | None
    median: float | None
    p90: float | None
    is_complete: bool


def read_folder(folder: Path) -> dict[str, list[dict[str, str]]]:
    """The csv files of a drop's folder, as rows of text."""
    entities = {}
    for entity in COLUMNS:
        file = folder / f"{entity}.csv"
        if file.exists():
            with file.open(encoding="utf-8", newline="") as lines:
                entities[entity] = list(csv.DictReader(lines))
    return entities


def evaluate(
    drops: list[Drop], config: Path, as_of: datetime, known_at: date | None = None
) -> dict[CellKey, Cell]:
    """All cells of the night `as_of`, from the loads known at the night `known_at`."""
    company = Company(config)
    company.sources += [d.source for d in drops if d.source not in company.sources]
    known = [drop for drop in drops if known_at is None or drop.night <= known_at]
    landings = land(known, company.zone, company.max_quarantine)
    world = World(landings, company, micros(as_of))
    cells: dict[CellKey, Cell] = {}
    for entry in company.kpis:
        if entry.get("enabled", True) and entry["id"] in KPIS:
            cells.update(KpiCells(world, entry).cells())
    return cells


@dataclass
class Attributed:
    """A row or a standing with the scopes it counts for."""

    item: MeasureRow | Standing
    scopes: frozenset[Scope]


@dataclass
class Pool:
    """What one period and scope is computed from."""

    numerators: list[float] = field(default_factory=list)
    denominators: list[float] = field(default_factory=list)


class KpiCells:
    """The cells of one KPI."""

    def __init__(self, world: World, entry: dict) -> None:
        self.world = world
        self.entry = entry
        self.kpi = KPIS[entry["id"]]
        self.zone = world.company.zone
        self.last_day = local_date(world.as_of - 1, self.zone)
        self.is_measured = all(world.is_landed(entity) for entity in self.kpi.required)
        self._standings: dict[int, list[Attributed]] = {}
        self._month_rows: dict[date, list[Attributed]] = {}
        self.flow_rows: list[Attributed] = []
        if self.is_measured and self.kpi.flow:
            self.flow_rows = [
                self.attribute(row, row.employee, row.occurred_at)
                for row in self.kpi.flow(world, entry)
            ]

    # -- who a row counts for --------------------------------------------------------------

    def attribute(self, item: MeasureRow | Standing, ref: Ref | None, instant: int) -> Attributed:
        scopes = {COMPANY}
        employee = self.world.employee(ref, instant)
        if employee is not None:
            scopes.add(("employee", self.world.people.meant_by(ref).name))
            if employee["team"] is not None:
                scopes.add(("team", str(employee["team"])))
        return Attributed(item, frozenset(scopes))

    def standings(self, instant: int) -> list[Attributed]:
        """The stock at an instant."""
        if not (self.is_measured and self.kpi.stock):
            return []
        if instant not in self._standings:
            self._standings[instant] = [
                self.attribute(standing, standing.employee, instant)
                for standing in self.kpi.stock(self.world, self.entry, instant)
            ]
        return self._standings[instant]

    def month_rows(self, month: date) -> list[Attributed]:
        """The rows of one month, evaluated just before its end or as_of."""
        if not (self.is_measured and self.kpi.month_end):
            return []
        if month not in self._month_rows:
            month_end = midnight(next_start("month", month), self.zone)
            end = min(month_end, self.world.as_of)
            month_start = midnight(month, self.zone)
            self._month_rows[month] = [
                self.attribute(row, row.employee, end - 1)
                for row in self.kpi.month_end(self.world, self.entry, month_start, end)
            ]
        return self._month_rows[month]

    # -- since when ------------------------------------------------------------------------

    def first_starts(self, grain: str) -> dict[Scope, date]:
        """The first period of each scope."""
        first: dict[Scope, date] = {}

        def note(scopes: frozenset[Scope], start: date) -> None:
            for scope in scopes:
                first[scope] = min(first.get(scope, start), start)

        for row in self.flow_rows:
            note(row.scopes, start_of(grain, local_date(row.item.occurred_at, self.zone)))
        for start in self.period_starts(grain, self.first_day_of_the_stock()):
            note(self.holding_scopes(self.evaluated_at(grain, start) - 1), start)
        for month in self.months():
            for row in self.month_rows(month):
                note(row.scopes, start_of(grain, month))
        return first

    def holding_scopes(self, instant: int) -> frozenset[Scope]:
        """Who holds a record at an instant, or has held one; teams are those of that instant."""
        scopes: set[Scope] = set()
        for moment in self.version_instants():
            if moment <= instant:
                for standing in self.standings(moment):
                    holder = standing.item.employee
                    scopes |= self.attribute(standing.item, holder, instant).scopes
        return frozenset(scopes)

    def first_day_of_the_stock(self) -> date | None:
        """The day of the first change. What has always been there opens no period by itself."""
        before = self.standing_versions(LONG_AGO)
        for instant in self.instants_of_change():
            if instant > LONG_AGO and self.standing_versions(instant) != before:
                return local_date(instant, self.zone)
        return self.last_day if before else None

    def standing_versions(self, instant: int) -> set[Standing]:
        return {standing.item for standing in self.standings(instant)}

    def version_instants(self) -> list[int]:
        """The instants at which a record's version begins."""
        if not (self.is_measured and self.kpi.stock):
            return []
        records = self.world.versions(self.kpi.stock_entity)
        return sorted({version.start for versions in records.values() for version in versions})

    def instants_of_change(self) -> list[int]:
        """All instants at which anything that the stock depends on may change."""
        if not (self.is_measured and self.kpi.stock):
            return []
        instants: set[int] = set()
        longest = rules.duration(24 * self.entry["params"].get("stale_days", 0))
        for versions in self.world.versions(self.kpi.stock_entity).values():
            for version in versions:
                instants.update((version.start, version.end))
                updated_at = version.row["updated_at"]
                refreshed_at = version.start if updated_at is None else updated_at
                if refreshed_at > ALWAYS:
                    instants.add(refreshed_at + longest)
        for versions in self.world.employees.values():
            for version in versions:
                instants.update((version.start, version.end))
                left_on = version.row["left_on"]
                if left_on is not None:
                    instants.add(midnight(next_start("day", left_on), self.zone))
        instants.update(audit["audited_at"] for audit in self.world.existing("record_audits"))
        return sorted(instant for instant in instants if instant < self.world.as_of)

    def months(self) -> list[date]:
        """The months from the first material's on."""
        if not (self.is_measured and self.kpi.month_end):
            return []
        created = [row["created_at"] for row in self.world.existing("materials")]
        if not created:
            return []
        month = start_of("month", local_date(min(created), self.zone))
        months = []
        while month <= self.last_day:
            months.append(month)
            month = next_start("month", month)
        return months

    # -- cells -----------------------------------------------------------------------------

    def cells(self) -> dict[CellKey, Cell]:
        cells: dict[CellKey, Cell] = {}
        for grain in GRAINS:
            if self.kpi.month_end and grain in ("day", "week"):
                continue
            first = self.first_starts(grain) or {COMPANY: start_of(grain, self.last_day)}
            for scope, first_start in first.items():
                for start in self.period_starts(grain, first_start):
                    cells[self.entry["id"], grain, start, *scope] = self.cell(grain, start, scope)
        return cells

    def period_starts(self, grain: str, first_day: date | None) -> list[date]:
        starts: list[date] = []
        if first_day is None:
            return starts
        start = start_of(grain, first_day)
        while start <= self.last_day:
            starts.append(start)
            start = next_start(grain, start)
        return starts[-DAYS_KEPT:] if grain == "day" else starts

    def evaluated_at(self, grain: str, start: date) -> int:
        return min(midnight(next_start(grain, start), self.zone), self.world.as_of)

    def pool(self, grain: str, start: date, scope: Scope) -> Pool:
        """The numerators and denominators of a period and scope."""
        begins = midnight(start, self.zone)
        ends = self.evaluated_at(grain, start)
        items = [
            row.item
            for row in self.flow_rows
            if scope in row.scopes and begins <= row.item.occurred_at < ends
        ]
        items += [s.item for s in self.standings(ends - 1) if scope in s.scopes]
        if self.kpi.month_end:
            last_month = start_of("month", local_date(ends - 1, self.zone))
            items += [row.item for row in self.month_rows(last_month) if scope in row.scopes]
        denominators = [getattr(item, "denominator", 1.0) for item in items]
        return Pool([item.numerator for item in items], [d for d in denominators if d is not None])

    def cell(self, grain: str, start: date, scope: Scope) -> Cell:
        entry = self.entry
        pool = self.pool(grain, start, scope)
        is_count = entry["unit"] == "count"
        numerator = sum(pool.numerators)
        denominator = None if is_count else sum(pool.denominators)
        if is_count:
            value = numerator if pool.numerators else None
        else:
            value = numerator / denominator if denominator else None
        sample_size = int(numerator if is_count else denominator)
        ends = midnight(next_start(grain, start), self.zone)
        target = target_of(
            entry, grain, self.last_day_of(grain, start), scope, self.role(scope, ends)
        )
        status, attainment = judge(entry, value, target, sample_size)
        low, high = interval_of(entry, pool.numerators, sample_size)
        is_certain = None
        if low is not None and high is not None and target is not None:
            is_certain = target < low - 1e-9 or target > high + 1e-9
        has_quantiles = entry["unit"] == "hours" and bool(pool.numerators)
        return Cell(
            numerator=numerator,
            denominator=denominator,
            value=value,
            target=target,
            attainment=attainment,
            status=status,
            sample_size=sample_size,
            ci_low=low,
            ci_high=high,
            is_certain=is_certain,
            median=quantile(pool.numerators, 0.5) if has_quantiles else None,
            p90=quantile(pool.numerators, 0.9) if has_quantiles else None,
            is_complete=ends <= self.world.as_of,
        )

    def last_day_of(self, grain: str, start: date) -> date:
        return date.fromordinal(next_start(grain, start).toordinal() - 1)

    def role(self, scope: Scope, period_ends: int) -> object:
        """The role of an employee scope, just before the period's end or as_of."""
        if scope[0] != "employee":
            return None
        person = self.world.people.named(scope[1])
        employee = self.world.employee(person.record, min(period_ends, self.world.as_of) - 1)
        return None if employee is None else employee["role"]
