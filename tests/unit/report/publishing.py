"""Writes a small published night by hand: the columns of the published contract, awkward rows."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path

import duckdb
import pyarrow as pa

from sales_support_kpi.settings import Home
from sales_support_kpi.warehouse.published import NightManifest

AS_OF = datetime(2026, 10, 31, 15, tzinfo=UTC)  # 2026-11-01 00:00 in Seoul
PUBLISH_ID = "2026-10-31.01"

_SCHEMA = """
create table kpi_values (
    kpi_id text, grain text, period_start date, period_end date, scope_type text, scope_id text,
    numerator double, denominator double, value double, target double, attainment double,
    status text, sample_size bigint, ci_low double, ci_high double, is_certain bool,
    median double, p90 double, is_complete bool, is_stale bool, as_of timestamptz,
    reported_value double, reported_as_of timestamptz, is_closed bool
);
create table kpi_catalog (
    kpi_id text, position int, number text, name_ko text, name_en text,
    definition_ko text, definition_en text, unit text, better text, aggregation text, clock text,
    accountable text, tolerance double,
    min_sample int, is_measured bool, missing_entities text, owner text
);
create table kpi_targets (
    kpi_id text, valid_from date, scope_type text, scope_id text, grain text, value double,
    basis text
);
create table source_freshness (
    source text, freshness_hours double, last_landed_at timestamptz, last_outcome text,
    is_stale bool
);
"""

_PEOPLE_SCHEMA = """
create table measure_rows (
    kpi_id text, part text, aggregation text, occurred_at timestamptz, employee_id text, team text,
    numerator double, denominator double, kind text, channel text, priority text, segment text,
    source text, entity text, record_id text, load_seq bigint, clock_hours double
);
create table dim_employees (
    employee_id text, source text, source_employee_id text, name text, team text, role text,
    hired_on date, left_on date, valid_from timestamptz, valid_to timestamptz
);
"""


@dataclass(frozen=True)
class Kpi:
    """One catalog entry and its monthly company values, the last one for October 2026."""

    kpi_id: str
    name_ko: str
    name_en: str
    unit: str
    better: str = "higher"
    aggregation: str = "flow"
    target: float | None = None
    status: str = "met"
    values: tuple[float | None, ...] = ()
    sample: int = 120
    interval: tuple[float, float] | None = None
    is_certain: bool | None = None
    is_stale: bool = False
    missing: str = ""
    basis: str = "agreed"

    def cells(self, scope: tuple[str, str]) -> list[tuple[object, ...]]:
        """The rows of `kpi_values`."""
        values = self.values or (None,)
        return [
            self._cell(month, value, scope)
            for month, value in zip(months(len(values)), values, strict=True)
        ]

    def _cell(self, month: date, value: float | None, scope: tuple[str, str]) -> tuple[object, ...]:
        is_last = month == date(2026, 10, 1)
        low, high = self.interval if self.interval and is_last else (None, None)
        attainment = None
        if value and self.target:
            is_higher = self.better == "higher"
            attainment = value / self.target if is_higher else self.target / value
        sample = self.sample if value is not None else 0
        is_count = self.unit == "count"
        numerator = None if value is None else value * (1 if is_count else sample)
        return (
            self.kpi_id, "month", month, last_day(month), *scope, numerator,
            None if is_count else sample, value, self.target, attainment,
            self.status if is_last else self._judged(value), sample, low, high,
            self.is_certain if is_last else None, None, None, True,
            self.is_stale and is_last, AS_OF, None, None, False,
        )  # fmt: skip

    def _judged(self, value: float | None) -> str:
        if value is None:
            return "no_data"
        if self.target is None:
            return "no_target"
        is_met = value >= self.target if self.better == "higher" else value <= self.target
        return "met" if is_met else "missed"


KPIS = (
    Kpi("document_turnaround", "제안서/계약서 지원 처리 시간", "Proposal and contract turnaround",
        "hours", "lower", target=2.0, status="at_risk", interval=(1.84, 2.27), is_certain=False,
        values=(2.6, 2.4, 2.5, 2.2, 2.1, 1.9, 2.0, 1.8, 1.9, 2.3, 2.2, 2.05)),
    Kpi("customer_record_accuracy", "고객 정보 업데이트 정확도", "Customer record accuracy",
        "ratio", aggregation="stock", target=0.99, status="at_risk", sample=2000,
        values=(0.951, 0.958, 0.962, 0.967, 0.97, 0.972, 0.975, 0.979, 0.98, 0.982, 0.985, 0.9896)),
    Kpi("material_request_satisfaction", "자료 요청 처리 만족도", "Material request satisfaction",
        "score", target=4.0, interval=(4.12, 4.51), is_certain=True, sample=48,
        values=(3.9, 4.0, 4.1, 4.0, 4.2, 4.1, 4.3, 4.2, 4.2, 4.4, 4.2, 4.31)),
    Kpi("contract_followup_completion", "계약 후속 처리 완료율", "Contract follow-up completion",
        "ratio", target=1.0, status="missed", interval=(0.8, 0.941), is_certain=True, sample=31,
        values=(0.9, 0.88, 0.93, 0.95, 0.91, 0.9, 0.94, 0.96, 0.92, 0.91, 0.95, 0.871)),
    Kpi("crm_entry_rate", "CRM 데이터 입력률", "CRM entry rate", "ratio", target=0.95, sample=1345,
        interval=(0.951, 0.972), is_certain=True, is_stale=True,
        values=(0.9, 0.91, 0.92, 0.93, 0.93, 0.94, 0.94, 0.95, 0.95, 0.96, 0.96, 0.962)),
    Kpi("report_usage", "분석 리포트 활용도", "Report usage", "ratio", status="no_data",
        target=0.8, sample=0, values=(), missing="report_uses"),
    Kpi("insights_delivered", "데이터 기반 인사이트 제공 건수", "Insights delivered", "count",
        status="no_target", sample=3, values=(None, 1, None, 2, 1, 1, 2, None, 1, 1, 1, 3)),
    Kpi("inquiry_within_4h", "고객 문의 4시간 이내 처리율", "Inquiries handled within 4 hours",
        "ratio", target=0.9, interval=(0.906, 0.942), is_certain=True, sample=812,
        values=(0.81, 0.84, 0.86, 0.87, 0.88, 0.9, 0.89, 0.91, 0.92, 0.91, 0.93, 0.926)),
    Kpi("complaint_support_satisfaction", "고객 불만 처리 지원 만족도",
        "Complaint support satisfaction", "score", target=4.0, status="insufficient", sample=2,
        basis="default", values=(None, 4.2, None, 4.5, None, 3.8, 4.0, None, 4.1, 4.4, None, 3.6)),
    Kpi("onboarding_satisfaction", "신규 영업사원 온보딩 지원 만족도", "Onboarding satisfaction",
        "score", target=4.5, status="withheld", sample=0, values=(4.5, 4.6, None)),
)  # fmt: skip


def months(count: int) -> list[date]:
    """First days of the last months, ending with October 2026."""
    index = [2026 * 12 + 9 - back for back in reversed(range(count))]
    return [date(each // 12, each % 12 + 1, 1) for each in index]


def last_day(month: date) -> date:
    """Last day of a month."""
    following = date(month.year + month.month // 12, month.month % 12 + 1, 1)
    return date.fromordinal(following.toordinal() - 1)


@dataclass
class PublishedFixture:
    """A home with one published night, ready to be read."""

    root: Path
    publish_id: str = PUBLISH_ID
    kpis: tuple[Kpi, ...] = KPIS
    scopes: tuple[tuple[str, str], ...] = (("company", "company"), ("team", "영업지원1팀"))
    rows: list[tuple[object, ...]] = field(default_factory=list)

    @property
    def home(self) -> Home:
        """The home's paths."""
        return Home(self.root)

    def write(self) -> Home:
        """Write both files, the manifest and the link."""
        directory = self.home.published / "nights" / self.publish_id
        directory.mkdir(parents=True)
        for name, is_people in (("kpi.duckdb", False), ("kpi_people.duckdb", True)):
            with duckdb.connect(str(directory / name)) as connection:
                connection.begin()
                connection.execute(_SCHEMA)
                self._fill(connection, is_people=is_people)
                connection.commit()
        manifest = NightManifest(
            publish_id=self.publish_id,
            night=date(2026, 10, 31),
            as_of=AS_OF,
            timezone="Asia/Seoul",
            known_at=None,
            config_hash="c",
            calendar_hash="d",
            code_version="0",
            inputs_hash=self.publish_id,
            content_hash="h",
            created_at=AS_OF,
            loads=(),
            warnings=(),
            withheld=(),
            definitions={},
            tables={},
        )
        (directory / "manifest.json").write_text(manifest.to_json(), encoding="utf-8")
        current = self.home.published / "current"
        current.unlink(missing_ok=True)
        current.symlink_to(Path("nights") / self.publish_id)
        return self.home

    def _fill(self, connection: duckdb.DuckDBPyConnection, *, is_people: bool) -> None:
        scopes = [*self.scopes, ("employee", "e12")] if is_people else self.scopes
        catalog, targets, values = [], [], []
        for position, kpi in enumerate(self.kpis, start=1):
            catalog.append(
                (kpi.kpi_id, position, f"{position}a", kpi.name_ko, kpi.name_en, "정의",
                 "definition", kpi.unit, kpi.better, kpi.aggregation, None, "sales_support", 0.05,
                 1, not kpi.missing, kpi.missing or None, "e01")
            )  # fmt: skip
            if kpi.target is not None:
                day = date(2025, 1, 1)
                targets.append((kpi.kpi_id, day, None, None, "any", kpi.target, kpi.basis))
            for scope in scopes:
                values += kpi.cells(scope)
        _insert(connection, "kpi_catalog", catalog)
        _insert(connection, "kpi_targets", targets)
        _insert(connection, "kpi_values", values)
        connection.execute(
            "insert into source_freshness values"
            " ('crm', 36, timestamptz '2026-10-29 01:00+09', 'failed', true),"
            " ('helpdesk', 36, timestamptz '2026-10-31 20:00+09', 'landed', false)"
        )
        if is_people:
            connection.execute(_PEOPLE_SCHEMA)
            connection.execute(
                "insert into dim_employees values"
                " ('e12', 'crm', 'e12', '김하늘', '영업지원2팀', 'support', null, null,"
                "  '-infinity', timestamptz '2026-10-15 00:00+09'),"
                " ('e12', 'crm', 'e12', '김하늘', '영업지원1팀', 'support', null, null,"
                "  timestamptz '2026-10-15 00:00+09', null)"
            )
            _insert(connection, "measure_rows", self.rows)


def _insert(
    connection: duckdb.DuckDBPyConnection, table: str, rows: Sequence[tuple[object, ...]]
) -> None:
    if rows:
        columns = [pa.array(column) for column in zip(*rows, strict=True)]
        names = [f"c{number}" for number in range(len(columns))]
        connection.register("incoming", pa.table(dict(zip(names, columns, strict=True))))
        connection.execute(f"insert into {table} select * from incoming")
        connection.unregister("incoming")
