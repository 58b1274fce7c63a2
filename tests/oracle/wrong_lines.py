"""The wrong lines: what each stands for, where it is, and how it reads then. See `mutants`."""

from dataclasses import dataclass


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
        "deadline_at as occurred_at",
        "signed_at as occurred_at",
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
        "models/marts/flow_cells.sql",
        "sum(scoped.numerator) as numerator",
        "coalesce(\n"
        "            avg(scoped.numerator / scoped.denominator) * sum(scoped.denominator),\n"
        "            sum(scoped.numerator)\n"
        "        ) as numerator",
    ),
    Mutant(
        "crm_entry_rate",
        "its two parts averaged, not pooled",
        "models/marts/cells.sql",
        "sum(numerator) as numerator",
        "coalesce(avg(numerator / denominator) * sum(denominator), sum(numerator)) as numerator",
    ),
    Mutant(
        "all",
        "periods cut in UTC",
        "macros/night.sql",
        "timezone((select night.timezone from {{ source('control', 'night') }} as night), "
        "{{ instant }})",
        "timezone('UTC', {{ instant }})",
    ),
    Mutant(
        "all",
        "team of today",
        "models/marts/visible_rows.sql",
        "else measure_rows.occurred_at",
        "else night.as_of - to_microseconds(1)",
    ),
    Mutant(
        "all",
        "a stock stays where it is today",
        "models/marts/stock_levels.sql",
        "periods.evaluated_at - to_microseconds(1) as attributed_at",
        "timestamptz '2199-01-01' as attributed_at",
    ),
    Mutant(
        "material_freshness",
        "team at the month's start",
        "models/marts/visible_rows.sql",
        "when measure_rows.aggregation = 'month_end'",
        "when measure_rows.aggregation = 'never'",
    ),
    Mutant(
        "complaint_support_satisfaction",
        "role and owner of today",
        "models/measures/int_survey_answers.sql",
        "and respondents.submitted_at >= employee_history.covers_from",
        "and respondents.submitted_at + interval 100 year >= employee_history.covers_from",
    ),
    Mutant(
        "all",
        "target of the period's first day",
        "models/marts/cell_targets.sql",
        "kpi_targets.valid_from <= cells.period_end",
        "kpi_targets.valid_from <= cells.period_start",
    ),
    Mutant(
        "all",
        "target of today's role",
        "models/marts/cell_targets.sql",
        "cells.evaluated_at - to_microseconds(1) as attributed_at",
        "timestamptz '2199-01-01' as attributed_at",
    ),
    Mutant(
        "all",
        "interval of 90 %",
        "macros/statistics.sql",
        "{%- set z = '1.959963984540054' -%}\n    (",
        "{%- set z = '1.644853626951473' -%}\n    (",
    ),
    Mutant(
        "all",
        "normal quantile for few rows",
        "models/marts/people/kpi_values.sql",
        "{{ student_t_quantile('valued.sample_size - 1', 'student_t.quantile') }}",
        "1.959963984540054",
    ),
    Mutant(
        "all",
        "90th percentile without interpolation",
        "models/marts/cell_distributions.sql",
        "quantile_cont(scoped.numerator, 0.9)",
        "quantile_disc(scoped.numerator, 0.9)",
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
        "periods.evaluated_at - to_microseconds(1) as attributed_at",
        "periods.evaluated_at as attributed_at",
    ),
    Mutant(
        "all",
        "the target itself is not enough",
        "macros/statistics.sql",
        "{{ target }} * (1 - {{ tolerance }}) - 1e-9",
        "{{ target }} * (1 - {{ tolerance }}) + 1e-9",
    ),
)
