"""What a folder means together with the shipped defaults."""

import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

from sales_support_kpi.config import (
    enabled_kpis,
    enabled_sources,
    kpi,
    load_config,
)
from sales_support_kpi.errors import ConfigError, UsageError
from sales_support_kpi.settings import shipped_config_dir

CATALOG = [
    # id, unit, better, target, clock, aggregation
    ("document_turnaround", "hours", "lower", 2.0, "business", "flow"),
    ("customer_record_accuracy", "ratio", "higher", 0.99, None, "stock"),
    ("material_request_satisfaction", "score", "higher", 4.0, None, "flow"),
    ("contract_followup_completion", "ratio", "higher", 1.0, "calendar", "flow"),
    ("crm_entry_rate", "ratio", "higher", 0.95, None, "flow+stock"),
    ("report_on_time", "ratio", "higher", 1.0, None, "flow"),
    ("report_usage", "ratio", "higher", 0.8, None, "flow"),
    ("insights_delivered", "count", "higher", 2, None, "flow"),
    ("inquiry_within_4h", "ratio", "higher", 0.9, "business", "flow"),
    ("inquiry_completion_rate", "ratio", "higher", 1.0, None, "flow"),
    ("inquiry_handling_time", "hours", "lower", 4.0, "business", "flow"),
    ("complaint_support_satisfaction", "score", "higher", 4.0, None, "flow"),
    ("onboarding_satisfaction", "score", "higher", 4.5, None, "flow"),
    ("material_freshness", "ratio", "higher", 1.0, None, "month_end"),
]


def test_the_shipped_catalog_is_the_one_that_was_agreed() -> None:
    shipped = load_config(shipped_config_dir()).kpis

    assert [
        (one.id, one.unit, one.better, one.targets[0].value, one.clock, one.aggregation)
        for one in shipped
    ] == CATALOG
    assert all(one.enabled and len(one.targets) == 1 for one in shipped)


def test_every_shipped_text_is_in_both_languages() -> None:
    config = load_config(shipped_config_dir())

    for text in [text for one in config.kpis for text in (one.name, one.definition)]:
        assert any("가" <= letter <= "힣" for letter in text.ko)
        assert text.en.isascii() or "×" in text.en
    assert all(any("가" <= letter <= "힣" for letter in goal.name.ko) for goal in config.goals)


def test_the_shipped_rules_have_their_default_numbers() -> None:
    config = load_config(shipped_config_dir())

    assert {one.id: one.params for one in config.kpis if one.params} == {
        "contract_followup_completion": {
            "within_hours": 24,
            "steps": ("issue_contract", "register_system", "settle"),
        },
        "crm_entry_rate": {"entry_hours": 48, "stale_days": 30},
        "inquiry_within_4h": {"within_hours": 4},
        "onboarding_satisfaction": {"onboarding_days": 180},
    }
    grains = {one.id: one.targets[0].grain for one in config.kpis if one.targets[0].grain != "any"}
    assert grains == {"crm_entry_rate": "month", "insights_delivered": "quarter"}
    defaults = [one.id for one in config.kpis if one.targets[0].basis == "default"]
    assert defaults == ["complaint_support_satisfaction"]
    guards = {one.id: one.guard for one in config.kpis if one.guard}
    assert list(guards) == ["customer_record_accuracy"]
    guard = guards["customer_record_accuracy"]
    assert (guard.floor, guard.max_drop, guard.on_breach) == (0.9, 0.05, "stop")


def test_status_histories_and_audits_are_used_but_not_required() -> None:
    config = load_config(shipped_config_dir())

    optional = {
        one.id: set(one.entities) - set(one.required)
        for one in config.kpis
        if set(one.entities) != set(one.required)
    }
    assert optional == {
        "document_turnaround": {"request_events"},
        "inquiry_within_4h": {"request_events"},
        "inquiry_completion_rate": {"request_events"},
        "inquiry_handling_time": {"request_events"},
        "customer_record_accuracy": {"record_audits"},
        "material_request_satisfaction": {"requests"},
        "complaint_support_satisfaction": {"requests"},
    }


