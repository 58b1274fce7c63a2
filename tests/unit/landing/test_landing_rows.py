"""What a drop becomes: rows, tombstones, quarantine, refusals."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from landing_help import (
    Lander,
    files_of,
    landed,
    make_config,
    night,
    quarantined,
    write_csv,
)

from sales_support_kpi.landing import accepted_loads, land_drop, rejected_loads
from sales_support_kpi.landing.landing import source_id_of
from sales_support_kpi.settings import Home

REQUESTS = ["request_id", "kind", "status", "opened_at", "completed_at"]
GOOD = ["r1", "inquiry", "done", "2026-10-01 09:00", "2026-10-01 10:00"]
CUSTOMERS = ["customer_id", "name", "status", "updated_at", "version_no"]
MATERIALS = ["material_id", "title", "created_at"]


def material(key: str, title: str = "Guide") -> list[str]:
    return [key, title, "2026-01-01"]


def test_a_row_carries_its_columns_and_where_it_came_from(land: Lander, home: Home) -> None:
    land({"requests": [REQUESTS, GOOD]})
    columns = (
        "request_id, kind, opened_at::varchar, subject, _load_seq, _source, _file, _sheet, _row, "
        "_op, _effective_at::varchar"
    )
    assert landed(home, "requests", columns) == [
        ("r1", "inquiry", "2026-10-01 00:00:00+00", None, 1, "drop", "requests.csv", None, 2,
         "upsert", "2026-10-02 15:00:00+00")
    ]  # fmt: skip


def test_landing_the_same_drop_twice_writes_nothing(land: Lander, home: Home) -> None:
    sheets = {"requests": [REQUESTS, GOOD, ["r2", "?", "done", "2026-10-01", ""]]}
    assert land(sheets).status == "landed"
    before = files_of(home)
    assert land(sheets).status == "unchanged"
    assert files_of(home) == before


def test_the_same_rows_in_another_order_and_spelling_change_nothing(
    land: Lander, home: Home
) -> None:
    other = ["r2", "proposal", "open", "2026-10-02T00:00:00Z", ""]
    land({"requests": [REQUESTS, GOOD, other]})
    before = files_of(home)
    shuffled = [["접수번호", *REQUESTS[1:]], ["r2", "제안서", "OPEN", "2026-10-02 09:00", ""], GOOD]
    assert land({"requests": shuffled}).status == "unchanged"
    assert files_of(home) == before


def test_only_a_changed_row_is_landed_again(land: Lander, home: Home) -> None:
    land({"materials": [MATERIALS, material("m1"), material("m2")]})
    (load,) = land({"materials": [MATERIALS, material("m1"), material("m2", "New")]}).loads
    assert (load.rows_read, load.rows_landed, load.rows_unchanged) == (2, 1, 1)
    assert landed(home, "materials", "material_id, title, _load_seq")[-1] == ("m2", "New", 2)


def test_a_header_without_rows_lands_nothing_and_is_accepted(land: Lander, home: Home) -> None:
    (load,) = land({"materials": [MATERIALS]}).loads
    assert (load.rows_read, load.verdict, len(load.files)) == (0, "accepted", 1)
    assert landed(home, "materials") == []


def test_bad_rows_are_kept_back_with_reason_and_place(land: Lander, home: Home) -> None:
    rows = [
        GOOD,
        ["r2", "nonsense", "done", "2026-10-01", ""],
        ["r3", "inquiry", "done", "31.10.2026", ""],
        ["", "inquiry", "done", "2026-10-01", ""],
        ["r5", "inquiry", "done", "2026-10-02", "2026-10-01"],
        ["r6", "inquiry", "", "2026-10-02", ""],
        ["r7", "inquiry", "open", "1026-10-02", ""],
        ["r8", "inquiry", "open", "2026-10-02", "soon"],
        ["#N/A", "inquiry", "open", "2026-10-02", ""],
    ]
    (load,) = land({"requests": [REQUESTS, *rows]}, max_quarantine=1.0).loads
    assert (load.rows_read, load.rows_landed, load.rows_quarantined) == (9, 1, 8)
    assert quarantined(home) == [
        ("out_of_vocabulary", "kind", "nonsense", 3),
        ("not_an_instant", "opened_at", "31.10.2026", 4),
        ("missing_required", "request_id", None, 5),
        ("completed_before_start", "completed_at", "2026-10-01", 6),
        ("missing_required", "status", None, 7),
        ("out_of_range", "opened_at", "1026-10-02", 8),
        ("not_an_instant", "completed_at", "soon", 9),
        ("formula_error", "request_id", "#N/A", 10),
    ]
    raw = json.loads(quarantined(home, "raw")[0][0])
    assert raw["request_id"] == "r2"
    assert raw["kind"] == "nonsense"
    assert quarantined(home, "file, record_key, message")[0] == (
        "requests.csv", "r2", "is not one of the known words",
    )  # fmt: skip


def test_reasons_are_korean_for_a_korean_file(land: Lander, home: Home) -> None:
    header = ["접수번호", "요청유형", "상태", "접수일시"]
    rows = [["r1", "문의", "완료", "2026-10-01"], ["r2", "엉뚱", "완료", "2026-10-01"]]
    land({"요청": [header, *rows]})
    assert landed(home, "requests", "kind, status") == [("inquiry", "done")]
    assert quarantined(home, "message") == [("정해진 낱말이 아닙니다",)]


def test_scores_outside_their_scale_are_kept_back(land: Lander, home: Home) -> None:
    header = ["response_id", "survey", "score", "scale_min", "scale_max", "submitted_at"]
    scores = [("5", "", ""), ("6", "", ""), ("0", "0", "10"), ("0.5", "", ""), ("3", "5", "5")]
    rows = [[f"s{i}", "onboarding", *score, "2026-10-01"] for i, score in enumerate(scores)]
    land({"survey_responses": [header, *rows]}, max_quarantine=1.0)
    assert [row[0] for row in landed(home, "survey_responses", "response_id")] == ["s0", "s2"]
    assert quarantined(home, "reason, row") == [
        ("score_out_of_scale", 3), ("score_out_of_scale", 5), ("bad_scale", 6),
    ]  # fmt: skip


def test_rows_without_any_value_are_no_rows(land: Lander, home: Home) -> None:
    rows = [GOOD, ["", " ", "", "\u3000", ""], ["r2", *GOOD[1:]]]
    (load,) = land({"requests": [REQUESTS, *rows]}).loads
    assert (load.rows_read, load.rows_quarantined) == (2, 0)
    assert landed(home, "requests", "_row") == [(2,), (4,)]


def test_what_a_full_load_no_longer_holds_is_deleted(land: Lander, home: Home) -> None:
    land({"materials": [MATERIALS, material("m1"), material("m2"), material("m3")]})
    (load,) = land({"materials": [MATERIALS, material("m1"), material("m3")]}).loads
    assert (load.tombstones, load.rows_landed) == (1, 0)
    rows = landed(home, "materials", "material_id, title, _op, _row_hash")
    assert rows[-1] == ("m2", None, "delete", None)


def test_a_deleted_key_that_returns_is_landed_again(land: Lander, home: Home) -> None:
    full = {"materials": [MATERIALS, material("m1"), material("m2"), material("m3")]}
    land(full)
    land({"materials": [MATERIALS, material("m1"), material("m3")]})
    (load,) = land(full).loads
    assert (load.rows_landed, load.rows_unchanged, load.tombstones) == (1, 2, 0)
    assert land(full).status == "unchanged"


def test_a_key_whose_row_is_kept_back_has_not_been_deleted(land: Lander, home: Home) -> None:
    land({"materials": [MATERIALS, material("m1"), material("m2")]})
    (load,) = land({"materials": [MATERIALS, material("m1"), ["m2", "Guide", "soon"]]}).loads
    assert (load.tombstones, load.rows_quarantined) == (0, 1)


def test_a_line_that_cannot_be_taken_apart_does_not_delete_its_key(
    home: Home, config: Any, tmp_path: Path
) -> None:
    file = tmp_path / "drop" / "materials.csv"
    write_csv(file, [MATERIALS, material("m1"), material("m2"), material("m3")])
    land_drop(home, config, file.parent, night(1))
    file.write_text("material_id,title,created_at\nm1,Guide,2026-01-01\nm2,Guide\n")
    (load,) = land_drop(home, config, file.parent, night(2)).loads
    assert (load.tombstones, load.rows_quarantined) == (1, 1)
    assert quarantined(home, "reason, row, record_key, raw") == [
        ("too_few_columns", 3, "m2", "m2,Guide\n")
    ]


def test_a_load_that_shrank_too_much_is_refused_and_leaves_nothing_landed(
    land: Lander, home: Home
) -> None:
    land({"materials": [MATERIALS, *(material(f"m{i}") for i in range(10))]})
    before = landed(home, "materials")
    shrunk = {"materials": [MATERIALS, *(material(f"m{i}", "New") for i in range(4))]}
    outcome = land(shrunk)
    assert outcome.status == "rejected"
    assert "10 were known" in outcome.message
    assert landed(home, "materials") == before
    assert [load.rows_landed for load in rejected_loads(home)] == [4]
    written = files_of(home)
    assert land(shrunk).status == "rejected"
    assert files_of(home) == written


def test_too_many_rows_kept_back_refuse_the_load(land: Lander, home: Home) -> None:
    rows = [material("m1"), ["m2", "Guide", "never"]]
    outcome = land({"materials": [MATERIALS, *rows]}, max_quarantine=0.05)
    assert (outcome.status, landed(home, "materials")) == ("rejected", [])
    assert "50.0%" in outcome.message
    assert accepted_loads(home) == []
    assert quarantined(home, "value") == [("never",)]


def test_one_refused_entity_does_not_hold_back_the_others(land: Lander, home: Home) -> None:
    outcome = land(
        {
            "materials": [MATERIALS, ["m2", "Guide", "never"]],
            "requests": [REQUESTS, GOOD],
        }
    )
    assert outcome.status == "rejected"
    assert sorted((load.entity, load.verdict) for load in outcome.loads) == [
        ("materials", "rejected"), ("requests", "accepted"),
    ]  # fmt: skip


def test_versions_of_one_key_are_all_landed(land: Lander, home: Home) -> None:
    rows = [["c1", "A", "active", "2026-01-01", ""], ["c1", "B", "active", "2026-02-01", ""]]
    land({"customers": [CUSTOMERS, *rows]})
    assert landed(home, "customers", "name") == [("A",), ("B",)]


def test_the_highest_version_number_wins_a_tie(land: Lander, home: Home) -> None:
    rows = [["c1", name, "active", "2026-01-01", number] for name, number in
            (("A", "1"), ("C", "10"), ("B", "9"))]  # fmt: skip
    (load,) = land({"customers": [CUSTOMERS, *rows]}).loads
    assert (landed(home, "customers", "name"), load.rows_superseded) == ([("C",)], 2)


def test_a_tie_with_different_content_is_kept_back(land: Lander, home: Home) -> None:
    said = [("c1", "A"), ("c1", "B"), ("c2", "A"), ("c2", "A")]
    rows = [[key, name, "active", "2026-01-01", ""] for key, name in said]
    (load,) = land({"customers": [CUSTOMERS, *rows]}).loads
    assert landed(home, "customers", "customer_id") == [("c2",)]
    assert (load.rows_quarantined, load.rows_superseded) == (2, 1)
    assert quarantined(home, "reason, record_key, row") == [
        ("tied_versions", "c1", 2), ("tied_versions", "c1", 3),
    ]  # fmt: skip


def test_other_content_in_a_known_version_is_a_silent_change(land: Lander, home: Home) -> None:
    land({"customers": [CUSTOMERS, ["c1", "A", "active", "2026-01-01", ""]]})
    (load,) = land({"customers": [CUSTOMERS, ["c1", "B", "active", "2026-01-01", ""]]}).loads
    assert (load.silent_changes, load.rows_landed) == (1, 1)
    (load,) = land({"customers": [CUSTOMERS, ["c1", "B", "active", "2026-03-01", ""]]}).loads
    assert (load.silent_changes, load.rows_landed) == (0, 1)


def test_the_later_of_two_rows_wins_in_an_unversioned_entity(land: Lander, home: Home) -> None:
    (load,) = land({"materials": [MATERIALS, material("m1", "A"), material("m1", "B")]}).loads
    assert (landed(home, "materials", "title, _row"), load.rows_superseded) == ([("B", 3)], 1)


def test_content_that_comes_back_is_landed_again(land: Lander, home: Home) -> None:
    for title in ("A", "B", "A"):
        land({"materials": [MATERIALS, material("m1", title)]})
    assert landed(home, "materials", "title") == [("A",), ("B",), ("A",)]


def test_unknown_columns_are_noted_and_dropped(land: Lander, home: Home) -> None:
    (load,) = land({"materials": [[*MATERIALS, "colour"], [*material("m1"), "red"]]}).loads
    assert load.extra_columns == ("colour",)
    assert "colour" not in landed(home, "materials", "columns(*)")


def test_loads_are_numbered_across_sources_and_entities(
    land: Lander, home: Home, config: Any, tmp_path: Path
) -> None:
    land({"materials": [MATERIALS, material("m1")], "requests": [REQUESTS, GOOD]})
    file = write_csv(tmp_path / "other" / "materials.csv", [MATERIALS, material("m9")])
    land_drop(home, config, file.parent, night(5))
    assert [(load.load_seq, load.source) for load in accepted_loads(home)] == [
        (1, "drop"), (2, "drop"), (3, "other"),
    ]  # fmt: skip


def test_known_at_hides_loads_of_later_nights(land: Lander, home: Home) -> None:
    land({"materials": [MATERIALS, material("m1")]})
    land({"materials": [MATERIALS, material("m2"), material("m1")]})
    assert [load.load_seq for load in accepted_loads(home, night(1).date)] == [1]


def test_leftovers_of_a_killed_run_are_ignored_and_removed(land: Lander, home: Home) -> None:
    land({"materials": [MATERIALS, material("m1")]})
    aside = home.landing / "_aside" / "99-dead" / "materials" / "rows"
    aside.mkdir(parents=True)
    (aside / "part-00000.parquet").write_bytes(b"half")
    orphan = home.quarantine / "drop" / "materials" / "load=20260101T000000Z-00000002"
    orphan.mkdir(parents=True)
    half = home.landing / "drop" / "materials" / "load=20260101T000000Z-00000007"
    half.mkdir()
    assert [load.load_seq for load in accepted_loads(home)] == [1]
    outcome = land({"materials": [MATERIALS, material("m1"), material("m2")]})
    assert [load.load_seq for load in outcome.loads] == [8]
    assert not aside.exists()
    assert not orphan.exists()


def test_a_kill_between_two_entities_is_made_good_by_the_next_run(land: Lander, home: Home) -> None:
    sheets = {"materials": [MATERIALS, material("m1")], "requests": [REQUESTS, GOOD]}
    land(sheets)
    (last,) = [load for load in accepted_loads(home) if load.entity == "requests"]
    shutil.rmtree(last.directory)
    outcome = land(sheets)
    assert [load.entity for load in outcome.loads] == ["requests"]
    assert landed(home, "requests", "request_id") == [("r1",)]


def test_a_company_adds_its_own_names(land: Lander, home: Home) -> None:
    from types import SimpleNamespace

    own = SimpleNamespace(
        sheets={"Jobs": "requests"}, columns={"nr": "request_id"}, words={"angebot": "proposal"}
    )
    land(
        {"jobs": [["NR", *REQUESTS[1:]], ["r1", "Angebot", "open", "2026-10-01", ""]]}, aliases=own
    )
    assert landed(home, "requests", "request_id, kind") == [("r1", "proposal")]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Sales 2026.xlsx", "sales_2026"),
        ("export", "export"),
        ("2026.csv", None),
        ("영업.xlsx", None),
    ],
)
def test_a_source_is_named_after_its_file(tmp_path: Path, name: str, expected: str | None) -> None:
    found = source_id_of(tmp_path / name)
    assert found == expected if expected else found.startswith("drop_")
    assert found == source_id_of(tmp_path / name)


def test_limits_are_those_of_the_company(home: Home, tmp_path: Path) -> None:
    file = write_csv(tmp_path / "d" / "materials.csv", [MATERIALS, ["m1", "x", "never"]])
    config = make_config(max_quarantine=1.0)
    assert land_drop(home, config, file.parent, night()).status == "landed"
