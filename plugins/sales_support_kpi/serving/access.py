"""Who may read what of a served night: grants, and policies on rows about persons.

Two groups without a login: `<schema>_readers` reads company and teams, `<schema>_people_readers`
also the rows about persons that `readers.csv` allows. A login's name is its employee's id. What no
rule names is seen by managers alone.
"""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import duckdb
import pyarrow as pa

from sales_support_kpi.config.readers import Reader
from sales_support_kpi.serving.names import quoted
from sales_support_kpi.warehouse.published import PEOPLE_FILE

ACCESS = 1  # the rules below; a change serves the night again
READERS, SEEN = "readers", "seen_people"
# The person a row is about, by the first of these columns that a table has.
_PERSON = ("employee_id", "assignee_id", "steward_id")

_SEEN = """
select r.employee_id as login, e.employee_id
from readers as r
inner join dim_employees as e
    on e.employee_id = r.employee_id
    or (r.role = 'lead' and e.team = (
        select own.team from dim_employees as own
        where own.employee_id = r.employee_id and own.valid_to is null))
where r.role <> 'manager' and e.valid_to is null
group by all
order by all
"""


def role_names(schema: str) -> dict[str, str]:
    """Side of a night → the group that reads it."""
    return {"company": f"{schema}_readers", "people": f"{schema}_people_readers"}


def access_tables(readers: Sequence[Reader], night: Path) -> dict[str, pa.Table]:
    """`readers` (login, role) and `seen_people` (login, employee_id): teams as they are now.

    Managers are not in `seen_people`: they see everybody, and rows about nobody too.
    """
    listed = pa.table(
        {
            "employee_id": pa.array([one.employee_id for one in readers], pa.string()),
            "role": pa.array([one.role for one in readers], pa.string()),
        }
    )
    with duckdb.connect(str(night / PEOPLE_FILE), read_only=True) as connection:
        connection.register("readers", listed)
        seen = connection.sql(_SEEN).to_arrow_table()
    return {READERS: listed.rename_columns(["login", "role"]), SEEN: seen}


def access_statements(
    schemas: Mapping[str, str],
    columns: Mapping[str, Mapping[str, Sequence[str]]],
    roles: Mapping[str, str],
) -> Iterator[str]:
    """The grants and policies of a night's two schemas.

    Args:
        schemas: side → schema.
        columns: side → table → its columns.
        roles: side → group that reads it.
    """
    for side, schema in schemas.items():
        yield f"grant usage on schema {quoted(schema)} to {quoted(roles[side])}"
        yield f"grant select on all tables in schema {quoted(schema)} to {quoted(roles[side])}"
    people = schemas["people"]
    for table, names in columns["people"].items():
        place = quoted(people, table)
        yield f"alter table {place} enable row level security"
        for policy, rule in _rules(people, table, names):
            yield f"create policy {policy} on {place} for select using ({rule})"


def _rules(schema: str, table: str, columns: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Policies of a table; a row is seen when one of them holds."""
    if table in (READERS, SEEN):
        yield "own_rows", "login = current_user"
        return
    readers, seen = quoted(schema, READERS), quoted(schema, SEEN)
    yield (
        "managers",
        (f"exists (select from {readers} where login = current_user and role = 'manager')"),
    )
    person = next((column for column in _PERSON if column in columns), None)
    of_login = f"(select employee_id from {seen} where login = current_user)"
    if "scope_type" in columns:
        yield "nobody_in_particular", "scope_type <> 'employee'"
        yield "seen_people", f"scope_type = 'employee' and scope_id in {of_login}"
    elif person is not None:
        yield "seen_people", f"{quoted(person)} in {of_login}"
