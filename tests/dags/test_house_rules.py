"""House rules that every DAG and every task keeps."""

import pytest

from sales_support_kpi.orchestration.defaults import OWNER, TAGS, WRITER_POOL

DAG_IDS = ["ingest_crm", "ingest_helpdesk", "build_warehouse"]
WRITERS = {("ingest_crm", "land"), ("ingest_helpdesk", "land")} | {
    ("build_warehouse", task) for task in ("build", "audit", "publish")
}


@pytest.fixture(params=DAG_IDS)
def dag(request, dags):
    return dags[request.param]


def test_it_says_what_it_does_and_where_the_runbook_is(dag):
    assert "docs/runbook.md#" in dag["doc_md"]
    assert "Night:" in dag["doc_md"]


def test_its_tags_are_of_the_closed_set_one_layer_and_one_tier(dag):
    assert set(dag["tags"]) <= TAGS
    assert sorted(tag.partition(":")[0] for tag in dag["tags"]) == ["layer", "tier"]


def test_it_runs_once_at_a_time_and_catches_nothing_up(dag):
    assert dag["max_active_runs"] == 1
    assert dag["catchup"] is False


def test_every_task_has_owner_retries_time_out_and_failure_callback(dag):
    for task in dag["tasks"].values():
        assert task["owner"] == OWNER
        assert task["retries"] >= 1
        assert task["has_retry_policy"]
        assert task["timeout_seconds"] > 0
        assert task["callbacks"] == ["report_failed_task"]


def test_what_writes_and_only_that_goes_through_the_one_slot_pool(dags):
    pooled = {
        (dag_id, task["id"])
        for dag_id, dag in dags.items()
        for task in dag["tasks"].values()
        if task["pool"] == WRITER_POOL
    }
    assert pooled == WRITERS


def test_a_source_is_announced_whatever_came_of_it(dags):
    tasks = dags["ingest_crm"]["tasks"]
    assert tasks["announce"]["trigger_rule"] == "all_done"
    assert tasks["announce"]["outlets"] == ["landing_crm"]


def test_an_ingest_run_fails_with_its_landing_although_it_was_announced(dags):
    tasks = dags["ingest_crm"]["tasks"]
    leaves = [task for task in tasks.values() if not task["downstream"]]
    assert [leaf["id"] for leaf in leaves] == ["confirm_landing"]
    assert leaves[0]["trigger_rule"] == "all_success"
    assert "confirm_landing" in tasks["land"]["downstream"]


def test_only_the_last_step_announces_the_marts(dags):
    tasks = dags["build_warehouse"]["tasks"]
    assert [task["id"] for task in tasks.values() if task["outlets"]] == ["publish"]
    assert tasks["publish"]["outlets"] == ["kpi_marts"]
    assert [tasks[name]["downstream"] for name in ("build", "audit", "publish")] == [
        ["audit"],
        ["publish"],
        [],
    ]
