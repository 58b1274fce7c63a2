"""A rule is one macro and one entry of the catalog: everything else follows."""

from typing import Any

import duckdb
import pytest
from rule_sql import macros, model

from sales_support_kpi.settings import repo_root

MEASURES = repo_root() / "dbt_project" / "models" / "measures"
MACRO = "{% macro rule_has_address(address) -%} (coalesce({{ address }}, '') <> '') {%- endmacro %}"
ENTRY = """{'rule': 'has_address', 'kind': 'record', 'is_critical': CRITICAL, 'reads': ['address'],
 'name': {'ko': '주소', 'en': 'Address'}, 'why': {'ko': '비어 있다', 'en': 'It is empty'},
 'todo': {'ko': '채운다', 'en': 'Fill it in'}},"""


@pytest.fixture
def build() -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    connection.execute("set timezone = 'UTC'")
    connection.execute(
        """
        create schema control;
        create table control.record_words (kind text, word text);
        create table night as select timestamptz '2026-11-01 00:00:00+09' as as_of;
        create table record_limits as select 12 as contact_months;
        create table customers as
        select
            'crm' as source, 'c' || n as customer_id, '가' as name, '120-81-45673' as
            business_registration_no, null as country, 'a@b.kr' as email, '02-123-4567' as phone,
            '04524' as postal_code, if(n = 1, '서울', null) as address, 'e1' as owner_id,
            'e2' as steward_id, 'active' as status, false as is_tombstone,
            timestamptz '2026-09-01 00:00:00+09' as valid_from, null::timestamptz as exists_until,
            1 as load_seq
        from range(1, 3) as numbers (n);
        create table int_current_customers as from customers;
        """
    )
    for name in ("shared_numbers", "audit_findings", "owner_gaps", "email_conflicts"):
        connection.execute(
            f"create table int_customer_{name} (source text, customer_id text, "
            "other_customer_id text, from_at timestamptz, until_at timestamptz)"
        )
    connection.execute("create table int_customer_similar_records as from int_customer_owner_gaps")
    return connection


def spans(connection: duckdb.DuckDBPyConnection, known: Any) -> list[tuple[str, str]]:
    versions = model("measures/int_customer_versions.sql", known)
    connection.execute(f"create or replace table int_customer_versions as {versions}")
    faults = model("measures/int_customer_fault_spans.sql", known)
    return connection.execute(f"select customer_id, rule from ({faults}) order by all").fetchall()


@pytest.mark.parametrize("is_critical", [True, False])
def test_a_rule_is_one_macro_and_one_entry(
    build: duckdb.DuckDBPyConnection, is_critical: bool
) -> None:
    assert spans(build, macros()) == []
    entry = ENTRY.replace("CRITICAL", str(is_critical).lower())
    known = macros(MACRO, entry)
    assert spans(build, known) == [("c2", "has_address")]
    catalog = build.execute(model("marts/company/record_rules.sql", known)).fetchall()
    assert catalog[-1][1:] == (
        "has_address", is_critical, "주소", "Address", "비어 있다", "It is empty", "채운다",
        "Fill it in",
    )  # fmt: skip
    accuracy = model("measures/measure_customer_record_accuracy.sql", known)
    assert ("passes_has_address" in accuracy) == is_critical, "advice has no weight in the KPI"


def test_every_entry_has_a_macro_or_a_model_and_every_text() -> None:
    known = macros()
    for entry in known.record_rule_catalog():
        if entry["kind"] == "record":
            assert getattr(known, f"rule_{entry['rule']}")(*entry["reads"])
        elif entry["kind"] == "faults":
            assert (MEASURES / f"{entry['model']}.sql").exists()
        else:
            assert entry["limit"] == "contact_months"
        for text in ("name", "why", "todo"):
            assert entry[text]["ko"]
            assert entry[text]["en"]
            assert "'" not in entry[text]["ko"] + entry[text]["en"]


def test_advice_finds_what_it_says(build: duckdb.DuckDBPyConnection) -> None:
    build.execute("insert into control.record_words values ('test_domain', 'test.com')")
    build.execute("insert into control.record_words values ('role_address', 'info')")
    build.execute(
        "update int_current_customers set email = 'Info@mail.Test.com', "
        "valid_from = timestamptz '2025-09-01 00:00:00+09' where customer_id = 'c1'"
    )
    build.execute(
        "update int_current_customers set email = 'info@latest.com.kr' where customer_id = 'c2'"
    )
    assert spans(build, macros()) == [
        ("c1", "contact_age"),
        ("c1", "role_address"),
        ("c1", "test_domain"),
        ("c2", "role_address"),
    ]


def test_a_fault_that_edits_did_not_end_is_one_fault(build: duckdb.DuckDBPyConnection) -> None:
    build.execute("delete from customers where customer_id = 'c2'")
    build.execute("update customers set email = 'broken', exists_until = '2026-09-10 00:00:00+09'")
    build.execute(
        "insert into customers by name select * replace ("
        "timestamptz '2026-09-10 00:00:00+09' as valid_from, "
        "timestamptz '2026-09-20 00:00:00+09' as exists_until, 'still broken' as email) "
        "from customers"
    )
    build.execute(
        "insert into customers by name select * replace ("
        "timestamptz '2026-10-01 00:00:00+09' as valid_from, null as exists_until) "
        "from customers where email = 'broken'"
    )
    spans(build, macros())
    found = build.execute(
        f"select since, until_at from ({model('measures/int_customer_fault_spans.sql')}) "
        "where rule = 'email' order by since"
    ).fetchall()
    said = [[at and at.strftime("%m-%d") for at in span] for span in found]
    assert said == [["08-31", "09-19"], ["09-30", None]]
