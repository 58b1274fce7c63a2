"""Whose values: `company`, `team:영업지원1팀`, `employee:e12` → a scope that was published."""

from sales_support_kpi.errors import UsageError
from sales_support_kpi.report.model import Scope
from sales_support_kpi.report.published import Reader, suggestion

COMPANY = Scope("company", "company")
_TYPES = ("company", "team", "employee")


def parse_scope(text: str) -> Scope:
    """Read a scope without looking whether it exists.

    Raises:
        UsageError: it is none of the three forms.
    """
    kind, _, name = text.strip().partition(":")
    kind, name = kind.strip().casefold(), name.strip()
    if kind == "company" and name in ("", "company"):
        return COMPANY
    if kind in ("team", "employee") and name:
        return Scope(kind, name)
    raise UsageError(
        f"unknown scope {text!r}; write company, team:NAME or employee:ID"
        + (f", for example team:{text.strip()}" if kind not in _TYPES and kind else "")
    )


def resolve_scope(reader: Reader, scope: Scope) -> Scope:
    """The scope with its name.

    Raises:
        UsageError: no value was published for it.
    """
    if scope.type == "company":
        return COMPANY
    found = reader.select(
        "select distinct scope_id from kpi_values where scope_type = ? order by scope_id",
        [scope.type],
    )
    known = [str(row["scope_id"]) for row in found]
    if scope.id not in known:
        raise UsageError(
            f"nothing was published for {scope.type} {scope.id!r}; {suggestion(scope.id, known)}"
        )
    return Scope(scope.type, scope.id, _name(reader, scope))


def _name(reader: Reader, scope: Scope) -> str | None:
    if scope.type != "employee" or not {"employee_id", "name"} <= reader.columns("dim_employees"):
        return None
    found = reader.select(
        "select any_value(name) as name from dim_employees where employee_id = ?", [scope.id]
    )
    return found[0]["name"] if found else None
