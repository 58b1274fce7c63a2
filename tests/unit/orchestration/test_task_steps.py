"""Tasks pass small JSON on, and fail in the way that makes a retry useful or not."""

import json
from datetime import UTC, date, datetime
from types import SimpleNamespace

import pytest
from airflow.sdk.exceptions import (  # noqa: TID251 - how a task ends is what is tested
    AirflowException,
    AirflowFailException,
    AirflowSkipException,
)

from sales_support_kpi import pipeline
from sales_support_kpi.errors import UsageError
from sales_support_kpi.orchestration import steps
from sales_support_kpi.orchestration.defaults import DEFAULT_ARGS, FINAL_ERRORS
from sales_support_kpi.quality.results import Verdict

NIGHT = "2026-10-31"


@pytest.fixture
def context(tmp_path, monkeypatch):
    monkeypatch.setenv("KPI_HOME", str(tmp_path / "var"))
    monkeypatch.setenv("KPI_CONFIG", str(tmp_path))
    run = SimpleNamespace(
        conf={"night": NIGHT}, logical_date=None, run_after=datetime(2026, 11, 20, tzinfo=UTC)
    )
    return {"dag_run": run, "triggering_asset_events": None}


@pytest.fixture
def outcome(monkeypatch):
    """Say what the landing comes to."""

    def say(status, message="", *, is_final=False, notes=()):
        def ingest(home, config, source_id, night, *, since):
            assert (source_id, night.date, since) == ("crm", date(2026, 10, 31), None)
            return SimpleNamespace(status=status, message=message, is_final=is_final, notes=notes)

        monkeypatch.setattr(pipeline, "ingest", ingest)

    return say


@pytest.fixture
def build(monkeypatch):
    """A build that the steps can read back."""
    built = SimpleNamespace(inputs_hash="abc", night=SimpleNamespace(date=date(2026, 10, 31)))
    monkeypatch.setattr(pipeline, "is_published", lambda *_: False)
    monkeypatch.setattr(pipeline, "build", lambda *_: built)
    monkeypatch.setattr(pipeline, "read_build", lambda _: built)
    return built


@pytest.mark.parametrize("status", ["landed", "unchanged"])
def test_a_landing_that_went_well_is_announced_with_its_night(context, outcome, status):
    outcome(status)
    landed = steps.land("crm", context)
    assert steps.announcement(landed, context) == {"night": NIGHT, "status": status, "message": ""}


def test_what_was_noticed_and_skipped_is_in_the_log(context, outcome, caplog):
    outcome("unchanged", notes=("a.xlsx: is still being copied; left for the next night",))
    steps.land("crm", context)
    assert "crm: a.xlsx: is still being copied; left for the next night" in caplog.text


@pytest.mark.parametrize("since", ["2026-10-01", 20261001])
def test_a_conf_may_say_from_where_a_system_is_read_again(context, monkeypatch, since):
    read = []

    def ingest(*_, since):
        read.append(since)
        return SimpleNamespace(status="landed", message="", is_final=False, notes=())

    monkeypatch.setattr(pipeline, "ingest", ingest)
    context["dag_run"].conf["since"] = since
    steps.land("crm", context)
    assert read == [datetime(2026, 9, 30, 15, tzinfo=UTC)]


def test_a_since_that_is_no_moment_is_a_matter_of_usage_and_not_tried_again(context, outcome):
    outcome("landed")
    context["dag_run"].conf["since"] = ["last week"]
    with pytest.raises(UsageError, match="last week"):
        steps.land("crm", context)
    assert UsageError in FINAL_ERRORS


def test_the_log_says_which_night_was_landed(context, outcome, caplog):
    caplog.set_level("INFO")
    outcome("unchanged")
    steps.land("crm", context)
    assert f"crm: unchanged, for the night {NIGHT}" in caplog.text


def test_a_source_that_failed_is_tried_again(context, outcome):
    outcome("failed", "the export is not there")
    with pytest.raises(AirflowException, match="crm: the export is not there") as raised:
        steps.land("crm", context)
    assert not isinstance(raised.value, AirflowFailException)


def test_a_rejected_load_is_not_tried_again(context, outcome):
    outcome("rejected", "12 % of the rows are quarantined")
    with pytest.raises(AirflowFailException, match="12 % of the rows"):
        steps.land("crm", context)


