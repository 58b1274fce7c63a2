"""One night through an Airflow, played by a fake API: what is waited for, what is said."""

from datetime import date

import pytest

from sales_support_kpi.orchestration import local_night
from sales_support_kpi.orchestration.local_night import NightFailed, Run, run_night

NIGHT = date(2026, 10, 31)


class FakeAirflow:
    """Runs end at once, in the state that a test asked for; announcements start the build."""

    def __init__(self, states=None, dags=("ingest_crm", "ingest_desk", "build_warehouse")):
        self.states = states or {}
        self.dags = set(dags)
        self.runs = {"build_warehouse": ["old"]}
        self.confs, self.calls, self.errors = {}, [], []
        self.left_over = [{"dag_id": "ingest_crm", "dag_run_id": "killed"}]

    def dag_ids(self):
        return self.dags

    def import_errors(self):
        return self.errors

    def make_pool(self, name, slots, description):
        self.calls.append(("pool", name, slots))

    def unpause_all(self):
        self.calls.append(("unpause",))

    def unfinished_runs(self):
        return self.left_over

    def fail_run(self, dag_id, run_id):
        self.calls.append(("fail", dag_id, run_id))

    def forget_waiting_events(self, dag_id):
        self.calls.append(("forget", dag_id))

    def trigger(self, dag_id, conf):
        self.confs[dag_id] = conf
        self.runs.setdefault(dag_id, []).insert(0, f"{dag_id}-1")
        if self.dags - set(self.confs) == {"build_warehouse"}:  # all sources have announced
            self.runs["build_warehouse"].insert(0, "by-assets")
        return f"{dag_id}-1"

    def run_state(self, dag_id, run_id):
        return self.states.get(dag_id, "success")

    def newest_runs(self, dag_id):
        return [{"dag_run_id": run_id} for run_id in self.runs[dag_id]]

    def tasks(self, dag_id, run_id):
        return [
            {"task_id": "last", "state": "upstream_failed", "end_date": None},
            {"task_id": "later", "state": "failed", "end_date": "2", "try_number": 1},
            {"task_id": "first", "state": "failed", "end_date": "1", "try_number": 3},
        ]

    def log_tail(self, dag_id, run_id, task):
        return f"the log of {task['task_id']}"


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch):
    monkeypatch.setattr(local_night, "POLL_SECONDS", 0)


def run(airflow, sources=("crm", "desk"), seconds=5, check_alive=lambda: None):
    return run_night(airflow, sources, NIGHT, check_alive, seconds)


def test_every_source_is_triggered_for_the_night_and_the_warehouse_follows_by_itself():
    airflow = FakeAirflow()
    assert run(airflow) == []
    assert airflow.confs == {f"ingest_{s}": {"night": "2026-10-31"} for s in ("crm", "desk")}


def test_what_a_killed_airflow_left_over_is_cleared_before_anything_starts():
    airflow = FakeAirflow()
    run(airflow)
    assert ("fail", "ingest_crm", "killed") in airflow.calls
    assert ("forget", "build_warehouse") in airflow.calls
    assert ("pool", "warehouse_writer", 1) in airflow.calls


def test_a_source_that_failed_is_handed_back_and_the_night_is_published_without_it():
    failed = run(FakeAirflow({"ingest_desk": "failed"}))
    assert failed == [Run("ingest_desk", "ingest_desk-1")]


def test_a_failed_warehouse_says_which_task_failed_first_with_its_log():
    with pytest.raises(NightFailed) as raised:
        run(FakeAirflow({"build_warehouse": "failed"}))
    assert "the task first failed" in str(raised.value)
    assert "the log of first" in str(raised.value)


def test_without_sources_the_warehouse_is_started_by_hand():
    airflow = FakeAirflow(dags=("build_warehouse",))
    run(airflow, sources=())
    assert airflow.confs == {"build_warehouse": {"night": "2026-10-31"}}


def test_a_dag_file_that_cannot_be_read_is_said_at_once():
    airflow = FakeAirflow(dags=())
    airflow.errors = ["ingest.py: sources.yml: unknown key pfad"]
    with pytest.raises(NightFailed, match="unknown key pfad"):
        run(airflow)


def test_a_night_that_takes_too_long_says_what_it_waited_for():
    with pytest.raises(NightFailed, match=r"the end of ingest_crm \(running\)"):
        run(FakeAirflow({"ingest_crm": "running"}), seconds=0.05)


def test_an_airflow_that_died_meanwhile_ends_the_waiting():
    def died():
        raise RuntimeError("scheduler ended")

    with pytest.raises(RuntimeError, match="scheduler ended"):
        run(FakeAirflow({"ingest_crm": "running"}), check_alive=died)
