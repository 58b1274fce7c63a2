"""How the data is written: layouts, formats, sizes, nights, and always the same."""

import json
from datetime import date
from pathlib import Path

import openpyxl
import pyarrow.parquet as pq
import pytest

from sales_support_kpi.config.loading import load_config
from sales_support_kpi.errors import UsageError
from sales_support_kpi.sandbox import ENTITIES, SOURCES, generate
from sales_support_kpi.sandbox.__main__ import main
from sales_support_kpi.sandbox.office import REPORTS

ROOT = Path(__file__).parents[3]
CONFIG = ROOT / "examples/demo_company/config"
TINY = 0.02


def contents(folder: Path) -> dict[str, bytes]:
    return {
        str(file.relative_to(folder)): file.read_bytes()
        for file in sorted(folder.rglob("*"))
        if file.is_file()
    }


@pytest.mark.parametrize("format", [None, "parquet"])
@pytest.mark.parametrize("layout", ["drop", "sources"])
def test_the_same_seed_gives_the_same_bytes(tmp_path, layout, format):
    for name in ("one", "two"):
        generate(tmp_path / name, factor=TINY, layout=layout, format=format)
    assert contents(tmp_path / "one") == contents(tmp_path / "two")


def test_another_seed_gives_another_company(tmp_path):
    generate(tmp_path / "one", factor=TINY)
    generate(tmp_path / "two", factor=TINY, seed=7)
    one, two = contents(tmp_path / "one"), contents(tmp_path / "two")
    assert one.keys() == two.keys()
    assert one["requests.csv"] != two["requests.csv"]


def test_the_sources_arrive_as_four_systems(tmp_path):
    generate(tmp_path, factor=TINY, layout="sources")
    assert sorted(contents(tmp_path)) == [
        "crm/activities.csv",
        "crm/contract_steps.csv",
        "crm/contracts.csv",
        "crm/customers.csv",
        "crm/employees.csv",
        "crm/opportunities.csv",
        "crm/record_audits.csv",
        "helpdesk/request_events.csv.gz",
        "helpdesk/requests.jsonl",
        "office/sales_support.xlsx",
        "surveys/survey_responses.csv",
        "truth.json",
    ]
    assert (tmp_path / "surveys/survey_responses.csv").read_bytes().startswith(b"\xef\xbb\xbf")


def test_the_office_workbook_speaks_korean(tmp_path):
    generate(tmp_path, factor=TINY, layout="sources")
    book = openpyxl.load_workbook(tmp_path / "office/sales_support.xlsx")
    assert book.sheetnames[:3] == ["리포트발송", "회의", "리포트활용"]
    uses = list(book["리포트활용"].values)
    assert uses[0][1] in ("리포트", "보고서")
    assert {row[2] for row in uses[1:]} == {"예", "아니오"}


def test_the_workbook_has_two_lines_that_nobody_can_read(tmp_path):
    truth = generate(tmp_path, factor=TINY, layout="sources")
    book = openpyxl.load_workbook(tmp_path / "office/sales_support.xlsx")
    assert "미정" in {row[2] for row in book["리포트발송"].values}
    keys = [row[0] for row in book["자료갱신"].values]
    assert keys.count(None) == 1
    assert truth.quarantined["report_deliveries"] == 1
    assert truth.quarantined["material_updates"] == 1


def test_a_whole_drop_fits_into_one_workbook(tmp_path):
    generate(tmp_path, factor=TINY, layout="drop", format="xlsx")
    book = openpyxl.load_workbook(tmp_path / "sales_support.xlsx", read_only=True)
    assert len(book.sheetnames) == len(ENTITIES)


@pytest.mark.parametrize("format", ["parquet", "jsonl"])
def test_all_formats_hold_the_same_number_of_rows(tmp_path, format):
    truth = generate(tmp_path, factor=TINY, format=format)
    for entity in ENTITIES:
        file = tmp_path / f"{entity}.{format}"
        rows = (
            pq.read_metadata(file).num_rows
            if format == "parquet"
            else len(file.read_text(encoding="utf-8").splitlines())
        )
        assert rows == truth.rows[entity]


