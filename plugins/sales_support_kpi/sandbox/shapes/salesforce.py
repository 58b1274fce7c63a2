"""The CRM of the demo company as a Salesforce org: objects, own fields and field history.

Versions become the record as it is now and the history of what changed when. Salesforce has no
history of people and closes an opportunity by its stage: people come from the personnel database.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from itertools import pairwise
from typing import Any

from sales_support_kpi.sandbox.opportunities import STAGES
from sales_support_kpi.sandbox.servers.salesforce_org import Org, record_id
from sales_support_kpi.sandbox.servers.soql import vendor_time
from sales_support_kpi.sandbox.shapes.company import Company, Row, starts
from sales_support_kpi.sandbox.shapes.ids import NOBODY, number, salesforce_id

WON, LOST = "계약 완료", "종료"
_STATUS = {"prospect": "Prospect", "active": "Customer", "churned": "Former Customer"}
_STEPS = {
    "issue_contract": "Issued",
    "register_system": "Registered",
    "settle": "Settled",
}
_CALLS = ("call", "email")
_REVIEWED = "Reviewed__c"  # a tracked field that changes when nothing else of a version does

_OWN_FIELDS = {
    "User": "HiredOn__c:date",
    "Account": "Manager__c:>User Steward__c:>User BusinessNo__c Segment__c Reviewed__c:date",
    "Task": "OccurredAt__c:datetime RecordedAt__c:datetime",
    "Event": "RecordedAt__c:datetime",
    "Opportunity": "Reviewed__c:date",
    "Contract": "SupportOwner__c:>User Opportunity__c:>Opportunity Amount__c:currency "
    + " ".join(f"{one}At__c:datetime {one}By__c:>User" for one in _STEPS.values()),
}

Record = dict[str, Any]


class _Ids:
    """Numbers of records that have no id of their own in the company."""

    def __init__(self) -> None:
        self._last: dict[str, int] = {}

    def __call__(self, prefix: str) -> str:
        self._last[prefix] = self._last.get(prefix, 0) + 1
        return record_id(prefix, self._last[prefix])


def org_of(company: Company) -> Org:
    """Fill an org with the company's CRM."""
    org, ids = Org(), _Ids()
    for name, fields in _OWN_FIELDS.items():
        org.add_fields(name, fields)
    _people(org, company)
    _customers(org, company, ids)
    _opportunities(org, company, ids)
    _activities(org, company)
    _contracts(org, company)
    return org


def _load(org: Org, name: str, records: Sequence[Record]) -> None:
    fields = org.objects[name].fields
    blank = {one.name: False if one.type == "boolean" else None for one in fields.values()}
    org.load(name, [{**blank, **record} for record in records])


def _stamps(created: datetime, changed: datetime) -> Record:
    at = vendor_time(changed)
    return {"CreatedDate": vendor_time(created), "LastModifiedDate": at, "SystemModstamp": at}


def _people(org: Org, company: Company) -> None:
    users = [
        {
            "Id": salesforce_id(employee_id),
            "Username": rows[-1]["email"],
            "Name": rows[-1]["name"],
            "Email": rows[-1]["email"],
            "Department": rows[-1]["team"],
            "ManagerId": salesforce_id(rows[-1]["manager_id"]),
            "IsActive": rows[-1]["left_on"] is None,
            "UserType": "Standard",
            "HiredOn__c": rows[-1]["hired_on"].isoformat(),
            **_stamps(starts(rows[0]), starts(rows[-1])),
        }
        for employee_id, rows in company.versions("employees", "employee_id").items()
    ]
    first = min(starts(row) for row in company.rows["employees"])
    robot = {"Id": record_id("005", NOBODY), "Name": "Automated Process", "IsActive": True}
    users.append({**robot, "UserType": "AutomatedProcess", **_stamps(first, first)})
    _load(org, "User", users)


def _account(row: Row) -> Record:
    return {
        "Name": row["name"],
        "BusinessNo__c": row["business_registration_no"],
        "BillingCountry": row["country"],
        "BillingPostalCode": row["postal_code"],
        "BillingStreet": row["address"],
        "Segment__c": row["segment"],
        "Manager__c": salesforce_id(row["owner_id"]),
        "Steward__c": salesforce_id(row["steward_id"]),
        "Type": _STATUS[row["status"]],
    }


