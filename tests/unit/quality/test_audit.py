"""The out-door on whole builds: each defect is found, and nothing else is."""

from dataclasses import replace
from datetime import date

import duckdb
import pytest
from handmade_build import (
    ACCURACY,
    GOOD_VALUES,
    INQUIRY,
    TURNAROUND,
    Recipe,
    Value,
    make_build,
    make_config,
)

from sales_support_kpi import quality
from sales_support_kpi.config import Config, Guard
from sales_support_kpi.errors import AuditFailed
from sales_support_kpi.landing.ops import read_ops
from sales_support_kpi.quality.results import CheckResult, Verdict
from sales_support_kpi.settings import Home
from sales_support_kpi.warehouse.publish import publish
from sales_support_kpi.warehouse.published import current_manifest


def judge(home: Home, config: Config, recipe: Recipe | None = None) -> Verdict:
    return quality.audit(home, config, make_build(home.warehouse, recipe))


def breaches(verdict: Verdict) -> set[tuple[str, str]]:
    return {(r.check, r.kpi_id or r.subject) for r in verdict.results if r.is_breach}


def with_value(changed: Value) -> Recipe:
    """The good build with one row replaced."""
    key = (changed.kpi_id, changed.scope_type)
    values = [v for v in GOOD_VALUES if (v.kpi_id, v.scope_type) != key]
    return Recipe(values=[*values, changed])


def test_a_good_build_passes(home: Home, config: Config) -> None:
    verdict = judge(home, config)

    assert breaches(verdict) == set()
    assert verdict.may_publish
    assert {result.door for result in verdict.results} == {"out"}


BOTH = "update {0}.kpi_values set {1} where kpi_id = '" + INQUIRY + "' and scope_type = 'company'"


def in_both(change: str) -> list[str]:
    return [BOTH.format(schema, change) for schema in ("company", "people")]


BROKEN = [
    (in_both("attainment = 'nan'"), "numbers_are_finite"),
    (in_both("ci_high = 'inf'"), "numbers_are_finite"),
    (["create table company.kpi_signals as "
      "select '" + INQUIRY + "' as kpi_id, 'nan'::double as limit_high"], "numbers_are_finite"),
    (in_both("value = 1.2"), "values_are_possible"),
    (in_both("value = -0.1"), "values_are_possible"),
    (in_both("value = null"), "no_value_means_no_data"),
    (in_both("status = 'no_data'"), "no_value_means_no_data"),
    (in_both("denominator = 18"), "numerators_fit_their_denominators"),
    (in_both("numerator = 18"), "company_values_tie_to_their_rows"),
    (["update people.measure_rows set numerator = 'nan' where kpi_id = '" + INQUIRY + "'"],
     "company_values_tie_to_their_rows"),
    (["delete from people.measure_rows where kpi_id = '" + INQUIRY + "'"],
     "company_values_tie_to_their_rows"),
]  # fmt: skip


@pytest.mark.parametrize(("statements", "check"), BROKEN)
def test_what_is_broken_of_one_kpi_withholds_it(
    home: Home, config: Config, statements: list[str], check: str
) -> None:
    verdict = judge(home, config, Recipe(statements=statements))

    assert (check, INQUIRY) in breaches(verdict)
    assert verdict.may_publish
    assert verdict.withheld == {INQUIRY}


def test_it_stops_the_night_where_its_guard_says_so(home: Home) -> None:
    config = make_config(**{INQUIRY: Guard(on_breach="stop")})

    verdict = judge(home, config, Recipe(statements=in_both("value = 1.2")))

    assert [(r.check, r.kpi_id) for r in verdict.critical] == [("values_are_possible", INQUIRY)]
    assert verdict.withheld == frozenset()


def test_files_that_differ_stop_the_publish(home: Home, config: Config) -> None:
    """Without its numbers the KPI would still have a row too many in one of them."""
    verdict = judge(home, config, Recipe(statements=in_both("value = 0.5")[:1]))

    assert [(r.check, r.kpi_id) for r in verdict.critical] == [("both_files_say_the_same", INQUIRY)]


def test_a_kpi_that_vanished_stops_the_publish(home: Home, config: Config) -> None:
    values = [value for value in GOOD_VALUES if value.kpi_id != TURNAROUND]

    verdict = judge(home, config, Recipe(values=values))

    assert ("every_kpi_is_there", TURNAROUND) in breaches(verdict)


def test_a_kpi_nobody_asked_for_stops_the_publish(home: Home, config: Config) -> None:
    verdict = judge(home, config, Recipe(values=[*GOOD_VALUES, Value("old_kpi", 1, 1)]))

    assert ("no_kpi_is_unasked", "old_kpi") in breaches(verdict)


