"""The example queries run as they stand, and their figures are those of `kpi_values`."""

import re
from collections import defaultdict
from datetime import date
from typing import Any

import duckdb
import pytest

from sales_support_kpi.settings import Home, repo_root
from sales_support_kpi.warehouse.published import published_file

QUERIES = repo_root() / "docs" / "queries"
KPI, MONTH = "inquiry_within_4h", date(2026, 10, 1)
Rows = list[dict[str, Any]]


class Analyst:
    """Opens the files of the awkward company, read-only."""

    def __init__(self, home: Home) -> None:
        self.home = home

    def read(self, sql: str, *, people: bool = False) -> Rows:
        file = published_file(self.home, people=people)
        with duckdb.connect(str(file), read_only=True) as reader:
            result = reader.execute(sql)
            names = [column[0] for column in result.description or ()]
            return [dict(zip(names, row, strict=True)) for row in result.fetchall()]

    def ask(self, name: str) -> Rows:
        """The rows of an example query, from the file that it names."""
        sql = (QUERIES / f"{name}.sql").read_text(encoding="utf-8")
        rows = self.read(sql, people=file_of(sql) == "kpi_people.duckdb")
        assert rows, name
        return rows

    def cell(self, kpi_id: str = KPI, grain: str = "month", start: date = MONTH) -> dict[str, Any]:
        (found,) = self.read(
            f"select * from kpi_values where kpi_id = '{kpi_id}' and grain = '{grain}' "
            f"and period_start = date '{start}' and scope_type = 'company'"
        )
        return found


def file_of(sql: str) -> str:
    found = re.search(r"^-- File: (\S+\.duckdb)\.", sql, re.MULTILINE)
    assert found
    return found[1]


@pytest.fixture(scope="module")
def analyst(awkward_home: Home) -> Analyst:
    return Analyst(awkward_home)


def test_the_list_names_every_query_its_questions_and_its_file() -> None:
    listed = re.findall(
        r"^\| \[(\w+)\]\((\w+\.sql)\) \| (.+?) \| (.+?) \| (\w+) \|$",
        (QUERIES / "README.md").read_text(encoding="utf-8"),
        re.MULTILINE,
    )
    assert [file for _, file, *_ in listed] == sorted(path.name for path in QUERIES.glob("*.sql"))
    assert len(listed) == 10
    for name, file, english, korean, side in listed:
        sql = (QUERIES / file).read_text(encoding="utf-8")
        assert name == file.removesuffix(".sql")
        assert file_of(sql) == {"company": "kpi.duckdb", "people": "kpi_people.duckdb"}[side], name
        assert sql.startswith("-- "), name
        assert re.search("[가-힣]", sql.splitlines()[0]), name
        assert re.search("[가-힣]", korean), name
        assert english.endswith("?"), name
        assert ";" not in re.sub(r"--.*", "", sql), name


def test_why_missed_splits_the_whole_distance_to_the_target(analyst: Analyst) -> None:
    cell = analyst.cell()
    effects, cases = defaultdict(float), defaultdict(float)
    for row in analyst.ask("01_why_missed"):
        assert (row["value"], row["target"]) == (cell["value"], cell["target"])
        effects[row["dimension"]] += row["total_effect"]
        cases[row["dimension"]] += row["cases"]
    assert set(effects) >= {"team", "channel", "priority", "segment"}
    missed_by = cell["value"] - cell["target"]
    assert effects == pytest.approx(dict.fromkeys(effects, missed_by))
    assert cases == pytest.approx(dict.fromkeys(cases, cell["denominator"]))


