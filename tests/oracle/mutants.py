"""Wrong SQL on purpose: every mutant has to be caught by a worked example or by the oracle.

`make mutants` breaks one line of a copy of the dbt project at a time and runs dbt's unit tests; a
mutant they let pass then meets random companies until the oracle sees a difference. It prints a
table of what caught what and fails when a mutant survives.
"""

import os
import shutil
import sys
import tempfile
import time
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

REPO = Path(__file__).resolve().parents[2]
COMPANIES = int(os.environ.get("MUTANT_COMPANIES", "12"))
FIRST_SEED = 31_000_000


@dataclass(frozen=True)
class Mutant:
    """One wrong line: what it stands for, where it is, and how it reads then."""

    kpi: str
    wrong: str
    file: str
    before: str
    after: str


def _measure(kpi: str, wrong: str, before: str, after: str) -> Mutant:
    return Mutant(kpi, wrong, f"models/measures/measure_{kpi}.sql", before, after)


MUTANTS = (
    Mutant(
        "document_turnaround",
        "wrong clock",
        "macros/working_time.sql",
        "= 'business' then",
        "= 'calendar' then",
    ),
    _measure(
        "document_turnaround",
        "counted when opened",
        "completed_at as occurred_at",
        "started_at as occurred_at",
    ),
    _measure(
        "document_turnaround", "contracts left out", "('proposal', 'contract')", "('proposal')"
    ),
    Mutant(
        "customer_record_accuracy",
        "two may share a number",
        "models/measures/int_customer_shared_numbers.sql",
        "having count(distinct customer_id) > 1",
        "having count(distinct customer_id) > 2",
    ),
    Mutant(
        "customer_record_accuracy",
        "a version at the audit's instant ends it",
        "models/measures/int_customer_audit_findings.sql",
        "chained.audited_at < later_versions.valid_from",
        "chained.audited_at <= later_versions.valid_from",
    ),
    Mutant(
        "customer_record_accuracy",
        "leaves on the last day worked",
        "models/measures/int_owner_terms.sql",
        "(employee_history.left_on + 1)",
        "(employee_history.left_on)",
    ),
    Mutant(
        "customer_record_accuracy",
        "check digit forgets its carry",
        "macros/record_rules.sql",
        "(5 * try_cast(substring({{ digits }}, 9, 1) as integer)) // 10",
        "0",
    ),
    _measure(
        "customer_record_accuracy",
        "first of two faults repairs both",
        "fault_counts.fault_count = 0",
        "fault_counts.fault_count <= 1",
    ),
    _measure("material_request_satisfaction", "other survey", "'material_request'", "'onboarding'"),
    Mutant(
        "material_request_satisfaction",
        "the earlier answer wins",
        "macros/answer_rows.sql",
        "order by submitted_at, response_id",
        "order by submitted_at desc, response_id",
    ),
    Mutant(
        "material_request_satisfaction",
        "scale taken from zero",
        "models/measures/int_survey_answers.sql",
        "1 + 4 *",
        "5 *",
    ),
    _measure(
        "contract_followup_completion",
        "off by one at the deadline",
        "contract_steps.completed_at <= contracts.deadline_at",
        "contract_steps.completed_at < contracts.deadline_at",
    ),
    _measure(
        "contract_followup_completion",
        "counted when signed",
        "contracts.deadline_at as occurred_at",
        "contracts.signed_at as occurred_at",
    ),
    _measure("contract_followup_completion", "cancelled count", "<> 'cancelled'", "<> 'signe'"),
    _measure(
        "crm_entry_rate",
        "off by one at 48 hours",
        "coalesce(recorded_at <= entry_due_at, false)",
        "coalesce(recorded_at < entry_due_at, false)",
    ),
    _measure(
        "crm_entry_rate",
        "nothing grows stale",
        "least(exists_until, stale_at) as until_at",
        "exists_until as until_at",
    ),
    _measure("crm_entry_rate", "next step not needed", "and next_step is not null", ""),
    _measure(
        "report_on_time",
        "off by one at the day's end",
        "report_deliveries.delivered_at < due_dates.due_ends_at",
        "report_deliveries.delivered_at <= due_dates.due_ends_at",
    ),
    _measure(
        "report_on_time",
        "due on a closed day",
        "nominal_days.due_date = due_days.date",
        "nominal_days.date = due_days.date",
    ),
    _measure(
        "report_on_time",
        "judged before the day ended",
        "due_ends_at - to_microseconds(1) as visible_from",
        "due_starts_at as visible_from",
    ),
    _measure(
        "report_usage",
        "no word counts as used",
        "coalesce(report_uses.used, false)",
        "coalesce(report_uses.used, true)",
    ),
    _measure(
        "report_usage",
        "begins a day late",
        ">= reports.starts_on",
        "> reports.starts_on",
    ),
    _measure("report_usage", "every meeting counts", "kind = 'weekly_sales' and", ""),
    _measure("insights_delivered", "not accepted ones count", "accepted and", ""),
    _measure(
        "insights_delivered", "counted twice", "1::double as numerator", "2::double as numerator"
    ),
    _measure(
        "insights_delivered",
        "deleted ones count",
        "{{ exists_as_of('insights') }}",
        "true",
    ),
    Mutant(
        "inquiry_within_4h",
        "off by one at four hours",
        "models/measures/int_request_clocks.sql",
        "running_totals.from_position > allowed.microseconds",
        "running_totals.from_position >= allowed.microseconds",
    ),
    _measure(
        "inquiry_within_4h",
        "counted when decided",
        "started_at as occurred_at",
        "decided_at as occurred_at",
    ),
    Mutant(
        "inquiry_within_4h",
        "the clock runs while waiting",
        "models/measures/int_request_clocks.sql",
        "where status_spans.status = 'open'",
        "where status_spans.status in ('open', 'waiting')",
    ),
    _measure(
        "inquiry_completion_rate",
        "open and done at once",
        "completed_at as visible_until",
        "null::timestamptz as visible_until",
    ),
    _measure(
        "inquiry_completion_rate",
        "counted when completed",
        "started_at as occurred_at",
        "visible_from as occurred_at",
    ),
    _measure("inquiry_completion_rate", "other kind", "kind = 'inquiry'", "kind = 'complaint'"),
    _measure(
        "inquiry_handling_time",
        "waiting counts",
        "clock_hours as numerator",
        "elapsed_hours as numerator",
    ),
    _measure(
        "inquiry_handling_time",
        "counted when opened",
        "completed_at as occurred_at",
        "started_at as occurred_at",
    ),
    Mutant(
        "inquiry_handling_time",
        "events after the completion count",
        "models/measures/int_request_clocks.sql",
        "where request_events.occurred_at < outcomes.completed_at or outcomes.completed_at is null",
        "where true",
    ),
    _measure(
        "complaint_support_satisfaction",
        "anybody may answer",
        "and respondent_role = 'sales'",
        "",
    ),
    _measure(
        "complaint_support_satisfaction",
        "known before it can be",
        "known_at as accepted_from",
        "submitted_at as accepted_from",
    ),
    Mutant(
        "complaint_support_satisfaction",
        "attributed before the request began",
        "macros/answer_rows.sql",
        "greatest(accepted_from, request_started_at) as visible_from",
        "accepted_from as visible_from",
    ),
    _measure("onboarding_satisfaction", "not on the first day", "between 0", "between 1"),
    _measure(
        "onboarding_satisfaction",
        "every answer counts",
        "partition by employee_source, employee_id",
        "partition by employee_source, employee_id, response_id",
    ),
    _measure(
        "onboarding_satisfaction",
        "veterans count",
        "between 0",
        "between 0 and 100000 or days_since_hired between 0",
    ),
    _measure(
        "material_freshness",
        "created within the month counts",
        "materials.created_at < started_months.starts_at",
        "materials.created_at < started_months.ends_at",
    ),
    _measure(
        "material_freshness",
        "next month's first instant counts",
        "material_updates.updated_at < material_months.ends_at",
        "material_updates.updated_at <= material_months.ends_at",
    ),
    _measure(
        "material_freshness",
        "retired ones count",
        "case when materials.retired_at < started_months.ends_at then materials.retired_at end",
        "null::timestamptz",
    ),
    Mutant(
        "all",
        "average of averages",
        "models/marts/cells.sql",
        "sum(numerator) as numerator,\n        sum(denominator) as denominator",
        "avg(numerator) as numerator,\n        avg(denominator) as denominator",
    ),
    Mutant(
        "all",
        "wrong version wins",
        "macros/version_rows.sql",
        "order by load_seq desc, stated_start desc",
        "order by load_seq, stated_start desc",
    ),
    Mutant(
        "all",
        "wrong row wins",
        "macros/winning_rows.sql",
        "{{ updated_at }} desc nulls last",
        "{{ updated_at }} nulls last",
    ),
    Mutant(
        "all",
        "the as-of instant itself is visible",
        "models/marts/visible_rows.sql",
        "and measure_rows.visible_from < night.as_of",
        "and measure_rows.visible_from <= night.as_of",
    ),
    Mutant(
        "all",
        "stock held at the end, not just before it",
        "models/marts/stock_levels.sql",
        "periods.evaluated_at - to_microseconds(1) as held_at",
        "periods.evaluated_at as held_at",
    ),
    Mutant(
        "all",
        "the target itself is not enough",
        "macros/statistics.sql",
        "{{ target }} * (1 - {{ tolerance }}) - 1e-9",
        "{{ target }} * (1 - {{ tolerance }}) + 1e-9",
    ),
)


