"""`kpi check`: the connection, the limits, and every object, field and value the options name."""

from collections.abc import Iterable, Iterator, Sequence

from sales_support_kpi.sources.extract.errors import SourceError
from sales_support_kpi.sources.extract.resources import Finding
from sales_support_kpi.sources.extract.vendors.salesforce import soql
from sales_support_kpi.sources.extract.vendors.salesforce.client import Client
from sales_support_kpi.sources.extract.vendors.salesforce.fields import problems
from sales_support_kpi.sources.extract.vendors.salesforce.objects import SObject
from sales_support_kpi.sources.extract.vendors.salesforce.options import Options

_ENOUGH_CALLS = 500


def findings(client: Client, objects: Sequence[SObject], options: Options) -> Iterator[Finding]:
    """What is good and what is not, all at once."""
    left, most = client.calls_left()
    said = f"signed in to {client.http.base_url}; {left} of {most} API calls are left today"
    yield Finding(left >= _ENOUGH_CALLS or left * 2 >= most, said)
    for one in objects:
        if one.is_read and one.kind != "deleted" and one.resource != "account_contacts":
            yield from _object(client, one)
    yield from _values(client, options)
    yield from _picked(client, options)


def _object(client: Client, one: SObject) -> Iterator[Finding]:
    lacking = tuple(problems(one, client))
    yield from (Finding(False, sentence) for sentence in lacking)
    if lacking:
        return
    if client.describe(one.name) is None:
        yield Finding(True, f"{one.name}: not kept here; earlier versions are not rebuilt")
        return
    yield Finding(True, f"{one.name}: {len(one.paths)} fields can be read")


def _values(client: Client, options: Options) -> Iterator[Finding]:
    """Words the options expect in records: profiles, roles, record types, libraries."""
    roles = (options.roles.sales, options.roles.support)
    read, deals = set(options.read), options.contracts
    kinds = (
        ("Account", options.customers.record_types, "customers.record_types", "customers"),
        (
            "Opportunity", options.opportunity_record_types, "opportunity_record_types",
            "opportunities",
        ),
        (deals.source, deals.record_types, "contracts.record_types", "contracts"),
    )  # fmt: skip
    if "employees" in read:
        profiles = [one for rule in roles for one in rule.profiles]
        yield from _known(client, "Profile", "Name", profiles, "roles.*.profiles")
        user_roles = [one for rule in roles for one in rule.user_roles]
        yield from _known(client, "UserRole", "Name", user_roles, "roles.*.user_roles")
        departments = [one for rule in roles for one in rule.departments]
        yield from _known(client, "User", "Department", departments, "roles.*.departments")
        if not any(any(rule.model_dump().values()) for rule in roles):
            yield Finding(True, "no roles are mapped: nobody counts as sales or support by role")
    for name, types, setting, entity in kinds:
        if entity in read:
            where = f"SobjectType = {soql.text(name)}"
            yield from _known(client, "RecordType", "DeveloperName", types, setting, where)
    if "materials" in read:
        wanted = options.materials.libraries
        yield from _known(client, "ContentWorkspace", "Name", wanted, "materials.libraries")


def _known(
    client: Client, name: str, field: str, wanted: Iterable[str], setting: str, where: str = ""
) -> Iterator[Finding]:
    asked = sorted(set(wanted))
    if not asked:
        return
    conditions = [soql.one_of(field, asked), *([where] if where else [])]
    query = soql.select((field,), name, conditions)
    try:
        there = {record[field] for batch in client.query(query) for record in batch.records}
    except SourceError as error:
        yield Finding(False, f"options.{setting}: {name} cannot be read: {error}")
        return
    for one in asked:
        if one not in there:
            what = name if field in ("Name", "DeveloperName") else f"{name} with {field}"
            yield Finding(False, f"options.{setting}: there is no {what} {one!r}: correct it")


def _picked(client: Client, options: Options) -> Iterator[Finding]:
    """Words the options expect in picklists; a shipped default need not be in every org."""
    fields, asked, deals = options.fields, options.activities, options.contracts
    for name, field, setting, words, is_given in (
        ("Account", fields.account.status, "customers.active", options.customers.active,
         "active" in options.customers.model_fields_set),
        ("Account", fields.account.status, "customers.churned", options.customers.churned,
         "churned" in options.customers.model_fields_set),
        ("Task", fields.task.type, "activities.task_types", asked.task_types, True),
        ("Task", "TaskSubtype", "activities.task_subtypes", asked.task_subtypes, True),
        ("Event", fields.event.type, "activities.event_types", asked.event_types, True),
        ("Contract", "Status", "contracts.cancelled", deals.cancelled,
         "cancelled" in deals.model_fields_set and deals.source == "Contract"),
        *(
            ("Task", fields.task.type, f"contracts.steps.{step}.task_type", (rule.task_type,), True)
            for step, rule in deals.steps.items() if rule.task_type
        ),
    ):  # fmt: skip
        known = (client.describe(name) or {}).get(field or "") if is_given and words else None
        for word in words if known and known.values else ():
            if known and word not in known.values:
                there = ", ".join(known.values)
                said = f"options.{setting}: {name}.{field} has no value {word!r}, only {there}"
                yield Finding(False, said)
