"""Limits, sessions, and fields the integration user may not see."""

import os

import pytest
from salesforce_help import Shop, at

from sales_support_kpi.sandbox.servers.faults import answer
from sales_support_kpi.sandbox.servers.salesforce import CLIENT_SECRET, REFRESH_TOKEN

READ = {"read": ["activities"], "activities": {"tasks": False}}
PEOPLE = {"read": ["employees"]}


def add_events(shop: Shop, number: int) -> list[str]:
    return [
        shop.org.put("Event", StartDateTime=at(0), CreatedDate=at(one)) for one in range(number)
    ]


def test_calls_that_are_used_up_end_the_pull_at_once_and_the_next_one_begins_there(shop: Shop):
    wanted = add_events(shop, 50)
    shop.behaviour.page_sizes, shop.behaviour.calls_per_day = (10,), 4
    outcome = shop.pull(**READ)
    assert outcome.status == "failed"
    assert "gives no more" in outcome.message
    assert "last 24 hours" in outcome.message
    assert shop.landed("activities") == []
    shop.behaviour.calls_per_day = None
    shop.good()
    assert shop.ids("activities", "activity_id") == sorted(wanted)


def test_a_refusal_that_is_no_limit_is_said_as_it_is(shop: Shop):
    add_events(shop, 1)
    told = [{"errorCode": "API_DISABLED_FOR_ORG", "message": "The REST API is not enabled."}]
    shop.script.add(answer(403, told), path="/queryAll")
    outcome = shop.pull(**READ)
    assert outcome.status == "failed"
    assert "API_DISABLED_FOR_ORG: The REST API is not enabled" in outcome.message
    assert len(shop.server.seen("/queryAll")) == 1


def test_too_many_calls_at_once_pass_by_themselves(shop: Shop):
    wanted = add_events(shop, 1)
    message = "ConcurrentPerOrgLongTxn Limit exceeded."
    told = [{"errorCode": "REQUEST_LIMIT_EXCEEDED", "message": message}]
    shop.script.add(answer(403, told, {"Retry-After": "0"}), path="/queryAll")
    shop.good(**READ)
    assert shop.ids("activities", "activity_id") == wanted


def test_a_session_that_expires_is_renewed_and_the_page_asked_for_again(shop: Shop):
    wanted = add_events(shop, 30)
    shop.behaviour.page_sizes, shop.behaviour.calls_per_token = (5,), 2
    shop.good(**READ)
    assert shop.ids("activities", "activity_id") == sorted(wanted)
    assert len(shop.server.seen("/oauth2/token")) > 3


@pytest.mark.parametrize("code", ["INVALID_SESSION_ID", "INVALID_AUTH_HEADER"])
def test_a_session_may_expire_while_a_retry_waits(shop: Shop, code: str):
    wanted = add_events(shop, 30)
    shop.behaviour.page_sizes = (10,)
    shop.script.add(answer(503, "", {"Retry-After": "0"}), path="/query/", times=2)
    told = [{"errorCode": code, "message": "Session expired or invalid"}]
    shop.script.add(answer(401, told), path="/query/")
    shop.good(**READ)
    assert shop.ids("activities", "activity_id") == sorted(wanted)
    assert len(shop.server.seen("/oauth2/token")) == 2


def test_a_refresh_token_is_used_where_the_connection_has_one(shop: Shop, monkeypatch):
    connection = f"{os.environ['AIRFLOW_CONN_CRM']}?refresh_token={REFRESH_TOKEN}"
    monkeypatch.setenv("AIRFLOW_CONN_CRM", connection)
    shop.good(**READ)
    (asked,) = shop.server.seen("/oauth2/token")
    assert b"grant_type=refresh_token" in asked.body


def test_a_dead_refresh_token_is_said_without_being_shown(shop: Shop, monkeypatch):
    connection = f"{os.environ['AIRFLOW_CONN_CRM']}?refresh_token=used-too-often"
    monkeypatch.setenv("AIRFLOW_CONN_CRM", connection)
    outcome = shop.pull(**READ)
    assert outcome.status == "failed"
    assert "expired access/refresh token" in outcome.message
    assert "sign in again" in outcome.message
    assert "used-too-often" not in outcome.message


