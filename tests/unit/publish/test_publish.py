"""Publishing a night: what is written, what readers see, what happens when it is interrupted."""

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import duckdb
import pytest
from handmade_build import ACCURACY, INQUIRY, Recipe, make_build, make_config

from sales_support_kpi.config import Config
from sales_support_kpi.errors import AuditFailed
from sales_support_kpi.landing.ops import read_ops
from sales_support_kpi.quality.results import CheckResult, Verdict
from sales_support_kpi.settings import Home
from sales_support_kpi.warehouse import copies, published
from sales_support_kpi.warehouse import publish as publishing
from sales_support_kpi.warehouse.publish import Publication, prune, publish
from sales_support_kpi.warehouse.published import (
    all_manifests,
    current_manifest,
    nights_dir,
    published_file,
    read_manifest,
)

PASSED = Verdict(())
BROKEN = CheckResult(
    "out", "outdoor", "values_are_unique", None, "critical", "failed", "2", "0", "Why.", "engineer"
)


def night(home: Home, day: int, config: Config, **recipe: object) -> Publication:
    """Publish a night of October whose loads are numbered by its day."""
    loads = (("crm", "customers", day),)
    build = make_build(home.warehouse, Recipe(date(2026, 10, day), loads=loads, **recipe))
    return publish(home, config, build, PASSED)


def read(home: Home, sql: str, *, people: bool = False) -> list[tuple[object, ...]]:
    with duckdb.connect(str(published_file(home, people=people)), read_only=True) as connection:
        return connection.execute(sql).fetchall()


def test_a_night_holds_both_files_their_parquet_and_a_manifest(home: Home, config: Config) -> None:
    shown = night(home, 31, config)

    assert shown.publish_id == "2026-10-31.01"
    assert shown.is_new
    files = {str(f.relative_to(shown.directory)) for f in shown.directory.rglob("*.*")}
    assert files == {
        "kpi.duckdb",
        "kpi_people.duckdb",
        "manifest.json",
        "parquet/company/data_quality.parquet",
        "parquet/company/data_quality_trends.parquet",
        "parquet/company/reconciliation.parquet",
        "parquet/company/kpi_catalog.parquet",
        "parquet/company/kpi_projections.parquet",
        "parquet/company/kpi_restatements.parquet",
        "parquet/company/kpi_values.parquet",
        "parquet/company/runs.parquet",
        "parquet/people/customer_record_issues.parquet",
        "parquet/people/kpi_restatements.parquet",
        "parquet/people/kpi_values.parquet",
        "parquet/people/measure_rows.parquet",
    }
    manifest = json.loads((shown.directory / "manifest.json").read_text())
    assert manifest["publish_id"] == "2026-10-31.01"
    assert manifest["as_of"] == "2026-10-31T15:00:00+00:00"
    assert manifest["timezone"] == "Asia/Seoul"
    assert manifest["config_hash"] == "config-1"
    assert manifest["code_version"] == "v1"
    assert [load["load_seq"] for load in manifest["loads"]] == [31]
    assert read_manifest(shown.directory) == current_manifest(home)


def test_rows_about_single_persons_are_in_the_people_file_alone(home: Home, config: Config) -> None:
    shown = night(home, 31, config)

    tables = "select table_name from information_schema.tables"
    for_all = {
        "data_quality", "data_quality_trends", "kpi_catalog", "kpi_projections",
        "kpi_restatements", "kpi_values", "reconciliation", "runs",
    }  # fmt: skip
    assert {name for (name,) in read(home, tables)} == for_all
    assert {name for (name,) in read(home, tables, people=True)} == for_all | {
        "customer_record_issues", "measure_rows",
    }  # fmt: skip
    scopes = "select distinct scope_type from kpi_values order by 1"
    assert read(home, scopes) == [("company",), ("team",)]
    assert read(home, scopes, people=True) == [("company",), ("employee",), ("team",)]
    assert published_file(home, people=True).stat().st_mode & 0o777 == 0o600
    assert (shown.directory / "parquet" / "people").stat().st_mode & 0o777 == 0o700


def test_the_stable_paths_lead_to_the_current_night(home: Home, config: Config) -> None:
    night(home, 30, config)
    night(home, 31, config)

    link = home.published / "kpi.duckdb"
    assert link.is_symlink()
    assert link.resolve() == (nights_dir(home) / "2026-10-31.01" / "kpi.duckdb").resolve()
    people = (home.published / "kpi_people.duckdb").readlink()
    assert people == Path("current/kpi_people.duckdb")


def test_the_same_inputs_are_not_published_twice(home: Home, config: Config) -> None:
    first = night(home, 31, config)
    landed = sorted(home.landing.rglob("part-*.parquet"))
    again = night(home, 31, config)

    assert again == replace(first, is_new=False, reason="unchanged")
    assert len(all_manifests(home)) == 1
    assert sorted(home.landing.rglob("part-*.parquet")) == landed


