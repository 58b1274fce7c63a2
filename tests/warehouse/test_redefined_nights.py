"""A definition that nobody configured: a holiday the library has learnt, a model that was changed.

Real nights: land, publish, change, publish. The data stay what they were.
"""

import shutil
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest
from drops import write_drop

from sales_support_kpi import pipeline
from sales_support_kpi.calendar.public_holidays import public_holidays
from sales_support_kpi.config import load_config
from sales_support_kpi.night import parse_as_of
from sales_support_kpi.quality.results import Verdict
from sales_support_kpi.settings import Home, repo_root
from sales_support_kpi.warehouse import build, code
from sales_support_kpi.warehouse.publish import Publication
from sales_support_kpi.warehouse.published import published_file

pytestmark = pytest.mark.integration

TIME, DONE = "inquiry_handling_time", "inquiry_completion_rate"
DAYS_OFF = date(2026, 10, 7)
ROWS = {
    "employees": [{"employee_id": "e01", "team": "Support", "role": "support"}],
    "requests": [
        {"request_id": f"q{day}", "kind": "inquiry", "assignee_id": "e01", "status": "done"}
        | {"opened_at": f"2026-10-{day:02d} 10:00", "completed_at": f"2026-10-{day + 1:02d} 10:00"}
        for day in (6, 12, 13)
    ],
}
COMPANY = "timezone: Asia/Seoul\ncountry: KR\n"
KPIS = f"- id: {TIME}\n- id: {DONE}\n"
MODEL = "dbt_project/models/measures/measure_inquiry_handling_time.sql"


class Company:
    """A home whose one drop was landed on the first night."""

    def __init__(self, folder: Path) -> None:
        (folder / "config").mkdir(parents=True)
        (folder / "config" / "company.yml").write_text(COMPANY, encoding="utf-8")
        (folder / "config" / "kpis.yml").write_text(KPIS, encoding="utf-8")
        self.config = load_config(folder / "config")
        self.home = Home(folder / "home")
        drop = write_drop(folder / "drop", ROWS)
        night = parse_as_of("2026-10-20", "Asia/Seoul")
        assert pipeline.ingest_drop(self.home, self.config, drop, night).status == "landed"

    def publish(self, night: str) -> Publication:
        at = parse_as_of(night, "Asia/Seoul")
        built = pipeline.build(self.home, self.config, at)
        return pipeline.publish(self.home, self.config, built, Verdict(()))

    def restated(self, publish_id: str) -> dict[tuple[str, str], tuple[Any, ...]]:
        """KPI and day → values, why and what, of the company."""
        with duckdb.connect(str(published_file(self.home, people=True)), read_only=True) as shown:
            rows = shown.execute(
                "select kpi_id, period_start::text, from_value, to_value, why, what"
                " from kpi_restatements where scope_type = 'company' and grain = 'day'"
                " and to_publish_id = ?",
                [publish_id],
            ).fetchall()
        return {(kpi_id, day): tuple(rest) for kpi_id, day, *rest in rows}


@pytest.fixture
def company(tmp_path: Path) -> Company:
    company = Company(tmp_path / "company")
    assert company.publish("2026-10-20").reason == "published"
    return company


def test_a_holiday_that_the_library_has_learnt_redefines_the_days_it_touches(
    company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    def learnt(country: str | None, first: date, last: date) -> Mapping[date, str]:
        return {**public_holidays(country, first, last), DAYS_OFF: "임시공휴일"}

    monkeypatch.setattr("sales_support_kpi.calendar.tables.public_holidays", learnt)

    # the same night, the same loads, the same config: published again for the calendar alone
    again = company.publish("2026-10-20")

    assert (again.publish_id, again.reason) == ("2026-10-20.02", "published")
    assert company.restated(again.publish_id) == {
        (TIME, "2026-10-07"): (9.0, 8.0, "redefined", "holidays library")
    }
    assert company.publish("2026-10-20").reason == "unchanged"


@pytest.fixture
def changed_project(tmp_path: Path) -> Iterator[None]:
    """The product with another formula: an hour more for every inquiry."""
    project = tmp_path / "project"
    shutil.copytree(repo_root() / "dbt_project", project / "dbt_project")
    for name in ("config", "expectations"):
        (project / name).symlink_to(repo_root() / name)
    model = project / MODEL
    text = model.read_text(encoding="utf-8")
    assert "clock_hours as numerator" in text
    changed = text.replace("clock_hours as numerator", "clock_hours + 1 as numerator")
    model.write_text(changed, encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("KPI_PROJECT", str(project))
        _forget_project()
        yield
    _forget_project()


def _forget_project() -> None:
    build._parsed.clear()
    code.project_hash.cache_clear()
    code._expectations_hash.cache_clear()


def test_a_changed_model_redefines_what_it_measures_and_nothing_else(
    company: Company, request: pytest.FixtureRequest
) -> None:
    request.getfixturevalue("changed_project")

    again = company.publish("2026-10-20")

    assert (again.publish_id, again.reason) == ("2026-10-20.02", "published")
    assert company.restated(again.publish_id) == {
        (TIME, "2026-10-07"): (9.0, 10.0, "redefined", "code"),
        (TIME, "2026-10-13"): (9.0, 10.0, "redefined", "code"),
        (TIME, "2026-10-14"): (9.0, 10.0, "redefined", "code"),
    }