def test_an_empty_table_does_not_pass(home: Home, config: Config) -> None:
    verdict = judge(home, config, Recipe(values=[], measure_rows=[]))

    assert not verdict.may_publish
    assert ("every_kpi_is_there", ACCURACY) in breaches(verdict)


def test_a_missing_table_is_an_error_and_not_a_failure(home: Home, config: Config) -> None:
    verdict = judge(home, config, Recipe(statements=["drop table people.kpi_values"]))

    outcomes = {r.outcome for r in verdict.results if r.suite == "outdoor_values"}
    assert outcomes == {"error"}
    assert not verdict.may_publish


def test_a_kpi_without_data_is_no_breach(home: Home, config: Config) -> None:
    nothing = Value(ACCURACY, 0, 0, status="no_data")
    values = [value for value in GOOD_VALUES if value.kpi_id != ACCURACY]

    verdict = judge(home, config, Recipe(values=[*values, nothing]))

    assert breaches(verdict) == set()
    guard = next(r for r in verdict.results if r.check.endswith("is_above_its_floor"))
    assert guard.outcome == "no_data"


def test_98_4_percent_right_records_publish_with_a_warning(home: Home, config: Config) -> None:
    verdict = judge(home, config, with_value(Value(ACCURACY, 984, 1000, target=0.99)))

    assert verdict.may_publish
    assert [r.check for r in verdict.warnings] == ["enough_records_are_right"]


def test_a_fall_through_the_floor_stops(home: Home, config: Config) -> None:
    verdict = judge(home, config, with_value(Value(ACCURACY, 89, 100, target=0.99)))

    assert [r.check for r in verdict.critical] == [f"{ACCURACY}_is_above_its_floor"]
    assert verdict.critical[0].observed == "0.89"


def test_a_guard_that_withholds_leaves_the_others_alone(home: Home) -> None:
    guard = Guard(floor=0.97, max_drop=None, on_breach="withhold")
    config = make_config(**{INQUIRY: guard})

    verdict = judge(home, config)
    publish(home, config, make_build(home.warehouse), verdict)

    assert verdict.withheld == {INQUIRY}
    manifest = current_manifest(home)
    assert manifest is not None
    assert manifest.withheld == (INQUIRY,)


def published(home: Home, config: Config, recipe: Recipe) -> None:
    publish(home, config, make_build(home.warehouse, recipe), Verdict(()))


def plunges(home: Home, config: Config, recipe: Recipe) -> list[CheckResult]:
    verdict = judge(home, config, recipe)
    return [r for r in verdict.results if r.check.endswith("plunge") and r.is_breach]


def accuracy(rate: float, night: date, month: int = 10) -> Recipe:
    last = 31 if month == 10 else 30
    value = Value(
        ACCURACY, rate * 100, 100, target=0.99,
        period_start=date(2026, month, 1), period_end=date(2026, month, last),
    )  # fmt: skip
    return replace(with_value(value), night=night)


def test_a_plunge_within_a_night_stops(home: Home, config: Config) -> None:
    published(home, config, accuracy(0.99, date(2026, 10, 30)))

    (plunge,) = plunges(home, config, accuracy(0.93, date(2026, 10, 31)))

    assert plunge.is_critical_breach
    assert plunge.observed == "0.06"


def test_a_small_fall_does_not_stop(home: Home, config: Config) -> None:
    published(home, config, accuracy(0.99, date(2026, 10, 30)))

    assert plunges(home, config, accuracy(0.95, date(2026, 10, 31))) == []


def test_a_stock_that_plunges_over_the_end_of_a_month_stops(home: Home, config: Config) -> None:
    published(home, config, accuracy(0.99, date(2026, 10, 31)))

    assert plunges(home, config, accuracy(0.93, date(2026, 11, 1), month=11))


def test_a_new_month_of_a_flow_is_no_plunge(home: Home) -> None:
    config = make_config(**{INQUIRY: Guard(floor=None, max_drop=0.3, on_breach="stop")})
    published(home, config, Recipe(night=date(2026, 10, 31)))
    november = Value(INQUIRY, 1, 4, period_start=date(2026, 11, 1), period_end=date(2026, 11, 30))

    recipe = Recipe(night=date(2026, 11, 1), values=[*GOOD_VALUES, november])

    assert plunges(home, config, recipe) == []


def test_a_restated_month_of_a_flow_is_a_plunge(home: Home) -> None:
    config = make_config(**{INQUIRY: Guard(floor=None, max_drop=0.3, on_breach="stop")})
    published(home, config, Recipe(night=date(2026, 10, 30)))

    assert plunges(home, config, with_value(Value(INQUIRY, 2, 20)))