def test_a_sign_in_that_leads_to_a_stranger_is_refused(shop: Shop):
    from sales_support_kpi.sandbox.servers.faults import rewritten

    elsewhere = {"instance_url": "https://salesforce.com.example.org"}
    shop.script.add(rewritten(lambda told: {**told, **elsewhere}), path="/oauth2/token")
    outcome = shop.pull(**READ)
    assert outcome.status == "failed"
    assert "salesforce.com.example.org, which is not Salesforce's" in outcome.message


def test_a_hidden_field_fails_the_pull_and_what_was_good_stays(shop: Shop):
    number = shop.org.put(
        "User", Name="Kim", Email="kim@example.com", IsActive=True, CreatedDate=at(0)
    )
    shop.good(**PEOPLE)
    shop.org.hide("User", "Email")
    shop.org.put("User", Id=number, Title="Lead", LastModifiedDate=at(60))
    outcome = shop.pull()
    assert outcome.status == "failed"
    assert "User.Email does not exist or is hidden from the integration user" in outcome.message
    assert shop.landed("employees", "employee_id, email") == [(number, "kim@example.com")]


def test_a_hidden_field_that_is_given_up_is_no_fault(shop: Shop):
    shop.org.hide("User", "Department")
    shop.org.put("User", Name="Kim", IsActive=True, CreatedDate=at(0))
    assert "User.Department" in shop.pull(**PEOPLE).message
    shop.org.objects["User"].hidden.clear()
    shop.org.hide("Event", "Type")
    outcome = shop.pull(**READ)
    assert "correct options.fields.event.type (null: without it)" in outcome.message
    shop.good(fields={"event": {"type": None}})


def test_a_field_that_only_some_orgs_have_is_read_where_it_is(shop: Shop):
    read = {"read": ["opportunities"], "currency": "KRW"}
    plain = shop.org.put("Opportunity", StageName="Open", CreatedDate=at(0))
    shop.good(**read)
    assert shop.landed("opportunities", "opportunity_id, currency") == [(plain, "KRW")]
    shop.org.add_fields("Opportunity", "CurrencyIsoCode:picklist")
    other = shop.org.put("Opportunity", StageName="Open", CurrencyIsoCode="USD", CreatedDate=at(60))
    shop.good()
    found = dict(shop.landed("opportunities", "opportunity_id, currency"))
    assert found[other] == "USD"


@pytest.mark.parametrize(
    ("field", "reason"),
    [
        ("Rating__c:string=", "is a formula"),
        ("Place__c:address", "is of type address"),
        ("Scan__c:base64", "is of type base64"),
    ],
)
def test_formulas_and_compound_fields_are_refused(shop: Shop, field: str, reason: str):
    shop.org.add_fields("User", field)
    name = field.partition(":")[0]
    outcome = shop.pull(read=["employees"], fields={"user": {"team": name}})
    assert outcome.status == "failed"
    assert f"User.{name} {reason}" in outcome.message
    assert "options.fields.user.team" in outcome.message


def test_no_secret_reaches_the_disk_or_a_message(shop: Shop):
    add_events(shop, 3)
    shop.script.add(answer(500, f"oops {CLIENT_SECRET}", {"Retry-After": "0"}), path="/queryAll")
    outcome = shop.pull(**READ)
    tokens = [
        seen.headers["authorization"].removeprefix("Bearer ")
        for seen in shop.server.seen("/queryAll")
    ]
    secrets = {CLIENT_SECRET, *tokens}
    assert len(secrets) > 1
    for file in (one for one in shop.home.root.rglob("*") if one.is_file()):
        content = file.read_bytes()
        assert not any(secret.encode() in content for secret in secrets), file
    assert not any(secret in outcome.message for secret in secrets)
