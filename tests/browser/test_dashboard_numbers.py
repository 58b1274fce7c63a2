"""What the datasets answer: the numbers of the published marts, every one of them."""

import duckdb
import pytest
from tests.browser.superset_page import Api
from tests.browser.test_dashboards import published

from sales_support_kpi.warehouse.published import published_file

pytestmark = pytest.mark.browser


def test_no_data_is_a_dash_and_never_zero(home, superset):
    api = Api(superset, "e01")
    rows = api.rows(
        api.datasets()["scorecard"], ["kpi", "period", "value", "value_text", "status_text"],
        [("status", ["no_data"])],
    )  # fmt: skip
    assert rows, "the demo company has months without data"
    assert {(row["value"], row["value_text"]) for row in rows} == {(None, "–")}


SCALE = "case when k.unit = 'ratio' then 100 else 1 end"
OF_MARTS = {
    "trend": f"""kpi_id, v.grain, v.scope_type, {SCALE} * v.value as value,
        {SCALE} * target as target, {SCALE} * centre as centre,
        {SCALE} * lower as lower, {SCALE} * upper as upper
        from kpi_values as v join kpi_catalog as k using (kpi_id) left join kpi_signals
        using (kpi_id, grain, period_start, scope_type, scope_id)
        where v.grain in ('week', 'month') and v.scope_type <> 'employee'""",
    "tails": """kpi_id, median_hours, p90_hours, share_within_target, waiting_share, open_count,
        open_max_business_hours, answered_count, response_rate from kpi_tails
        where grain = 'month' and scope_type <> 'employee'""",
    "drivers": f"""kpi_id, {SCALE} * total_effect as effect from kpi_drivers
        join kpi_catalog as k using (kpi_id) where grain = 'month' and total_effect is not null
        and scope_type <> 'employee'""",
    "projections": """kpi_id, value, target, projected from kpi_projections
        join (select kpi_id, scope_id, max(target) filter (grain = 'month') is null
        and max(target) filter (grain = 'quarter') is not null as is_by_quarter
        from kpi_projections group by all) using (kpi_id, scope_id)
        where grain = case when is_by_quarter then 'quarter' else 'month' end""",
    "people_values": f"""kpi_id, scope_id as employee_id, {SCALE} * value as value,
        {SCALE} * target as target, sample_size from kpi_values
        join kpi_catalog as k using (kpi_id) where grain = 'month' and scope_type = 'employee'""",
    "people_requests": """source, request_id, assignee_id as employee_id, status,
        business_hours_left as hours_left from fct_requests""",
    "people_issues": """source, customer_id, rule, steward_id as employee_id
        from customer_record_issues""",
    "people_fixes": """source, customer_id, rule,
        date_diff('second', since, fixed_at) / 86400 as days_to_fix from customer_record_fixes""",
    "audits": """sample_id as sample, judged_count, 100 * estimate as estimate_percent
        from audit_estimates""",
    "quality_trends": """night::text as check_night, "check", coalesce(subject, kpi_id) as subject,
        value, threshold from data_quality_trends""",
    "reconciliations": """night::text as check_night, entity, compared, expected_count,
        actual_count, is_tied::int as is_tied from reconciliation""",
}


@pytest.mark.parametrize("dataset", OF_MARTS)
def test_what_charts_draw_is_what_the_marts_say(dataset, home, superset):
    file = published_file(home, people=dataset.startswith("people"))
    with duckdb.connect(str(file), read_only=True) as connection:
        result = connection.execute(f"select distinct {OF_MARTS[dataset]}")
        columns = [column[0] for column in result.description]
        meant = result.fetchall()
    api = Api(superset, "e01")
    shown = [
        tuple(row.values()) for row in api.rows(api.datasets()[dataset], columns, row_limit=50_000)
    ]
    assert meant
    assert {rounded(row) for row in shown} == {rounded(row) for row in meant}


def rounded(row):
    """A row to be compared: numbers to six places, nothing as a text."""
    return tuple(f"{v:.6f}" if isinstance(v, int | float) else f"{v}" for v in row)


def test_the_records_of_a_month_add_up_to_its_values(home, superset):
    """Of what happened, of what is judged at the end of months, and of what is held then."""
    api = Api(superset, "e01")
    sums = [
        {"expressionType": "SQL", "sqlExpression": f"sum({part})", "label": part,
         "optionName": part, "hasCustomLabel": True}
        for part in ("numerator", "denominator")
    ]  # fmt: skip
    rows = api.rows(
        api.datasets()["people_records"], ["kpi_id", "aggregation"], [("period", ["2026-10"])],
        metrics=sums,
    )  # fmt: skip
    parts = {}
    for row in rows:
        above, below = parts.get(row["kpi_id"], (0, 0))
        parts[row["kpi_id"]] = (above + row["numerator"], below + (row["denominator"] or 0))
    meant = published(
        home,
        """select kpi_id, value from kpi_values where grain = 'month' and scope_type = 'company'
        and period_start = '2026-10-01' and value is not null and sample_size > 0""",
    )
    assert len(meant) >= 12
    for kpi_id, value in meant:
        above, below = parts[kpi_id]
        assert (above / below if below else above) == pytest.approx(value), kpi_id