def test_a_redefined_kpi_is_no_plunge(home: Home) -> None:
    guard = Guard(floor=None, max_drop=0.3, on_breach="stop")
    published(home, make_config(**{INQUIRY: guard}), Recipe(night=date(2026, 10, 30)))
    changed = make_config("config-2", **{INQUIRY: guard})
    kpis = tuple(
        kpi.model_copy(update={"params": {"within_hours": 1}}) if kpi.id == INQUIRY else kpi
        for kpi in changed.kpis
    )

    assert plunges(home, replace(changed, kpis=kpis), with_value(Value(INQUIRY, 2, 20))) == []


def test_an_earlier_night_is_not_compared_with_a_later_one(home: Home, config: Config) -> None:
    published(home, config, accuracy(0.99, date(2026, 10, 31)))

    assert plunges(home, config, accuracy(0.93, date(2026, 10, 30))) == []


def test_a_stale_source_is_a_warning(home: Home, config: Config) -> None:
    verdict = judge(home, config, Recipe(sources=[("crm", True), ("desk", False)]))

    assert verdict.may_publish
    assert breaches(verdict) == {("sources_are_fresh", "crm")}


@pytest.mark.parametrize(
    "statement",
    [
        "create table people.dim_customers as select 'kim@example.com' as customer_id",
        "create table company.dim_teams as select 'x' as phone",
    ],
)
def test_contact_data_stops_the_publish(home: Home, config: Config, statement: str) -> None:
    verdict = judge(home, config, Recipe(statements=[statement]))

    assert [r.check for r in verdict.critical] == ["no_contact_data_is_published"]


@pytest.mark.parametrize("row", ["", "null as kpi_id, ", "'an_old_kpi' as kpi_id, "])
def test_a_number_that_is_not_finite_and_of_no_kpi_stops(
    home: Home, config: Config, row: str
) -> None:
    statement = f"create table people.fct_requests as select {row}'nan'::double as open_hours"

    verdict = judge(home, config, Recipe(statements=[statement]))

    assert breaches(verdict) == {("all_numbers_are_finite", "people.fct_requests")}
    assert not verdict.may_publish


def test_one_row_in_a_million_is_found(home: Home, config: Config) -> None:
    statement = (
        "create table people.fct_requests as select "
        "if(i = 700_000, 'nan'::double, 1) as open_hours, "
        "if(i = 800_000, 'call 010-1234-5678', 'none') as note from range(1_000_000) r(i)"
    )

    verdict = judge(home, config, Recipe(statements=[statement]))

    assert breaches(verdict) == {
        ("all_numbers_are_finite", "people.fct_requests"),
        ("no_contact_data_is_published", "people.fct_requests.note"),
    }


def test_a_failed_audit_leaves_the_last_good_night(home: Home, config: Config) -> None:
    published(home, config, Recipe(night=date(2026, 10, 30)))
    build = make_build(home.warehouse, Recipe(statements=in_both("value = 0.5")[:1]))

    with pytest.raises(AuditFailed, match="both_files_say_the_same"):
        publish(home, config, build, quality.audit(home, config, build))

    manifest = current_manifest(home)
    assert manifest is not None
    assert manifest.publish_id == "2026-10-30.01"


def test_what_was_found_is_landed_once(home: Home, config: Config) -> None:
    build = make_build(home.warehouse, Recipe(sources=[("crm", True)]))
    first = quality.audit(home, config, build)
    quality.audit(home, config, build)

    rows = read_ops(home, "quality_results")
    assert len(rows) == len(first.results)
    assert {row["inputs_hash"] for row in rows} == {build.inputs_hash}
    assert len(list((home.landing / "ops" / "quality_results").glob("load=*"))) == 1


def test_in_door_results_are_published_beside_those_of_the_out_door(
    home: Home, config: Config
) -> None:
    import duckdb

    from sales_support_kpi.quality.indoor import judge_all
    from sales_support_kpi.warehouse.published import published_file
    from sales_support_kpi.warehouse.records import record_quality

    build = make_build(home.warehouse)
    load = {"source": "crm", "entity": "customers", "rows_read": 3, "silent_changes": 1}
    record_quality(home, build.night, "fingerprint", judge_all([load], config)[0])
    publish(home, config, build, quality.audit(home, config, build))

    with duckdb.connect(str(published_file(home)), read_only=True) as connection:
        found = connection.execute(
            "select door, subject from data_quality where is_warning"
        ).fetchall()
    assert found == [("in", "crm__customers")]


