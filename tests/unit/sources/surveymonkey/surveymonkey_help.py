"""A SurveyMonkey account behind a server, and a home that its answers are landed in."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from vendor_company import VendorCompany, config_folder, pause_only_when_asked

from sales_support_kpi.sandbox.servers import surveymonkey_objects as sm
from sales_support_kpi.sandbox.servers.faults import Script, Seen
from sales_support_kpi.sandbox.servers.serving import serve
from sales_support_kpi.sandbox.servers.surveymonkey import (
    Quota,
    SurveyMonkeyStore,
    surveymonkey_app,
)

T0 = datetime(2026, 10, 5, tzinfo=UTC)
SURVEY = "100"
WEIGHTS: dict[str, int | None] = {"21": 1, "22": 2, "23": 3, "24": 4, "25": 5, "26": None}
MATERIALS = {
    "id": 100,
    "survey": "material_request",
    "score": "How was it?",
    "comment": 12,
    "request": {"variable": "ticket_id"},
    "respondent": {"variable": "employee_id"},
}


def at(minutes: float = 0) -> datetime:
    """An instant some minutes after the story begins."""
    return T0 + timedelta(minutes=minutes)


@dataclass(kw_only=True)
class Panel(VendorCompany):
    """A company with one account and one home."""

    store: SurveyMonkeyStore
    quota: Quota

    @property
    def surveys(self) -> list[dict[str, Any]]:
        """The surveys that the options list."""
        found: list[dict[str, Any]] = self.options["surveys"]
        return found

    def answers(self, columns: str) -> list[tuple[Any, ...]]:
        return self.landed("survey_responses", columns)

    def pages(self) -> list[Seen]:
        return self.asked("responses/bulk")

    def add(
        self, number: int, minutes: float, choice: str = "24", survey: str = SURVEY, **values: Any
    ) -> dict[str, Any]:
        """A response, completed at a time."""
        answers = {"11": sm.choice(choice)}
        one = sm.response(str(number), survey, at(minutes), answers, **values)
        self.store.put_response(one)
        return one

    def add_survey(self, survey: str, weights: dict[str, int | None] = WEIGHTS) -> None:
        questions = [
            sm.rating("11", "<b>How</b> was&nbsp;it?", weights),
            sm.open_ended("12", "Why"),
        ]
        one = sm.survey(survey, f"Survey {survey}", [sm.page("1", questions)], modified=T0)
        one["custom_variables"] = {"ticket_id": "Ticket", "employee_id": "Employee"}
        self.store.surveys[survey] = one

    def reweigh(self, weights: dict[str, int | None], minutes: float) -> None:
        """Change what the choices count."""
        self.add_survey(SURVEY, weights)
        self.store.surveys[SURVEY]["date_modified"] = sm.stamp(at(minutes))


@contextmanager
def open_panel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Panel]:
    pause_only_when_asked(monkeypatch)
    store, quota, script = SurveyMonkeyStore(), Quota(), Script()
    with serve(surveymonkey_app(store, quota), script) as server:
        place = server.url.removeprefix("http://")
        monkeypatch.setenv("AIRFLOW_CONN_SURVEYS", f"http://:{quota.token}@{place}")
        panel = Panel(
            folder=config_folder(tmp_path), script=script, server=server, store=store, quota=quota,
            options={"surveys": [dict(MATERIALS)]}, main=("survey_responses", "response_id"),
            source={"id": "surveys", "kind": "surveymonkey", "connection": "surveys"},
        )  # fmt: skip
        panel.add_survey(SURVEY)
        yield panel