def test_every_shipped_goal_is_served_and_every_kpi_leads_to_the_company() -> None:
    config = load_config(shipped_config_dir())
    by_id = {goal.id: goal for goal in config.goals}
    served = {name for goal in config.goals for name in goal.serves}
    served |= {name for one in config.kpis for name in one.serves}

    def levels(name: str) -> set[str]:
        goal = by_id[name]
        return {goal.level}.union(*(levels(other) for other in goal.serves))

    assert served == set(by_id)
    for one in config.kpis:
        assert set().union(*(levels(name) for name in one.serves)) == {
            "support",
            "sales",
            "company",
        }


def test_an_empty_folder_is_the_shipped_configuration(load, folder) -> None:
    assert load().hash == load_config(shipped_config_dir()).hash
    assert load().directory == folder


def test_a_company_starts_with_the_names_of_two_kpis(load) -> None:
    config = load(kpis="- id: inquiry_within_4h\n- {id: document_turnaround}\n")

    assert [one.id for one in enabled_kpis(config)] == ["inquiry_within_4h", "document_turnaround"]
    assert [one.position for one in enabled_kpis(config)] == [1, 2]
    assert kpi(config, "inquiry_within_4h").targets[0].value == 0.9
    assert len(config.kpis) == 14
    assert not kpi(config, "insights_delivered").enabled


def test_an_entry_replaces_what_it_names_and_inherits_the_rest(load) -> None:
    config = load(
        kpis="""
- id: contract_followup_completion
  params: {within_hours: 48}
  targets: [{from: 2026-01-01, value: 0.9, scope: "team:영업지원1팀"}]
- id: insights_delivered
  enabled: false
"""
    )

    contracts = kpi(config, "contract_followup_completion")
    assert contracts.params["within_hours"] == 48
    assert contracts.params["steps"] == ("issue_contract", "register_system", "settle")
    (target,) = contracts.targets
    assert (target.valid_from, target.value) == (date(2026, 1, 1), 0.9)
    assert (target.scope_type, target.scope_id, target.grain) == ("team", "영업지원1팀", "any")
    assert not kpi(config, "insights_delivered").enabled


def test_other_entities_are_all_required_unless_said_otherwise(load) -> None:
    config = load(kpis="- {id: inquiry_within_4h, entities: [requests, request_events, employees]}")

    assert kpi(config, "inquiry_within_4h").required == ("requests", "request_events", "employees")


def test_own_goals_take_the_place_of_the_shipped_ones(load) -> None:
    config = load(goals="- {id: grow, level: company, name: 성장}\n")

    assert [goal.id for goal in config.goals] == ["grow"]
    assert all(one.serves == () for one in config.kpis)
    assert config.goals[0].name.en == "성장"


def test_a_key_left_out_of_company_has_its_shipped_value(load) -> None:
    company = load(company="timezone: Europe/Berlin\ncountry: null\n").company

    assert (company.timezone, company.country) == ("Europe/Berlin", None)
    assert company.max_shrink == 0.2
    assert [str(hours) for hours in company.schedule_on(date(2026, 1, 5)).mon] == ["09:00-18:00"]


def test_hours_change_on_a_date_and_the_first_reach_back(load) -> None:
    company = load(
        company="""
working_hours:
  - {from: 2026-07-01, mon: ["10:00-19:00"]}
  - {from: 2026-01-01, mon: ["13:00-18:00", "09:00-12:00"]}
"""
    ).company

    assert [str(one) for one in company.schedule_on(date(1999, 1, 4)).mon] == [
        "09:00-12:00",
        "13:00-18:00",
    ]
    assert company.schedule_on(date(2026, 6, 30)).mon[0].start == 9 * 60
    assert company.schedule_on(date(2026, 7, 1)).mon[0].start == 10 * 60


