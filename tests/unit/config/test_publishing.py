"""`publish:` of `company.yml`, and `readers.csv`."""

from pathlib import Path

import pytest

from sales_support_kpi.config import load_config
from sales_support_kpi.config.readers import Reader, read_readers
from sales_support_kpi.errors import ConfigError, InputError


def company(folder: Path, text: str) -> Path:
    (folder / "company.yml").write_text(text, encoding="utf-8")
    return folder


def test_nights_are_files_alone_unless_the_company_says_so(tmp_path: Path) -> None:
    assert load_config(tmp_path).company.publish.to == "files"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("publish: {to: postgres}", "needs connection"),
        ("publish: {to: oracle}", "publish"),
        ("publish: {to: postgres, connection: kpi, schema: Kpi Marts}", "schema"),
        (f"publish: {{to: postgres, connection: kpi, schema: {'k' * 41}}}", "schema"),
    ],
)
def test_a_server_that_cannot_be_meant_is_refused(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(ConfigError, match=said):
        load_config(company(tmp_path, text))


def test_serving_changes_no_number_so_the_night_stays_the_same(tmp_path: Path) -> None:
    before = load_config(tmp_path).hash
    served = company(tmp_path, "publish: {to: postgres, connection: kpi_marts}")
    assert load_config(served).hash == before


def readers(folder: Path, text: str) -> Path:
    (folder / "readers.csv").write_text(text, encoding="utf-8-sig")
    return folder


def test_readers_are_listed_with_their_roles(tmp_path: Path) -> None:
    assert read_readers(tmp_path) == []
    file = readers(tmp_path, "employee_id,role\n e01 ,manager\ne05,member\n")
    assert read_readers(file) == [Reader("e01", "manager"), Reader("e05", "member")]


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ("e01,boss", "line 2: wants employee_id and role .*'boss'"),
        ("e01,lead\n,member", "line 3: wants employee_id"),
        ("e01,lead\ne01,manager", "line 3: e01 is listed twice"),
    ],
)
def test_a_line_that_grants_nothing_clear_is_refused(tmp_path: Path, lines: str, said: str) -> None:
    with pytest.raises(InputError, match=said):
        read_readers(readers(tmp_path, f"employee_id,role\n{lines}\n"))
