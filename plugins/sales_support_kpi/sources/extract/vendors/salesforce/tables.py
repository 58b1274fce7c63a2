"""What the options say, as small tables the mappings join."""

from collections.abc import Iterable, Mapping, Sequence

from sales_support_kpi.sources.extract.resources import Record
from sales_support_kpi.sources.extract.vendors.salesforce.objects import SObject
from sales_support_kpi.sources.extract.vendors.salesforce.options import Options

_HISTORIES = {"Account": "accounts", "Contact": "contacts", "Opportunity": "opportunities"}
_NOT_KEPT = ("id", "created_at", "updated_at", "stamp", "is_deleted", "record_type")


def option_tables(options: Options, objects: Sequence[SObject]) -> Mapping[str, list[Record]]:
    """Name of the table → its rows; a row of nulls only names the columns."""
    customers, contracts = options.customers, options.contracts
    kinds = {
        "Account": customers.record_types,
        "Opportunity": options.opportunity_record_types,
        "Contract": contracts.record_types,
    }
    statuses = [("active", one) for one in customers.active]
    statuses += [("churned", one) for one in customers.churned]
    has_status = options.fields.account.status is not None
    return {
        "settings": [
            {
                "currency": options.currency,
                "contracts_from": contracts.source,
                "other_customers": "prospect" if has_status else "active",
            }
        ],
        "role_rules": _rows(("rank", "role", "field", "value"), _roles(options)),
        "record_types": _rows(
            ("object", "value"), ((name, one) for name, them in kinds.items() for one in them)
        ),
        "customer_statuses": _rows(("status", "value"), statuses),
        "countries": _rows(
            ("written", "code"), ((k.strip().lower(), v) for k, v in customers.countries.items())
        ),
        "activity_rules": _rows(("object", "field", "value"), _activity_rules(options)),
        "cancelled_contracts": _rows(("value",), ((one,) for one in contracts.cancelled)),
        "step_rules": _rows(
            ("step", "at_path", "by_path", "task_subject", "task_type"), _steps(options)
        ),
        "wanted_libraries": _rows(("value",), ((one,) for one in options.materials.libraries)),
        "history_fields": _rows(
            ("object", "field", "column", "is_reference"), _history_fields(objects)
        ),
    }


Cells = tuple[str | None, ...]


def _rows(names: tuple[str, ...], rows: Iterable[Cells]) -> list[Record]:
    found: list[Record] = [dict(zip(names, row, strict=True)) for row in rows]
    return found or [dict.fromkeys(names)]


def _roles(options: Options) -> Iterable[Cells]:
    for rank, role in enumerate(("sales", "support")):
        rule = getattr(options.roles, role)
        for field in ("profiles", "user_roles", "departments"):
            for value in getattr(rule, field):
                yield (str(rank), role, field, value)


def _activity_rules(options: Options) -> Iterable[Cells]:
    asked = options.activities
    for name, field, values in (
        ("Task", "type", asked.task_types),
        ("Task", "subtype", asked.task_subtypes),
        ("Event", "type", asked.event_types),
    ):
        for value in values:
            yield (name, field, value)


def _steps(options: Options) -> Iterable[Cells]:
    for name, step in options.contracts.steps.items():
        at = f'$."step_{name}_at"' if step.completed_at else None
        by = f'$."step_{name}_by_id"' if step.completed_at else None
        yield (name, at, by, step.task_subject, step.task_type)


def _history_fields(objects: Sequence[SObject]) -> Iterable[Cells]:
    """Which column an entry of field history speaks of; references are called without `Id`."""
    for one in objects:
        if _HISTORIES.get(one.name) != one.resource:
            continue
        for column, path in one.columns.items():
            if not path or "." in path or column in _NOT_KEPT:
                continue
            is_reference = column in one.references
            named = path.removesuffix("Id") if is_reference else path
            wanted = f"person.{column}" if one.name == "Contact" else column
            yield (one.name, named, wanted, str(is_reference).lower())
