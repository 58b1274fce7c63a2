"""A load beside the ones before it: columns that come, go, empty or change their type."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import duckdb
import pytest
from landing_help import Lander, landed, make_config, night, write_csv

from sales_support_kpi.entities import ENTITIES
from sales_support_kpi.landing import (
    Outcome,
    accepted_loads,
    land_drop,
    rejected_loads,
)
from sales_support_kpi.landing.decisions import accept_shape, decide
from sales_support_kpi.landing.inputs import land_input
from sales_support_kpi.settings import Home
from sales_support_kpi.sources.read_rules import read_rules
from sales_support_kpi.sources.tables import Drop, SourceColumn, Table

HEADER = ["employee_id", "name", "email", "updated_at"]


def people(
    count: int = 40, *, email: bool = True, header: Sequence[str] = HEADER
) -> dict[str, list[Any]]:
    rows = [
        [f"e{n}", f"Kim {n}", f"e{n}@x.example" if email else "", "2026-10-01"][: len(header)]
        for n in range(count)
    ]
    return {"employees": [list(header), *rows]}


def without(column: str, sheets: dict[str, list[Any]]) -> dict[str, list[Any]]:
    at = sheets["employees"][0].index(column)
    return {"employees": [row[:at] + row[at + 1 :] for row in sheets["employees"]]}


def test_a_column_that_is_gone_rejects_the_load_and_says_what_to_do(
    land: Lander, home: Home
) -> None:
    land(people())

    outcome = land(without("email", people(41)))

    assert outcome.status == "rejected"
    assert "employees: the column email is gone; it was filled in 100% of the rows" in (
        outcome.message
    )
    assert "`kpi quarantine release drop employees --shape --why …`" in outcome.message
    (kept,) = rejected_loads(home)
    assert (kept.rows_read, kept.differences) == (41, ("missing|email",))
    assert landed(home, "employees", "count(*)", order="1") == [(40,)]


def test_a_column_that_never_held_anything_may_go(land: Lander) -> None:
    land(people(email=False))

    assert land(without("email", people(41))).status == "landed"


def test_a_column_that_never_was_there_is_not_missed(land: Lander) -> None:
    land(without("email", people()))

    assert land(without("email", people(41))).status == "landed"


def test_an_emptied_column_does_not_overwrite_good_data(land: Lander, home: Home) -> None:
    land(people())

    outcome = land(people(email=False))

    assert outcome.status == "rejected"
    assert "employees: the column email holds nothing" in outcome.message
    assert landed(home, "employees", "count(email)", order="1") == [(40,)]


def test_a_handful_of_empty_cells_is_no_emptied_column(land: Lander) -> None:
    land(people(10))

    assert land(people(10, email=False)).status == "landed"


def test_what_a_person_has_accepted_is_landed_the_next_night(land: Lander, home: Home) -> None:
    land(people())
    land(people(email=False))
    accept(home, "emptied|email")

    assert land(people(email=False)).status == "landed"
    assert land(people(41, email=False)).status == "landed"


def test_an_acceptance_ends_when_the_column_comes_back(land: Lander, home: Home) -> None:
    land(people())
    accept(home, "emptied|email")
    land(people(41))

    assert land(people(41, email=False)).status == "rejected"


def accept(home: Home, *differences: str) -> None:
    about = [{"subject": one, "load_seq": 2} for one in differences]
    decide(home, night(90), "shape", "drop", "employees", about=about, why="no addresses any more")


def test_the_same_refusal_is_kept_once(land: Lander, home: Home) -> None:
    land(people())
    land(people(email=False))
    land(people(email=False))

    assert len(rejected_loads(home)) == 1


def test_a_new_column_is_noticed_once(land: Lander) -> None:
    land(people())
    wider = {"employees": [[*row, "x"] for row in people()["employees"]]}
    wider["employees"][0][-1] = "fax"

    first, second = land(wider), land({"employees": [*wider["employees"][:-1]]})

    assert new_columns(first) == ["fax"]
    assert new_columns(second) == []
    assert first.status == "landed"


def new_columns(outcome: Outcome) -> list[str]:
    return [r.observed for r in outcome.results if r.check == "no_column_is_new" and r.is_breach]


@pytest.mark.parametrize(
    ("then", "now", "is_refused"),
    [
        ("'007'", "7", True),  # a key that loses its zeros is another key
        ("'007'", "'008'", False),
        ("7", "8::bigint", False),
    ],
)
def test_a_key_that_changes_its_type_rejects_the_load(
    home: Home, tmp_path: Path, then: str, now: str, is_refused: bool
) -> None:
    drop = tmp_path / "drop"
    drop.mkdir()
    for number, key in enumerate((then, now), 1):
        with duckdb.connect() as connection:
            connection.execute(
                f"copy (select {key} as employee_id, 'Kim' as name, {number} as note) to "
                f"'{drop / 'employees.parquet'}' (format parquet)"
            )
        config = make_config(max_shrink=1.0)
        outcome = land_drop(home, config, drop, night(number))

    assert (outcome.status == "rejected") == is_refused
    if is_refused:
        assert "employee_id came as number, until now as text" in outcome.message


def test_an_amount_may_be_written_as_text_or_as_number(home: Home, tmp_path: Path) -> None:
    drop = tmp_path / "drop"
    drop.mkdir()
    for number, amount in enumerate(("'100'", "200"), 1):
        with duckdb.connect() as connection:
            connection.execute(
                f"copy (select 'o1' as opportunity_id, {amount} as amount) to "
                f"'{drop / 'opportunities.parquet'}' (format parquet)"
            )
        outcome = land_drop(home, make_config(), drop, night(number))

    assert outcome.status == "landed"


def test_lines_of_json_need_not_name_what_they_do_not_hold(home: Home, tmp_path: Path) -> None:
    drop = tmp_path / "drop"
    drop.mkdir()
    for number, line in enumerate(('{"employee_id":"e1","name":"Kim"}', '{"employee_id":"e1"}'), 1):
        (drop / "employees.jsonl").write_text(line + "\n")
        outcome = land_drop(home, make_config(), drop, night(number))

    assert outcome.status == "landed"


def test_the_load_says_what_its_columns_held(land: Lander, home: Home) -> None:
    land(people(3, email=False))

    (load,) = accepted_loads(home)
    assert load.columns == dict.fromkeys(HEADER, "text")
    assert load.filled == {"employee_id": 3, "name": 3, "email": 0, "updated_at": 3}
    assert load.newest_at is not None


REQUESTS = ["request_id", "kind", "status", "opened_at", "completed_at"]
ANSWERS = ["response_id", "survey", "score", "submitted_at"]


@pytest.mark.parametrize(
    ("entity", "header", "good", "bad", "check", "column"),
    [
        ("requests", REQUESTS, "inquiry open 2026-10-01", "inquiry lost 2026-10-01",
         "words_are_known", "status"),
        ("requests", REQUESTS, "inquiry open 2026-10-01", "inquiry open soon",
         "values_can_be_read", "opened_at"),
        ("requests", REQUESTS, "inquiry open 2026-10-01", "inquiry open",
         "keys_and_required_values_are_given", "opened_at"),
        ("requests", REQUESTS, "inquiry done 2026-10-02 2026-10-03",
         "inquiry done 2026-10-02 2026-10-01", "nothing_ends_before_it_began", "completed_at"),
        ("survey_responses", ANSWERS, "onboarding 5 2026-10-01", "onboarding 6 2026-10-01",
         "scores_fit_their_scale", "score"),
    ],
)  # fmt: skip
def test_each_kind_of_bad_cell_fails_its_own_check(
    land: Lander, entity: str, header: list[str], good: str, bad: str, check: str, column: str
) -> None:
    def row(number: int, said: str) -> list[str]:
        return [*(f"r{number} {said}".split()), *[""] * len(header)][: len(header)]

    rows = [row(number, good) for number in range(18)]

    fine = land({entity: [header, *rows]})
    outcome = land({entity: [header, *rows, row(18, bad), row(19, bad)]})

    assert [one.check for one in fine.results if one.is_breach] == []
    assert outcome.status == "landed"
    found = {(one.check, one.subject, one.observed) for one in outcome.results if one.is_breach}
    assert found == {(check, f"drop__{entity}.{column}", "0.1")}


def test_too_many_bad_rows_name_their_main_causes(land: Lander) -> None:
    rows = [[f"r{n}", "inquiry", "open", "31/10/2026"] for n in range(5)]
    rows += [["r9", "nonsense", "open", "2026-10-01"]]

    outcome = land({"requests": [["request_id", "kind", "status", "opened_at"], *rows]})

    assert "6 of 6 rows (100.0%) cannot be used: opened_at: is not a date and time" in (
        outcome.message
    )
    assert "kind: is not one of the known words (1)" in outcome.message


def test_an_emptied_column_of_a_system_refuses_what_was_read_of_it(
    home: Home, tmp_path: Path
) -> None:
    for number in (1, 2, 3):
        assert pull(home, tmp_path, number, subjects=30).status == "landed"

    outcome = pull(home, tmp_path, 4, subjects=0)

    assert outcome.status == "rejected"
    assert "tickets: the column subject holds nothing" in outcome.message
    assert accept_shape(home, night(5), "desk", "tickets", why="no subjects any more") == (
        "emptied|subject",
    )
    assert pull(home, tmp_path, 5, subjects=0).status == "landed"


def pull(home: Home, folder: Path, number: int, *, subjects: int) -> Outcome:
    """What an extraction hands over: a table, and what was read to make it."""
    file = write_csv(folder / f"{number}.csv", [["employee_id"], [f"e{number}"]])
    table = Table(
        entity=ENTITIES["employees"],
        relation=f"read_csv('{file}', all_varchar = true, header = true)",
        columns={"employee_id": SourceColumn("employee_id", "employee_id")},
        file=file.name,
        fingerprint=str(number),
    )
    read = {"tickets": {"rows": 30, "filled": {"id": 30, "subject": subjects}}}
    drop = Drop((table,), bookmark={"resources": {"tickets": number}, "columns": read})
    config = make_config()
    return land_input(
        home, config, "desk", night(number), read_rules(config, None), lambda _: drop,
        lambda _: "changes",
    )  # fmt: skip
