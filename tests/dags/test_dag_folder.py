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
