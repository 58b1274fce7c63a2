"""A Salesforce org in memory: standard objects, their fields, and records as the vendor has them.

`Org().put("Account", Name=…)` → records with ids, stamps and the values REST writes.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from sales_support_kpi.sandbox.servers.soql import Record, Scalar, id18, vendor_time

_SYSTEM = "Id:id IsDeleted:boolean CreatedDate:datetime CreatedById:>User "
_STAMPED = _SYSTEM + "LastModifiedDate:datetime LastModifiedById:>User SystemModstamp:datetime "
_HISTORY = _SYSTEM + "Field:picklist DataType:picklist OldValue:anyType NewValue:anyType "
_BILLING = "BillingStreet:textarea BillingCity BillingState BillingPostalCode BillingCountry "

# name → (key prefix, fields); no type: string, `>X`: a reference to X, `=`: a formula.
_STANDARD = {
    "User": (
        "005",
        _STAMPED.replace("IsDeleted:boolean ", "")
        + "Username Name Email:email Department Division Title EmployeeNumber IsActive:boolean "
        "ManagerId:>User ProfileId:>Profile UserRoleId:>UserRole UserType:picklist "
        "LastLoginDate:datetime",
    ),
    "Profile": ("00e", "Id:id Name SystemModstamp:datetime"),
    "UserRole": ("00E", "Id:id Name SystemModstamp:datetime"),
    "Account": (
        "001",
        _STAMPED + _BILLING + "MasterRecordId:>Account Name Type:picklist Industry:picklist "
        "AccountNumber Phone:phone OwnerId:>User ParentId:>Account RecordTypeId:>RecordType",
    ),
    "AccountHistory": ("017", _HISTORY + "AccountId:>Account"),
    "Contact": (
        "003",
        _STAMPED + "MasterRecordId:>Contact AccountId:>Account FirstName LastName Name "
        "Email:email Phone:phone MobilePhone:phone OwnerId:>User Title",
    ),
    "ContactHistory": ("03C", _HISTORY + "ContactId:>Contact"),
    "Opportunity": (
        "006",
        _STAMPED + "AccountId:>Account Name StageName:picklist Amount:currency CloseDate:date "
        "NextStep IsClosed:boolean IsWon:boolean OwnerId:>User LastStageChangeDate:datetime "
        "ExpectedRevenue:currency= Probability:percent RecordTypeId:>RecordType",
    ),
    "OpportunityHistory": (
        "008",
        _SYSTEM + "OpportunityId:>Opportunity StageName:picklist Amount:currency CloseDate:date "
        "SystemModstamp:datetime",
    ),
    "OpportunityFieldHistory": ("017", _HISTORY + "OpportunityId:>Opportunity"),
    "OpportunityStage": (
        "01J",
        "Id:id MasterLabel IsActive:boolean IsClosed:boolean IsWon:boolean SystemModstamp:datetime",
    ),
    "RecordType": ("012", "Id:id Name DeveloperName SobjectType SystemModstamp:datetime"),
    "Task": (
        "00T",
        _STAMPED + "Subject Type:picklist TaskSubtype:picklist Status:picklist Priority:picklist "
        "ActivityDate:date CompletedDateTime:datetime IsClosed:boolean IsArchived:boolean "
        "IsRecurrence:boolean OwnerId:>User AccountId:>Account WhatId:>Opportunity "
        "WhoId:>Contact RecordTypeId:>RecordType",
    ),
    "Event": (
        "00U",
        _STAMPED + "Subject Type:picklist EventSubtype:picklist ActivityDate:date "
        "ActivityDateTime:datetime StartDateTime:datetime EndDateTime:datetime "
        "IsAllDayEvent:boolean IsArchived:boolean IsRecurrence:boolean IsChild:boolean "
        "OwnerId:>User AccountId:>Account WhatId:>Opportunity WhoId:>Contact "
        "RecordTypeId:>RecordType",
    ),
    "Contract": (
        "800",
        _STAMPED + "AccountId:>Account OwnerId:>User ContractNumber Status:picklist "
        "StatusCode:picklist StartDate:date CustomerSignedDate:date CompanySignedDate:date "
        "ActivatedDate:datetime ActivatedById:>User",
    ),
    "ContentDocument": (
        "069",
        _STAMPED + "Title OwnerId:>User ParentId:>ContentWorkspace IsArchived:boolean "
        "ArchivedDate:date LatestPublishedVersionId:>ContentVersion FileType",
    ),
    "ContentVersion": (
        "068",
        _STAMPED + "ContentDocumentId:>ContentDocument Title VersionNumber IsLatest:boolean "
        "OwnerId:>User ContentModifiedDate:datetime FileType VersionData:base64",
    ),
    "ContentWorkspace": ("058", "Id:id Name DeveloperName SystemModstamp:datetime"),
}  # fmt: skip

_BASE62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_STAMPS = ("CreatedDate", "LastModifiedDate", "SystemModstamp")


def record_id(prefix: str, number: int) -> str:
    """An id of 18 characters: the object's prefix, a number in base 62, the check letters."""
    digits = ""
    while number:
        number, digit = divmod(number, 62)
        digits = _BASE62[digit] + digits
    return id18(f"{prefix}{digits:0>12}")


@dataclass(frozen=True, slots=True)
class Field:
    """A field as describe tells it."""

    name: str
    type: str
    reference: str | None = None
    is_formula: bool = False
    values: tuple[str, ...] = ()


