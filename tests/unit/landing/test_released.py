"""Quarantined rows that a person lets in: corrected or as they are, on the next landing."""

from pathlib import Path
from typing import Any

import pytest
from landing_help import Lander, landed, make_config, night, quarantined, write_csv

from sales_support_kpi.config import Source
from sales_support_kpi.entities import ENTITIES
from sales_support_kpi.errors import UsageError
from sales_support_kpi.landing import Outcome, accepted_loads, land
from sales_support_kpi.landing.extracted import Pulled
from sales_support_kpi.landing.kept_rows import KeptRow, kept_rows, release
from sales_support_kpi.landing.kept_summary import summarised
from sales_support_kpi.settings import Home
from sales_support_kpi.sources.tables import Drop, SourceColumn, Table

REQUESTS = ["request_id", "kind", "status", "opened_at"]
GOOD = [f"r{n}" for n in range(8)]


def rows(*bad: list[str]) -> dict[str, list[Any]]:
    good = [[key, "inquiry", "open", "2026-10-01"] for key in GOOD]
    return {"requests": [REQUESTS, *good, *bad]}


BAD = ["b1", "inquiery", "open", "2026-10-02"]


def let_in(home: Home, *, which: int = 0, **changes: str | None) -> int:
    row = waiting(home)[which]
    config = make_config()
    return release(
        home, config, night(90), [row], {row.id: changes}, why="a typing error", who="kim"
    )


def waiting(home: Home) -> list[KeptRow]:
    return [row for row in kept_rows(home) if row.state == "open"]


def kinds(home: Home) -> dict[str, str]:
    return dict(landed(home, "requests", "request_id, kind"))


def test_a_corrected_row_flows_in_with_the_next_landing_of_the_same_file(
    land: Lander, home: Home
) -> None:
    land(rows(BAD))
    assert let_in(home, kind="inquiry") == 1

    outcome = land(rows(BAD))

    (load,) = outcome.loads
    assert (load.rows_landed, load.rows_quarantined, len(load.released)) == (1, 0, 1)
    assert kinds(home)["b1"] == "inquiry"
    assert landed(home, "requests", "_row, _file")[-1] == (10, "requests.csv")
    assert [row.state for row in kept_rows(home)] == ["landed"]


def test_what_was_let_in_stays_in_and_changes_nothing_again(land: Lander, home: Home) -> None:
    land(rows(BAD))
    let_in(home, kind="inquiry")
    land(rows(BAD))

    assert land(rows(BAD)).status == "unchanged"
    assert land(rows(BAD, ["r9", "inquiry", "open", "2026-10-03"])).loads[0].rows_landed == 1
    assert kinds(home)["b1"] == "inquiry"
    assert landed(home, "requests", "count(*)", order="1") == [(10,)]


def test_a_row_that_the_source_corrects_itself_is_read_as_it_is(land: Lander, home: Home) -> None:
    land(rows(BAD))
    let_in(home, kind="inquiry")
    land(rows(BAD))

    land(rows(["b1", "proposal", "open", "2026-10-02"]))

    assert landed(home, "requests", "kind, _op")[-1] == ("proposal", "upsert")


def test_a_row_that_is_gone_from_a_full_file_is_gone(land: Lander, home: Home) -> None:
    land(rows(BAD))
    let_in(home, kind="inquiry")
    land(rows(BAD))

    land(rows())

    assert landed(home, "requests", "request_id, _op")[-1] == ("b1", "delete")


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({}, "kind: 'inquiery' is not one of the known words; give it with --set kind=…"),
        ({"kind": "nonsense"}, "kind: 'nonsense' is not one of the known words"),
        ({"kind": "inquiry", "opened_at": "soon"}, "opened_at: 'soon' is not a date and time"),
        ({"kind": "inquiry", "request_id": None}, "request_id: a required value is empty"),
        ({"colour": "red"}, "requests has no column colour"),
    ],
)
def test_a_row_that_cannot_be_used_even_so_is_not_released(
    land: Lander, home: Home, changes: dict[str, str | None], said: str
) -> None:
    land(rows(BAD))

    with pytest.raises(UsageError) as refused:
        let_in(home, **changes)

    assert said in str(refused.value)
    assert len(waiting(home)) == 1


def test_headers_and_words_of_the_file_s_language_are_understood(land: Lander, home: Home) -> None:
    header = ["접수번호", "요청유형", "상태", "접수일시"]
    good = [[f"r{n}", "문의", "완료", "2026-10-01"] for n in range(8)]
    sheet = {"요청": [header, *good, ["b1", "엉뚱", "완료", "2026-10-01"]]}
    land(sheet)
    let_in(home, kind="제안서")
    land(sheet)

    assert kinds(home)["b1"] == "proposal"


