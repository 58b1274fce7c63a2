"""The KPI dictionary: in step with config and unit tests, and its examples add up."""

import pytest

from sales_support_kpi.config import load_config
from sales_support_kpi.report.dictionary import PAGES, dictionary
from sales_support_kpi.report.worked_examples import WorkedExample, example_of, unit_tests
from sales_support_kpi.settings import repo_root, shipped_config_dir

KPI_IDS = [kpi.id for kpi in load_config(shipped_config_dir()).kpis]
VALUES = {
    "document_turnaround": 2.125,
    "customer_record_accuracy": 0.4,
    "material_request_satisfaction": 3.75,
    "contract_followup_completion": 0.5,
    "crm_entry_rate": 1 / 3,
    "report_on_time": 0.6,
    "report_usage": 0.6,
    "insights_delivered": 3,
    "inquiry_within_4h": 0.6,
    "inquiry_completion_rate": 0.8,
    "inquiry_handling_time": 3.75,
    "complaint_support_satisfaction": 4.0,
    "onboarding_satisfaction": 4.5,
    "material_freshness": 2 / 3,
}


@pytest.mark.parametrize("lang", ["en", "ko"])
def test_the_committed_page_is_what_the_generator_writes(lang):
    page = (repo_root() / "docs" / PAGES[lang]).read_text(encoding="utf-8")
    written = dictionary(load_config(shipped_config_dir()), lang)
    assert page == written, "run: python -m sales_support_kpi.report.dictionary"


@pytest.mark.parametrize("kpi_id", KPI_IDS)
def test_an_example_comes_to_the_value_worked_out_by_hand(kpi_id):
    assert example_of(kpi_id).value == pytest.approx(VALUES[kpi_id])


@pytest.mark.parametrize("kpi_id", KPI_IDS)
def test_an_example_begins_with_records_and_says_what_it_shows(kpi_id):
    example = example_of(kpi_id)
    assert example.inputs
    assert all(example.inputs.values())
    for test in (example.test, *example.beginnings):
        assert test.descriptions["ko"] != test.descriptions["en"], test.name


@pytest.mark.parametrize("kpi_id", KPI_IDS)
def test_a_measure_goes_on_from_the_rows_its_first_steps_end_with(kpi_id):
    example = example_of(kpi_id)
    for step in example.beginnings:
        given = example.test.given[step.model]
        expected = [{name: row.get(name) for name in given[0]} for row in step.expected]
        assert [dict(row) for row in given] == expected, step.name


def test_a_row_that_is_replaced_or_not_decided_does_not_count():
    test = unit_tests()["the_later_answer_wins"]
    example = WorkedExample(test, {})
    row = {"occurred_at": "2026-10-13 09:00+09", "visible_until": "2026-11-01 00:00+09"}
    assert example.counts(row)
    assert not example.counts(row | {"visible_until": "2026-10-31 23:59+09"})
    assert not example.counts(row | {"visible_from": "2026-11-01 00:00+09"})
