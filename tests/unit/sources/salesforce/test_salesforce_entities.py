"""What Salesforce's records become beside customers: people, opportunities, contracts, files."""

from datetime import UTC, date, datetime

import pytest
from salesforce_help import Shop, at, changed


def test_an_empty_org_lands_every_entity_without_rows(shop: Shop):
    outcome = shop.good()
    assert {load.entity for load in outcome.loads} == {
        "employees", "customers", "opportunities", "activities", "contracts", "contract_steps",
        "materials", "material_updates",
    }  # fmt: skip
    assert all(load.rows_landed == 0 for load in outcome.loads)


def test_what_is_left_out_of_read_is_not_asked_for(shop: Shop):
    outcome = shop.good(read=["employees"])
    assert [load.entity for load in outcome.loads] == ["employees"]
    asked = {seen.path.split("/")[-2] for seen in shop.server.seen("/describe")}
    assert asked == {"User", "Profile", "UserRole"}


# People


def test_users_have_the_role_of_their_profile_department_or_user_role(shop: Shop):
    rep = shop.org.put("Profile", Name="영업 사용자")
    desk = shop.org.put("UserRole", Name="Sales Support KR")
    people = {
        "Kim": {"ProfileId": rep},
        "Lee": {"UserRoleId": desk},
        "Park": {"Department": "영업지원"},
        "Choi": {},
        "Robot": {"UserType": "AutomatedProcess"},
    }
    for name, said in people.items():
        kind = {"UserType": "Standard", "IsActive": True, **said}
        shop.org.put("User", Name=name, CreatedDate=at(0), **kind)
    roles = {
        "sales": {"profiles": ["영업 사용자"]},
        "support": {"user_roles": ["Sales Support KR"], "departments": ["영업지원"]},
    }
    shop.good(read=["employees"], roles=roles)
    assert shop.landed("employees", "name, role, team") == [
        ("Choi", None, None),
        ("Kim", "sales", None),
        ("Lee", "support", None),
        ("Park", "support", "영업지원"),
    ]


def test_a_user_without_access_any_more_has_left_on_the_day_of_the_last_login(shop: Shop):
    late = datetime(2026, 3, 31, 16, tzinfo=UTC)  # already April in Seoul
    shop.org.put("User", Name="Kim", IsActive=False, LastLoginDate=late, CreatedDate=at(0))
    shop.org.put("User", Name="Lee", IsActive=True, LastLoginDate=late, CreatedDate=at(0))
    shop.good(read=["employees"])
    assert shop.landed("employees", "name, left_on") == [("Kim", date(2026, 4, 1)), ("Lee", None)]


# Customers


def test_a_close_date_is_a_day_and_does_not_shift(shop: Shop):
    shop.org.put(
        "Opportunity", StageName="Open", CloseDate="2026-10-31", Amount=1000000.5, NextStep="call",
        CreatedDate=at(0),
    )  # fmt: skip
    shop.good(read=["opportunities"])
    assert shop.landed("opportunities", "close_date, amount, next_step, is_closed, updated_at") == [
        (date(2026, 10, 31), 1000000.5, "call", False, at(0))
    ]


def test_versions_of_an_opportunity_come_from_its_histories(shop: Shop):
    for label, is_closed, is_won in (("Open", False, False), ("Won", True, True)):
        shop.org.put("OpportunityStage", MasterLabel=label, IsClosed=is_closed, IsWon=is_won)
    number = shop.org.put(
        "Opportunity", StageName="Won", Amount=5, CloseDate="2026-03-01", NextStep="send",
        IsClosed=True, IsWon=True, LastStageChangeDate=at(30), CreatedDate=at(0),
        LastModifiedDate=at(40), SystemModstamp=at(40),
    )  # fmt: skip
    for minute, stage, amount, day in (
        (0, "Open", None, "2026-02-01"),
        (10, "Open", 5, "2026-02-01"),
        (30, "Won", 5, "2026-03-01"),
    ):
        shop.org.put(
            "OpportunityHistory", OpportunityId=number, StageName=stage, Amount=amount,
            CloseDate=day, CreatedDate=at(minute),
        )  # fmt: skip
    changed(shop, "OpportunityFieldHistory", number, 20, "NextStep", None, "call")
    changed(shop, "OpportunityFieldHistory", number, 40, "NextStep", "call", "send")
    shop.good(read=["opportunities"])
    columns = "updated_at, stage, amount, close_date, next_step, is_closed, is_won, closed_at"
    early, late = date(2026, 2, 1), date(2026, 3, 1)
    assert shop.landed("opportunities", columns) == [
        (at(0), "Open", None, early, None, False, False, None),
        (at(10), "Open", 5.0, early, None, False, False, None),
        (at(20), "Open", 5.0, early, "call", False, False, None),
        (at(30), "Won", 5.0, late, "call", True, True, at(30)),
        (at(40), "Won", 5.0, late, "send", True, True, at(30)),
    ]