def test_of_two_versions_that_cannot_be_told_apart_the_released_one_counts(
    land: Lander, home: Home
) -> None:
    header = ["customer_id", "name", "status", "updated_at"]
    tied = [["c1", name, "active", "2026-10-01"] for name in ("old", "new")]
    good = [[f"g{n}", "x", "active", "2026-10-01"] for n in range(8)]
    land({"customers": [header, *good, *tied]})
    assert let_in(home, which=1) == 1

    land({"customers": [header, *good, *tied]})

    assert landed(home, "customers", "customer_id, name")[-1] == ("c1", "new")
    assert accepted_loads(home)[-1].rows_quarantined == 0


def test_a_line_that_is_no_record_cannot_be_released(
    land: Lander, home: Home, tmp_path: Path
) -> None:
    land(rows(["b1", "inquiry"]))

    with pytest.raises(UsageError, match="a line that is no record cannot be released"):
        let_in(home, kind="inquiry")


def changes_of(home: Home, folder: Path, number: int, *lines: list[str]) -> Outcome:
    """What an extraction lands: the changed rows alone, in mode `changes`."""
    file = write_csv(folder / f"{number}.csv", [REQUESTS, *lines])
    table = Table(
        entity=ENTITIES["requests"],
        relation=f"read_csv('{file}', all_varchar = true, header = true)",
        columns={name: SourceColumn(name, name) for name in REQUESTS},
        file=file.name,
        fingerprint=str(number),
    )
    return land_read(home, number, table)


def land_read(home: Home, number: int, *tables: Table) -> Outcome:
    source = Source(id="desk", kind="rest")
    return land(home, make_config(), source, night(number), reading=Pulled(Drop(tables)))


def test_a_row_that_a_system_does_not_send_again_is_added_once(home: Home, tmp_path: Path) -> None:
    good = [[key, "inquiry", "open", "2026-10-01"] for key in GOOD]
    changes_of(home, tmp_path, 1, *good, BAD)
    let_in(home, kind="inquiry")

    changes_of(home, tmp_path, 2, ["r9", "inquiry", "open", "2026-10-03"])
    changes_of(home, tmp_path, 3, ["r10", "inquiry", "open", "2026-10-03"])

    added = landed(home, "requests", "request_id, _load_seq")
    second = [load for load in accepted_loads(home) if load.source == "desk"][1]
    assert [load for key, load in added if key == "b1"] == [second.load_seq]
    assert [row.state for row in kept_rows(home)] == ["landed"]


def test_a_row_flows_in_although_its_system_has_nothing_new(home: Home, tmp_path: Path) -> None:
    good = [[key, "inquiry", "open", "2026-10-01"] for key in GOOD]
    changes_of(home, tmp_path, 1, *good, BAD)
    let_in(home, kind="inquiry")

    land_read(home, 2)

    assert kinds(home)["b1"] == "inquiry"


def test_what_a_system_has_said_of_the_record_since_then_stands(home: Home, tmp_path: Path) -> None:
    good = [[key, "inquiry", "open", "2026-10-01"] for key in GOOD]
    changes_of(home, tmp_path, 1, *good, BAD)
    row = waiting(home)[0]
    changes_of(home, tmp_path, 2, ["b1", "proposal", "open", "2026-10-02"])
    assert [one.state for one in kept_rows(home)] == ["past"]
    release(home, make_config(), night(90), [row], {row.id: {"kind": "inquiry"}}, why="late")

    changes_of(home, tmp_path, 3, ["r9", "inquiry", "open", "2026-10-03"])

    assert kinds(home)["b1"] == "proposal"


def test_counts_go_back_over_the_nights_and_a_later_load_settles_a_row(
    land: Lander, home: Home
) -> None:
    land(rows(BAD))
    land(rows(BAD, ["b2", "?", "open", "2026-10-02"]))

    (one,) = summarised(kept_rows(home))

    assert (one.source, one.entity, one.reason) == ("drop", "requests", "out_of_vocabulary")
    assert (one.open, [count for _, count in one.nights]) == (2, [1, 2])
    assert len(quarantined(home)) == 3


def test_a_corrected_row_brings_a_rejected_load_below_its_limit(land: Lander, home: Home) -> None:
    assert land(rows(BAD), max_quarantine=0.05).status == "rejected"
    let_in(home, kind="inquiry")

    assert land(rows(BAD), max_quarantine=0.05).status == "landed"
    assert len(landed(home, "requests", "1")) == 9
