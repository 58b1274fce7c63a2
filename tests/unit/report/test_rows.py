import csv
import io
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from openpyxl import load_workbook
from publishing import Kpi, PublishedFixture

from sales_support_kpi.errors import UsageError
from sales_support_kpi.report import rows_output
from sales_support_kpi.report.rows import ValueRows, open_rows
from sales_support_kpi.report.rows_sql import ROW_COLUMNS
from sales_support_kpi.settings import Home

INQUIRY, ACCURACY, FRESHNESS = "inquiry_within_4h", "customer_record_accuracy", "material_freshness"


def measure_row(
    kpi_id: str,
    record_id: str,
    occurred_at: datetime,
    numerator: float,
    denominator: float = 1,
    *,
    aggregation: str = "flow",
    employee_id: str | None = "e12",
    team: str | None = "영업지원1팀",
) -> tuple[object, ...]:
    return (kpi_id, None, aggregation, occurred_at, employee_id, team, numerator, denominator,
            "inquiry", None, None, None, "helpdesk", "requests", record_id, 7, 3.5)  # fmt: skip


ROWS = [
    measure_row(INQUIRY, "late", datetime(2026, 10, 12, 3, tzinfo=UTC), 0),
    measure_row(INQUIRY, "good", datetime(2026, 10, 5, 3, tzinfo=UTC), 1, team="영업지원2팀"),
    measure_row(INQUIRY, "=cmd|' /C calc'!A0", datetime(2026, 10, 6, 3, tzinfo=UTC), 1),
    # 00:30 of the 1st in Seoul is still September in UTC; 23:30 of September is no October
    measure_row(INQUIRY, "first", datetime(2026, 9, 30, 15, 30, tzinfo=UTC), 1, employee_id=None),
    measure_row(INQUIRY, "september", datetime(2026, 9, 30, 14, 30, tzinfo=UTC), 0),
    # a record that counts and passes, one that counts and fails, one that has stopped counting
    *(
        measure_row(ACCURACY, record, datetime(2026, month, 1, tzinfo=UTC), *change,
                    aggregation="stock", team="영업지원2팀")
        for record, month, change in (
            ("right", 3, (1, 1)), ("wrong", 3, (1, 1)), ("wrong", 8, (-1, 0)),
            ("churned", 3, (1, 1)), ("churned", 9, (-1, -1)),
        )
    ),
    *(
        measure_row(FRESHNESS, f"m{month}", datetime(2026, month, 30, 15, tzinfo=UTC), 1,
                    aggregation="month_end")
        for month in (8, 9)
    ),
]  # fmt: skip

KPIS = (
    Kpi(INQUIRY, "고객 문의", "Inquiries", "ratio", target=0.9, values=(0.75,), sample=4),
    Kpi(ACCURACY, "정확도", "Accuracy", "ratio", aggregation="stock", values=(0.5,), sample=2),
    Kpi(FRESHNESS, "가이드", "Guides", "ratio", aggregation="month_end", values=(1.0,), sample=1),
)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    return PublishedFixture(tmp_path_factory.mktemp("rows"), kpis=KPIS, rows=ROWS).write()


@pytest.fixture
def inquiries(home: Home) -> Iterator[ValueRows]:
    with open_rows(home, INQUIRY, period="2026-10", lang="en") as rows:
        yield rows


def records(home: Home, kpi_id: str, **wanted: str) -> list[str]:
    with open_rows(home, kpi_id, **wanted) as rows:  # type: ignore[arg-type]
        return [str(row["record_id"]) for row in rows.stream()]


def test_flow_rows_are_those_of_the_period_in_the_companys_zone(home: Home) -> None:
    found = records(home, INQUIRY, period="2026-10")

    assert sorted(found) == ["=cmd|' /C calc'!A0", "first", "good", "late"]


def test_what_pulls_the_value_down_comes_first(home: Home) -> None:
    assert records(home, INQUIRY, period="2026-10")[0] == "late"


def test_flow_rows_belong_to_the_team_of_that_time(home: Home) -> None:
    assert "good" not in records(home, INQUIRY, scope="team:영업지원1팀")
    assert "good" in records(home, INQUIRY, scope="employee:e12")