def test_teams_are_compared_by_sums_that_are_divided_once(analyst: Analyst) -> None:
    rows = {row["scope_id"]: row for row in analyst.ask("02_teams_compared")}
    months = analyst.read(
        "select scope_id, numerator, denominator, value from kpi_values where grain = 'month' "
        f"and kpi_id = '{KPI}' and period_start between '2026-08-01' and '2026-10-01' "
        "order by period_start"
    )
    for scope_id, row in rows.items():
        cells = [cell for cell in months if cell["scope_id"] == scope_id]
        cases = sum(cell["denominator"] for cell in cells)
        assert row["cases"] == cases
        assert row["value"] == pytest.approx(sum(cell["numerator"] for cell in cells) / cases)
        assert row["value_of_last_month"] == cells[-1]["value"]
    assert set(rows) == {cell["scope_id"] for cell in months}
    assert len(rows) > 1


def test_last_month_as_reported_has_every_kpi_with_both_values(analyst: Analyst) -> None:
    rows = {row["kpi_id"]: row for row in analyst.ask("03_last_month_as_reported")}
    assert len(rows) == 14
    for kpi_id, row in rows.items():
        cell = analyst.cell(kpi_id)
        assert (row["value"], row["reported_value"]) == (cell["value"], cell["reported_value"])
        assert row["difference"] in (0, None)  # the only night so far: nothing is restated


def test_what_ages_is_what_the_completion_rate_misses(analyst: Analyst) -> None:
    rows = analyst.ask("05_ageing")
    (missing,) = analyst.read(
        "select sum(denominator - numerator) as open_count from kpi_values where grain = 'year' "
        "and kpi_id = 'inquiry_completion_rate' and scope_type = 'company'"
    )
    inquiries = [row for row in rows if row["kind"] == "inquiry"]
    assert sum(row["open_count"] for row in inquiries) == missing["open_count"] > 0
    buckets = ("up_to_4_hours", "up_to_a_day", "up_to_a_week", "older")
    assert all(row["open_count"] == sum(row[name] for name in buckets) for row in rows)


def test_the_drill_names_every_missed_record_with_its_line(analyst: Analyst) -> None:
    rows = analyst.ask("06_drill_to_source")
    cell = analyst.cell()
    assert len(rows) == cell["denominator"] - cell["numerator"]
    assert len({(row["source"], row["record_id"]) for row in rows}) == len(rows)
    assert all(row["file_name"] == "requests.csv" and row["row_number"] > 1 for row in rows)


def test_the_worklist_has_every_record_that_the_kpi_counts_as_wrong(analyst: Analyst) -> None:
    rows = analyst.ask("07_worklist")
    cell = analyst.cell("customer_record_accuracy")
    assert len(rows) == cell["denominator"] - cell["numerator"]
    assert all(row["rules"] and row["todo_ko"] and row["todo_en"] for row in rows)


def test_the_control_chart_is_of_the_published_weeks(analyst: Analyst) -> None:
    rows = analyst.ask("08_signal_or_noise")
    for row in rows:
        assert row["value"] == analyst.cell(grain="week", start=row["period_start"])["value"]
    judged = [row for row in rows if row["lower"] is not None]
    assert judged
    assert all(row["lower"] <= row["centre"] <= row["upper"] for row in judged)


def test_stale_sources_are_counted_with_the_kpis_they_make_stale(analyst: Analyst) -> None:
    rows = analyst.ask("09_stale_sources")
    (stale,) = analyst.read(
        "select count(distinct kpi_id) filter (where is_stale) as count from kpi_values"
    )
    assert {row["source"] for row in rows} == {"drop"}
    assert all(row["stale_kpi_count"] == stale["count"] for row in rows)
    assert all(row["hours_old"] >= 0 for row in rows)


def test_the_projection_starts_from_the_published_value(analyst: Analyst) -> None:
    rows = analyst.ask("10_projection")
    assert {row["grain"] for row in rows} == {"month", "quarter"}
    for row in rows:
        cell = analyst.cell(row["kpi_id"], row["grain"], row["period_start"])
        assert row["to_date"] == (pytest.approx(cell["value"]) if cell["value"] else cell["value"])
        assert row["reason"] or row["low_95"] <= row["projected"] <= row["high_95"]
