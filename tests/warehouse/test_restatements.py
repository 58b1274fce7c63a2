"""Four nights of a small company: what was reported, what was restated, and why.

The second night brings a late, an edited and a deleted inquiry, the same of steps of contracts, a
late opportunity and a late employee; on the third a rule and a target are other ones; on the fourth
a day of the past turns out to have been off.
"""

from pathlib import Path
from typing import Any

import duckdb
import pytest
from drops import write_drop

from sales_support_kpi import pipeline
from sales_support_kpi.config import load_config
from sales_support_kpi.landing.ops import read_ops
from sales_support_kpi.night import parse_as_of
from sales_support_kpi.quality.results import Verdict
from sales_support_kpi.settings import Home, repo_root
from sales_support_kpi.warehouse.build import Build
from sales_support_kpi.warehouse.nights import release, rollback
from sales_support_kpi.warehouse.publish import Publication
from sales_support_kpi.warehouse.published import published_file

KPIS = """
- id: inquiry_within_4h
  params: {{within_hours: {hours}}}
- id: inquiry_completion_rate
  targets: [{{from: 2000-01-01, value: {target}}}]
- id: inquiry_handling_time
- id: crm_entry_rate
- id: contract_followup_completion
"""
COMPANY = """
timezone: Asia/Seoul
country: null
closed_days: [{closed}]
"""
TIME, IN_TIME, DONE = "inquiry_handling_time", "inquiry_within_4h", "inquiry_completion_rate"
ENTRY, FOLLOWED = "crm_entry_rate", "contract_followup_completion"
LATE_DAY, EDITED_DAY, DELETED_DAY = "2026-10-06", "2026-10-07", "2026-10-08"

Rows = dict[str, list[dict[str, str]]]


def first_drop() -> Rows:
    """Two inquiries a day from Monday the 5th to Friday the 9th: two and six hours of work."""
    inquiries = [
        {"request_id": f"{day}-{hours}", "kind": "inquiry", "assignee_id": "e01", "status": "done"}
        | {"opened_at": f"2026-10-{day:02d} 09:00"}
        | {"completed_at": f"2026-10-{day:02d} {9 + hours:02d}:00"}
        for day in range(5, 10)
        for hours in (2, 6)
    ]
    return {
        "employees": [
            {"employee_id": "e01", "team": "Support", "role": "support"},
            {"employee_id": "e11", "team": "North", "role": "sales"},
        ],
        "requests": inquiries,
        "activities": [
            {"activity_id": "a1", "owner_id": "e11", "type": "call"}
            | {"occurred_at": "2026-10-12 09:00", "recorded_at": "2026-10-12 09:30"},
            {"activity_id": "a2", "owner_id": "e11", "type": "call"}
            | {"occurred_at": "2026-10-12 10:00"},
        ],
        "opportunities": [opportunity("o1", "2026-10-05 09:00", "visit")],
        "contracts": [
            {"contract_id": name, "support_owner_id": owner, "signed_at": f"{signed} 09:00"}
            for name, owner, signed in (
                ("late-step", "e01", "2026-10-05"),
                ("edited-step", "e01", LATE_DAY),
                ("deleted-step", "e01", EDITED_DAY),
                ("followed", "e01", DELETED_DAY),
                ("late-owner", "e02", DELETED_DAY),
            )
        ],
        "contract_steps": [
            *steps("late-step", "2026-10-05")[:2],
            *steps("edited-step", "2026-10-09"),
            *steps("deleted-step", EDITED_DAY),
            *steps("followed", DELETED_DAY),
        ],
    }


def steps(contract_id: str, day: str) -> list[dict[str, str]]:
    return [
        {"contract_id": contract_id, "step": step, "completed_at": f"{day} 10:00"}
        for step in ("issue_contract", "register_system", "settle")
    ]


def opportunity(opportunity_id: str, updated_at: str, next_step: str) -> dict[str, str]:
    return {
        "opportunity_id": opportunity_id, "owner_id": "e11", "stage": "offer", "amount": "100",
        "close_date": "2026-12-01", "next_step": next_step, "updated_at": updated_at,
    }  # fmt: skip


