"""A SurveyMonkey account behind a server, and a home that its answers are landed in."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest
import yaml

from sales_support_kpi.config import Config, load_config
from sales_support_kpi.config.check import CheckLine
from sales_support_kpi.landing import Outcome, accepted_loads, land
from sales_support_kpi.night import Night
from sales_support_kpi.sandbox.servers import surveymonkey_objects as sm
from sales_support_kpi.sandbox.servers.faults import Script, Seen
from sales_support_kpi.sandbox.servers.serving import Served, serve
from sales_support_kpi.sandbox.servers.surveymonkey import (
    Quota,
    SurveyMonkeyStore,
    surveymonkey_app,
)
from sales_support_kpi.settings import Home

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


@dataclass
class Panel:
    """A company with one account and one home."""

    home: Home
    folder: Path
    store: SurveyMonkeyStore
    quota: Quota
    script: Script
    server: Served
    surveys: list[dict[str, Any]] = field(default_factory=lambda: [dict(MATERIALS)])
    source: dict[str, Any] = field(default_factory=dict)
    nights: int = 0

    @property
    def config(self) -> Config:
        source = {
            "id": "surveys", "kind": "surveymonkey", "connection": "surveys",
            "options": {"surveys": self.surveys}, **self.source,
        }  # fmt: skip
        text = yaml.safe_dump([source], sort_keys=False, allow_unicode=True)
        (self.folder / "sources.yml").write_text(text, encoding="utf-8")
        return load_config(self.folder)

    def pull(self) -> Outcome:
        """One night more."""
        self.nights += 1
        config = self.config
        as_of = datetime(2026, 11, 1, 15, tzinfo=UTC) + timedelta(days=self.nights)
        night = Night(date(2026, 11, 1) + timedelta(days=self.nights), as_of)
        (source,) = [one for one in config.sources if one.id == "surveys"]
        return land(self.home, config, source, night)

    def good(self) -> Outcome:
        """One night more, which has to go well."""
        outcome = self.pull()
        assert outcome.status in ("landed", "unchanged"), outcome.message
        return outcome

    def check(self) -> list[CheckLine]:
        """What `kpi check` says of the source."""
        from sales_support_kpi.config.check import check

        return [line for line in check(self.config) if line.subject == "source surveys"]

    def landed(self, columns: str, entity: str = "survey_responses") -> list[tuple[Any, ...]]:
        """The rows of all accepted loads."""
        loads = [one for one in accepted_loads(self.home) if one.entity == entity]
        files = [str(file) for load in loads for file in load.files]
        if not files:
            return []
        with duckdb.connect() as connection:
            connection.execute("set timezone = 'UTC'")
            return connection.execute(
                f"select {columns} from read_parquet(?, hive_partitioning = false, "
                "union_by_name = true) order by all",
                [files],
            ).fetchall()

    def ids(self) -> list[str]:
        return [row[0] for row in self.landed("response_id")]

    def asked(self, path: str = "responses/bulk") -> list[Seen]:
        return self.server.seen(path)

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
        self.store.surveys[survey] = one

    def reweigh(self, weights: dict[str, int | None], minutes: float) -> None:
        """Change what the choices count."""
        self.add_survey(SURVEY, weights)
        self.store.surveys[SURVEY]["date_modified"] = sm.stamp(at(minutes))


@contextmanager
def open_panel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Panel]:
    monkeypatch.setattr("random.uniform", lambda *_: 0.0)  # no pauses but those that are asked for
    store, quota, script = SurveyMonkeyStore(), Quota(), Script()
    folder = tmp_path / "config"
    folder.mkdir(parents=True)
    with serve(surveymonkey_app(store, quota), script) as server:
        place = server.url.removeprefix("http://")
        monkeypatch.setenv("AIRFLOW_CONN_SURVEYS", f"http://:{quota.token}@{place}")
        panel = Panel(Home(tmp_path / "var"), folder, store, quota, script, server)
        panel.add_survey(SURVEY)
        yield panel
