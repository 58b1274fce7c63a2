"""Nothing gets lost unseen between what was read and what lies in landing."""

from dataclasses import replace
from typing import Any

import pytest
from landing_help import Lander, ties_of

from sales_support_kpi.landing import Manifest, accepted_loads, state
from sales_support_kpi.quality.ties import Tie
from sales_support_kpi.settings import Home

HEADER = ["employee_id", "name", "updated_at"]


def people(count: int, name: str = "Kim") -> dict[str, list[Any]]:
    rows = [[f"e{n}", name, "2026-10-01 09:00"] for n in range(count)]
    return {"employees": [HEADER, *rows]}


def apart(ties: list[Tie]) -> list[str]:
    return [f"{tie.entity}.{tie.stage}: {tie.compared}" for tie in ties if tie.is_tied is False]


def test_rows_that_say_something_new_old_or_twice_are_all_counted(land: Lander, home: Home) -> None:
    sheets = people(30)
    land(sheets)
    sheets["employees"] += [["e30", "Lee", ""], ["e30", "Lee", ""], ["", "nobody", ""]]
    land(sheets)

    first, second = accepted_loads(home)
    assert (second.rows_landed, second.rows_unchanged, second.rows_superseded) == (1, 30, 1)
    assert apart(ties_of(home, first, second)) == []


def test_a_row_that_landing_loses_is_missed(
    land: Lander, home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    land(people(30))
    whole = state.create_verdicts

    def lossy(connection: Any, *about: Any, **how: Any) -> None:
        whole(connection, *about, **how)
        connection.execute("delete from landing_rows where _row = 5")

    monkeypatch.setattr(state, "create_verdicts", lossy)
    land(people(30, "Lee"))

    assert apart(ties_of(home, *accepted_loads(home))) == [
        "employees.extracted: rows read; landed, unchanged, superseded and kept back"
    ]


@pytest.mark.parametrize(
    ("lost", "compared"),
    [
        ({"spooled": 59, "different": 58, "handed": 58}, "records that came; spooled"),
        ({"handed": 57}, "different records spooled; given to the selects"),
    ],
)
def test_a_record_of_a_system_that_is_lost_before_its_mapping_is_missed(
    land: Lander, home: Home, monkeypatch: pytest.MonkeyPatch, lost: dict[str, int], compared: str
) -> None:
    land(people(3))
    (load,) = accepted_loads(home)
    read = {"rows": 60, "filled": {}, "spooled": 60, "different": 58, "handed": 58}

    def pulled(**more: int) -> list[Tie]:
        bookmark = {"columns": {"tickets": read | more}}
        told: list[Manifest] = [replace(load, bookmark=bookmark)]
        monkeypatch.setattr("sales_support_kpi.quality.load_ties.accepted_loads", lambda _: told)
        return ties_of(home, load)

    assert apart(pulled()) == []
    assert [tie.is_tied for tie in pulled() if "repeated" in tie.compared] == [None]
    assert apart(pulled(**lost)) == [f"tickets.extracted: {compared}"]
