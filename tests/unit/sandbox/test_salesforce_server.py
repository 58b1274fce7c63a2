"""The Salesforce-shaped server is as strict as the vendor where extractors go wrong."""

from datetime import UTC, datetime

import pytest

from sales_support_kpi.sandbox.servers.salesforce_org import Org, View, record_id
from sales_support_kpi.sandbox.servers.soql import SoqlError, id18, parse, run


def at(second: int) -> datetime:
    return datetime(2026, 1, 5, 0, 0, second, tzinfo=UTC)


@pytest.fixture
def org() -> Org:
    org = Org()
    for second, name in enumerate(("A", "B", "C")):
        owner = org.put("User", Name=f"owner of {name}", CreatedDate=at(second))
        org.put("Account", Name=name, OwnerId=owner, CreatedDate=at(second))
    return org


def names(org: Org, where: str, order: str = "Id") -> list[str]:
    query = parse(f"select Name from Account where {where} order by {order}")
    records = list(org.objects["Account"].records.values())
    return [str(record["Name"]) for record in run(query, records, View(org, "Account"))]


@pytest.mark.parametrize(
    ("where", "found"),
    [
        ("SystemModstamp >= 2026-01-05T00:00:01Z", ["B", "C"]),
        ("SystemModstamp > 2026-01-05T09:00:00.000+09:00 and Name != 'C'", ["B"]),
        ("Name = 'A' or (Name = 'B' and IsDeleted = false)", ["A", "B"]),
        ("Name in ('C', 'X')", ["C"]),
        ("Name not in ('C')", ["A", "B"]),
        ("not Name = 'A'", ["B", "C"]),
        ("Owner.Name = 'owner of B'", ["B"]),
        ("Phone = null and Name = 'O\\'Neill'", []),
    ],
)
def test_conditions_are_those_of_soql(org: Org, where: str, found: list[str]):
    assert names(org, where) == found


def test_descending_order_and_limit(org: Org):
    query = parse("SELECT Name FROM Account ORDER BY SystemModstamp DESC, Id LIMIT 2")
    records = list(org.objects["Account"].records.values())
    found = run(query, records, View(org, "Account"))
    assert [record["Name"] for record in found] == ["C", "B"]


@pytest.mark.parametrize(
    ("where", "code"),
    [
        ("SystemModstamp > '2026-01-05T00:00:00Z'", "INVALID_FIELD"),
        ("Region__c = 'x'", "INVALID_FIELD"),
        ("Owner.Region__c = 'x'", "INVALID_FIELD"),
        ("Name ~ 'x'", "MALFORMED_QUERY"),
        ("Name = ", "MALFORMED_QUERY"),
    ],
)
def test_what_salesforce_refuses_is_refused(org: Org, where: str, code: str):
    with pytest.raises(SoqlError) as refused:
        names(org, where)
    assert refused.value.code == code


def test_a_hidden_field_does_not_exist(org: Org):
    org.hide("Account", "Phone")
    with pytest.raises(SoqlError, match="No such column 'Phone'"):
        names(org, "Phone = null")


def test_ids_carry_the_vendors_check_letters():
    assert id18("001D000000IqhSL") == "001D000000IqhSLIAZ"
    assert record_id("001", 62) == id18("001000000000010")
    assert len({record_id("001", number) for number in range(10_000)}) == 10_000


def test_a_field_that_the_object_does_not_have_cannot_be_put(org: Org):
    with pytest.raises(KeyError, match="Account has no Colour"):
        org.put("Account", Colour="red")