def test_new_loads_for_the_same_night_get_the_next_number(home: Home, config: Config) -> None:
    night(home, 31, config)
    build = make_build(home.warehouse, Recipe(loads=(("crm", "customers", 77),)))

    assert publish(home, config, build, PASSED).publish_id == "2026-10-31.02"


def test_the_product_s_own_records_are_no_input(home: Home, config: Config) -> None:
    loads = (
        ("crm", "customers", 1),
        ("ops", "quality_results", 2),
        ("ops", "report_deliveries", 3),
    )
    build = make_build(home.warehouse, Recipe(loads=loads))

    publish(home, config, build, PASSED)

    manifest = current_manifest(home)
    assert manifest is not None
    assert [load["load_seq"] for load in manifest.loads] == [1, 3]


def test_an_older_as_of_does_not_replace_a_newer_night(home: Home, config: Config) -> None:
    night(home, 31, config)
    older = night(home, 30, config)

    assert (older.is_new, older.reason, older.publish_id) == (False, "older", "2026-10-31.01")


def test_an_older_as_of_replaces_a_newer_night_when_asked_to(home: Home, config: Config) -> None:
    night(home, 31, config)
    build = make_build(home.warehouse, Recipe(date(2026, 10, 30)))

    publish(home, config, build, PASSED, replace_newer=True)

    assert read(home, "select distinct as_of from kpi_values") == [
        (datetime(2026, 10, 30, 15, tzinfo=UTC),)
    ]


def test_a_critical_failure_publishes_nothing(home: Home, config: Config) -> None:
    night(home, 30, config)
    build = make_build(home.warehouse, Recipe(date(2026, 10, 31)))

    with pytest.raises(AuditFailed, match="values_are_unique"):
        publish(home, config, build, Verdict((BROKEN,)))

    assert [m.publish_id for m in all_manifests(home)] == ["2026-10-30.01"]


def test_a_warning_is_published_and_flagged(home: Home, config: Config) -> None:
    warning = replace(BROKEN, severity="warning", check="source_is_fresh", subject="crm")
    publish(home, config, make_build(home.warehouse), Verdict((warning,)))

    manifest = current_manifest(home)
    assert manifest is not None
    assert "source_is_fresh" in manifest.warnings[0]
    flagged = 'select "check", is_warning from data_quality'
    assert read(home, flagged) == [("source_is_fresh", True)]
    assert read(home, flagged, people=True) == [("source_is_fresh", True)]


def test_a_withheld_kpi_is_published_without_numbers(home: Home, config: Config) -> None:
    withheld = replace(BROKEN, kpi_id=INQUIRY, on_breach="withhold")
    publish(home, config, make_build(home.warehouse), Verdict((withheld,)))

    shown = "select distinct kpi_id, status, value, numerator, denominator, attainment, sample_size"
    rows = read(home, f"{shown} from kpi_values where scope_type = 'company'", people=True)
    by_kpi = {row[0]: row[1:] for row in rows}
    assert by_kpi[INQUIRY] == ("withheld", None, None, None, None, 0)
    assert by_kpi[ACCURACY][0] == "met"
    left = read(home, "select distinct kpi_id from measure_rows", people=True)
    assert (INQUIRY,) not in left
    assert left
    parquet = home.published / "current" / "parquet" / "people" / "measure_rows.parquet"
    in_parquet = duckdb.sql(f"select count(*) from '{parquet}' where kpi_id = '{INQUIRY}'")
    assert in_parquet.fetchall() == [(0,)]
    assert read(home, f"select count(*) from kpi_catalog where kpi_id = '{INQUIRY}'") == [(1,)]


def test_what_was_reported_on_an_earlier_night_outlives_a_withholding(
    home: Home, config: Config
) -> None:
    earlier = "update company.kpi_values set reported_value = 0.9, reported_as_of = "
    recipe = Recipe(
        statements=[
            f"{earlier} timestamptz '2026-10-02 00:00:00+09:00' where scope_type = 'team'",
            f"{earlier} as_of where scope_type = 'company'",
        ]
    )
    withheld = replace(BROKEN, kpi_id=ACCURACY, on_breach="withhold")
    publish(home, config, make_build(home.warehouse, recipe), Verdict((withheld,)))

    rows = read(
        home,
        "select scope_type, reported_value from kpi_values where status = 'withheld' order by 1",
    )
    assert rows == [("company", None), ("team", 0.9)]


def test_a_reader_of_the_old_night_is_undisturbed(home: Home, config: Config) -> None:
    night(home, 30, config)
    as_of = "select distinct as_of from kpi_values"
    reader = duckdb.connect(str(published_file(home)), read_only=True)
    before = reader.execute(as_of).fetchall()

    night(home, 31, config)

    assert reader.execute(as_of).fetchall() == before
    assert read(home, as_of) != before
    reader.close()


STEPS = [
    (publishing, "write_copies"),
    (copies, "_write_parquet"),
    (publishing, "_sync_tree"),
    (publishing, "sync_dir"),
    (publishing, "point_current_at"),
]


