import csv
import io
import json
from dataclasses import replace
from datetime import date
from html.parser import HTMLParser

import pytest
from openpyxl import load_workbook
from openpyxl.worksheet.worksheet import Worksheet
from publishing import AS_OF
from rich.cells import cell_len
from rich.console import Console

from sales_support_kpi.report.cells import neutral
from sales_support_kpi.report.html import scorecard_html
from sales_support_kpi.report.labels import STATUS_LABELS, STATUS_SYMBOLS, WORDS
from sales_support_kpi.report.machine import scorecard_csv, scorecard_json
from sales_support_kpi.report.model import LANGS, Scope, Scorecard, Status, Unmatched
from sales_support_kpi.report.periods import parse_period
from sales_support_kpi.report.scorecard import load_scorecard, load_scorecards
from sales_support_kpi.report.text import render_text, scorecard_text
from sales_support_kpi.report.xlsx import scorecard_xlsx
from sales_support_kpi.settings import Home

EVIL = '=HYPERLINK("http://x","<script>alert(\'x\')</script>")'


@pytest.fixture(scope="module", params=LANGS)
def card(home: Home, request: pytest.FixtureRequest) -> Scorecard:
    return load_scorecard(home, lang=request.param)


@pytest.fixture(scope="module")
def evil_card(home: Home) -> Scorecard:
    card = load_scorecard(home, scope="team:영업지원1팀")
    rows = tuple(replace(row, name=EVIL, definition="\t+1") for row in card.rows)
    return replace(card, rows=rows, scope=Scope("team", EVIL))


@pytest.mark.parametrize("width", [80, 94, 100, 110, 118, 120])
def test_no_line_is_wider_than_the_terminal(card: Scorecard, width: int) -> None:
    for line in scorecard_text(card, width).splitlines():
        assert cell_len(line) <= width


@pytest.mark.parametrize("width", [80, 120])
def test_no_value_status_or_name_is_cut_off(card: Scorecard, width: int) -> None:
    text = scorecard_text(card, width)

    assert "…" not in text
    for status in {row.status for row in card.rows}:
        assert f"{STATUS_SYMBOLS[status]} {STATUS_LABELS[card.lang][status]}" in text


def test_whom_no_other_system_knows_is_said(home: Home) -> None:
    unmatched = (Unmatched("employees", "helpdesk", 3), Unmatched("customers", "shop", 1))
    card = replace(load_scorecard(home, lang="en"), unmatched=unmatched)
    said = "Not found in another system: helpdesk people: 3, shop customers: 1"
    assert said in " ".join(scorecard_text(card, 120).split())
    assert "shop customers: 1" in scorecard_html(card)
    korean = replace(card, lang="ko")
    assert "다른 시스템에서 찾지 못함: helpdesk 직원 3명, shop 고객 1곳" in " ".join(
        scorecard_text(korean, 120).split()
    )


def test_korean_columns_line_up(home: Home) -> None:
    text = scorecard_text(load_scorecard(home, lang="ko"), 120)
    lines = [line for line in text.splitlines() if "≥ 4" in line or "≥ 9" in line]

    ends = {cell_len(line[: line.index("≥")]) + cell_len(_target(line)) for line in lines}
    assert len(ends) == 1


def _target(line: str) -> str:
    return "≥ " + line[line.index("≥") + 2 :].split()[0]


def test_without_a_terminal_there_is_no_colour_and_no_trailing_space(card: Scorecard) -> None:
    text = scorecard_text(card)

    assert "\x1b" not in text
    assert not [line for line in text.splitlines() if line != line.rstrip()]


def test_on_a_terminal_there_is_colour_and_the_same_words(card: Scorecard) -> None:
    target = io.StringIO()
    console = Console(file=target, width=100, force_terminal=True, color_system="truecolor")
    render_text(card, console)

    assert "\x1b[" in target.getvalue()
    assert STATUS_LABELS[card.lang][Status.MISSED] in target.getvalue()


def test_header_and_footer_say_what_one_has_to_know(home: Home) -> None:
    text = scorecard_text(load_scorecard(home, lang="en"), 120)

    assert "October 2026" in text
    assert "as of 2026-11-01 00:00 KST" in text
    assert "publish 2026-10-31.01" in text
    assert "Sources that are late: crm (2026-10-29 01:00 KST)" in text
    assert "Not measured: 6a Report usage (needs: report_uses)" in text
    assert "kpi rows contract_followup_completion --period 2026-10" in text
    assert "kpi explain contract_followup_completion --period 2026-10 --vs previous" in text


