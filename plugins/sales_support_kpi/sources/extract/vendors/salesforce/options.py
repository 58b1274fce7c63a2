"""`options:` of a source of kind salesforce: which of the company's own fields mean what.

Every org adds fields of its own, so nothing here is fixed but the defaults, which name standard
fields. A field set to null is not read at all: that is the way to do without one that the
integration user may not see.
"""

import re
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, Strict, model_validator

from sales_support_kpi.config.base import Flag, Model, Number, Slug, Str
from sales_support_kpi.config.problems import wrong
from sales_support_kpi.sources.extract.options import ExtractOptions

ReadEntity = Literal[
    "employees", "customers", "opportunities", "activities", "contracts", "contract_steps",
    "materials", "material_updates",
]  # fmt: skip
_ALL: tuple[ReadEntity, ...] = (
    "employees", "customers", "opportunities", "activities", "contracts", "contract_steps",
    "materials", "material_updates",
)  # fmt: skip


def _api_name(name: str) -> str:
    if not re.fullmatch(r"[A-Za-z]\w*(\.[A-Za-z]\w*)?", name, re.ASCII):
        raise wrong(f"{name!r} is no API name of a field like Region__c or Owner.Name")
    return name


Api = Annotated[str, Strict(), AfterValidator(_api_name)]
ApiOrNone = Api | None
Words = tuple[Str, ...]


class UserFields(Model):
    """Fields of User."""

    team: ApiOrNone = "Department"
    onboarding_owner: ApiOrNone = None
    hired_on: ApiOrNone = None
    left_on: ApiOrNone = None


class AccountFields(Model):
    """Fields of Account."""

    name: Api = "Name"
    registration_no: ApiOrNone = None
    country: ApiOrNone = "BillingCountry"
    contact_name: ApiOrNone = None
    email: ApiOrNone = None
    phone: ApiOrNone = "Phone"
    postal_code: ApiOrNone = "BillingPostalCode"
    street: ApiOrNone = "BillingStreet"
    city: ApiOrNone = "BillingCity"
    state: ApiOrNone = "BillingState"
    segment: ApiOrNone = None
    owner: ApiOrNone = "OwnerId"
    steward: ApiOrNone = None
    status: ApiOrNone = "Type"


class ContactFields(Model):
    """Fields of Contact; `is_primary` is a checkbox, without it the oldest contact speaks."""

    name: ApiOrNone = "Name"
    email: ApiOrNone = "Email"
    phone: ApiOrNone = "Phone"
    is_primary: ApiOrNone = None


class OpportunityFields(Model):
    """Fields of Opportunity."""

    owner: ApiOrNone = "OwnerId"
    stage: ApiOrNone = "StageName"
    amount: ApiOrNone = "Amount"
    close_date: ApiOrNone = "CloseDate"
    next_step: ApiOrNone = "NextStep"


class TaskFields(Model):
    """Fields of Task; without `occurred_at` it follows from due date and completion."""

    owner: ApiOrNone = "OwnerId"
    type: ApiOrNone = "Type"
    occurred_at: ApiOrNone = None
    recorded_at: ApiOrNone = None


class EventFields(Model):
    """Fields of Event."""

    owner: ApiOrNone = "OwnerId"
    type: ApiOrNone = "Type"
    occurred_at: Api = "StartDateTime"
    recorded_at: ApiOrNone = "CreatedDate"


class ObjectFields(Model):
    """Object → entity's column → API name of the field."""

    user: UserFields = UserFields()
    account: AccountFields = AccountFields()
    contact: ContactFields = ContactFields()
    opportunity: OpportunityFields = OpportunityFields()
    task: TaskFields = TaskFields()
    event: EventFields = EventFields()


class RoleRule(Model):
    """Who has a role: users with one of these profiles, user roles or departments."""

    profiles: Words = ()
    user_roles: Words = ()
    departments: Words = ()


class Roles(Model):
    """Role → who has it; `sales` is looked at first."""

    sales: RoleRule = RoleRule()
    support: RoleRule = RoleRule()


class Customers(Model):
    """Which accounts are customers, and of what status.

    Attributes:
        contact_from: `contact` fills contact name, e-mail and phone from the account's contact
            where the account itself has none.
        active: values of the status field; of one that names none of them the customer is a
            prospect. Without a status field every account is active.
        countries: what people write → ISO code of two letters.
    """

    record_types: Words = ()
    contact_from: Literal["contact", "account"] = "contact"
    active: Words = ("Customer", "Customer - Direct", "Customer - Channel")
    churned: Words = ("Former Customer",)
    countries: dict[Str, Str] = Field(
        default_factory=lambda: dict.fromkeys(
            ("South Korea", "Korea", "Korea, Republic of", "Republic of Korea", "대한민국", "한국"),
            "KR",
        )
    )


class Activities(Model):
    """What counts as an activity.

    Attributes:
        tasks: tasks count once they are completed.
        task_types: only these values of the type field; empty: all. The same for the others.
    """

    tasks: Flag = True
    task_types: Words = ()
    task_subtypes: Words = ()
    events: Flag = True
    event_types: Words = ()


class Step(Model):
    """Where it stands that a step after the signature is done: a field, or a completed task."""

    completed_at: ApiOrNone = None
    assignee: ApiOrNone = None
    task_subject: Str | None = None
    task_type: Str | None = None

    @model_validator(mode="after")
    def _says_where(self) -> "Step":
        given = [self.completed_at, self.task_subject, self.task_type]
        if sum(one is not None for one in given) != 1:
            raise wrong("give exactly one of completed_at, task_subject, task_type")
        if self.assignee and not self.completed_at:
            raise wrong("assignee: a task's step is its owner's: only with completed_at")
        return self


class Contracts(Model):
    """What is a contract: a Contract, or an Opportunity that was won.

    Attributes:
        signed_at: a date-time (or date) field; left out: ActivatedDate of a Contract, the time an
            Opportunity came to its won stage.
        cancelled: values of the Contract's Status.
        steps: step → where it stands that it is done.
    """

    source: Annotated[Literal["Contract", "Opportunity"], Field(alias="from")] = "Contract"
    record_types: Words = ()
    signed_at: ApiOrNone = None
    owner: ApiOrNone = "OwnerId"
    support_owner: ApiOrNone = None
    opportunity: ApiOrNone = None
    amount: ApiOrNone = None
    cancelled: Words = ("Cancelled", "Terminated")
    steps: dict[Slug, Step] = Field(default_factory=dict)


class Materials(Model):
    """Which files are sales materials: those of these libraries; empty: of any library."""

    libraries: Words = ()


class Options(ExtractOptions):
    """All that a source of kind salesforce can be told.

    Attributes:
        read: the entities that are read; leave out what the integration user has no access to.
        bulk_above: more records than that are fetched by a Bulk API 2.0 job.
        history: whether earlier versions are rebuilt from field history, where the org keeps it.
        currency: of amounts, in an org with one currency.
    """

    api_version: Annotated[str, Strict(), Field(pattern=r"^[4-9]\d\.0$")] = "62.0"
    read: tuple[ReadEntity, ...] = _ALL
    bulk_above: Annotated[Number, Field(ge=0)] = 20_000
    history: Flag = True
    currency: Str | None = None
    fields: ObjectFields = ObjectFields()
    roles: Roles = Roles()
    customers: Customers = Customers()
    opportunity_record_types: Words = ()
    activities: Activities = Activities()
    contracts: Contracts = Contracts()
    materials: Materials = Materials()