@pytest.mark.parametrize(("module", "step"), STEPS, ids=[step for _, step in STEPS])
def test_a_crash_before_the_swap_leaves_the_old_night(
    home: Home, config: Config, monkeypatch: pytest.MonkeyPatch, module: object, step: str
) -> None:
    night(home, 30, config)

    def crash(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(module, step, crash)
        with pytest.raises(KeyboardInterrupt):
            night(home, 31, config)

    manifest = current_manifest(home)
    assert manifest is not None
    assert manifest.publish_id == "2026-10-30.01"
    night(home, 31, config)
    assert read(home, "select distinct as_of from kpi_values") == [
        (datetime(2026, 10, 31, 15, tzinfo=UTC),)
    ]
    assert not [path.name for path in home.published.iterdir() if path.name.startswith(".")]
    assert [m.publish_id for m in all_manifests(home)] == ["2026-10-30.01", "2026-10-31.01"]


def test_a_crash_after_the_swap_is_made_good_by_the_next_run(
    home: Home, config: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    def crash(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(publishing, "record_night", crash)
        with pytest.raises(KeyboardInterrupt):
            night(home, 31, config)
    assert read_ops(home, "nights") == []

    night(home, 31, config)

    assert [row["publish_id"] for row in read_ops(home, "nights")] == ["2026-10-31.01"]
    assert [row["config_hash"] for row in read_ops(home, "configs")] == ["config-1"]
    assert len(read_ops(home, "calendars")) == 1


def test_a_crash_in_the_first_swap_leaves_working_links(
    home: Home, config: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    swap = published.swap_symlink

    def crash_at_current(link: Path, target: Path) -> None:
        if link.name == "current":
            raise KeyboardInterrupt
        swap(link, target)

    with monkeypatch.context() as patched:
        patched.setattr(published, "swap_symlink", crash_at_current)
        with pytest.raises(KeyboardInterrupt):
            night(home, 31, config)
    assert current_manifest(home) is None

    night(home, 31, config)

    assert (home.published / "kpi.duckdb").exists()
    assert (home.published / "kpi_people.duckdb").exists()
    assert [m.publish_id for m in all_manifests(home)] == ["2026-10-31.01"]


def age_all_nights(home: Home) -> None:
    """Make every night on disk a week old."""
    for manifest in all_manifests(home):
        older = replace(manifest, created_at=manifest.created_at - timedelta(days=7))
        (nights_dir(home) / manifest.publish_id / "manifest.json").write_text(older.to_json())


def test_old_nights_are_pruned_but_never_the_current_one(home: Home, config: Config) -> None:
    for day in range(1, 5):
        night(home, day, config)
    age_all_nights(home)
    current = home.published / "current"
    current.unlink()
    current.symlink_to("nights/2026-10-01.01")

    assert prune(home, keep=2) == ["2026-10-02.01"]
    assert [m.publish_id for m in all_manifests(home)] == [
        "2026-10-01.01", "2026-10-03.01", "2026-10-04.01",
    ]  # fmt: skip


def test_nights_younger_than_a_day_are_not_pruned(home: Home, config: Config) -> None:
    for day in range(1, 4):
        night(home, day, config)

    assert prune(home, keep=1) == []


def test_a_pruned_night_s_id_is_not_used_again(home: Home, config: Config) -> None:
    night(home, 31, config)
    shutil.rmtree(nights_dir(home) / "2026-10-31.01")
    build = make_build(home.warehouse, Recipe(loads=(("crm", "customers", 77),)))

    assert publish(home, config, build, PASSED).publish_id == "2026-10-31.02"


def test_a_build_s_own_data_quality_table_gives_way(home: Home, config: Config) -> None:
    recipe = Recipe(statements=["create table company.data_quality as select 'old' as note"])
    publish(home, config, make_build(home.warehouse, recipe), Verdict((BROKEN_WARNING,)))

    assert read(home, 'select "check" from data_quality') == [(BROKEN_WARNING.check,)]


BROKEN_WARNING = replace(BROKEN, severity="warning")


def test_a_changed_definition_changes_the_kpi_s_hash_and_no_other(
    home: Home, config: Config
) -> None:
    night(home, 30, config)
    first = current_manifest(home)
    changed = make_config("config-2")
    kpis = tuple(
        kpi.model_copy(update={"params": {"within_hours": 2}}) if kpi.id == INQUIRY else kpi
        for kpi in changed.kpis
    )
    night(home, 31, replace(changed, kpis=kpis))
    second = current_manifest(home)

    assert first is not None
    assert second is not None
    different = {k for k, v in first.definitions.items() if second.definitions[k] != v}
    assert different == {INQUIRY}


def test_the_files_open_read_only_from_many_connections(home: Home, config: Config) -> None:
    night(home, 31, config)
    count: Callable[[], list[tuple[object, ...]]] = lambda: read(  # noqa: E731
        home, "select count(*) from kpi_values"
    )

    assert count() == count() == [(4,)]
    assert not list(Path(home.published).rglob("*.wal"))
