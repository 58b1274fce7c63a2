"""The demo company in its systems' shapes says what its rows say."""

import json
import sqlite3
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from sales_support_kpi.sandbox.servers import postgres
from sales_support_kpi.sandbox.servers.soql import vendor_time
from sales_support_kpi.sandbox.shapes import database, ids, salesforce, surveymonkey, zendesk
from sales_support_kpi.sandbox.shapes.company import Company, read_company, scale_of, starts
from sales_support_kpi.sandbox.systems import connections


@pytest.fixture(scope="module")
def company() -> Company:
    return read_company(factor=0.1)


@pytest.fixture(scope="module")
def june() -> Company:
    return read_company(factor=0.1, until=date(2026, 6, 30))


def test_rows_that_no_system_could_hold_are_left_out(company: Company) -> None:
    assert all(row["kind"] != "fax" for row in company.rows["requests"])
    for row in company.rows["requests"]:
        start = row["received_at"] or row["opened_at"]
        assert row["completed_at"] is None or row["completed_at"] >= start
    for row in company.rows["survey_responses"]:
        low, high = scale_of(row)
        assert low <= row["score"] <= high


def test_every_version_of_an_account_begins_with_an_entry_of_its_history(
    company: Company,
) -> None:
    org = salesforce.org_of(company)
    history: dict[str, set[str]] = {}
    for name, parent in (("AccountHistory", "AccountId"), ("ContactHistory", "ContactId")):
        for row in org.objects[name].records.values():
            history.setdefault(row[parent][3:15], set()).add(row["CreatedDate"])
    for customer_id, rows in company.versions("customers", "customer_id").items():
        account = org.objects["Account"].records[str(ids.salesforce_id(customer_id))]
        moments = {vendor_time(starts(row)) for row in rows}
        told = history.get(account["Id"][3:15], set())
        assert told | {account["CreatedDate"]} == moments
        assert account["LastModifiedDate"] == max(moments)


def test_a_ticket_has_its_requests_history(company: Company) -> None:
    store = zendesk.store_of(company)
    found = {ticket["id"]: ticket for _, ticket in store.tickets.after((0, 0), 2**40, 10**6)}
    assert len(found) == len(company.rows["requests"])
    kept = {row["request_id"] for row in company.rows["requests"]}
    events = [row for row in company.rows["request_events"] if row["request_id"] in kept]
    assert len(store.ticket_events) == len(events)
    ends = {"done": "solved", "open": "open", "waiting": "pending", "cancelled": "solved"}
    for row in company.rows["requests"]:
        assert found[ids.ticket_id(row["request_id"])]["status"] == ends[row["status"]]


def test_answers_that_never_count_are_there_too(company: Company) -> None:
    store = surveymonkey.store_of(company)
    answers = [one for each in store.responses.values() for one in each.values()]
    counting = [
        one for one in answers
        if one["collection_mode"] == "default" and one["response_status"] == "completed"
    ]  # fmt: skip
    assert len(counting) == len(company.rows["survey_responses"])
    assert len(answers) > len(counting)


def test_an_earlier_night_of_the_company_holds_nothing_later(june: Company) -> None:
    org = salesforce.org_of(june)
    end = vendor_time(june.seen_before)
    assert max(row["SystemModstamp"] for row in org.objects["Account"].records.values()) < end
    assert max(row["CreatedDate"] for row in org.objects["AccountHistory"].records.values()) < end


def test_without_postgresql_the_personnel_database_is_a_file(
    company: Company, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgres, "find", lambda: None)
    said = json.loads(connections(tmp_path)["AIRFLOW_CONN_DEMO_HR"])
    assert (said["conn_type"], said["schema"]) == ("sqlite", str(tmp_path / "hr.sqlite"))
    database.write(company, f"sqlite:///{said['schema']}")
    with sqlite3.connect(said["schema"]) as connection:
        found = connection.execute("select employee_id, updated_at from people").fetchall()
    told = [
        (name, datetime.fromisoformat(at).astimezone(UTC) if at else None) for name, at in found
    ]
    assert told == [(row["employee_id"], row["updated_at"]) for row in company.rows["employees"]]


def test_every_start_has_credentials_of_its_own(tmp_path: Path) -> None:
    first, second = connections(tmp_path), connections(tmp_path)
    for name in ("CRM", "HELPDESK", "SURVEYS"):
        keys = [json.loads(one[f"AIRFLOW_CONN_DEMO_{name}"])["password"] for one in (first, second)]
        assert keys[0] != keys[1]
        assert min(map(len, keys)) >= 24


def test_a_later_night_knows_the_same_records_by_the_same_ids(
    june: Company, company: Company
) -> None:
    for name in ("Task", "Event"):
        early, late = (salesforce.org_of(one).objects[name].records for one in (june, company))
        assert early
        assert [one for one, record in early.items() if late[one] != record] == []
    early, late = (
        {number: one for each in store.responses.values() for number, one in each.items()}
        for store in (surveymonkey.store_of(one) for one in (june, company))
    )
    counting = [one for one in early if one.startswith("1")]  # the others count nowhere
    assert [one for one in counting if late.get(one) != early[one]] == []
