"""The DAG folder holds exactly what the configuration asks for, and parses lightly."""

BUILD = "build_warehouse"


def test_there_is_one_ingest_dag_per_enabled_source_and_one_build(dags):
    assert set(dags) == {"ingest_crm", "ingest_helpdesk", BUILD}


def test_parsing_imports_nothing_heavy(loaded):
    assert loaded["heavy"] == []


def test_without_sources_the_warehouse_is_built_by_the_clock_alone(load_dags):
    loaded = load_dags({"sources.yml": "[]"})
    assert loaded["import_errors"] == {}
    assert set(loaded["dags"]) == {BUILD}
    assert loaded["dags"][BUILD]["timetable"]["type"] == "CronTriggerTimetable"


def test_a_broken_configuration_is_an_import_error_that_says_what_to_do(load_dags):
    loaded = load_dags({"sources.yml": "- {id: crm, kind: files, pfad: inbox}"})
    assert loaded["dags"] == {}
    assert len(loaded["import_errors"]) == 2
    assert all(
        "sources.yml" in text and "pfad" in text for text in loaded["import_errors"].values()
    )


def test_parsing_twice_gives_the_same_dags_so_no_version_is_made(load_dags, dags):
    again = load_dags()["dags"]
    assert {name: dag["serialized"] for name, dag in again.items()} == {
        name: dag["serialized"] for name, dag in dags.items()
    }


SYSTEMS = """
- {id: crm, kind: salesforce, connection: crm, options: {}}
- {id: desk, kind: zendesk, connection: desk, options: {kinds: {inquiry: {tags: [help]}}}}
- id: hr
  kind: sql
  connection: hr
  options: {tables: [{name: people, columns: [id]}]}
- id: case_api
  kind: rest
  connection: case_api
  options: {resources: [{name: cases, path: cases, columns: [id]}]}
- {id: office, kind: files, path: inbox}
"""


def test_systems_are_read_before_the_one_slot_is_taken_and_parsing_stays_light(load_dags):
    loaded = load_dags({"sources.yml": SYSTEMS})

    assert loaded["import_errors"] == {}
    assert loaded["heavy"] == []
    land = {name: dag["tasks"]["land"] for name, dag in loaded["dags"].items() if name != BUILD}
    assert {name for name, task in land.items() if task["pool"] == "warehouse_writer"} == {
        "ingest_office"
    }
    assert {task["timeout_seconds"] for name, task in land.items() if name != "ingest_office"} == {
        12 * 3600
    }


def test_a_night_is_served_after_it_was_published_where_the_company_says_so(load_dags, dags):
    publish = "publish: {to: postgres, connection: kpi_marts}"
    tasks = load_dags({"company.yml": publish})["dags"][BUILD]["tasks"]
    assert tasks["publish"]["downstream"] == ["serve"]
    assert tasks["serve"]["trigger_rule"] == "none_failed"  # also when nothing new was published
    assert tasks["serve"]["retries"] > 0
    assert "serve" not in dags[BUILD]["tasks"]