def second_drop() -> Rows:
    rows = first_drop()
    requests = rows["requests"]
    late = requests[0] | {"request_id": "late", "opened_at": f"{LATE_DAY} 09:00"}
    requests.append(late | {"completed_at": f"{LATE_DAY} 10:00"})
    edited = next(row for row in requests if row["request_id"] == "7-6")
    edited |= {"completed_at": f"{EDITED_DAY} 12:00"}
    rows["requests"] = [row for row in requests if row["request_id"] != "8-6"]
    rows["opportunities"].append(opportunity("o2", f"{EDITED_DAY} 09:00", ""))
    rows["employees"].append({"employee_id": "e02", "team": "Support", "role": "support"})
    rows["contract_steps"] = [
        *steps("late-step", "2026-10-05"),
        *steps("edited-step", LATE_DAY),
        *steps("deleted-step", EDITED_DAY)[:2],
        *steps("followed", DELETED_DAY),
    ]
    return rows


class Nights:
    """The company's home, night by night."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.home = Home(folder / "home")
        self.configure()

    def configure(self, hours: int = 4, target: float = 1.0, closed: str = "") -> None:
        config = self.folder / "config"
        config.mkdir(parents=True, exist_ok=True)
        (config / "kpis.yml").write_text(KPIS.format(hours=hours, target=target))
        (config / "company.yml").write_text(COMPANY.format(closed=closed))
        self.config = load_config(config)

    def build(self, night: str, rows: Rows | None, *, full_refresh: bool = False) -> Build:
        at = parse_as_of(night, "Asia/Seoul")
        if rows is not None:
            outcome = pipeline.ingest_drop(
                self.home, self.config, write_drop(self.folder / "drop", rows), at
            )
            assert outcome.status in ("landed", "unchanged"), outcome.message
        return pipeline.build(self.home, self.config, at, full_refresh=full_refresh)

    def publish(self, night: str, rows: Rows | None = None) -> Publication:
        build = self.build(night, rows)
        return pipeline.publish(self.home, self.config, build, Verdict(()))

    def read(self, sql: str, *, people: bool = True) -> list[tuple[Any, ...]]:
        file = published_file(self.home, people=people)
        with duckdb.connect(str(file), read_only=True) as connection:
            connection.execute("set timezone = 'Asia/Seoul'")
            return connection.execute(sql).fetchall()

    def landed(self) -> dict[str, int]:
        return {
            name: len(read_ops(self.home, name)) for name in ("published_values", "restatements")
        }


@pytest.fixture(scope="module")
def nights(tmp_path_factory: pytest.TempPathFactory) -> Nights:
    company = Nights(tmp_path_factory.mktemp("restated"))
    company.publish("2026-10-12", first_drop())
    company.publish("2026-10-13", second_drop())
    company.configure(hours=1, target=0.5)
    company.publish("2026-10-14", second_drop())
    company.configure(hours=1, target=0.5, closed=LATE_DAY)
    company.publish("2026-10-15", second_drop())
    return company


def why(nights: Nights, kpi_id: str, night: str, grain: str = "day") -> dict[str, tuple[Any, ...]]:
    """Period → why and what of the company's restatements of a KPI on a night."""
    rows = nights.read(
        "select period_start::text, why, what from kpi_restatements where scope_type = 'company' "
        f"and kpi_id = '{kpi_id}' and grain = '{grain}' and to_night = '{night}'"
    )
    return {period: tuple(rest) for period, *rest in rows}


def test_a_late_an_edited_and_a_deleted_row_are_told_apart(nights: Nights) -> None:
    assert why(nights, TIME, "2026-10-13") == {
        LATE_DAY: ("late", None),
        EDITED_DAY: ("edited", None),
    }
    # what is missing from a full load is gone from the end of that night on
    assert why(nights, TIME, "2026-10-14") == {DELETED_DAY: ("deleted", None)}