def test_a_trend_shows_the_breach_and_what_came_before_it(home: Home, config: Config) -> None:
    from sales_support_kpi.quality.indoor import judge_all
    from sales_support_kpi.warehouse.histories import histories
    from sales_support_kpi.warehouse.records import record_quality

    column = {"filled_ratio": 1.0, "usual_ratio": 1.0, "was": "text", "now": "text",
              "is_missing": False, "is_retyped": False, "is_emptied": False}  # fmt: skip
    for day, drop in ((29, 0.1), (30, 0.2), (31, 0.9)):
        changes = [column | {"column": "name", "fill_drop": 0.0},
                   column | {"column": "phone", "fill_drop": drop}]  # fmt: skip
        load = {"source": "crm", "entity": "customers", "rows_read": 9, "column_changes": changes}
        build = make_build(home.warehouse, Recipe(night=date(2026, 10, day)))
        record_quality(home, build.night, f"crm {day}", judge_all([load], config)[0])

    with duckdb.connect() as connection:
        for name in ("data_quality", "data_quality_trends"):
            connection.execute(f"create table {name} as {histories(home, build)[name]}")
        found = connection.execute(
            'select day(night), subject, "value", previous_value, outcome '
            "from data_quality_trends where \"check\" = 'columns_stay_filled' order by night"
        ).fetchall()

    assert found == [
        (29, "crm__customers", 0.1, None, "passed"),
        (30, "crm__customers", 0.2, 0.1, "passed"),
        (31, "crm__customers", 0.9, 0.2, "failed"),
    ]


def test_a_complete_month_that_loses_its_rows_is_announced(home: Home) -> None:
    config = make_config()
    published(home, config, Recipe(night=date(2026, 10, 30)))

    verdict = judge(home, config, with_value(Value(ACCURACY, 49, 50, target=0.99)))

    (lost,) = [r for r in verdict.results if r.check == "complete_months_keep_their_rows"
               and r.is_breach]  # fmt: skip
    assert (lost.kpi_id, lost.severity) == (ACCURACY, "warning")
    assert lost.observed == "2026-10: from 100 to 50"


def test_a_withheld_kpi_is_still_compared_the_night_after(home: Home) -> None:
    guard = Guard(floor=None, max_drop=0.3, on_breach="withhold")
    config = make_config(**{INQUIRY: guard})
    published(home, config, Recipe(night=date(2026, 10, 29)))
    fallen = with_value(Value(INQUIRY, 2, 20))
    for day in (30, 31):
        build = make_build(home.warehouse, replace(fallen, night=date(2026, 10, day)))
        verdict = quality.audit(home, config, build)

        assert verdict.withheld == {INQUIRY}
        publish(home, config, build, verdict)


def test_a_stock_has_to_tie_to_its_changes(home: Home, config: Config) -> None:
    more = (
        f"insert into people.measure_rows values ('{ACCURACY}', 'main', 'stock', "
        "'2026-01-01 00:00:00+09:00', 'e01', 'x', 1, 1, 'c1', 'crm', 'customers', 1)"
    )

    verdict = judge(home, config, Recipe(statements=[more]))

    assert ("company_values_tie_to_their_rows", ACCURACY) in breaches(verdict)


def test_a_measured_record_that_nobody_landed_is_a_difference(home: Home, config: Config) -> None:
    verdict = judge(home, config, Recipe(statements=["delete from entities.requests"]))

    said = {r.subject: r.observed for r in verdict.critical if r.check == "every_stage_ties"}
    assert said == {
        "desk__requests.entities": "entities: keys landed; keys of the entity: 1 and 0",
        "desk__requests.measures": "measures: records measured; those of them in the entity: "
        "1 and 0",
    }


def test_a_row_that_was_read_and_went_nowhere_is_a_difference(home: Home, config: Config) -> None:
    more = "update control.loads set rows_read = rows_read + 1 where entity = 'requests'"

    verdict = judge(home, config, Recipe(statements=[more]))

    (tie,) = [r for r in verdict.critical if r.check == "every_stage_ties"]
    assert tie.subject == "desk__requests.extracted"
    assert tie.observed.startswith("extracted: load ")


def test_a_row_kept_back_that_the_quarantine_lost_is_a_difference(
    home: Home, config: Config
) -> None:
    more = (
        "update control.loads set rows_quarantined = 2, rows_read = rows_read + 2 "
        "where entity = 'requests'"
    )
    build = make_build(home.warehouse, Recipe(statements=[more]))
    kept = home.quarantine / "desk" / "requests" / "load=1" / "rows.parquet"
    kept.parent.mkdir(parents=True)
    with duckdb.connect(str(build.file)) as connection:
        connection.execute(
            f"copy (select load_seq from control.loads where entity = 'requests') "
            f"to '{kept}' (format parquet)"
        )

    verdict = quality.audit(home, config, build)

    (tie,) = [r for r in verdict.critical if r.check == "every_stage_ties"]
    assert tie.subject == "desk__requests.quarantined"
    assert tie.observed.endswith("in the quarantine: 2 and 1")
