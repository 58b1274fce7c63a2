"""Three systems that know the same people and customers by different ids."""

from pathlib import Path
from typing import Any

import duckdb
import pytest
from drops import Rows, write_drop

from sales_support_kpi import pipeline
from sales_support_kpi.config import load_config
from sales_support_kpi.night import parse_as_of
from sales_support_kpi.settings import Home, shipped_config_dir

CRM: Rows = {
    "employees": [
        {"employee_id": "1", "name": "Kim", "email": "Kim@x.example ", "team": "T1",
         "role": "support"},
        {"employee_id": "2", "name": "Lee", "email": "lee@x.example", "team": "S1",
         "role": "sales", "hired_on": "2026-09-01", "onboarding_owner_id": "1"},
    ],
    "customers": [
        {"customer_id": "A", "name": "Acme", "business_registration_no": "123-45-67891",
         "segment": "mid", "status": "active", "created_at": "2026-01-01", "owner_id": "2",
         "steward_id": "1"},
    ],
}  # fmt: skip
DESK: Rows = {
    "employees": [
        {"employee_id": "2", "name": "Kim (desk)", "email": "kim@x.example"},
        {"employee_id": "9", "name": "Robot", "email": "robot@y.example"},
    ],
    "customers": [
        {"customer_id": "org-7", "name": "ACME", "business_registration_no": "1234567891",
         "status": "prospect", "created_at": "2026-01-01", "steward_id": "2"},
    ],
    "requests": [
        {"request_id": "r1", "kind": "material", "status": "done", "assignee_id": "2",
         "customer_id": "A", "opened_at": "2026-10-01 10:00", "completed_at": "2026-10-01 11:00"},
        {"request_id": "r2", "kind": "inquiry", "status": "done", "assignee_id": "2",
         "customer_id": "org-7", "opened_at": "2026-10-02 10:00",
         "completed_at": "2026-10-02 11:00"},
        {"request_id": "r3", "kind": "inquiry", "status": "done", "assignee_id": "9",
         "customer_id": "Z", "opened_at": "2026-10-02 10:00", "completed_at": "2026-10-02 11:00"},
    ],
}  # fmt: skip
SURVEY: Rows = {
    "survey_responses": [
        {"response_id": "s1", "survey": "material_request", "request_id": "r1",
         "respondent_id": "lee@x.example", "score": 5, "submitted_at": "2026-10-03"},
        {"response_id": "s2", "survey": "onboarding", "respondent_id": "lee@x.example",
         "score": 4, "submitted_at": "2026-10-03"},
    ],
}  # fmt: skip


@pytest.fixture(scope="module")
def rows_of(tmp_path_factory: pytest.TempPathFactory) -> Any:
    folder = tmp_path_factory.mktemp("systems")
    home, config = Home(folder / "home"), load_config(shipped_config_dir())
    night = parse_as_of("2026-10-31", config.company.timezone)
    for name, rows in (("crm", CRM), ("desk", DESK), ("survey", SURVEY)):
        drop: Path = write_drop(folder / name, rows)
        assert pipeline.ingest_drop(home, config, drop, night).status == "landed"
    built = pipeline.build(home, config, night)

    def read(query: str) -> list[Any]:
        with duckdb.connect(str(built.file), read_only=True) as connection:
            return connection.execute(query).fetchall()

    return read


def test_a_person_has_one_id_and_what_the_system_that_knows_it_says(rows_of: Any) -> None:
    rows = rows_of(
        "select record_id, employee_id, team from people.measure_rows"
        " where kpi_id in ('inquiry_completion_rate', 'material_request_satisfaction',"
        " 'onboarding_satisfaction') order by all"
    )
    assert rows == [("r2", "1", "T1"), ("r3", None, None), ("s1", "1", "T1"), ("s2", "1", "T1")]
    people = rows_of("select distinct employee_id, source from people.dim_employees order by all")
    assert people == [("1", "crm"), ("2", "crm")]


def test_an_id_of_one_system_is_never_taken_for_that_of_another(rows_of: Any) -> None:
    requests = rows_of("select request_id, assignee_id from people.fct_requests order by all")
    assert requests == [("r1", "1"), ("r2", "1"), ("r3", "desk:9")]
    customers = rows_of(
        "select customer_id, owner_id, steward_id from people.dim_customers order by all"
    )
    assert customers == [("A", "2", "1"), ("org-7", None, "1")]
    stewards = rows_of("select distinct steward_id from people.customer_record_issues")
    assert stewards == [("1",)]


def test_a_customer_is_described_by_the_first_system_that_has_it(rows_of: Any) -> None:
    rows = rows_of(
        "select record_id, segment from people.measure_rows"
        " where kpi_id = 'inquiry_completion_rate' or kpi_id = 'material_request_satisfaction'"
        " order by all"
    )
    assert rows == [("r2", "mid"), ("r3", None), ("s1", "mid")]


def test_whom_nobody_knows_counts_for_the_company_and_is_listed(rows_of: Any) -> None:
    values = rows_of(
        "select scope_type, scope_id, numerator from people.kpi_values"
        " where kpi_id = 'inquiry_completion_rate' and grain = 'month' order by all"
    )
    assert values == [("company", "company", 2.0), ("employee", "1", 1.0), ("team", "T1", 1.0)]
    assert rows_of("select * from people.unmatched order by all") == [
        ("customers", "matches_nobody", "desk", "Z", 1),
        ("employees", "matches_nobody", "desk", "9", 3),
    ]
    assert rows_of("select * from company.unmatched_summary order by all") == [
        ("customers", "matches_nobody", "desk", 1, 1),
        ("employees", "matches_nobody", "desk", 1, 3),
    ]
    rows = rows_of("select distinct kpi_id, reason from company.unattributed order by all")
    assert ("inquiry_within_4h", "employee_unknown") in rows


def test_each_record_is_judged_for_itself(rows_of: Any) -> None:
    rows = rows_of(
        "select source, record_id, sum(denominator) from people.measure_rows"
        " where kpi_id = 'customer_record_accuracy' group by all order by all"
    )
    assert rows == [("crm", "A", 1.0)]
