"""What every publish says is kept, and what it says otherwise than before is restated."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any

import duckdb
import pytest
from handmade_build import ACCURACY, INQUIRY, Recipe, Value, make_build

from sales_support_kpi.config import Config
from sales_support_kpi.landing.ops import read_ops
from sales_support_kpi.quality.results import CheckResult, Verdict
from sales_support_kpi.settings import Home
from sales_support_kpi.warehouse import publish as publishing
from sales_support_kpi.warehouse.nights import rollback
from sales_support_kpi.warehouse.publish import Publication, make_good, publish
from sales_support_kpi.warehouse.published import nights_dir, published_file
from sales_support_kpi.warehouse.statements import write_history

SEPTEMBER = {"period_start": date(2026, 9, 1), "period_end": date(2026, 9, 30)}
WITHHELD = CheckResult(
    "out", "outdoor", "ties", INQUIRY, "critical", "failed", "2", "0", "Why.", "e", "", "withhold"
)


def month(numerator: float | None, kpi_id: str = INQUIRY, **other: Any) -> Value:
    """The value of September."""
    return Value(kpi_id, numerator, 20, **SEPTEMBER, **other)


def night(
    home: Home,
    config: Config,
    day: int,
    values: Sequence[Value],
    rows: Sequence[tuple[str, str, float, float]] = (),
    *results: CheckResult,
    load: int | None = None,
) -> Publication:
    recipe = Recipe(
        date(2026, 10, day),
        values=values,
        measure_rows=rows,
        loads=(("desk", "requests", load or day),),
        statements=["update people.measure_rows set occurred_at = '2026-09-15 10:00:00+09:00'"],
    )
    build = make_build(home.warehouse, recipe)
    with duckdb.connect(str(build.file)) as connection:
        write_history(connection, home, build.night, None)
    return publish(home, config, build, Verdict(results))


def said(home: Home, *columns: str) -> list[tuple[Any, ...]]:
    """Every statement ever landed, in order."""
    folder = home.landing / "ops" / "published_values"
    with duckdb.connect() as connection:
        return connection.execute(
            f"select {', '.join(columns)} from read_parquet('{folder}/load=*/part-*.parquet') "
            "order by _load_seq, _row"
        ).fetchall()


def restated(home: Home, *columns: str) -> list[tuple[Any, ...]]:
    file = str(published_file(home, people=True))
    with duckdb.connect(file, read_only=True) as connection:
        return connection.execute(
            f"select {', '.join(columns)} from kpi_restatements order by to_publish_id, scope_type"
        ).fetchall()


def test_the_first_night_says_everything(home: Home, config: Config) -> None:
    night(home, config, 1, [month(19), month(18, scope_type="employee", scope_id="e01")])

    assert said(home, "scope_type", "value", "is_complete", "publish_id") == [
        ("company", 0.95, True, "2026-10-01.01"),
        ("employee", 0.9, True, "2026-10-01.01"),
    ]


def test_a_later_night_says_only_what_is_another_value(home: Home, config: Config) -> None:
    employee = month(18, scope_type="employee", scope_id="e01")
    night(home, config, 1, [month(19), employee])
    night(home, config, 2, [month(19.0000000001), replace(employee, numerator=10)])

    assert said(home, "scope_type", "value", "night")[2:] == [("employee", 0.5, date(2026, 10, 2))]


def test_a_change_back_is_said_again(home: Home, config: Config) -> None:
    for day, numerator in enumerate((19, 10, 19), start=1):
        night(home, config, day, [month(numerator)])

    assert said(home, "value") == [(0.95,), (0.5,), (0.95,)]
    assert restated(home, "from_value", "to_value") == [(0.95, 0.5), (0.5, 0.95)]


def test_a_withheld_value_is_no_statement(home: Home, config: Config) -> None:
    night(home, config, 1, [month(19), month(20, ACCURACY)])
    night(home, config, 2, [month(1), month(20, ACCURACY)], (), WITHHELD)
    night(home, config, 3, [month(10), month(20, ACCURACY)])

    assert said(home, "kpi_id", "value")[2:] == [(INQUIRY, 0.5)]
    assert restated(home, "from_value", "to_value", "from_night", "to_night") == [
        (0.95, 0.5, date(2026, 10, 1), date(2026, 10, 3))
    ]


def test_what_is_gone_from_a_complete_period_is_restated_to_nothing(
    home: Home, config: Config
) -> None:
    team = month(18, scope_type="team", scope_id="영업지원1팀")
    night(home, config, 1, [month(19), team])
    night(home, config, 2, [month(19)])
    night(home, config, 3, [month(19)])
    night(home, config, 4, [month(19), team])

    assert said(home, "scope_type", "value", "status")[2:] == [
        ("team", None, "absent"),
        ("team", 0.9, "met"),
    ]
    assert restated(home, "from_value", "to_value", "to_night") == [
        (0.9, None, date(2026, 10, 2)),
        (None, 0.9, date(2026, 10, 4)),
    ]


def test_a_kpi_that_is_not_measured_any_more_says_nothing(home: Home, config: Config) -> None:
    night(home, config, 1, [month(19), month(20, ACCURACY)])
    night(home, config, 2, [month(20, ACCURACY)])

    assert len(said(home, "value")) == 2
    assert restated(home, "why") == []


@pytest.mark.parametrize(
    ("before", "after", "why"),
    [
        ((19, 20), (18, 20), "edited"),
        ((0, 0), (1, 1), "late"),
        ((1, 1), (0, 0), "deleted"),
    ],
)
def test_the_rows_of_both_nights_say_why(
    home: Home,
    config: Config,
    before: tuple[float, float],
    after: tuple[float, float],
    why: str,
) -> None:
    def rows(pair: tuple[float, float]) -> list[tuple[str, str, float, float]]:
        return [(INQUIRY, "e01", *pair)] if pair[1] else []

    night(home, config, 1, [month(19)], rows(before), load=1)
    night(home, config, 2, [month(18)], rows(after), load=2)

    assert restated(home, "why", "record_ids") == [(why, "desk/requests/r1")]


def test_without_the_earlier_night_on_disk_nobody_knows_why(home: Home, config: Config) -> None:
    first = night(home, config, 1, [month(19)])
    night(home, config, 2, [month(19)])
    for folder in nights_dir(home).iterdir():
        for file in sorted(folder.rglob("*"), reverse=True):
            file.unlink() if file.is_file() else file.rmdir()
        folder.rmdir()
    night(home, config, 3, [month(18)])

    assert restated(home, "why", "from_publish_id") == [("unknown", first.publish_id)]


def test_restatements_of_earlier_nights_are_landed_once(home: Home, config: Config) -> None:
    night(home, config, 1, [month(19)])
    night(home, config, 2, [month(18)])
    night(home, config, 2, [month(18)])
    night(home, config, 3, [month(18)])

    assert [row["to_publish_id"] for row in read_ops(home, "restatements")] == ["2026-10-02.01"]


def test_a_crash_before_the_statements_is_made_good(
    home: Home, config: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    def crash(*_: object) -> None:
        raise KeyboardInterrupt

    night(home, config, 1, [month(19)])
    with monkeypatch.context() as patched:
        patched.setattr(publishing, "record_said", crash)
        with pytest.raises(KeyboardInterrupt):
            night(home, config, 2, [month(18)])
    assert said(home, "value") == [(0.95,)]

    make_good(home)
    make_good(home)

    assert said(home, "value") == [(0.95,), (0.9,)]
    assert [row["to_value"] for row in read_ops(home, "restatements")] == [0.9]


def test_a_night_that_was_taken_back_has_been_said(home: Home, config: Config) -> None:
    night(home, config, 1, [month(19)])
    night(home, config, 2, [month(10)])
    rollback(home)
    night(home, config, 3, [month(19)])

    assert restated(home, "from_value", "to_value") == [(0.95, 0.5), (0.5, 0.95)]


def test_a_look_says_nothing(home: Home, config: Config) -> None:
    night(home, config, 1, [month(19)])
    build = make_build(home.warehouse, Recipe(date(2026, 10, 2), values=[month(18)]))
    publish(home, config, build, Verdict(()), is_look=True)

    assert said(home, "value") == [(0.95,)]
    assert restated(home, "why") == []


def test_a_withheld_kpi_reports_nothing_for_the_first_time(home: Home, config: Config) -> None:
    first_said = "update people.kpi_values set reported_value = value, reported_as_of = as_of"
    recipe = Recipe(values=[month(19)], statements=[first_said])
    publish(home, config, make_build(home.warehouse, recipe), Verdict((WITHHELD,)))

    with duckdb.connect(str(published_file(home, people=True)), read_only=True) as connection:
        reported = connection.execute(
            "select status, reported_value, reported_as_of from kpi_values"
        ).fetchall()
    assert reported == [("withheld", None, None)]