def test_unattributed_rows_count_for_the_company_only(home: Home) -> None:
    assert "first" in records(home, INQUIRY)
    assert "first" not in records(home, INQUIRY, scope="employee:e12")


def test_a_stock_is_shown_as_the_records_that_count_at_the_end(home: Home) -> None:
    with open_rows(home, ACCURACY, period="2026-10") as rows:
        found = {row["record_id"]: (row["numerator"], row["denominator"]) for row in rows.stream()}

        assert found == {"wrong": (0, 1), "right": (1, 1)}
        assert rows.total.value == 0.5


def test_a_stock_moves_with_its_employee_to_the_team_of_the_periods_end(home: Home) -> None:
    assert sorted(records(home, ACCURACY, scope="team:영업지원1팀")) == ["right", "wrong"]


def test_month_end_rows_are_those_of_the_last_started_month(home: Home) -> None:
    assert records(home, FRESHNESS, period="2026-10") == ["m9"]


def test_the_sums_equal_the_published_cell(home: Home) -> None:
    for kpi in KPIS:
        with open_rows(home, kpi.kpi_id) as rows:
            assert rows.total.is_published, kpi.kpi_id


def test_a_difference_to_the_published_cell_is_said(tmp_path: Path) -> None:
    home = PublishedFixture(tmp_path, kpis=KPIS, rows=ROWS[1:]).write()

    with open_rows(home, INQUIRY, lang="en") as rows:
        assert not rows.total.is_published
        assert "differs from the published 75.0 %" in rows_output.rows_text(rows)


def test_the_terminal_says_records_sum_and_what_is_left_out(inquiries: ValueRows) -> None:
    text = rows_output.rows_text(inquiries, limit=1)

    assert "helpdesk.requests" in text
    assert "2026-10-12 12:00  late" in text
    assert "… and 3 more" in text
    assert "Total  3 / 4 = 75.0 %  ✓ equals the published value" in text


def test_csv_has_the_contracts_columns_and_no_cell_that_runs(inquiries: ValueRows) -> None:
    lines = list(csv.DictReader(io.StringIO("".join(rows_output.rows_csv(inquiries)))))

    assert tuple(lines[0])[: len(ROW_COLUMNS)] == ROW_COLUMNS
    assert lines[0]["occurred_at"] == "2026-10-12T03:00:00Z"
    assert {line["load_seq"] for line in lines} == {"7"}
    assert not [line for line in lines if line["record_id"].startswith("=")]
    assert [line for line in lines if line["record_id"].startswith("'=cmd")]


def test_a_column_added_later_is_carried_along(inquiries: ValueRows) -> None:
    lines = list(csv.DictReader(io.StringIO("".join(rows_output.rows_csv(inquiries)))))

    assert lines[0]["clock_hours"] == "3.5"


def test_json_is_one_object_with_the_sums(inquiries: ValueRows) -> None:
    content = json.loads("".join(rows_output.rows_json(inquiries)))

    assert (content["count"], content["numerator"], content["value"]) == (4, 3.0, 0.75)
    assert content["equals_published"] is True
    assert len(content["rows"]) == 4


def test_the_workbook_ends_with_the_sum(inquiries: ValueRows) -> None:
    target = io.BytesIO()
    rows_output.rows_xlsx(inquiries, target)
    cells = list(load_workbook(target).active.iter_rows(values_only=True))  # type: ignore[union-attr]

    assert len(cells) == 1 + 4 + 1
    assert cells[-1][0] == "Total"
    assert cells[-1][6:8] == (3, 4)
    assert not [cell for row in cells for cell in row if str(cell).startswith("=")]


def test_more_rows_than_a_sheet_holds_are_refused(
    inquiries: ValueRows, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rows_output, "EXCEL_ROWS", 4)

    with pytest.raises(UsageError, match=r"4 rows do not fit.*--format csv"):
        rows_output.rows_xlsx(inquiries, io.BytesIO())


def test_an_unknown_kpi_is_refused_with_the_nearest_one(home: Home) -> None:
    with (
        pytest.raises(UsageError, match="did you mean inquiry_within_4h"),
        open_rows(home, "inquiry_4h"),
    ):
        pass