def test_an_earlier_night_shows_the_same_company_less_far(tmp_path):
    def requests(until: date) -> dict[str, dict]:
        folder = tmp_path / until.isoformat()
        generate(folder, factor=0.1, until=until, format="jsonl")
        lines = (folder / "requests.jsonl").read_text(encoding="utf-8").splitlines()
        return {row["request_id"]: row for row in map(json.loads, lines)}

    before, after = requests(date(2026, 3, 17)), requests(date(2026, 3, 18))
    assert before.keys() < after.keys()
    changed = [key for key, row in before.items() if after[key] != row]
    assert changed
    assert len(changed) < 0.2 * len(before)
    for key in changed:
        assert after[key]["updated_at"] >= "2026-03-17T15:00:00Z"
    latest = max(value for row in before.values() for k, value in row.items() if k.endswith("_at"))
    assert latest < "2026-03-17T15:00:00Z"


def test_larger_companies_have_more_teams_and_keep_the_first_ones(tmp_path):
    small = generate(tmp_path / "small", factor=0.05)
    large = generate(tmp_path / "large", factor=4, format="parquet")
    assert large.rows["requests"] == pytest.approx(4 * 8_000, rel=0.02)
    assert len(large.teams) == 2 * len(small.teams)
    assert large.teams[: len(small.teams)] == small.teams


@pytest.mark.parametrize(
    "wrong",
    [{"size": "XL"}, {"format": "ods"}, {"layout": "heap"}, {"until": date(2024, 1, 1)}],
)
def test_what_there_is_not_is_refused(tmp_path, wrong):
    with pytest.raises(UsageError):
        generate(tmp_path, factor=TINY, **wrong)


def test_the_command_writes_the_four_systems(tmp_path, capsys):
    assert main(["--out", str(tmp_path), "--factor", str(TINY)]) == 0
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "requests" in captured.err
    assert {path.name for path in tmp_path.iterdir()} == {*SOURCES, "truth.json"}


def test_the_command_says_what_is_wrong_without_a_traceback(tmp_path, capsys):
    assert main(["--out", str(tmp_path), "--until", "2030-01-01"]) == 2
    assert "2030-01-01" in capsys.readouterr().err


def test_the_demo_config_loads_and_finds_what_the_command_writes(tmp_path):
    served = load_config(CONFIG)
    kinds = ["sql", "salesforce", "zendesk", "surveymonkey", "files"]
    assert [source.kind for source in served.sources] == kinds
    assert served.sources[-1].path.resolve() == ROOT / "var/demo/office/sales_support.xlsx"
    assert sum(kpi.enabled for kpi in served.kpis) == 14
    folder = ROOT / "examples/demo_company"
    text = (folder / "sources-as-files.yml").read_text(encoding="utf-8")
    (tmp_path / "sources.yml").write_text(text.replace("../../../", f"{ROOT}/"), encoding="utf-8")
    config = load_config(tmp_path)
    assert [source.id for source in config.sources] == list(SOURCES)
    wanted = [ROOT / "var/demo" / source for source in ("crm", "helpdesk", "surveys")]
    wanted.append(ROOT / "var/demo/office/sales_support.xlsx")
    assert [source.path.resolve() for source in config.sources] == wanted


def test_the_config_promises_the_reports_that_are_delivered():
    weekdays = ("mon", "tue", "wed", "thu", "fri")
    promised = [
        (report.id, report.owner_id, report.weekday, report.starts_on)
        for report in load_config(CONFIG).company.reports
    ]
    assert promised == [
        (report.name, f"e{report.owner + 1:02}", weekdays[report.weekday], report.starts_on)
        for report in REPORTS
    ]