def test_automation_that_touches_a_record_does_not_refresh_it(shop: Shop):
    number = shop.org.put("Opportunity", StageName="Open", CreatedDate=at(0))
    shop.good(read=["opportunities"])
    shop.org.put("Opportunity", Id=number, LastModifiedDate=at(0), SystemModstamp=at(600))
    outcome = shop.good()
    assert outcome.loads == () or all(load.rows_landed == 0 for load in outcome.loads)


# Activities


@pytest.mark.parametrize(
    ("said", "occurred", "recorded"),
    [
        ({"StartDateTime": at(5)}, at(5), at(60)),
        (
            {"IsAllDayEvent": True, "ActivityDate": "2026-01-05", "StartDateTime": at(0)},
            datetime(2026, 1, 5, 14, 59, 59, tzinfo=UTC),
            at(60),
        ),
    ],
    ids=["at a time", "a whole day"],
)
def test_an_event_takes_place_when_it_starts(shop: Shop, said: dict, occurred, recorded):
    shop.org.put("Event", CreatedDate=at(60), **said)
    shop.good(read=["activities"])
    assert shop.landed("activities", "occurred_at, recorded_at") == [(occurred, recorded)]


@pytest.mark.parametrize(
    ("said", "occurred", "recorded"),
    [
        (
            {"CreatedDate": at(3000), "CompletedDateTime": at(3000), "ActivityDate": "2026-01-05"},
            datetime(2026, 1, 5, 14, 59, 59, tzinfo=UTC),
            at(3000),
        ),
        (
            {"CreatedDate": at(60), "CompletedDateTime": at(60), "ActivityDate": "2026-01-05"},
            at(60),
            at(60),
        ),
        (
            {"CreatedDate": at(0), "CompletedDateTime": at(3000), "ActivityDate": "2026-01-05"},
            at(3000),
            at(3000),
        ),
        (
            {"CreatedDate": at(0), "ActivityDate": "2026-01-05"},
            datetime(2026, 1, 5, 14, 59, 59, tzinfo=UTC),
            at(0),
        ),
        ({"CreatedDate": at(7)}, at(7), at(7)),
    ],
    ids=["entered two days later", "entered the same day", "planned", "old", "old, no due date"],
)
def test_a_completed_task_takes_place_and_is_recorded(shop: Shop, said, occurred, recorded):
    shop.org.put("Task", IsClosed=True, **said)
    shop.good(read=["activities"])
    assert shop.landed("activities", "occurred_at, recorded_at") == [(occurred, recorded)]


def test_open_tasks_series_and_copies_for_invitees_are_no_activities(shop: Shop):
    shop.org.put("Task", CreatedDate=at(0))
    shop.org.put("Task", CreatedDate=at(0), IsClosed=True, IsRecurrence=True)
    shop.org.put("Event", CreatedDate=at(0), StartDateTime=at(0), IsChild=True)
    shop.good(read=["activities"])
    assert shop.landed("activities") == []


def test_what_counts_as_an_activity_can_be_said(shop: Shop):
    for kind, subtype in (("Call", "Call"), ("Call", "Email"), ("Other", "Call")):
        shop.org.put("Task", CreatedDate=at(0), IsClosed=True, Type=kind, TaskSubtype=subtype)
    shop.org.put("Event", CreatedDate=at(0), StartDateTime=at(0), Type="Meeting")
    shop.org.put("Event", CreatedDate=at(0), StartDateTime=at(0), Type="Holiday")
    rules = {"task_types": ["Call"], "task_subtypes": ["Call"], "event_types": ["Meeting"]}
    shop.good(read=["activities"], activities=rules)
    assert shop.landed("activities", "type") == [("Call",), ("Meeting",)]


def test_an_activity_of_an_opportunity_names_it_and_another_does_not(shop: Shop):
    deal = shop.org.put("Opportunity", StageName="Open", CreatedDate=at(0))
    account = shop.org.put("Account", Name="Garam", CreatedDate=at(0))
    said = {"CreatedDate": at(0), "StartDateTime": at(0), "AccountId": account}
    shop.org.put("Event", WhatId=deal, **said)
    shop.org.put("Event", WhatId=account, **said)
    shop.good(read=["activities"])
    assert shop.landed("activities", "customer_id, opportunity_id") == [
        (account, deal),
        (account, None),
    ]


