"""Landing what the product did."""

import json
from datetime import UTC, date, datetime

import pytest

from sales_support_kpi.landing import accepted_loads, ops
from sales_support_kpi.landing.ops import land_ops, read_ops
from sales_support_kpi.landing.ops_entities import BOOKKEEPING
from sales_support_kpi.night import night_ending
from sales_support_kpi.settings import Home

NIGHT = night_ending(date(2026, 10, 31), "Asia/Seoul")


def announcement(status: str, hour: int = 1) -> dict[str, object]:
    return {
        "night": NIGHT.date,
        "announced_source": "crm",
        "status": status,
        "message": "",
        "announced_at": datetime(2026, 11, 1, hour, tzinfo=UTC),
    }


def test_a_load_has_the_layout_of_every_landing(home: Home) -> None:
    load = land_ops(home, "announcements", [announcement("landed")], NIGHT)

    assert load is not None
    assert load.parent == home.landing / "ops" / "announcements"
    assert load.name.startswith("load=")
    assert load.name.endswith("-00000001")
    manifest = json.loads((load / "manifest.json").read_text())
    assert (manifest["source"], manifest["entity"]) == ("ops", "announcements")
    assert (manifest["load_seq"], manifest["rows_landed"]) == (1, 1)
    assert (manifest["night"], manifest["verdict"]) == ("2026-10-31", "accepted")
    (row,) = read_ops(home, "announcements")
    assert row["_effective_at"] == NIGHT.as_of
    assert row["_load_seq"] == 1


def test_saying_the_same_again_writes_nothing(home: Home) -> None:
    land_ops(home, "announcements", [announcement("landed")], NIGHT)

    assert land_ops(home, "announcements", [announcement("landed", hour=5)], NIGHT) is None


def test_a_change_is_appended_and_the_latest_row_counts(home: Home) -> None:
    land_ops(home, "announcements", [announcement("failed")], NIGHT)
    land_ops(home, "announcements", [announcement("landed")], NIGHT)

    assert [row["status"] for row in read_ops(home, "announcements")] == ["landed"]
    assert len(list((home.landing / "ops" / "announcements").glob("load=*"))) == 2


def test_a_change_back_is_a_change(home: Home) -> None:
    for status in ("failed", "landed", "failed"):
        land_ops(home, "announcements", [announcement(status)], NIGHT)

    assert [row["status"] for row in read_ops(home, "announcements")] == ["failed"]


def test_numbers_go_on_over_all_sources(home: Home) -> None:
    (home.landing / "crm" / "customers" / "load=20261031T000000Z-00000041").mkdir(parents=True)

    load = land_ops(home, "announcements", [announcement("landed")], NIGHT)

    assert load is not None
    assert load.name.endswith("-00000042")


def test_a_load_that_was_interrupted_is_not_read(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(ops, "place", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            land_ops(home, "announcements", [announcement("landed")], NIGHT)

    assert read_ops(home, "announcements") == []
    assert land_ops(home, "announcements", [announcement("landed")], NIGHT) is not None


def test_the_landing_knows_the_load(home: Home) -> None:
    land_ops(home, "announcements", [announcement("landed")], NIGHT)

    (load,) = accepted_loads(home)
    assert (load.source, load.entity, load.rows_landed) == ("ops", "announcements", 1)


def test_every_kind_of_record_is_bookkeeping() -> None:
    assert {"runs", "announcements", "quality_results", "holds", "nights"} <= BOOKKEEPING
