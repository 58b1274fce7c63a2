"""What is read from Salesforce: objects and fields, under the names the mappings use.

options → `objects_of` → one `SObject` per resource. `alias=Path` is a field under its name in the
mappings; `?` after a path: only where the org has it.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Literal

from sales_support_kpi.config.base import Model
from sales_support_kpi.sources.extract.resources import Resource
from sales_support_kpi.sources.extract.vendors.salesforce.options import Options

LOOKBACK = timedelta(minutes=10)  # rows have been seen to become visible five minutes late
_STAMPS = "id=Id created_at=CreatedDate updated_at=LastModifiedDate stamp=SystemModstamp"
_CHANGING = f"{_STAMPS} is_deleted=IsDeleted"
_HISTORY = "id=Id created_at=CreatedDate field=Field data_type=DataType? old_value=OldValue"

Kind = Literal["changes", "children", "whole", "deleted"]


@dataclass(frozen=True, slots=True)
class Children:
    """Records that are read for those of another resource: where `field` is one of its values."""

    field: str
    of: str
    column: str = "id"


@dataclass(frozen=True, slots=True)
class SObject:
    """One object as a resource.

    Attributes:
        name: its API name.
        columns: name in the mappings → path of the field; empty for one that is set to null.
        optional: paths that some orgs do not have.
        settings: path → the option that names it.
        by: for children: whose.
        is_optional: the org may do without the object.
        covers: for deleted: the objects whose deletions are asked.
        is_read: no: the mappings find it empty.
    """

    resource: str
    name: str
    columns: Mapping[str, str]
    kind: Kind = "changes"
    optional: frozenset[str] = frozenset()
    settings: Mapping[str, str] = field(default_factory=dict)
    by: Children | None = None
    is_optional: bool = False
    covers: tuple[str, ...] = ()
    is_read: bool = True

    @property
    def paths(self) -> tuple[str, ...]:
        """The fields to ask for, each once."""
        return tuple(dict.fromkeys(path for path in self.columns.values() if path))

    @property
    def references(self) -> tuple[str, ...]:
        """Columns that hold ids of other records."""
        return tuple(name for name in self.columns if name == "id" or name.endswith("_id"))

    def as_resource(self, lookback: timedelta) -> Resource:
        """The same for the core; a column without a field stays empty."""
        places = {name: path or f"-{name}" for name, path in self.columns.items()}
        if self.kind in ("changes", "children"):
            places["read_since"] = "read_since"
        is_changing = self.kind == "changes"
        return Resource(
            self.resource,
            places,
            key=("object", "id") if self.kind == "deleted" else ("id",),
            cursor="stamp" if is_changing else None,
            lookback=lookback if is_changing else timedelta(0),
            compared="time" if self.kind in ("children", "deleted") else None,
        )


def objects_of(options: Options) -> tuple[SObject, ...]:
    """Everything the mappings know, in the order it is read; what is not needed is not read."""
    wanted = set(options.read)
    contacts = options.customers.contact_from == "contact"
    is_deal = options.contracts.source == "Opportunity"
    has_deals = "contracts" in wanted and is_deal
    by_task = any(step.completed_at is None for step in options.contracts.steps.values())
    steps_by_task = "contract_steps" in wanted and by_task
    history = options.history
    needed = {
        "users": "employees" in wanted,
        "contacts": "customers" in wanted and contacts,
        "accounts": "customers" in wanted,
        "account_contacts": "customers" in wanted and contacts,
        "account_history": "customers" in wanted and history,
        "contact_history": "customers" in wanted and contacts and history,
        "opportunities": "opportunities" in wanted or has_deals,
        "opportunity_history": has_deals or ("opportunities" in wanted and history),
        "opportunity_field_history": "opportunities" in wanted and history,
        "opportunity_stages": "opportunities" in wanted or has_deals,
        "tasks": ("activities" in wanted and options.activities.tasks) or steps_by_task,
        "events": "activities" in wanted and options.activities.events,
        "contracts": bool(wanted & {"contracts", "contract_steps"}),
        "documents": "materials" in wanted,
        "document_versions": "material_updates" in wanted,
        "libraries": bool(wanted & {"materials", "material_updates"}),
    }
    found = [
        replace(one, is_read=needed[one.resource])
        for make in (_people, _customers, _opportunities, _activities, _contracts, _materials)
        for one in make(options)
    ]
    erasable = {one.name for one in found if one.is_read and "is_deleted" in one.columns}
    columns = {name: name for name in ("object", "id", "deleted_at")}
    gone = SObject("deleted", "", columns, "deleted", covers=tuple(sorted(erasable)))
    return (*found, gone)


def _object(
    resource: str,
    name: str,
    fixed: str,
    mapped: Mapping[str, tuple[str, str | None]] | None = None,
    kind: Kind = "changes",
    by: Children | None = None,
    *,
    is_optional: bool = False,
) -> SObject:
    columns, optional, settings = {}, set(), {}
    for token in fixed.split():
        alias, _, path = token.partition("=")
        columns[alias] = path.rstrip("?")
        if path.endswith("?"):
            optional.add(path.rstrip("?"))
    for alias, (setting, given) in (mapped or {}).items():
        columns[alias] = given or ""
        if given:
            settings[given] = setting
    return SObject(
        resource,
        name,
        columns,
        kind,
        frozenset(optional - settings.keys()),
        settings,
        by,
        is_optional,
    )


_ALIASES = {"account": "account_id", "owner": "owner_id", "steward": "steward_id",
            "onboarding_owner": "onboarding_owner_id"}  # fmt: skip


def _mapped(name: str, fields: Model) -> dict[str, tuple[str, str | None]]:
    given: dict[str, str | None] = fields.model_dump()
    return {_ALIASES.get(key, key): (f"fields.{name}.{key}", path) for key, path in given.items()}


def _people(options: Options) -> Iterator[SObject]:
    fixed = (
        f"{_STAMPS} name=Name email=Email is_active=IsActive user_type=UserType "
        "manager_id=ManagerId last_login_at=LastLoginDate profile=Profile.Name "
        "user_role=UserRole.Name department=Department"
    )
    yield _object("users", "User", fixed, _mapped("user", options.fields.user))


def _customers(options: Options) -> Iterator[SObject]:
    fields = _mapped("account", options.fields.account)
    kinds = _record_type("customers.record_types", options.customers.record_types)
    person = _mapped("contact", options.fields.contact)
    contact = f"{_CHANGING} account_id=AccountId"
    yield _object("contacts", "Contact", contact, person)
    yield _object("accounts", "Account", _CHANGING, {**fields, **kinds})
    by = Children("AccountId", "accounts")
    yield _object("account_contacts", "Contact", contact, person, "children", by)
    yield _history("account_history", "AccountHistory", "Account", "accounts")
    yield _history("contact_history", "ContactHistory", "Contact", "account_contacts")


def _history(resource: str, name: str, parent: str, of: str) -> SObject:
    fixed = f"{_HISTORY} parent_id={parent}Id"
    by = Children(f"{parent}Id", of)
    return _object(resource, name, fixed, None, "children", by, is_optional=True)


def _opportunities(options: Options) -> Iterator[SObject]:
    fixed = (
        f"{_CHANGING} account_id=AccountId is_closed=IsClosed is_won=IsWon "
        "stage_changed_at=LastStageChangeDate? currency=CurrencyIsoCode?"
    )
    kinds = _record_type("opportunity_record_types", options.opportunity_record_types)
    mapped = {**_mapped("opportunity", options.fields.opportunity), **kinds}
    yield _object("opportunities", "Opportunity", fixed, mapped)
    by = Children("OpportunityId", "opportunities")
    snapshot = (
        "id=Id parent_id=OpportunityId created_at=CreatedDate stage=StageName amount=Amount "
        "close_date=CloseDate"
    )
    yield _object(
        "opportunity_history", "OpportunityHistory", snapshot, None, "children", by,
        is_optional=True,
    )  # fmt: skip
    yield _history(
        "opportunity_field_history", "OpportunityFieldHistory", "Opportunity", "opportunities"
    )
    stage = "id=Id label=MasterLabel is_closed=IsClosed is_won=IsWon"
    yield _object("opportunity_stages", "OpportunityStage", stage, None, "whole")


def _activities(options: Options) -> Iterator[SObject]:
    fixed = (
        f"{_CHANGING} account_id=AccountId what_id=WhatId subject=Subject subtype=TaskSubtype "
        "activity_date=ActivityDate completed_at=CompletedDateTime? is_closed=IsClosed "
        "is_recurrence=IsRecurrence"
    )
    yield _object("tasks", "Task", fixed, _mapped("task", options.fields.task))
    fixed = (
        f"{_CHANGING} account_id=AccountId what_id=WhatId activity_date=ActivityDate "
        "is_all_day=IsAllDayEvent is_recurrence=IsRecurrence is_child=IsChild"
    )
    yield _object("events", "Event", fixed, _mapped("event", options.fields.event))


def _contracts(options: Options) -> Iterator[SObject]:
    asked = options.contracts
    is_deal = asked.source == "Opportunity"
    opportunity = "Id" if is_deal else asked.opportunity
    signed_at = asked.signed_at or (None if is_deal else "ActivatedDate")
    mapped: dict[str, tuple[str, str | None]] = {
        "owner_id": ("contracts.owner", asked.owner),
        "support_owner_id": ("contracts.support_owner", asked.support_owner),
        "opportunity_id": ("contracts.opportunity", opportunity),
        "signed_at": ("contracts.signed_at", signed_at),
        "amount": ("contracts.amount", asked.amount or ("Amount" if is_deal else None)),
        **_record_type("contracts.record_types", asked.record_types),
    }
    for name, step in asked.steps.items():
        where = f"contracts.steps.{name}"
        mapped[f"step_{name}_at"] = (f"{where}.completed_at", step.completed_at)
        mapped[f"step_{name}_by_id"] = (f"{where}.assignee", step.assignee)
    fixed = f"{_CHANGING} account_id=AccountId currency=CurrencyIsoCode?"
    if is_deal:
        fixed += " is_won=IsWon stage_changed_at=LastStageChangeDate? status="
    else:
        fixed += " status=Status is_won= stage_changed_at="
    yield _object("contracts", asked.source, fixed, mapped)


def _materials(_: Options) -> Iterator[SObject]:
    fixed = (
        f"{_CHANGING} title=Title owner_id=OwnerId library_id=ParentId is_archived=IsArchived "
        "archived_at=ArchivedDate"
    )
    yield _object("documents", "ContentDocument", fixed)
    fixed = (
        f"{_CHANGING} document_id=ContentDocumentId library_id=ContentDocument.ParentId "
        "version_no=VersionNumber author_id=CreatedById"
    )
    yield _object("document_versions", "ContentVersion", fixed)
    yield _object("libraries", "ContentWorkspace", "id=Id name=Name", None, "whole")


def _record_type(setting: str, asked: tuple[str, ...]) -> dict[str, tuple[str, str | None]]:
    return {"record_type": (setting, "RecordType.DeveloperName" if asked else None)}