# Contracts and materials


STEPS = {
    "issue_contract": {"completed_at": "IssuedAt__c", "assignee": "IssuedBy__c"},
    "register_system": {"task_subject": "시스템 등록"},
}


def test_an_activated_contract_is_signed_and_its_steps_are_fields_or_tasks(shop: Shop):
    shop.org.add_fields("Contract", "IssuedAt__c:datetime IssuedBy__c:>User Desk__c:>User")
    desk = shop.org.put("User", Name="Park", CreatedDate=at(0))
    number = shop.org.put(
        "Contract", Status="Activated", ActivatedDate=at(10), IssuedAt__c=at(20), IssuedBy__c=desk,
        Desk__c=desk, CreatedDate=at(0),
    )  # fmt: skip
    shop.org.put("Contract", Status="Draft", CreatedDate=at(0))
    task = {"Subject": "시스템 등록", "WhatId": number, "OwnerId": desk, "CreatedDate": at(15)}
    shop.org.put("Task", IsClosed=True, CompletedDateTime=at(30), **task)
    shop.org.put("Task", **task)
    shop.good(
        read=["contracts", "contract_steps"],
        contracts={"support_owner": "Desk__c", "steps": STEPS},
    )
    assert shop.landed("contracts", "contract_id, signed_at, support_owner_id, status") == [
        (number, at(10), desk, "signed")
    ]
    columns = "contract_id, step, completed_at, assignee_id"
    assert shop.landed("contract_steps", columns, f"contract_id = '{number}'") == [
        (number, "issue_contract", at(20), desk),
        (number, "register_system", at(30), desk),
    ]


def test_a_terminated_contract_is_cancelled(shop: Shop):
    shop.org.put("Contract", Status="Terminated", ActivatedDate=at(10), CreatedDate=at(0))
    shop.good(read=["contracts"])
    assert shop.landed("contracts", "status") == [("cancelled",)]


def test_a_won_opportunity_can_stand_for_a_contract(shop: Shop):
    for label, is_won in (("Open", False), ("Won", True)):
        shop.org.put("OpportunityStage", MasterLabel=label, IsClosed=is_won, IsWon=is_won)
    said = {"CreatedDate": at(0), "LastStageChangeDate": at(9)}
    won = shop.org.put("Opportunity", StageName="Won", IsWon=True, IsClosed=True, **said)
    lost = shop.org.put("Opportunity", StageName="Open", **said)
    again = shop.org.put("Opportunity", StageName="Open", **said)
    shop.org.put("OpportunityHistory", OpportunityId=again, StageName="Won", CreatedDate=at(3))
    shop.good(read=["contracts"], contracts={"from": "Opportunity"})
    found = dict(shop.landed("contracts", "contract_id, status"))
    assert found == {won: "signed", again: "cancelled"}
    assert lost not in found
    assert shop.landed("contracts", "signed_at, opportunity_id", "status = 'signed'") == [
        (at(9), won)
    ]


def test_files_of_libraries_are_materials_and_their_later_versions_updates(shop: Shop):
    library = shop.org.put("ContentWorkspace", Name="영업 자료")
    other = shop.org.put("ContentWorkspace", Name="인사")
    files = {}
    for name, place in (("guide", library), ("rules", other), ("mine", None)):
        files[name] = shop.org.put(
            "ContentDocument", Title=name, ParentId=place, CreatedDate=at(0),
            IsArchived=name == "guide", ArchivedDate="2026-03-01" if name == "guide" else None,
        )  # fmt: skip
        for version in ("1", "2"):
            shop.org.put(
                "ContentVersion", ContentDocumentId=files[name], VersionNumber=version,
                CreatedDate=at(int(version)),
            )  # fmt: skip
    read = {"read": ["materials", "material_updates"]}
    shop.good(**read, materials={"libraries": ["영업 자료"]})
    assert shop.landed("materials", "material_id, title, retired_at") == [
        (files["guide"], "guide", datetime(2026, 2, 28, 15, tzinfo=UTC))
    ]
    assert shop.landed("material_updates", "material_id, updated_at") == [(files["guide"], at(2))]


def test_a_row_names_the_object_that_it_is_of_and_not_all_that_are_looked_up(shop: Shop):
    shop.org.put("Account", Name="Garam", CreatedDate=at(0))
    shop.good(read=["customers"])
    ((objects,),) = shop.landed("customers", "_file")
    assert set(objects.split(", ")) >= {"accounts", "deleted"}
    assert not set(objects.split(", ")) & {"contacts", "account_history"}