def test_what_belongs_to_a_record_is_late_edited_or_deleted_by_itself(nights: Nights) -> None:
    assert why(nights, FOLLOWED, "2026-10-13") == {
        "2026-10-06": ("late", None),
        "2026-10-07": ("edited", None),
    }
    assert why(nights, FOLLOWED, "2026-10-14") == {"2026-10-08": ("deleted", None)}


def test_a_late_employee_makes_the_value_of_the_team_late(nights: Nights) -> None:
    restated = "select period_start::text, why, late_count, to_value from kpi_restatements "
    rows = nights.read(
        f"{restated} where kpi_id = '{FOLLOWED}' and grain = 'day' and scope_type = 'team' "
        "and period_start = '2026-10-09'"
    )
    assert rows == [("2026-10-09", "late", 0, 0.5)]


def test_a_late_record_of_a_stock_restates_every_day_since_it_began_to_count(
    nights: Nights,
) -> None:
    days = ["2026-10-07", "2026-10-08", "2026-10-09", "2026-10-10", "2026-10-11", "2026-10-12"]
    assert why(nights, ENTRY, "2026-10-13") == dict.fromkeys(days, ("late", None))


def test_a_longer_period_has_all_the_reasons_of_its_days(nights: Nights) -> None:
    first, second = nights.read(
        "select why, late_count, edited_count, deleted_count, record_ids, from_value, to_value, "
        "from_publish_id, to_publish_id from kpi_restatements "
        f"where kpi_id = '{TIME}' and grain = 'week' and scope_type = 'team' "
        "and to_night <= '2026-10-14' order by to_night"
    )
    assert first[:4] == ("late, edited", 1, 1, 0)
    assert first[4] == "drop/requests/7-6, drop/requests/late"
    assert first[5:7] == pytest.approx((4.0, 38 / 11))
    assert first[7:] == ("2026-10-12.01", "2026-10-13.01")
    assert second[:5] == ("deleted", 0, 0, 1, "drop/requests/8-6")
    assert second[5:7] == pytest.approx((38 / 11, 32 / 10))
    assert second[7:] == ("2026-10-13.01", "2026-10-14.01")


def test_a_changed_rule_is_a_redefinition(nights: Nights) -> None:
    restated = why(nights, IN_TIME, "2026-10-14")
    assert restated["2026-10-05"] == ("redefined", "config")
    assert restated["2026-10-09"] == ("redefined", "config")


def test_data_and_a_rule_that_changed_together_are_both_named(nights: Nights) -> None:
    restated = why(nights, IN_TIME, "2026-10-14")
    assert restated[DELETED_DAY] == ("deleted, redefined", "config")


def test_a_changed_target_restates_nothing(nights: Nights) -> None:
    assert why(nights, DONE, "2026-10-14") == {}
    judged = f"select distinct target from kpi_values where kpi_id = '{DONE}'"
    assert nights.read(judged) == [(0.5,)]


def test_a_day_off_in_the_past_redefines_what_was_measured_on_it(nights: Nights) -> None:
    assert why(nights, TIME, "2026-10-15") == {LATE_DAY: ("redefined", "calendar")}
    assert why(nights, TIME, "2026-10-15", "week") == {"2026-10-05": ("redefined", "calendar")}


def test_what_time_has_decided_is_neither_late_nor_edited(nights: Nights) -> None:
    assert why(nights, ENTRY, "2026-10-14") == {"2026-10-12": ("decided", None)}


def test_the_first_report_stands_beside_the_value_of_today(nights: Nights) -> None:
    rows = nights.read(
        "select period_start::text, reported_value, value, reported_as_of::date::text "
        f"from kpi_values where kpi_id = '{TIME}' and grain = 'day' and scope_type = 'company' "
        f"and period_start in ('2026-10-05', '{DELETED_DAY}') order by 1"
    )
    assert rows == [
        ("2026-10-05", 4.0, 4.0, "2026-10-13"),
        (DELETED_DAY, 4.0, 2.0, "2026-10-13"),
    ]