def test_a_hint_for_a_scope_with_a_space_can_be_pasted_into_a_shell(home: Home) -> None:
    card = replace(load_scorecard(home), scope=Scope("team", "영업 지원"))

    assert "--scope 'team:영업 지원'" in scorecard_text(card, 120)


def test_both_languages_have_the_same_words() -> None:
    assert WORDS["ko"].keys() == WORDS["en"].keys()
    for lang in LANGS:
        assert set(STATUS_LABELS[lang]) == set(STATUS_SYMBOLS) == set(Status)


class _Page(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in ("meta", "link", "img", "br"):
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def page_of(card: Scorecard) -> _Page:
    page = _Page()
    page.feed(scorecard_html(card))
    return page


def test_the_page_is_well_formed_and_says_its_language(card: Scorecard) -> None:
    page = page_of(card)

    assert page.open == []
    assert ("html", {"lang": card.lang}) in page.tags


def test_a_page_in_two_languages_shows_one_and_leads_to_the_other(home: Home) -> None:
    content = scorecard_html(*load_scorecards(home, langs=("en", "ko")))
    page = _Page()
    page.feed(content)
    tags = page.tags
    pages = [attrs for tag, attrs in tags if attrs.get("class") == "page"]

    assert ("html", {"lang": "en"}) in tags
    assert [(attrs["lang"], attrs.get("style")) for attrs in pages] == [
        ("en", None),
        ("ko", "display:none"),
    ]
    links = [attrs for tag, attrs in tags if tag == "a" and (attrs.get("href") or "")[:1] == "#"]
    assert [attrs["href"] for attrs in links] == ["#ko", "#en"]
    ids = [attrs["id"] for _, attrs in tags if "id" in attrs]
    assert ids == ["ko"]  # back to "#en" is nobody's anchor: the page as it was opened
    assert "Contract follow-up completion" in content
    assert "계약 후속 처리 완료율" in content


def test_the_page_needs_nothing_from_elsewhere(card: Scorecard) -> None:
    content = scorecard_html(card)

    assert "http" not in content
    assert {tag for tag, _ in page_of(card).tags}.isdisjoint({"script", "link", "img", "iframe"})


def test_the_table_can_be_read_aloud(card: Scorecard) -> None:
    tags = page_of(card).tags
    scopes = [attrs.get("scope") for tag, attrs in tags if tag == "th"]
    drawings = [attrs for tag, attrs in tags if tag == "svg"]

    assert scopes.count("row") == 2 * len(card.rows)  # the values, and the trend in numbers
    assert None not in scopes
    assert [tag for tag, _ in tags].count("caption") == [tag for tag, _ in tags].count("table") == 2
    assert drawings
    assert all(attrs["role"] == "img" and attrs["aria-label"] for attrs in drawings)


def test_every_status_on_the_page_is_a_word_and_a_symbol(card: Scorecard) -> None:
    content = scorecard_html(card)

    for status in {row.status for row in card.rows}:
        assert STATUS_LABELS[card.lang][status] in content
        assert STATUS_SYMBOLS[status] in content


def test_names_cannot_become_markup(evil_card: Scorecard) -> None:
    content = scorecard_html(evil_card)

    assert "<script>" not in content
    assert "&lt;script&gt;" in content


def test_the_workbook_holds_numbers_formats_and_both_sheets(home: Home) -> None:
    book = load_workbook(io.BytesIO(scorecard_xlsx(load_scorecard(home, lang="en"))))
    sheet, trend = book["Scorecard"], book["Trend"]

    assert sheet["A5"].value == "KPI"
    assert (sheet["C6"].value, sheet["C6"].number_format) == (2.05, '#,##0.0" h"')
    assert (sheet["C7"].value, sheet["C7"].number_format) == (0.9896, "#,##0.00 %")
    assert sheet["B9"].value == "✗ missed"
    assert sheet["C11"].value is None  # no data is an empty cell, not a zero
    assert sheet.freeze_panes == "B6"
    assert list(sheet.tables) == ["Scorecard"]
    assert sheet.conditional_formatting
    assert trend["B5"].value == "2025-11"
    assert trend["M6"].value == 2.05
    assert list(trend.tables) == ["Trend", "Targets"]
    assert (trend.freeze_panes, sheet.print_title_rows) == ("B6", "$5:$5")


def test_the_workbook_draws_each_kpi_against_its_target_and_leaves_gaps(home: Home) -> None:
    card = load_scorecard(home, lang="en")
    book = load_workbook(io.BytesIO(scorecard_xlsx(card)))
    charts, trend = book["Charts"]._charts, book["Trend"]

    assert len(charts) == len(card.rows)
    for chart, row in zip(charts, card.rows, strict=True):
        assert chart.title.tx.rich.p[0].r[0].t == row.title
        assert chart.display_blanks == "gap"
        drawn = [_numbers(trend, series.val.numRef.f) for series in chart.series]
        assert drawn == [
            [point.value for point in row.trend],
            [point.target for point in row.trend],
        ]
        months = {tuple(_numbers(trend, series.cat.strRef.f)) for series in chart.series}
        assert months == {tuple(point.period.label for point in row.trend)}
    assert None in [point.value for point in card.rows[6].trend]  # there is a gap to leave


def _numbers(sheet: Worksheet, reference: str) -> list[object]:
    name, cells = reference.split("!")
    assert name.strip("'") == sheet.title
    return [cell.value for cell in sheet[cells.replace("$", "")][0]]


def test_no_cell_of_the_workbook_runs_as_a_formula(evil_card: Scorecard) -> None:
    book = load_workbook(io.BytesIO(scorecard_xlsx(evil_card)))

    for sheet in book:
        for row in sheet.iter_rows():
            for cell in row:
                assert cell.data_type != "f"
                assert not isinstance(cell.value, str) or neutral(cell.value) == cell.value


def test_no_cell_of_the_csv_runs_as_a_formula(evil_card: Scorecard) -> None:
    lines = list(csv.DictReader(io.StringIO(scorecard_csv(evil_card))))

    assert lines[0]["name"] == "'" + EVIL
    assert lines[0]["scope_id"] == "'" + EVIL


def test_numbers_in_csv_stay_raw_numbers(home: Home) -> None:
    lines = list(csv.DictReader(io.StringIO(scorecard_csv(load_scorecard(home)))))
    change = next(line["change"] for line in lines if line["kpi_id"] == "inquiry_within_4h")

    assert float(change) == pytest.approx(-0.004)
    assert lines[0]["is_certain"] == "false"
    assert lines[5]["value"] == ""


def test_json_holds_every_field_raw(home: Home) -> None:
    content = json.loads(scorecard_json(load_scorecard(home)))

    assert content["publish_id"] == "2026-10-31.01"
    assert content["as_of"] == "2026-10-31T15:00:00Z"
    assert (content["period_start"], content["period_end"]) == ("2026-10-01", "2026-10-31")
    assert content["stale_sources"] == ["crm"]
    assert content["rows"][5]["missing_entities"] == ["report_uses"]
    assert len(content["rows"][0]["trend"]) == 12


@pytest.mark.parametrize(
    "text", ["=1", "+1", "-1", "@x", "\tx", "\rx", "\nx", " =1", "＝1", "\u00a0@x", "\x00=1"]
)
def test_what_a_spreadsheet_would_run_gets_an_apostrophe(text: str) -> None:
    assert neutral(text).startswith("'")


@pytest.mark.parametrize("text", ["", "영업지원1팀", "a=b", "3 - 1", "'=1", "–"])
def test_ordinary_text_is_left_alone(text: str) -> None:
    assert neutral(text) == text


def test_a_scorecard_without_any_kpi_is_still_written() -> None:
    card = Scorecard(
        publish_id="p", night=date(2026, 10, 31), as_of=AS_OF, timezone="Asia/Seoul", lang="en",
        scope=Scope("company", "company"), period=parse_period("2026-10"), is_latest=True,
        is_complete=True, rows=(),
    )  # fmt: skip

    assert "There is no KPI to show." in scorecard_text(card)
    assert "There is no KPI to show." in scorecard_html(card)
    assert json.loads(scorecard_json(card))["rows"] == []
    assert load_workbook(io.BytesIO(scorecard_xlsx(card)))["Scorecard"]["A5"].value == "KPI"


def test_the_page_leads_to_what_the_quality_checks_said() -> None:
    card = Scorecard(
        publish_id="p", night=date(2026, 10, 31), as_of=AS_OF, timezone="Asia/Seoul", lang="ko",
        scope=Scope("company", "company"), period=parse_period("2026-10"), is_latest=True,
        is_complete=True, rows=(), data_docs="file:///home/data_docs/2026-10-31/index.html",
    )  # fmt: skip

    link = f'<a href="{card.data_docs}">이 밤의 데이터 품질 검사 결과</a>'
    assert link in scorecard_html(card)
    assert "data_docs" not in scorecard_html(replace(card, data_docs=None))
