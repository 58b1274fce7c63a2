"""What accounts and contacts become: customers, their versions, deletions and merges."""

from datetime import UTC, datetime, timedelta
from functools import partial

import pytest
from salesforce_help import Shop, at, changed

from sales_support_kpi.sandbox.servers.faults import answer, rewritten
from sales_support_kpi.sandbox.servers.soql import id18, vendor_time
from sales_support_kpi.sources.extract import pulling
from sales_support_kpi.sources.extract.resources import Setting


def customers(shop: Shop, columns: str, where: str = "true") -> list:
    return shop.landed("customers", columns, where)


def test_an_account_becomes_a_customer(shop: Shop):
    shop.org.add_fields("Account", "BusinessNo__c Steward__c:>User")
    owner = shop.org.put("User", Name="Kim", IsActive=True, CreatedDate=at(0))
    number = shop.org.put(
        "Account", Name="Garam", OwnerId=owner, Type="Customer - Direct", CreatedDate=at(0),
        BillingCountry="대한민국", BillingPostalCode="04524", BillingCity="서울",
        BillingStreet="예시로 1", Phone="02-0000-0001", BusinessNo__c="101-01-00015",
        Steward__c=owner,
    )  # fmt: skip
    shop.org.put(
        "Contact", AccountId=number, Name="Lee", Email="lee@example.com", CreatedDate=at(0)
    )
    own = {"registration_no": "BusinessNo__c", "steward": "Steward__c"}
    shop.good(read=["customers"], fields={"account": own})
    assert customers(
        shop,
        "customer_id, name, business_registration_no, country, contact_name, email, phone, "
        "postal_code, address, owner_id, steward_id, status, created_at",
    ) == [
        (
            number, "Garam", "101-01-00015", "KR", "Lee", "lee@example.com", "02-0000-0001",
            "04524", "서울 예시로 1", owner, owner, "active", at(0),
        )
    ]  # fmt: skip


def test_of_several_contacts_the_marked_one_speaks_else_the_oldest(shop: Shop):
    shop.org.add_fields("Contact", "Main__c:boolean")
    number = shop.org.put("Account", Name="Garam", CreatedDate=at(0))
    shop.org.put("Contact", AccountId=number, Name="Old", CreatedDate=at(1))
    shop.org.put("Contact", AccountId=number, Name="Main", CreatedDate=at(2), Main__c=True)
    shop.good(read=["customers"])
    assert customers(shop, "contact_name", f"updated_at = '{at(2)}'") == [("Old",)]
    shop.org.put("Account", Id=number, LastModifiedDate=at(9))
    shop.good(fields={"contact": {"is_primary": "Main__c"}})
    assert customers(shop, "contact_name", f"updated_at = '{at(9)}'") == [("Main",)]


def test_a_contact_that_changes_alone_makes_a_new_version_of_its_customer(shop: Shop):
    number = shop.org.put("Account", Name="Garam", Phone="02-1", CreatedDate=at(0))
    person = shop.org.put("Contact", AccountId=number, Email="a@example.com", CreatedDate=at(0))
    shop.good(read=["customers"])
    shop.org.put("Contact", Id=person, Email="b@example.com", LastModifiedDate=at(600))
    shop.good()
    assert customers(shop, "updated_at, email, phone, name") == [
        (at(0), "a@example.com", "02-1", "Garam"),
        (at(600), "b@example.com", "02-1", "Garam"),
    ]


def test_a_contact_that_changed_later_makes_no_version_of_a_past_night(shop: Shop):
    number = shop.org.put("Account", Name="Garam", CreatedDate=at(0))
    person = shop.org.put("Contact", AccountId=number, Email="a@example.com", CreatedDate=at(0))
    shop.good(read=["customers"])
    shop.good()
    before = customers(shop, "*")
    later = datetime(2026, 11, 3, 10, tzinfo=UTC)
    shop.org.put("Contact", Id=person, Email="b@example.com", LastModifiedDate=later)
    shop.nights = 0
    shop.good()
    assert customers(shop, "*") == before
    assert len(shop.server.seen("queryAll")) > 2, "the accounts were read again"
    shop.good()
    shop.good()
    assert customers(shop, "email", f"updated_at = '{later}'") == [("b@example.com",)]


def test_an_account_that_changes_alone_keeps_its_contact(shop: Shop):
    number = shop.org.put("Account", Name="Garam", CreatedDate=at(0))
    shop.org.put("Contact", AccountId=number, Email="a@example.com", CreatedDate=at(0))
    shop.good(read=["customers"])
    shop.org.put("Account", Id=number, Name="Garam Ltd", LastModifiedDate=at(600))
    shop.good()
    assert customers(shop, "updated_at, name, email") == [
        (at(0), "Garam", "a@example.com"),
        (at(600), "Garam Ltd", "a@example.com"),
    ]


