"""A watched folder: files come one by one, some not whole yet, some twice."""

import os
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import duckdb
import openpyxl
import pytest
from landing_help import landed, make_config, night, write_csv

from sales_support_kpi.config import load_config
from sales_support_kpi.config.sources import Source
from sales_support_kpi.landing import Outcome, accepted_loads, land
from sales_support_kpi.landing.ops import read_ops
from sales_support_kpi.pipeline.announcements import announce, source_states, usable_loads
from sales_support_kpi.settings import Home, shipped_config_dir
from sales_support_kpi.sources import arrivals
from sales_support_kpi.warehouse.histories import histories

HEADER = ["자료번호", "제목", "등록일시", "폐기일시"]
NAMES = ["employee_id", "name", "team"]
Night = Callable[..., Outcome]


@pytest.fixture(autouse=True)
def short_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(arrivals, "PAUSE_SECONDS", 0.05)


@pytest.fixture
def inbox(tmp_path: Path) -> Path:
    folder = tmp_path / "inbox"
    folder.mkdir()
    return folder


@pytest.fixture
def box(home: Home, inbox: Path) -> Night:
    nights = iter(range(1, 100))

    def run(path: Path = inbox, mode: Any = "changes") -> Outcome:
        source = Source(id="office", kind="files", mode=mode, path=str(path))
        return land(home, make_config(), source, night(next(nights)))

    return run


def book(path: Path, *rows: list[Any], minutes_ago: float = 0) -> Path:
    made = openpyxl.Workbook()
    sheet = made.worksheets[0]
    sheet.title = "자료"
    for row in (HEADER, *rows):
        sheet.append(row)
    made.save(path)
    return aged(path, minutes_ago)


def aged(path: Path, minutes: float) -> Path:
    at = time.time() - minutes * 60
    os.utime(path, (at, at))
    return path


def test_workbooks_and_csv_land_one_by_one_the_oldest_first(
    box: Night, home: Home, inbox: Path
) -> None:
    book(inbox / "b.xlsx", ["m1", "새 제목", "2026-01-01"], minutes_ago=10)
    rows = [HEADER, ["m1", "옛 제목", "2026-01-01", ""], ["m2", "둘", "2026-01-01", ""]]
    aged(write_csv(inbox / "자료_20261001 - 복사본 (2).csv", rows, "cp949"), 20)
    write_csv(inbox / "비용.csv", [["항목"], ["택시"]])
    (inbox / "회의록.hwp").write_bytes(b"x")
    outcome = box()
    assert outcome.status == "landed"
    assert landed(home, "materials", "material_id, title, _file") == [
        ("m1", "옛 제목", "자료_20261001 - 복사본 (2).csv"),
        ("m2", "둘", "자료_20261001 - 복사본 (2).csv"), ("m1", "새 제목", "b.xlsx"),
    ]  # fmt: skip
    assert sorted(outcome.notes) == [
        "비용.csv: skipped, it is no table of a known entity",
        "회의록.hwp: skipped, it is no table of a known entity",
    ]


def test_what_lies_there_from_earlier_nights_changes_nothing_again(
    box: Night, home: Home, inbox: Path
) -> None:
    book(inbox / "9월.xlsx", ["m1", "가", "2026-01-01"], minutes_ago=30)
    box()
    book(inbox / "10월.xlsx", ["m1", "나", "2026-01-01"], minutes_ago=5)
    box()
    held = landed(home, "materials", "title")
    assert held == [("가",), ("나",)]
    (inbox / "9월.xlsx").rename(inbox / "9월 최종.xlsx")
    (inbox / "사본.xlsx").write_bytes((inbox / "9월 최종.xlsx").read_bytes())
    assert box().status == "unchanged"
    assert landed(home, "materials", "title") == held
    assert len(list(inbox.iterdir())) == 3  # nothing is ever moved or deleted


def test_a_file_that_told_nothing_new_does_not_undo_a_later_one(
    box: Night, home: Home, inbox: Path
) -> None:
    book(inbox / "a.xlsx", ["m1", "가", "2026-01-01"], minutes_ago=30)
    book(inbox / "b.xlsx", ["m1", "가", "2026-01-01"], ["m2", "x", "2026-01-02"], minutes_ago=20)
    write_csv(inbox / "materials.csv", [HEADER[:3], ["m1", "가", "2026-01-01"]])
    aged(inbox / "materials.csv", 10)
    box()
    book(inbox / "c.xlsx", ["m1", "나", "2026-01-01"], minutes_ago=5)
    box()
    box()
    assert [row[0] for row in landed(home, "materials", "title")] == ["가", "x", "나"]


def test_a_file_that_is_still_growing_waits_for_the_next_night(
    box: Night, home: Home, inbox: Path
) -> None:
    book(inbox / "b.xlsx", ["m1", "가", "2026-01-01"])
    growing = write_csv(inbox / "employees.csv", [NAMES, ["e1", "하나", "1팀"]])

    def grow(_seconds: float) -> None:
        with growing.open("a", encoding="utf-8") as file:
            file.write("e2,두리,1팀\n")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("time.sleep", grow)
        outcome = box()
    assert outcome.status == "landed"
    assert outcome.notes == ("employees.csv: is still being copied; left for the next night",)
    assert landed(home, "employees") == []
    assert box().notes == ()
    assert len(landed(home, "employees")) == 2