def caught_by(mutant: Mutant, build_file: Path) -> str | None:
    """The first test that fails on a mutant; none: it survives."""
    from sales_support_kpi.warehouse import build, code

    with tempfile.TemporaryDirectory(prefix="mutant-") as folder:
        project = _mutated(mutant, Path(folder))
        os.environ["KPI_PROJECT"] = str(project)
        build._parsed.clear()
        code.project_hash.cache_clear()
        nearest = {f"measure_{mutant.kpi}", Path(mutant.file).stem}
        return (
            _failing_example(project, build_file, nearest)
            or _failing_example(project, build_file)
            or _failing_company(Path(folder))
        )


def _mutated(mutant: Mutant, folder: Path) -> Path:
    project = folder / "project"
    shutil.copytree(REPO / "dbt_project", project / "dbt_project")
    for name in ("config", "expectations"):
        (project / name).symlink_to(REPO / name)
    path = project / "dbt_project" / mutant.file
    text = path.read_text(encoding="utf-8")
    if mutant.before not in text:
        raise SystemExit(f"{mutant.file} has no {mutant.before!r}: mend the mutant")
    path.write_text(text.replace(mutant.before, mutant.after), encoding="utf-8")
    return project


def _failing_example(project: Path, build_file: Path, models: Collection[str] = ()) -> str | None:
    """A unit test (of those models, or of all) that fails."""
    from dbt.cli.main import dbtRunner

    chosen = [f"{model},test_type:unit" for model in sorted(models)] or ["test_type:unit"]
    os.environ |= {"KPI_BUILD_FILE": str(build_file), "DBT_SEND_ANONYMOUS_USAGE_STATS": "0"}
    run = dbtRunner().invoke(
        [
            *("--quiet", "--log-level", "none", "test", "--select", *chosen),
            *("--project-dir", str(project / "dbt_project")),
            *("--profiles-dir", str(project / "dbt_project")),
            *("--target-path", str(build_file.parent / "examples")),
            *("--log-path", str(build_file.parent / "examples")),
        ]
    )
    if run.exception is not None:
        return f"dbt: {run.exception}"
    results = getattr(run.result, "results", None) or ()
    return next(
        (f"example {r.node.name}" for r in results if str(r.status) not in ("pass", "success")),
        None,
    )


