"""Records that fail, the list that leads to the target, and an audit that comes back."""

from pathlib import Path
from typing import Any

import duckdb
import openpyxl
import pytest
from drops import write_drop

from sales_support_kpi import pipeline
from sales_support_kpi.config import load_config
from sales_support_kpi.night import parse_as_of
from sales_support_kpi.records.sample_workbook import sample_workbook
from sales_support_kpi.records.sampling import draw
from sales_support_kpi.report.periods import parse_period
from sales_support_kpi.settings import Home, shipped_config_dir

CONFIG = load_config(shipped_config_dir())
ZONE = CONFIG.company.timezone


def number(body: int) -> str:
    """A registration number with a right check digit."""
    digits = [int(digit) for digit in f"{body:09d}"]
    weights = (1, 3, 7, 1, 3, 7, 1, 3, 5)
    total = sum(w * d for w, d in zip(weights, digits, strict=True)) + digits[8] * 5 // 10
    return f"{body:09d}{(10 - total % 10) % 10}"


def customers() -> list[dict[str, object]]:
    """Sixty active records; c01/c02 share a number, c03 has two faults, c04 lost its owner."""
    rows: list[dict[str, object]] = [
        {
            "customer_id": f"c{n:02d}", "name": f"회사 {n}", "status": "active",
            "business_registration_no": number(101_000_000 + n), "email": f"kim{n}@firm{n}.kr",
            "phone": "02-123-4567", "postal_code": f"{10_000 + 37 * n}", "address": f"길 {n}",
            "segment": "small" if n % 2 else "mid", "owner_id": "e11",
            "steward_id": "e01" if n <= 30 else "e02", "updated_at": "2026-09-01 09:00",
        }
        for n in range(1, 61)
    ]  # fmt: skip
    rows[1]["business_registration_no"] = rows[0]["business_registration_no"]
    rows[2] |= {"email": "nothing", "phone": "1"}
    rows[3]["owner_id"] = "e12"
    still = rows[4] | {"email": "broken", "updated_at": "2026-09-10 09:00"}
    rows += [still, still | {"phone": "02-765-4321", "updated_at": "2026-10-20 09:00"}]
    fixed = rows[5] | {"email": "broken", "updated_at": "2026-09-10 09:00"}
    rows += [fixed, fixed | {"email": "kim@firm6.kr", "updated_at": "2026-10-15 09:00"}]
    return rows


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Home:
    place = tmp_path_factory.mktemp("records")
    home = Home(place / "home")
    employees = [
        {"employee_id": "e01", "team": "Support", "role": "support"},
        {"employee_id": "e02", "team": "Support", "role": "support"},
        {"employee_id": "e11", "role": "sales"},
        {"employee_id": "e12", "role": "sales", "left_on": "2026-10-10"},
    ]
    night = parse_as_of("2026-10-31", ZONE)
    drop = write_drop(place / "crm", {"employees": employees, "customers": customers()})
    assert pipeline.ingest_drop(home, CONFIG, drop, night).status == "landed"
    pipeline.build(home, CONFIG, night)
    return home


def select(home: Home, query: str) -> list[tuple[Any, ...]]:
    with duckdb.connect(str(home.build_file), read_only=True) as connection:
        connection.execute("set timezone = 'Asia/Seoul'")
        return connection.execute(query).fetchall()


def test_the_list_names_each_fault_since_when_it_stands(company: Home) -> None:
    found = select(
        company,
        "select customer_id, rule, strftime(since, '%m-%d'), lift, place "
        "from people.customer_record_issues where is_critical order by customer_id, rule",
    )
    assert [row[:4] for row in found] == [
        ("c01", "unique", "09-01", 2.0),
        ("c02", "unique", "09-01", 2.0),
        ("c03", "email", "09-01", 0.5),
        ("c03", "phone", "09-01", 0.5),
        ("c04", "owner_id", "10-11", 1.0),
        ("c05", "email", "09-10", 1.0),
    ]
    assert [row[0] for row in sorted(found, key=lambda row: row[4])] == [
        "c01", "c02", "c05", "c04", "c03", "c03",
    ]  # fmt: skip


def test_what_was_put_right_is_listed_with_when(company: Home) -> None:
    found = select(
        company,
        "select customer_id, rule, strftime(since, '%m-%d'), strftime(fixed_at, '%m-%d') "
        "from people.customer_record_fixes",
    )
    assert found == [("c06", "email", "09-10", "10-15")]


def test_the_fixes_to_the_target_are_counted_from_the_top_of_the_list(company: Home) -> None:
    """55 of 60 are right, 99 % are 60: one fix for c01 and c02, one each for c04 and c05, two for
    c03."""
    found = select(
        company,
        "select scope_type, scope_id, record_count, wrong_count, records_needed, fixes_needed "
        "from people.customer_record_progress order by all",
    )
    assert found == [
        ("company", "company", 60, 5, 5, 5),
        ("employee", "e01", 30, 5, 5, 5),
        ("employee", "e02", 30, 0, 0, 0),
        ("team", "Support", 60, 5, 5, 5),
    ]
    assert not select(
        company,
        "select * from company.customer_record_progress where scope_type = 'employee'",
    )


def test_an_audit_comes_back_and_stands_beside_the_kpi(company: Home, tmp_path: Path) -> None:
    sample = draw(company, parse_period("2026-10"), 20)
    assert draw(company, parse_period("2026-10"), 20) == sample
    file = tmp_path / "audit-2026-10.xlsx"
    file.write_bytes(sample_workbook(sample, "ko"))
    book = openpyxl.load_workbook(file)
    sheet = book.worksheets[0]
    heads = {str(cell.value): at for at, cell in enumerate(sheet[1], 1)}
    faulty = {"c01", "c02", "c03", "c04", "c05"}
    wrong = next(r.customer_id for r in sample.records if r.customer_id not in faulty)
    for row, record in enumerate(sample.records[:18], 2):
        is_wrong = record.customer_id in faulty | {wrong}
        sheet.cell(row, heads["정확여부"], "아니오" if is_wrong else "예")
        sheet.cell(row, heads["점검항목"], "전화번호" if is_wrong else "")
        sheet.cell(row, heads["점검일시"], "2026-11-02 10:00")
    book.save(file)

    night = parse_as_of("2026-11-02", ZONE)
    outcome = pipeline.ingest_drop(company, CONFIG, file, night)
    (load,) = outcome.loads
    assert (load.rows_read, load.rows_quarantined, load.extra_columns) == (18, 0, ())
    pipeline.build(company, CONFIG, night)

    judged = [record.customer_id for record in sample.records[:18]]
    (found,) = select(
        company,
        "select sample_id, method, population, drawn_count, judged_count, accurate_count, "
        "ci_low <= estimate and estimate <= ci_high, "
        "abs(estimate - (rule_estimate - unseen_share + overstrict_share)) < 1e-9 "
        "from company.audit_estimates",
    )
    right = sum(one not in faulty | {wrong} for one in judged)
    assert found == (sample.sample_id, "stratified", 60, 20, 18, right, True, True)
    assert ("unseen", "phone", 1) in select(
        company, "select kind, field, record_count from company.audit_gaps"
    )
    assert (wrong,) in select(
        company,
        "select customer_id from people.customer_record_issues where rule = 'audit'",
    ), "a record in another system than its audit is found wrong by it"