def test_a_source_that_gives_no_more_today_is_not_asked_again(context, outcome):
    outcome("failed", "the quota of the day is used up", is_final=True)
    with pytest.raises(AirflowFailException, match="quota of the day"):
        steps.land("crm", context)


def test_a_landing_that_never_ended_is_announced_as_failed(context):
    assert steps.announcement(None, context)["status"] == "failed"


def test_a_night_that_says_nothing_new_is_skipped(context, build, monkeypatch):
    monkeypatch.setattr(pipeline, "is_published", lambda *_: True)
    monkeypatch.setattr(pipeline, "build", lambda *_: pytest.fail("built for nothing"))
    with pytest.raises(AirflowSkipException, match=NIGHT):
        steps.build(context)


def test_what_tasks_pass_on_is_json(context, build, monkeypatch):
    monkeypatch.setattr(pipeline, "audit", lambda *_: Verdict(()))
    monkeypatch.setattr(pipeline, "read_verdict", lambda _: Verdict(()))
    publication = SimpleNamespace(publish_id=f"{NIGHT}.01")
    monkeypatch.setattr(pipeline, "publish", lambda *_: publication)
    built = json.loads(json.dumps(steps.build(context)))
    audited = json.loads(json.dumps(steps.audit(built)))
    published = json.loads(json.dumps(steps.publish(audited)))
    assert published == {"publish_id": "2026-10-31.01", "night": NIGHT, "links": {}}


def test_the_event_of_the_published_night_leads_to_its_pages(build, monkeypatch, tmp_path):
    docs = tmp_path / "data_docs" / NIGHT / "index.html"
    scorecard = tmp_path / "published" / "nights" / f"{NIGHT}.01" / "scorecard.html"
    for page in (docs, scorecard):
        page.parent.mkdir(parents=True)
        page.write_text("<p>all passed</p>", encoding="utf-8")
    (tmp_path / "company.yml").write_text("links: {published: 'https://files.example.com'}")
    monkeypatch.setenv("KPI_CONFIG", str(tmp_path))
    monkeypatch.setenv("KPI_HOME", str(tmp_path))
    monkeypatch.setattr(pipeline, "read_verdict", lambda _: Verdict(()))
    monkeypatch.setattr(pipeline, "publish", lambda *_: SimpleNamespace(publish_id=f"{NIGHT}.01"))
    audited = {"night": NIGHT, "inputs_hash": pipeline.read_build(None).inputs_hash}
    published = steps.publish(audited)
    assert (published["data_docs"], published["scorecard"]) == (docs.as_uri(), scorecard.as_uri())
    assert published["links"] == {
        "scorecard": f"https://files.example.com/nights/{NIGHT}.01/scorecard.html"
    }


def test_a_failed_audit_says_what_failed_and_is_not_tried_again(context, build, monkeypatch):
    breach = SimpleNamespace(sentence=lambda: "accuracy: 0.88; expected at least 0.9.")
    verdict = SimpleNamespace(may_publish=False, critical=(breach,))
    monkeypatch.setattr(pipeline, "audit", lambda *_: verdict)
    with pytest.raises(AirflowFailException, match=r"accuracy: 0\.88"):
        steps.audit(steps.build(context))


@pytest.mark.parametrize("step", [steps.audit, steps.publish])
def test_a_build_that_somebody_else_replaced_is_neither_judged_nor_published(context, build, step):
    built = steps.build(context)
    build.inputs_hash = "another"
    with pytest.raises(AirflowFailException, match="clear this run"):
        step(built)


@pytest.mark.parametrize(
    ("error", "is_final"),
    [
        ("AuditFailed", True),
        ("BuildFailed", True),
        ("ConfigError", True),
        ("NoAcceptedLoad", True),
        ("HomeBusy", False),
    ],
)
def test_only_errors_that_would_come_again_end_the_retries(error, is_final):
    from sales_support_kpi import errors

    raised = getattr(errors, error)(["x"] if error == "ConfigError" else "x")
    decision = DEFAULT_ARGS["retry_policy"].evaluate(raised, 1, 3)
    assert (decision.action.value == "fail") is is_final
