"""Foreign files beside those of earlier nights: the contract of what a mapping reads."""

import csv
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import duckdb
import pytest
from landing_help import landed, make_config, night, ties_of

from sales_support_kpi.config.sources import ReadOptions
from sales_support_kpi.landing import Outcome, accepted_loads, land, rejected_loads
from sales_support_kpi.landing.decisions import accept_shape
from sales_support_kpi.settings import Home

SELECT = (
    "select no as employee_id, coalesce(name, nick) as name, team, _row from raw "
    "where kind = 'person'"
)
HEADER = ["no", "name", "nick", "team", "kind", "fax"]
Export = Callable[..., Outcome]


def person(number: int, digits: int, **cells: str) -> dict[str, str]:
    return {
        "no": f"{number:0{digits}d}", "name": f"Kim {number}", "nick": "k", "team": "North",
        "kind": "person", "fax": "1", **cells,
    }  # fmt: skip


@pytest.fixture
def export(home: Home, tmp_path: Path) -> Export:
    """Writes an export and lands it as the next night does."""
    nights = iter(range(1, 100))
    file = tmp_path / "export.csv"

    def run(
        header: list[str] = HEADER,
        *,
        select: str = SELECT,
        count: int = 40,
        digits: int = 4,
        **cells: str,
    ) -> Outcome:
        with file.open("w", encoding="utf-8", newline="") as text:
            writer = csv.DictWriter(text, header, extrasaction="ignore")
            writer.writeheader()
            writer.writerows(person(number, digits, **cells) for number in range(count))
            writer.writerows(
                person(number, digits, **{**cells, "kind": "desk"}) for number in range(900, 910)
            )
        source: Any = SimpleNamespace(
            id="hr", kind="files", mode="full", path=file, mode_of=lambda _: "full",
            keep_extra=False,
            read=ReadOptions(),
            entities={"employees": SimpleNamespace(text=select, sql="employees.sql")},
        )  # fmt: skip
        return land(home, make_config(), source, night(next(nights)))

    return run


def without(column: str) -> list[str]:
    return [name for name in HEADER if name != column]


def test_a_column_that_is_gone_rejects_the_load_and_is_kept_with_what_the_file_held(
    export: Export, home: Home
) -> None:
    assert export().status == "landed"

    outcome = export(without("kind"), count=41)

    assert outcome.status == "rejected"
    assert "raw: the column kind is gone; it was filled in 100% of the rows before. " in (
        outcome.message
    )
    assert "`kpi quarantine release hr raw --shape --why …`" in outcome.message
    (kept,) = rejected_loads(home)
    assert kept.differences == ("missing|raw.kind",)
    with duckdb.connect() as connection:
        rows = connection.execute("select count(*), max(no) from read_parquet(?)",
                                  [str(kept.files[0])])  # fmt: skip
        assert rows.fetchall() == [(51, "0909")]
    assert landed(home, "employees", "count(*)", order="1") == [(40,)]


def test_a_select_that_never_worked_is_an_error_as_before(export: Export, home: Home) -> None:
    outcome = export(select="select number as employee_id from raw")

    assert outcome.status == "failed"
    assert "the select cannot be run" in outcome.message
    assert rejected_loads(home) == []


def test_a_column_emptied_behind_another_is_found(export: Export, home: Home) -> None:
    export()

    outcome = export(name="")

    assert outcome.status == "rejected"
    assert "raw: the column name holds nothing" in outcome.message
    assert accept_shape(home, night(9), "hr", "raw", why="nicknames do") == ("emptied|name",)
    assert export(name="").status == "landed"


def test_a_key_that_lost_its_zeros_is_another_type(export: Export) -> None:
    export()

    outcome = export(digits=1)

    assert outcome.status == "rejected"
    assert "raw: the column no came as number, until now as text. Let the export write it" in (
        outcome.message
    )


def test_a_new_column_is_noticed_once_and_an_unread_one_may_go(export: Export) -> None:
    def new(outcome: Outcome) -> list[str]:
        return [one.observed for one in outcome.results
                if one.check == "no_column_is_new" and one.is_breach]  # fmt: skip

    assert new(export()) == []
    first, second = export([*HEADER, "tel"], tel="2"), export([*HEADER, "tel"], tel="3")

    assert (first.status, new(first), new(second)) == ("landed", ["tel"], [])
    assert export(without("fax"), count=42).status == "landed"


def test_a_changed_mapping_is_not_held_against_the_columns_of_another(export: Export) -> None:
    export()

    renamed = SELECT.replace("coalesce(name, nick)", "nick")

    assert export(without("name"), select=renamed, count=41).status == "landed"


def test_what_the_mapping_leaves_out_is_shown_and_no_difference(export: Export, home: Home) -> None:
    export()

    ties = ties_of(home, *accepted_loads(home))

    shown = {tie.compared: (tie.expected_count, tie.actual_count, tie.is_tied) for tie in ties}
    assert shown["rows of the files; rows its select made of them"] == (50, 40, None)
    assert shown["rows read; landed, unchanged, superseded and kept back"] == (40, 40, True)
