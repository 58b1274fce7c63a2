"""Which fields can be asked for: a field that is missed is said aloud, never read as empty.

Field-level security takes a field out of describe, as if it did not exist. Reading on without it
would put nulls over good data, so the pull fails until the field is granted or given up.
"""

from collections.abc import Iterator, Mapping

from sales_support_kpi.sources.extract.errors import SourceError
from sales_support_kpi.sources.extract.vendors.salesforce.client import Client
from sales_support_kpi.sources.extract.vendors.salesforce.objects import SObject


def usable_fields(one: SObject, client: Client) -> Mapping[str, str] | None:
    """Column → field to ask for; None: the org has no such object and may do without.

    Raises:
        SourceError: what the mapping needs is not there, or not to be seen.
    """
    if client.describe(one.name) is None and one.is_optional:
        return None
    lacking = tuple(problems(one, client))
    if lacking:
        raise SourceError("; ".join(lacking), is_final=True)
    return {
        name: path
        for name, path in one.columns.items()
        if path and (path not in one.optional or _reason(one.name, path, client) is None)
    }


def problems(one: SObject, client: Client) -> Iterator[str]:
    """Everything of an object that the mapping needs and that cannot be read, in sentences."""
    if client.describe(one.name) is None:
        if not one.is_optional:
            yield (
                f"{one.name}: there is no such object, or the integration user may not see it: "
                "grant Read on it, or leave its entities out of read: in the source's options"
            )
        return
    for path in one.paths:
        if path in one.optional:
            continue
        reason = _reason(one.name, path, client)
        if reason:
            yield f"{one.name}.{path} {reason}{_remedy(one, path)}"


def _reason(name: str, path: str, client: Client) -> str | None:
    described = client.describe(name) or {}
    head, _, rest = path.partition(".")
    if rest:
        lookups = (field for field in described.values() if field.relation == head)
        lookup = next(lookups, None)
        if lookup is None or lookup.reference is None:
            return "does not exist or is hidden from the integration user"
        return _reason(lookup.reference, rest, client)
    field = described.get(path)
    if field is None:
        return "does not exist or is hidden from the integration user"
    if field.is_formula:
        return "is a formula, whose changes Salesforce does not tell"
    if field.type in ("base64", "address", "location"):
        return f"is of type {field.type}, which cannot be read"
    return None


def _remedy(one: SObject, path: str) -> str:
    setting = one.settings.get(path)
    if setting:
        return f": grant it in the permission set, or correct options.{setting} (null: without it)"
    return ": the mapping needs it, grant it in the permission set"