def _contact(row: Row) -> Record:
    return {"Name": row["contact_name"], "Email": row["email"], "Phone": row["phone"]}


def _changes(
    parent: Record, old: Record, new: Record, at: datetime, ids: _Ids, prefix: str
) -> Iterator[Record]:
    """Field history: one row per field that changed, for a reference also one with the ids."""
    for name in new:
        if old[name] == new[name]:
            continue
        row = {
            **parent,
            "Field": name,
            "DataType": "Text",
            "OldValue": old[name],
            "NewValue": new[name],
            "CreatedDate": vendor_time(at),
        }
        if name.endswith(("Manager__c", "Steward__c", "OwnerId")):
            yield {**row, "Id": ids(prefix), "OldValue": None, "NewValue": None}
            row["DataType"] = "EntityId"
        yield {**row, "Id": ids(prefix)}


def _reviewed(parent: Record, at: datetime, ids: _Ids, prefix: str) -> Record:
    return {
        **parent,
        "Id": ids(prefix),
        "Field": _REVIEWED,
        "DataType": "Date",
        "NewValue": at.date().isoformat(),
        "CreatedDate": vendor_time(at),
    }


def _customers(org: Org, company: Company, ids: _Ids) -> None:
    accounts, contacts, history, contact_history = [], [], [], []
    for customer_id, rows in company.versions("customers", "customer_id").items():
        account_id = salesforce_id(customer_id)
        contact_id = record_id("003", number(customer_id))
        spoken = starts(rows[0])
        for old, new in pairwise(rows):
            at = starts(new)
            own = {"AccountId": account_id}
            found = list(_changes(own, _account(old), _account(new), at, ids, "017"))
            history += found or [_reviewed(own, at, ids, "017")]
            about = {"ContactId": contact_id}
            found = list(_changes(about, _contact(old), _contact(new), at, ids, "03C"))
            contact_history += found
            spoken = at if found else spoken
        deleted_at = rows[-1]["deleted_at"]
        created, last = starts(rows[0]), starts(rows[-1])
        gone = {"IsDeleted": True, "SystemModstamp": vendor_time(deleted_at)} if deleted_at else {}
        accounts.append({"Id": account_id, **_account(rows[-1]), **_stamps(created, last), **gone})
        speaker = {"Id": contact_id, "AccountId": account_id}
        contacts.append({**speaker, **_contact(rows[-1]), **_stamps(created, spoken)})
    _load(org, "Account", accounts)
    _load(org, "Contact", contacts)
    _load(org, "AccountHistory", history)
    _load(org, "ContactHistory", contact_history)


def _deal(row: Row) -> Record:
    closed = WON if row["is_won"] else LOST
    return {
        "StageName": closed if row["is_closed"] else row["stage"],
        "Amount": row["amount"],
        "CloseDate": row["close_date"].isoformat() if row["close_date"] else None,
        "NextStep": row["next_step"],
        "OwnerId": salesforce_id(row["owner_id"]),
        "IsClosed": bool(row["is_closed"]),
        "IsWon": bool(row["is_won"]),
    }


def _with_deletions(rows: Sequence[Row]) -> Iterator[tuple[datetime, Record]]:
    """The versions of an opportunity; one that was taken back from the bin was closed meanwhile."""
    for row, following in zip(rows, [*rows[1:], None], strict=True):
        at, deleted_at = starts(row), row["deleted_at"]
        if deleted_at is None or following is None:
            yield at, _deal(row)
            continue
        if deleted_at > at:
            yield at, _deal(row)
        until = starts(following)
        if max(deleted_at, at) < until:
            yield max(deleted_at, at), _deal({**row, "is_closed": True, "is_won": False})


def _tracked(state: Record) -> Record:
    return {name: state[name] for name in ("NextStep", "OwnerId")}