@pytest.mark.parametrize("mode", ["changes", "full"])
@pytest.mark.parametrize("share", [0.0, 0.5, 0.99])
def test_half_a_workbook_waits_while_it_is_young_and_is_an_error_later(
    box: Night, home: Home, inbox: Path, mode: str, share: float
) -> None:
    path = book(inbox / "b.xlsx", ["m1", "가", "2026-01-01"])
    whole = path.read_bytes()
    path.write_bytes(whole[: int(len(whole) * share)])
    outcome = box(mode=mode)
    assert (outcome.status, outcome.message) == ("unchanged", "")
    assert outcome.notes == ("b.xlsx: is still being copied; left for the next night",)
    aged(path, 120)
    outcome = box(mode=mode)
    assert outcome.status == "failed"
    assert outcome.message.startswith("b.xlsx:")
    path.write_bytes(whole)
    assert box(mode=mode).status == "landed"
    assert len(landed(home, "materials")) == 1


def test_a_damaged_file_is_named_and_the_others_land(box: Night, home: Home, inbox: Path) -> None:
    book(inbox / "a.xlsx", ["m1", "가", "2026-01-01"], minutes_ago=1)
    aged(book(inbox / "b.xlsx"), 0).write_bytes(b"PK\x03\x04 no workbook")
    aged(inbox / "b.xlsx", 600)
    outcome = box()
    assert outcome.status == "failed"
    assert outcome.message.startswith("b.xlsx:")
    assert len(landed(home, "materials")) == 1


def test_a_lock_file_says_that_the_workbook_is_open(box: Night, home: Home, inbox: Path) -> None:
    book(inbox / "영업 자료.xlsx", ["m1", "가", "2026-01-01"], minutes_ago=5)
    (inbox / "~$영업 자료.xlsx").write_bytes(b"\x05user")
    outcome = box()
    assert outcome.notes == (
        "영업 자료.xlsx: is open in a spreadsheet program; what was saved last is read",
    )
    assert len(landed(home, "materials")) == 1


def people(path: Path, count: int, team: str = "1팀", minutes_ago: float = 5) -> Path:
    rows = [[f"{path.stem}{n}", "이름" if team else "", team] for n in range(count)]
    return aged(write_csv(path, [NAMES, *rows]), minutes_ago)


def test_a_bad_file_and_a_good_one_each_keep_their_judgement(home: Home, inbox: Path) -> None:
    materials = [["m1", "가", "2026-01-01", ""], ["m2", "나", "언젠가", ""]]
    aged(write_csv(inbox / "자료_1.csv", [HEADER, *(materials[1:] * 9)]), 20)
    aged(write_csv(inbox / "자료_2.csv", [HEADER, materials[0]]), 10)
    source = Source(id="office", kind="files", mode="changes", path=str(inbox))

    outcome = land(home, make_config(), source, night())
    announce(home, outcome, night())

    few = "few_rows_are_quarantined"
    kept = {row["file"]: row["outcome"] for row in read_ops(home, "quality_results")
            if row["check"] == few}  # fmt: skip
    assert outcome.status == "rejected"
    assert kept == {"자료_1.csv": "failed", "자료_2.csv": "passed"}
    with duckdb.connect() as connection:
        build: Any = SimpleNamespace(night=night())
        tables = histories(home, build)
        found = connection.execute(
            f"select file, outcome, is_breach from ({tables['data_quality']}) "
            f"where \"check\" = '{few}' order by file"
        ).fetchall()
    assert found == [("자료_1.csv", "failed", True), ("자료_2.csv", "passed", False)]


def test_a_rejected_load_leaves_its_source_stale_until_a_good_one(home: Home, inbox: Path) -> None:
    source = Source(id="office", kind="files", mode="full", path=str(inbox))
    config = replace(load_config(shipped_config_dir()), sources=(source,))

    def is_stale(number: int, *teams: str) -> tuple[str, bool]:
        people(inbox / "employees.csv", 30, *teams)
        outcome = land(home, config, source, night(number))
        announce(home, outcome, night(number))
        (state,) = source_states(
            home, config, usable_loads(home, config, None), night(number), None
        )
        return outcome.status, state.is_stale

    assert is_stale(1) == ("landed", False)
    assert is_stale(2, "") == ("rejected", True)
    assert is_stale(3, "2팀") == ("landed", False)
    assert len(landed(home, "employees")) == 60


def test_three_files_of_a_third_each_are_a_usual_night(home: Home, inbox: Path) -> None:
    source = Source(id="office", kind="files", mode="changes", path=str(inbox))

    def volumes(number: int, *counts: int) -> list[str]:
        for place, count in enumerate(counts):
            people(inbox / f"employees_{number}_{place}.csv", count, minutes_ago=9 - place)
        results = land(home, make_config(), source, night(number)).results
        return [one.check for one in results if one.is_breach and "arrives" in one.check]

    assert [volumes(number, 30, 30, 30) for number in (1, 8, 15, 22)] == [[], [], [], []]
    assert volumes(29, 30, 5) == ["as_much_arrives_as_usual"]
    assert volumes(36, 30, 300) == ["no_more_arrives_than_usual"]


def test_an_empty_box_is_no_error_and_a_missing_one_is(box: Night, inbox: Path) -> None:
    assert box().status == "unchanged"
    assert box(inbox / "*.xlsx").status == "unchanged"
    assert box(inbox / "none" / "*.xlsx").status == "failed"


def test_a_full_folder_takes_workbooks_beside_csv_and_refuses_one_entity_twice(
    box: Night, home: Home, inbox: Path
) -> None:
    book(inbox / "자료집.xlsx", ["m1", "가", "2026-01-01"], minutes_ago=5)
    aged(write_csv(inbox / "직원_2026-10.csv", [NAMES, ["e1", "하나", "1팀"]]), 5)
    assert box(mode="full").status == "landed"
    assert {load.entity for load in accepted_loads(home)} == {"materials", "employees"}
    aged(write_csv(inbox / "자료.csv", [HEADER, ["m2", "x", "2026-01-01", ""]]), 5)
    outcome = box(mode="full")
    assert outcome.status == "failed"
    assert "자료집.xlsx" in outcome.message
