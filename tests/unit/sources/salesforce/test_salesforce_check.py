"""`kpi check` against a live org: what the options name and the org does not have."""

from pathlib import Path

import yaml
from salesforce_help import Shop, at

from sales_support_kpi.sources.extract.checking import check
from sales_support_kpi.sources.extract.vendors import salesforce
from sales_support_kpi.sources.extract.vendors.salesforce.options import Options


def told(shop: Shop, **options: object) -> tuple[list[str], list[str]]:
    """What is good, and what is not."""
    shop.options = options
    config = shop.config
    (source,) = config.sources
    findings = list(check(config, source))
    good = [one.message for one in findings if one.is_ok]
    return good, [one.message for one in findings if not one.is_ok]


def test_a_good_mapping_is_said_object_by_object(shop: Shop):
    good, bad = told(shop)
    assert bad == []
    assert "API calls are left today" in good[0]
    assert any(one.startswith("Account: ") for one in good)


def test_everything_that_is_not_there_is_named_at_once(shop: Shop):
    del shop.org.objects["Task"]
    shop.org.hide("Contact", "Email")
    shop.org.put("Profile", Name="Sales")
    shop.org.put("RecordType", DeveloperName="Vendor", SobjectType="Opportunity")
    _, bad = told(
        shop,
        fields={"account": {"registration_no": "BizNo__c", "owner": "Desk__r.Name"}},
        roles={
            "sales": {"profiles": ["Sales", "Seles"]},
            "support": {"user_roles": ["Desk"], "departments": ["지원"]},
        },
        customers={"record_types": ["Vendor"]},
        materials={"libraries": ["영업 자료"]},
        contracts={"from": "Opportunity", "record_types": ["Won"]},
    )
    gone = "does not exist or is hidden from the integration user"
    fix = "grant it in the permission set, or correct options.fields"
    no_object = (
        "there is no such object, or the integration user may not see it: grant Read on it, or "
        "leave its entities out of read: in the source's options"
    )
    assert bad == [
        f"Contact.Email {gone}: {fix}.contact.email (null: without it)",
        f"Account.BizNo__c {gone}: {fix}.account.registration_no (null: without it)",
        f"Account.Desk__r.Name {gone}: {fix}.account.owner (null: without it)",
        f"Task: {no_object}",
        "options.roles.*.profiles: there is no Profile 'Seles': correct it",
        "options.roles.*.user_roles: there is no UserRole 'Desk': correct it",
        "options.roles.*.departments: there is no User with Department '지원': correct it",
        "options.customers.record_types: there is no RecordType 'Vendor': correct it",
        "options.contracts.record_types: there is no RecordType 'Won': correct it",
        "options.materials.libraries: there is no ContentWorkspace '영업 자료': correct it",
    ]


def test_history_that_the_org_does_not_keep_is_no_fault(shop: Shop):
    del shop.org.objects["AccountHistory"]
    good, bad = told(shop)
    assert bad == []
    assert "AccountHistory: not kept here; earlier versions are not rebuilt" in good


def test_a_wrong_password_is_said_and_not_shown(shop: Shop, monkeypatch):
    place = shop.server.url.removeprefix("http://")
    monkeypatch.setenv("AIRFLOW_CONN_CRM", f"http://demo-client:{'quite-wrong'}@{place}")
    _, (bad,) = told(shop)
    assert "refuses to sign in (invalid client credentials)" in bad
    assert "quite-wrong" not in bad


def test_nothing_is_read_or_written_by_a_check(shop: Shop):
    shop.org.put("Account", Name="Garam", CreatedDate=at(0))
    told(shop)
    assert not shop.home.root.exists()
    assert not shop.server.seen("/query", "POST")


def test_a_word_that_its_picklist_does_not_have_is_named(shop: Shop):
    shop.org.set_values("Account", "Type", "Customer", "Partner")
    assert told(shop)[1] == []  # shipped defaults name more words than any one org has
    _, bad = told(shop, customers={"active": ["Customer", "Kunde"]})
    expected = "options.customers.active: Account.Type has no value 'Kunde', only Customer, Partner"
    assert bad == [expected]


def test_a_type_of_task_that_ends_no_step_is_named(shop: Shop):
    shop.org.set_values("Task", "Type", "Call", "Handover")
    steps = {"issue": {"task_type": "Handover"}, "settle": {"task_type": "Settle"}}
    _, bad = told(shop, contracts={"steps": steps})
    where = "options.contracts.steps.settle.task_type"
    assert bad == [f"{where}: Task.Type has no value 'Settle', only Call, Handover"]


def test_the_shipped_defaults_say_what_holds_when_nothing_is_said():
    shipped = Path(salesforce.__file__).with_name("defaults.yml").read_text(encoding="utf-8")
    written = yaml.safe_load(shipped)
    assert Options.model_validate(written) == Options(lookback_minutes=10.0)
    assert written.keys() == Options.model_fields.keys()