def _opportunities(org: Org, company: Company, ids: _Ids) -> None:
    stages = [(name, False, False) for name in STAGES] + [(WON, True, True), (LOST, True, False)]
    _load(
        org,
        "OpportunityStage",
        [
            {"Id": ids("01J"), "MasterLabel": name, "IsActive": True, "IsClosed": c, "IsWon": w}
            for name, c, w in stages
        ],
    )
    deals: list[Record] = []
    snapshots: list[Record] = []
    history: list[Record] = []
    for opportunity_id, rows in company.versions("opportunities", "opportunity_id").items():
        deal_id = salesforce_id(opportunity_id)
        own = {"OpportunityId": deal_id}
        states = list(_with_deletions(rows))
        for at, state in states:
            kept = {name: state[name] for name in ("StageName", "Amount", "CloseDate")}
            stamp = vendor_time(at)
            when = {"CreatedDate": stamp, "SystemModstamp": stamp}
            snapshots.append({**own, **kept, "Id": ids("008"), **when})
        for (_, old), (at, new) in pairwise(states):
            history += _changes(own, _tracked(old), _tracked(new), at, ids, "017")
        last, state = states[-1]
        deleted_at = rows[-1]["deleted_at"]
        gone_at = vendor_time(max(deleted_at, last)) if deleted_at else None
        gone = {"IsDeleted": True, "SystemModstamp": gone_at} if gone_at else {}
        deals.append(
            {
                "Id": deal_id,
                "AccountId": salesforce_id(rows[-1]["customer_id"]),
                "Name": opportunity_id,
                **state,
                **_stamps(states[0][0], last),
                **gone,
            }
        )
    _load(org, "Opportunity", deals)
    _load(org, "OpportunityHistory", snapshots)
    _load(org, "OpportunityFieldHistory", history)


def _activities(org: Org, company: Company) -> None:
    """Calls and e-mails are completed tasks, meetings are events.

    The old phone app made events without the time of entry, whatever they were.
    """
    tasks, events = [], []
    for row in company.rows["activities"]:
        own, occurred = number(row["activity_id"]), row["occurred_at"]
        recorded = row["recorded_at"]
        common = {
            "Type": row["type"],
            "OwnerId": salesforce_id(row["owner_id"]),
            "AccountId": salesforce_id(row["customer_id"]),
            "WhatId": salesforce_id(row["opportunity_id"]),
            "RecordedAt__c": vendor_time(recorded) if recorded else None,
            **_stamps(recorded or occurred, recorded or occurred),
        }
        common["ActivityDate"] = str(occurred.date())
        if row["type"] in _CALLS and recorded:
            done = {"IsClosed": True, "Status": "Completed"}
            entered = vendor_time(recorded)
            at = {"OccurredAt__c": vendor_time(occurred), "CompletedDateTime": entered}
            tasks.append({"Id": record_id("00T", own), **common, **done, **at})
        else:
            begins = {"StartDateTime": vendor_time(occurred)}
            events.append({"Id": record_id("00U", own), **common, **begins})
    _load(org, "Task", tasks)
    _load(org, "Event", events)


def _contracts(org: Org, company: Company) -> None:
    steps: dict[str, dict[str, Any]] = {}
    for step in company.rows["contract_steps"]:
        name = _STEPS[step["step"]]
        at, who = step["completed_at"], salesforce_id(step["assignee_id"])
        said = {f"{name}At__c": vendor_time(at) if at else None, f"{name}By__c": who}
        steps.setdefault(step["contract_id"], {"changed": []}).update(said)
        steps[step["contract_id"]]["changed"].append(at)
    contracts = []
    for row in company.rows["contracts"]:
        done: Mapping[str, Any] = steps.get(row["contract_id"], {"changed": []})
        changed = max(filter(None, [row["signed_at"], row["updated_at"], *done["changed"]]))
        contracts.append(
            {
                "Id": salesforce_id(row["contract_id"]),
                "AccountId": salesforce_id(row["customer_id"]),
                "OwnerId": salesforce_id(row["owner_id"]),
                "SupportOwner__c": salesforce_id(row["support_owner_id"]),
                "Opportunity__c": salesforce_id(row["opportunity_id"]),
                "Amount__c": row["amount"],
                "Status": "Cancelled" if row["status"] == "cancelled" else "Activated",
                "ActivatedDate": vendor_time(row["signed_at"]),
                **{name: value for name, value in done.items() if name != "changed"},
                **_stamps(row["signed_at"], changed),
            }
        )
    _load(org, "Contract", contracts)