def test_norway_is_a_country_and_not_a_no(load) -> None:
    assert load(company="country: NO\n").company.country == "NO"


def test_a_source_is_found_from_the_config_folder(load, folder) -> None:
    (folder / "mappings").mkdir()
    (folder / "mappings" / "r.sql").write_text("select * from raw", encoding="utf-8")
    config = load(
        sources="""
- id: helpdesk
  kind: files
  path: ../inbox/*.csv
  entities:
    requests: mappings/r.sql
    request_events: {mode: changes}
- {id: crm, kind: salesforce, enabled: false, connection: crm}
"""
    )

    (source,) = enabled_sources(config)
    assert source.path == folder.parent / "inbox/*.csv"
    assert source.entities["requests"].text == "select * from raw"
    assert source.entities["requests"].sql == folder / "mappings" / "r.sql"
    assert (source.mode_of("requests"), source.mode_of("request_events")) == ("full", "changes")
    assert config.sources[1].mode == "changes"


SOURCES = "- {id: a, kind: files, path: in.xlsx, entities: {requests: r.sql}}\n"


def test_the_hash_changes_with_whatever_can_change_a_number(load, folder) -> None:
    (folder / "r.sql").write_text("select 1", encoding="utf-8")
    hashes = [load(sources=SOURCES).hash]
    (folder / "r.sql").write_text("select 2", encoding="utf-8")
    hashes.append(load().hash)
    hashes.append(load(company="closed_days: [2026-12-31]").hash)
    hashes.append(load(kpis="- {id: inquiry_within_4h, params: {within_hours: 3}}").hash)
    hashes.append(load(kpis="- {id: inquiry_within_4h}").hash)
    header = "source,employee_id,same_as_source,same_as_employee_id\n"
    (folder / "identities.csv").write_text(header + "zd,9,crm,007\n", encoding="utf-8")
    hashes.append(load().hash)

    assert len(set(hashes)) == len(hashes)


def test_the_hash_does_not_depend_on_where_the_folder_stands(tmp_path: Path) -> None:
    hashes = set()
    for name in ("one", "other/deeper"):
        folder = tmp_path / name
        folder.mkdir(parents=True)
        (folder / "r.sql").write_text("select 1", encoding="utf-8")
        (folder / "sources.yml").write_text(SOURCES, encoding="utf-8")
        hashes.add(load_config(folder).hash)

    assert len(hashes) == 1


def test_identities_are_read_as_text(load, folder) -> None:
    header = "\ufeffsource,employee_id,same_as_source,same_as_employee_id\n"
    (folder / "identities.csv").write_text(f"{header}zd, 9 ,crm,007\n\n", encoding="utf-8")

    (identity,) = load().identities
    assert (identity.employee_id, identity.same_as_employee_id) == ("9", "007")


def test_an_unknown_kpi_is_answered_with_the_nearest(load) -> None:
    with pytest.raises(UsageError, match="did you mean 'inquiry_within_4h'"):
        kpi(load(), "inquiry_within_4")


def test_a_missing_folder_is_an_error_but_a_missing_default_is_not(tmp_path, monkeypatch) -> None:
    with pytest.raises(ConfigError, match="does not exist"):
        load_config(tmp_path / "nowhere")
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("KPI_CONFIG", raising=False)
    assert load_config().directory == shipped_config_dir()
    monkeypatch.setenv("KPI_CONFIG", str(tmp_path / "nowhere"))
    with pytest.raises(ConfigError, match="does not exist"):
        load_config()


def test_loading_imports_nothing_heavy() -> None:
    code = (
        "import sys; from sales_support_kpi.config import load_config; load_config();"
        "heavy = {'pandas', 'pyarrow', 'holidays', 'airflow', 'dbt', 'duckdb', 'numpy'};"
        "print(sorted(heavy & set(sys.modules)))"
    )
    shown = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout
    assert shown.strip() == "[]"