@dataclass(slots=True)
class SObject:
    """One object of the org: its fields and its records by id."""

    name: str
    prefix: str
    fields: dict[str, Field]
    records: dict[str, Record] = field(default_factory=dict)
    hidden: set[str] = field(default_factory=set)

    def visible(self) -> Iterator[Field]:
        """The fields that the integration user may see."""
        return (one for name, one in self.fields.items() if name not in self.hidden)


def _field(declaration: str) -> Field:
    name, _, kind = declaration.partition(":")
    is_formula = kind.endswith("=")
    kind = kind.rstrip("=")
    if kind.startswith(">"):
        return Field(name, "reference", kind[1:])
    return Field(name, kind or "string", None, is_formula)


class Org:
    """The records of one company; tests and the demo fill it, the server answers from it."""

    def __init__(self) -> None:
        self.objects = {
            name: SObject(name, prefix, {one.name: one for one in map(_field, fields.split())})
            for name, (prefix, fields) in _STANDARD.items()
        }
        self.deleted: dict[str, list[tuple[str, str]]] = {}  # what getDeleted tells
        self._number = 0

    def add_fields(self, name: str, declarations: str) -> None:
        """Custom fields, e.g. `add_fields("Account", "BusinessNo__c Steward__c:>User")`."""
        new = map(_field, declarations.split())
        self.objects[name].fields.update({one.name: one for one in new})

    def set_values(self, name: str, field: str, *values: str) -> None:
        """The words of a picklist."""
        fields = self.objects[name].fields
        fields[field] = replace(fields[field], values=values)

    def hide(self, name: str, *fields: str) -> None:
        """Take fields from the integration user: field-level security."""
        self.objects[name].hidden.update(fields)

    def put(self, name: str, **values: Scalar | datetime) -> str:
        """Create a record, or change it when `Id` is known; returns its id.

        Datetimes become the vendor's text. Without stamps the record was made, or changed, now.
        """
        target = self.objects[name]
        said = {key: _said(value) for key, value in values.items()}
        unknown = said.keys() - target.fields.keys()
        if unknown:
            raise KeyError(f"{name} has no {', '.join(sorted(unknown))}")
        number = str(said.get("Id") or self._next(target.prefix))
        old = target.records.get(number)
        record = dict(old) if old else self._blank(target, number)
        now = vendor_time(datetime.now(UTC).replace(microsecond=0))
        changed = said.get("LastModifiedDate", said.get("CreatedDate", now))
        stamps = {
            "CreatedDate": record.get("CreatedDate") or changed,
            "LastModifiedDate": changed,
            "SystemModstamp": changed,
        }
        record.update({key: text for key, text in stamps.items() if key in target.fields})
        record.update(said)
        target.records[number] = record
        return number

    def load(self, name: str, records: list[dict[str, Any]]) -> None:
        """Many whole records at once, as the vendor writes them; missing fields are null."""
        target = self.objects[name]
        for record in records:
            target.records[record["Id"]] = record

    def delete(self, name: str, number: str, at: datetime, *, master: str | None = None) -> None:
        """Into the recycle bin; with `master`, because it was merged into that record."""
        said = {"MasterRecordId": master} if master else {}
        self.put(name, Id=number, IsDeleted=True, LastModifiedDate=at, SystemModstamp=at, **said)
        self.deleted.setdefault(name, []).append((number, vendor_time(at)))

    def purge(self, name: str, number: str) -> None:
        """Out of the recycle bin: queries know nothing of it any more, getDeleted does."""
        del self.objects[name].records[number]

    def _blank(self, target: SObject, number: str) -> dict[str, Any]:
        blank: dict[str, Any] = {
            name: False if one.type == "boolean" else None for name, one in target.fields.items()
        }
        blank["Id"] = number
        return blank

    def _next(self, prefix: str) -> str:
        self._number += 1
        return record_id(prefix, self._number)


def _said(value: Scalar | datetime) -> Scalar:
    return vendor_time(value) if isinstance(value, datetime) else value


class View:
    """One object as the integration user sees it: the schema behind a query."""

    def __init__(self, org: Org, name: str) -> None:
        self.org, self.target = org, org.objects[name]
        self._names = {one.name.lower(): one.name for one in self.target.visible()}

    def type_of(self, path: str) -> str | None:
        """Type of a field, or of a parent's field (`Profile.Name`)."""
        parent, _, rest = path.partition(".")
        if rest:
            reference = self._reference(parent)
            return View(self.org, reference).type_of(rest) if reference else None
        name = self._names.get(path.lower())
        return self.target.fields[name].type if name else None

    def value(self, record: Record, path: str) -> Scalar:
        """The value of a field, through a parent where the path says so."""
        parent, _, rest = path.partition(".")
        if not rest:
            return record.get(path)
        found = self.parent(record, parent)
        return found.get(rest) if found else None

    def parent(self, record: Record, relation: str) -> Mapping[str, Any] | None:
        """The record a relation leads to."""
        name = self._lookup(relation)
        reference = self._reference(relation)
        if name is None or reference is None:
            return None
        return self.org.objects[reference].records.get(record.get(name) or "")

    def _lookup(self, relation: str) -> str | None:
        """The field behind a relation: `Profile` is `ProfileId`, `Steward__r` is `Steward__c`."""
        is_custom = relation.endswith("__r")
        return self._names.get((relation[:-1] + "c" if is_custom else relation + "Id").lower())

    def _reference(self, relation: str) -> str | None:
        name = self._lookup(relation)
        return self.target.fields[name].reference if name else None
