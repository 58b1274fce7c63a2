"""`kpi audit-sample`, from the drawing to the estimate beside the KPI, as a team would type it."""

import re
import stat
from pathlib import Path

import openpyxl
import pytest
from drops import write_drop

from sales_support_kpi.cli import main

pytestmark = pytest.mark.integration

CUSTOMERS = [
    {
        "customer_id": f"c{n:03d}", "name": f"Customer {n}", "country": "JP", "status": "active",
        "email": f"desk{n}@customer.example", "phone": "+81312345678", "postal_code": "100-0001",
        "segment": "small" if n % 2 else "mid", "owner_id": "e11",
        "steward_id": "e01" if n % 3 else "e02", "updated_at": "2026-10-01 09:00",
    }
    for n in range(300)
]  # fmt: skip
EMPLOYEES = [
    {"employee_id": "e01", "team": "Support", "role": "support"},
    {"employee_id": "e02", "team": "Support", "role": "support"},
    {"employee_id": "e11", "role": "sales"},
]


def cells(file: Path) -> list[tuple[object, ...]]:
    return list(openpyxl.load_workbook(file).worksheets[0].iter_rows(values_only=True))


def test_a_sample_is_drawn_verified_given_back_and_stands_beside_the_kpi(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    drop = write_drop(tmp_path / "crm", {"employees": EMPLOYEES, "customers": CUSTOMERS})
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("KPI_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("KPI_CONFIG", "")
    command = "audit-sample --month 2026-10 --size 200"
    assert main(command.split()) == 2, "nothing has been built yet"
    assert main(["run", "--source", str(drop), "--as-of", "2026-10-31"]) == 0

    assert main(command.split()) == 0
    sheet = Path("audit-2026-10.xlsx")
    assert stat.S_IMODE(sheet.stat().st_mode) == 0o600
    drawn = cells(sheet)
    assert len(drawn) == 201
    assert main([*command.split(), "-o", "again.xlsx"]) == 0
    assert cells(Path("again.xlsx")) == drawn
    assert main([*command.split(), "--seed", "second look", "-o", "other.xlsx"]) == 0
    assert cells(Path("other.xlsx")) != drawn

    capsys.readouterr()
    assert main(["audit-sample", "--month", "2026-Q4"]) == 2
    assert "write a month like 2026-10" in capsys.readouterr().err

    book = openpyxl.load_workbook(sheet)
    heads = {str(cell.value): at for at, cell in enumerate(book.worksheets[0][1], 1)}
    for row in range(2, 202):
        is_wrong = row <= 5
        book.worksheets[0].cell(row, heads["정확여부"], "아니오" if is_wrong else "예")
        book.worksheets[0].cell(row, heads["점검항목"], "이메일" if is_wrong else None)
        book.worksheets[0].cell(row, heads["점검일시"], "2026-11-02 10:00")
    book.save(sheet)
    assert main(["run", "--source", str(sheet), "--as-of", "2026-11-02"]) == 0

    capsys.readouterr()
    assert main(["scorecard", "--period", "2026-10", "--lang", "en"]) == 0
    # four of 200 are wrong, drawn in proportion: 98 %, give or take what the strata are rounded by
    told = re.search(
        r"100\.0 % ≥ 99 % .* audit of 200 by hand: (9[78]\.\d) % \((9\d\.\d) %–(9\d\.\d) %\), "
        r"errors no rule sees [12]\.\d %",
        " ".join(capsys.readouterr().out.split()),
    )
    assert told is not None
    estimate, low, high = map(float, told.groups())
    assert low < estimate < high
