"""One database in two dialects: tables of a help desk, and how they are read."""

from typing import Any

SCHEMA = (
    (
        "create table tickets (id integer primary key, subject varchar(80), state varchar(10), "
        "opened timestamp, closed timestamp, changed timestamp, removed timestamp)"
    ),
    "create table people (id varchar(10) primary key, name varchar(40), mail varchar(60))",
)
TICKETS: dict[str, Any] = {
    "name": "tickets",
    "columns": ["id", "subject", "state", "opened", "closed", "changed", "removed"],
    "key": "id",
    "cursor": "changed",
}
PEOPLE = {"name": "people", "columns": ["id", "name", "mail"]}
SOURCE: dict[str, Any] = {
    "id": "desk",
    "kind": "sql",
    "connection": "desk",
    "options": {"tables": [TICKETS, PEOPLE]},
    "entities": {
        "requests": "mappings/requests.sql",
        "employees": {"sql": "mappings/employees.sql", "mode": "full"},
    },
}
REQUESTS = """
select id as request_id, 'inquiry' as kind, subject, opened as opened_at, closed as completed_at,
       case state when 'closed' then 'done' else 'open' end as status, changed as updated_at,
       removed as deleted_at
from tickets
"""
EMPLOYEES = "select id as employee_id, name, mail as email, 'support' as role from people"


def ticket(number: int, changed: str, state: str = "open", removed: str | None = None) -> str:
    closed = f"'{changed}'" if state == "closed" else "null"
    gone = f"'{removed}'" if removed else "null"
    return (
        f"insert into tickets values ({number}, 'ticket {number}', '{state}', "
        f"'2026-10-01 09:00:00', {closed}, '{changed}', {gone})"
    )