def _failing_company(folder: Path) -> str | None:
    from tests.oracle.companies import random_company
    from tests.oracle.compare import compare
    from tests.oracle.oracle import evaluate
    from tests.oracle.product import only, product_cells

    from sales_support_kpi.errors import SalesSupportKpiError

    for seed in range(FIRST_SEED, FIRST_SEED + COMPANIES):
        company = random_company(seed)
        place = folder / str(seed)
        try:
            found = product_cells(company, place, only("kpi_values"))
        except SalesSupportKpiError as error:
            return f"build: {type(error).__name__} (company {seed})"
        expected = evaluate(company.drops, place / "config", company.as_of, company.known_at)
        if compare(expected, found):
            return f"oracle, company {seed}"
        shutil.rmtree(place)
    return None


def _empty_build(folder: Path) -> Path:
    """A warehouse without rows: dbt's unit tests ask its tables for their types."""
    from sales_support_kpi import pipeline
    from sales_support_kpi.config import load_config
    from sales_support_kpi.night import parse_as_of
    from sales_support_kpi.settings import Home, shipped_config_dir

    sys.path.insert(0, str(REPO / "tests" / "warehouse"))
    from drops import write_drop

    config = load_config(shipped_config_dir())
    night = parse_as_of("2026-10-31", config.company.timezone)
    home = Home(folder / "home")
    pipeline.ingest_drop(home, config, write_drop(folder / "drop", {}), night)
    return pipeline.build(home, config, night).file


def main() -> int:
    """Run all mutants (or those of the KPIs named on the command line)."""
    wanted = [m for m in MUTANTS if not sys.argv[1:] or m.kpi in sys.argv[1:]]
    survivors = 0
    with tempfile.TemporaryDirectory(prefix="mutants-") as folder:
        build_file = _empty_build(Path(folder))
        broken = _failing_example(REPO, build_file)
        if broken:
            raise SystemExit(f"{broken} fails on the SQL as it is: no mutant can be judged")
        print("| KPI | wrong on purpose | caught by |\n|---|---|---|")
        for mutant in wanted:
            started = time.monotonic()
            catcher = caught_by(mutant, build_file)
            survivors += catcher is None
            print(f"| {mutant.kpi} | {mutant.wrong} | {catcher or '**survived**'} |", flush=True)
            print(f"{time.monotonic() - started:.0f} s", file=sys.stderr, flush=True)
    print(f"\n{len(wanted)} mutants, {survivors} survived")
    return 1 if survivors else 0


if __name__ == "__main__":
    raise SystemExit(main())
