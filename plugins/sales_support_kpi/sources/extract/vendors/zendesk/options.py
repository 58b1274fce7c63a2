"""`options:` of a source of kind zendesk: what the account's own forms, tags and fields mean.

Forms, groups, brands and custom statuses are named by id or by name, ticket fields by id.
"""

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, Strict, model_validator

from sales_support_kpi.config.base import Flag, Model, Number, Str
from sales_support_kpi.config.problems import wrong
from sales_support_kpi.sources.extract.options import ExtractOptions, SurveyName, as_written

Kind = Literal["proposal", "contract", "material", "inquiry", "complaint", "other"]
Role = Literal["sales", "support"]

STATUSES = frozenset(("new", "open", "pending", "hold", "solved", "closed"))
MERGED_TAG = "closed_by_merge"


def _texts(value: object) -> object:
    if isinstance(value, list | tuple):
        return tuple(as_written(one) for one in value)
    return value if value is None else (as_written(value),)


Names = Annotated[tuple[Str, ...], BeforeValidator(_texts)]
FieldId = Annotated[str, Strict(), Field(pattern=r"^\d+$"), BeforeValidator(as_written)]


class KindRule(Model):
    """Which tickets are of a kind: those that any of these says so of.

    Attributes:
        fields: ticket field's id → the values that count (of a drop-down: its tags).
    """

    forms: Names = ()
    tags: Names = ()
    groups: Names = ()
    brands: Names = ()
    types: Names = ()
    fields: dict[FieldId, Names] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _says_something(self) -> "KindRule":
        if not any((self.forms, self.tags, self.groups, self.brands, self.types, self.fields)):
            raise wrong("name at least one of forms, tags, groups, brands, types, fields")
        return self


class Customer(Model):
    """How a ticket leads to the customer of the CRM.

    Attributes:
        ticket_field: the ticket field that holds the CRM's id of the customer.
        organization: where an organisation holds it: `external_id`, or the key of one of its
            fields.
        registration_no: the key of the organisation's field that holds the business registration
            number; then organisations are landed as customers, to be matched by it.
        registration_field: the ticket field that holds it, where organisations are not kept.
    """

    ticket_field: FieldId | None = None
    organization: Str | None = None
    registration_no: Str | None = None
    registration_field: FieldId | None = None


class Colleagues(Model):
    """Which users are people of the company, beside agents: the requesters among them.

    Attributes:
        domains: of their e-mail addresses.
        role: what they are.
    """

    domains: tuple[Str, ...] = ()
    role: Role | None = None


class Ratings(Model):
    """The tool's own satisfaction ratings as answers to a survey, on a scale of 1 to 5."""

    survey: SurveyName
    good: Number = 5
    bad: Number = 1


class Options(ExtractOptions):
    """What a company says of its Zendesk.

    Attributes:
        kinds: kind → its tickets; the first kind that fits is the ticket's.
        other_kind: the kind of tickets that no rule names.
        waiting: statuses (categories, or custom statuses by id or label) that mean waiting for
            somebody else.
        done: those that mean done.
        cancelled: those that mean that nobody wants it any more.
        cancelled_tags: tags that mean the same; tickets merged into another one have the first.
        received_at: the ticket field with the time at which the request reached the team; text
            like 2026-10-31T09:00:00+09:00, for a date field knows no time.
        agents_role: the role of agents, where Zendesk is what knows it.
        teams: whether an agent's default group is the team.
        subjects: whether the tickets' subjects are kept.
        events: whether the history of statuses is read (needs the account's events export).
    """

    kinds: dict[Kind, KindRule] = Field(default_factory=dict)
    other_kind: Kind = "other"
    waiting: Names = ("pending", "hold")
    done: Names = ("solved", "closed")
    cancelled: Names = ()
    cancelled_tags: Names = (MERGED_TAG,)
    received_at: FieldId | None = None
    customer: Customer = Customer()
    colleagues: Colleagues = Colleagues()
    agents_role: Role | None = None
    teams: Flag = False
    subjects: Flag = True
    events: Flag = True
    ratings: Ratings | None = None

    @model_validator(mode="after")
    def _one_meaning_each(self) -> "Options":
        seen: set[str] = set()
        for name in (*self.waiting, *self.done, *self.cancelled):
            if name.casefold() in seen:
                raise wrong(f"the status {name} stands in two of waiting, done, cancelled")
            seen.add(name.casefold())
        return self

    @property
    def ticket_fields(self) -> frozenset[str]:
        """The ticket fields that are read; the values of all others are dropped at once."""
        named = [
            self.received_at, self.customer.ticket_field, self.customer.registration_field,
        ]  # fmt: skip
        ruled = [field for rule in self.kinds.values() for field in rule.fields]
        return frozenset(one for one in (*named, *ruled) if one)

    @property
    def lists(self) -> frozenset[str]:
        """The lists that anything named stands in; not every plan of Zendesk has all of them."""
        rules = self.kinds.values()
        own = {name.casefold() for name in (*self.waiting, *self.done, *self.cancelled)}
        needed = {
            "ticket_forms": any(rule.forms for rule in rules),
            "groups": self.teams or any(rule.groups for rule in rules),
            "brands": any(rule.brands for rule in rules),
            "custom_statuses": bool(own - STATUSES),
            "organizations": bool(self.customer.organization or self.customer.registration_no),
        }
        return frozenset(name for name, is_needed in needed.items() if is_needed)