def test_an_open_period_has_not_been_reported(nights: Nights) -> None:
    open_ones = "select count(*), count(reported_as_of), count(reported_value) from kpi_values"
    assert nights.read(f"{open_ones} where is_complete and reported_as_of is null")[0][0] == 0
    (counts,) = nights.read(f"{open_ones} where not is_complete")
    assert counts[0] > 0
    assert counts[1:] == (0, 0)


def test_a_night_reports_what_it_completes(nights: Nights) -> None:
    rows = nights.read(
        "select distinct reported_as_of::text from kpi_values "
        "where grain = 'day' and period_start = '2026-10-14'"
    )
    assert rows == [("2026-10-15 00:00:00+09",)]


def test_the_example_query_ends_with_what_is_published_now(nights: Nights) -> None:
    example = repo_root() / "docs" / "queries" / "04_restated.sql"
    query = example.read_text(encoding="utf-8")
    rows = nights.read(
        f"select distinct on (kpi_id, grain, period_start, scope_type, scope_id) * from ({query}) "
        "order by to_night desc",
        people=False,
    )
    assert rows
    for row in rows:
        _, _, _, _, _, _, to_value, value_today, *_ = row
        assert to_value == value_today, row


def test_nothing_about_single_persons_is_told_to_everybody(nights: Nights) -> None:
    scopes = "select distinct scope_type from kpi_restatements order by 1"
    assert nights.read(scopes, people=False) == [("company",), ("team",)]
    assert nights.read(scopes) == [("company",), ("employee",), ("team",)]
    columns = "select column_name from duckdb_columns() where table_name = 'kpi_restatements'"
    assert ("record_ids",) in nights.read(columns)
    assert ("record_ids",) not in nights.read(columns, people=False)


def test_the_runs_of_every_night_are_published(nights: Nights) -> None:
    rows = nights.read(
        "select night::text, count(*) filter (where kind = 'step'), count(*) > 10 from runs "
        "group by 1 order by 1",
        people=False,
    )
    assert rows == [(f"2026-10-{day}", 1, True) for day in (12, 13, 14, 15)]


def test_a_rebuild_says_the_same(nights: Nights) -> None:
    reported = "select * from {} order by all"
    published = nights.read(reported.format("kpi_values"))
    build = nights.build("2026-10-15", None, full_refresh=True)
    with duckdb.connect(str(build.file), read_only=True) as connection:
        connection.execute("set timezone = 'Asia/Seoul'")
        assert connection.execute(reported.format("people.kpi_values")).fetchall() == published


def test_earlier_nights_are_not_known_to_a_look_at_them(nights: Nights) -> None:
    at = parse_as_of("2026-10-13", "Asia/Seoul")
    place = Home(nights.folder / "look")
    build = pipeline.build(nights.home, nights.config, at, at.date, into=place)
    with duckdb.connect(str(build.file), read_only=True) as connection:
        nights_told = connection.execute(
            "select distinct to_night::text from control.restatements"
        ).fetchall()
        reported = connection.execute("select max(as_of) from control.reported_values").fetchone()
    assert nights_told == [("2026-10-13",)]
    assert reported == (at.as_of,)


@pytest.fixture
def landed_before(nights: Nights) -> dict[str, int]:
    return nights.landed()


def test_the_same_night_again_adds_nothing(nights: Nights, landed_before: dict[str, int]) -> None:
    assert nights.publish("2026-10-15", second_drop()).reason == "unchanged"
    assert nights.landed() == landed_before


def test_back_and_forward_again_adds_nothing(nights: Nights, landed_before: dict[str, int]) -> None:
    values = "select * from kpi_values order by all"
    restated = "select * from kpi_restatements order by all"
    shown = nights.read(values), nights.read(restated)
    rollback(nights.home, "2026-10-13")
    assert nights.read("select max(to_night)::text from kpi_restatements") == [("2026-10-13",)]
    release(nights.home)

    assert nights.publish("2026-10-15").publish_id == "2026-10-15.02"

    assert (nights.read(values), nights.read(restated)) == shown
    assert nights.landed() == landed_before