def test_earlier_versions_are_rebuilt_from_field_history(shop: Shop):
    first, second = (shop.org.put("User", Name=name, CreatedDate=at(0)) for name in "AB")
    number = shop.org.put(
        "Account", Name="Garam", Phone="02-3", OwnerId=second, CreatedDate=at(0),
        LastModifiedDate=at(30), SystemModstamp=at(30),
    )  # fmt: skip
    person = shop.org.put("Contact", AccountId=number, Email="new@example.com", CreatedDate=at(0))
    changed(shop, "AccountHistory", number, 10, "Phone", None, "02-2")
    changed(shop, "AccountHistory", number, 30, "Phone", "02-2", "02-3")
    changed(shop, "AccountHistory", number, 20, "Owner", "A", "B")
    changed(shop, "AccountHistory", number, 20, "Owner", first, second, "EntityId")
    changed(shop, "ContactHistory", person, 25, "Email", "old@example.com", "new@example.com")
    shop.good(read=["customers"])
    assert customers(shop, "updated_at, phone, owner_id, email") == [
        (at(0), None, first, "old@example.com"),
        (at(10), "02-2", first, "old@example.com"),
        (at(20), "02-2", second, "old@example.com"),
        (at(25), "02-2", second, "new@example.com"),
        (at(30), "02-3", second, "new@example.com"),
    ]


def test_a_later_pull_adds_the_versions_between_and_changes_no_earlier_one(shop: Shop):
    number = shop.org.put("Account", Name="Garam", Phone="1", CreatedDate=at(0))
    shop.good(read=["customers"])
    changed(shop, "AccountHistory", number, 100, "Phone", "1", "2")
    changed(shop, "AccountHistory", number, 200, "Phone", "2", "3")
    shop.org.put("Account", Id=number, Phone="3", LastModifiedDate=at(200))
    outcome = shop.good()
    assert customers(shop, "updated_at, phone") == [(at(0), "1"), (at(100), "2"), (at(200), "3")]
    assert [load.silent_changes for load in outcome.loads] == [0]


def test_without_history_in_the_org_each_pull_adds_a_version(shop: Shop):
    del shop.org.objects["AccountHistory"], shop.org.objects["ContactHistory"]
    number = shop.org.put("Account", Name="Garam", Phone="1", CreatedDate=at(0))
    shop.good(read=["customers"])
    shop.org.put("Account", Id=number, Phone="2", LastModifiedDate=at(200))
    shop.good()
    assert customers(shop, "updated_at, phone") == [(at(0), "1"), (at(200), "2")]


# Deleted and merged


def test_a_deleted_account_ends_when_it_was_deleted(shop: Shop):
    number = shop.org.put("Account", Name="Garam", CreatedDate=at(0))
    shop.good(read=["customers"])
    shop.org.delete("Account", number, at(60))
    shop.good()
    assert customers(shop, "customer_id, deleted_at") == [(number, at(60)), (number, None)]


def test_a_deleted_account_ends_at_its_own_time_whatever_becomes_of_its_contact(shop: Shop):
    number = shop.org.put("Account", Name="Garam", CreatedDate=at(0))
    person = shop.org.put("Contact", AccountId=number, Email="a@example.com", CreatedDate=at(0))
    shop.good(read=["customers"])
    shop.org.delete("Account", number, at(60))
    shop.org.put("Contact", Id=person, LastModifiedDate=at(90))
    shop.good()
    ended = customers(shop, "updated_at, deleted_at", "deleted_at is not null")
    assert ended == [(at(60), at(60))]


def test_an_object_without_a_list_of_deletions_is_read_all_the_same(shop: Shop):
    told = [{"errorCode": "INVALID_TYPE_FOR_OPERATION", "message": "not replicateable"}]
    shop.script.add(answer(400, told), path="/sobjects/Account/deleted", times=None)
    number = shop.org.put("Account", Name="Garam", CreatedDate=at(0))
    shop.good(read=["customers"])
    shop.org.delete("Account", number, at(60))
    shop.good()
    assert len(shop.server.seen("/sobjects/Account/deleted")) == 1
    assert customers(shop, "customer_id", "deleted_at is not null") == [(number,)]


