"""What holds for any database, to be run against each of them: `behaviour(engine, land)`."""

from collections.abc import Callable, Sequence
from typing import Any

import sqlalchemy as sa
from sql_company import SCHEMA, ticket

Run = Callable[[int], Any]
Landed = Callable[[str, str], list[tuple[Any, ...]]]


def execute(engine: sa.Engine, statements: Sequence[str]) -> None:
    with engine.begin() as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)


def prepared(engine: sa.Engine) -> None:
    people = [f"insert into people values ('p{n}', 'Person {n}', 'p{n}@acme.test')" for n in (1, 2)]
    execute(engine, [*SCHEMA, ticket(1, "2026-10-05 09:00:00"), *people])


def changes_ties_and_tombstones(engine: sa.Engine, run: Run, landed: Landed) -> None:
    """Reads on by the cursor, misses no row of an equal value, and lands deletions."""
    prepared(engine)
    assert run(5).status == "landed"
    execute(
        engine,
        [
            ticket(2, "2026-10-05 09:00:00"),  # of the very instant that was the latest one
            ticket(3, "2026-10-06 10:00:00", "closed"),
            (
                "update tickets set removed = '2026-10-06 11:00:00', "
                "changed = '2026-10-06 11:00:00' where id = 1"
            ),
        ],
    )

    outcome = run(6)

    assert (outcome.status, outcome.message) == ("landed", "")
    assert [(load.entity, load.rows_landed) for load in outcome.loads] == [("requests", 3)]
    rows = landed("requests", "request_id, status, epoch(deleted_at), epoch(updated_at)")
    nine = 1790812800 + 4 * 86400  # 2026-10-05 09:00 in Seoul: naive values are in that zone
    assert rows[0] == ("1", "open", None, nine)
    assert sorted(rows[1:]) == [
        ("1", "open", nine + 26 * 3600, nine + 26 * 3600),
        ("2", "open", None, nine),
        ("3", "done", None, nine + 25 * 3600),
    ]
    assert run(6).status == "unchanged"


def whole_tables_tell_what_is_gone(engine: sa.Engine, run: Run, landed: Landed) -> None:
    """A table read whole is compared: who is absent has been deleted."""
    prepared(engine)
    run(5)
    execute(engine, ["delete from people where id = 'p2'"])

    run(6)

    assert landed("employees", "employee_id, _op") == [
        ("p1", "upsert"),
        ("p2", "upsert"),
        ("p2", "delete"),
    ]


def a_date_in_the_far_future_hides_no_row_that_follows(
    engine: sa.Engine, run: Run, landed: Landed
) -> None:
    """The bookmark never lies behind the database's own clock."""
    prepared(engine)
    execute(engine, [ticket(2, "2099-01-01 00:00:00")])
    run(5)
    execute(engine, [ticket(3, "2026-10-06 09:00:00")])

    outcome = run(6)

    assert [load.rows_landed for load in outcome.loads] == [1]
    assert sorted(landed("requests", "request_id")) == [("1",), ("2",), ("3",)]


BEHAVIOURS = (
    changes_ties_and_tombstones,
    whole_tables_tell_what_is_gone,
    a_date_in_the_far_future_hides_no_row_that_follows,
)