def test_the_loser_of_a_merge_ends_and_the_winner_stays(shop: Shop):
    winner = shop.org.put("Account", Name="Garam", CreatedDate=at(0))
    loser = shop.org.put("Account", Name="Garam (2)", CreatedDate=at(0))
    shop.good(read=["customers"])
    shop.org.delete("Account", loser, at(60), master=winner)
    shop.good()
    ended = customers(shop, "customer_id", "deleted_at is not null")
    assert ended == [(loser,)]


def test_a_contact_that_was_merged_into_another_no_longer_speaks(shop: Shop):
    number = shop.org.put("Account", Name="Garam", CreatedDate=at(0))
    old, new = (
        shop.org.put("Contact", AccountId=number, Email=f"{name}@example.com", CreatedDate=at(when))
        for when, name in enumerate(("old", "new"))
    )
    shop.good(read=["customers"])
    shop.org.delete("Contact", old, at(60), master=new)
    shop.good()
    assert customers(shop, "email", f"updated_at = '{at(60)}'") == [("new@example.com",)]
    assert customers(shop, "*", "deleted_at is not null") == []


def test_a_multi_select_is_one_text(shop: Shop):
    shop.org.add_fields("Account", "Lines__c:multipicklist")
    shop.org.put("Account", Name="Garam", Lines__c="four;six", CreatedDate=at(0))
    shop.good(read=["customers"], fields={"account": {"segment": "Lines__c"}})
    assert customers(shop, "segment") == [("four;six",)]


def test_a_deletion_that_is_not_told_yet_is_asked_for_again(shop: Shop):
    """The next list begins where the last one was complete, not where it was asked for to."""
    number = shop.org.put("Opportunity", StageName="Open", CreatedDate=at(0))
    shop.good(read=["opportunities"])
    shop.good()
    now = datetime.now(UTC).replace(microsecond=0)
    deleted_at, covered = now - timedelta(hours=20), vendor_time(now - timedelta(hours=24))
    shop.org.delete("Opportunity", number, deleted_at)
    shop.org.purge("Opportunity", number)
    late = rewritten(lambda told: told.update(deletedRecords=[], latestDateCovered=covered))
    shop.script.add(late, path="/Opportunity/deleted")
    shop.good()
    shop.good()
    ended = shop.landed("opportunities", "opportunity_id, deleted_at", "deleted_at is not null")
    assert ended == [(number, deleted_at)]


@pytest.mark.parametrize(
    "today", [datetime(2026, 11, 5, tzinfo=UTC), datetime(2027, 2, 1, tzinfo=UTC)]
)
def test_a_night_of_which_no_deletions_are_told_any_more_is_read_all_the_same(
    shop: Shop, today: datetime, monkeypatch: pytest.MonkeyPatch
):
    """Landed late, or long over: a list that would end before it begins is not asked for."""
    monkeypatch.setattr(pulling, "Setting", partial(Setting, now=today))
    shop.behaviour.clock = lambda: today
    shop.org.put("Account", Name="Garam", CreatedDate=at(0))
    for _ in range(3):
        shop.good(read=["customers"])
        shop.org.put("Account", Name="Another", CreatedDate=at(0))
    shop.script.clear()
    shop.nights = 1
    shop.good()
    assert shop.server.seen("/deleted") == []


def test_what_has_left_the_recycle_bin_before_it_was_read_ends_too(shop: Shop):
    # what is deleted in the minute of a reading comes with the next one
    deleted_at = datetime.now(UTC).replace(microsecond=0) - timedelta(minutes=5)
    number = shop.org.put("Opportunity", StageName="Open", CreatedDate=at(0))
    shop.good(read=["opportunities"])
    shop.org.delete("Opportunity", number, deleted_at)
    shop.org.purge("Opportunity", number)
    shop.nights += 40
    shop.good()
    ended = shop.landed("opportunities", "opportunity_id, deleted_at", "deleted_at is not null")
    assert ended == [(number, deleted_at)]


@pytest.mark.parametrize("bulk_above", [0, 100])
def test_ids_of_15_characters_become_those_of_18(shop: Shop, bulk_above: int):
    shop.org.add_fields("Account", "StewardId__c")
    steward = shop.org.put("User", Name="Kim", CreatedDate=at(0))
    short = "001D000000IqhSL"
    for name, typed in (("one", steward[:15]), ("two", short), ("none", "n/a")):
        shop.org.put("Account", Name=name, StewardId__c=typed, CreatedDate=at(0))
    read = {"read": ["customers"], "fields": {"account": {"steward": "StewardId__c"}}}
    read["bulk_above"] = bulk_above
    wanted = [("none", "n/a"), ("one", steward), ("two", id18(short))]
    shop.good(**read)
    assert customers(shop, "name, steward_id") == wanted
    assert id18(short) == "001D000000IqhSLIAZ"


# Opportunities
