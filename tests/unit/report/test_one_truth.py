"""Page, workbook and terminal show one set of numbers: those of `kpi_values`."""

import io
from html.parser import HTMLParser

import duckdb
import pytest
from openpyxl import load_workbook

from sales_support_kpi.report.html import scorecard_html
from sales_support_kpi.report.model import LANGS, Lang, Scorecard
from sales_support_kpi.report.scorecard import load_scorecards
from sales_support_kpi.report.text import scorecard_text
from sales_support_kpi.report.xlsx import scorecard_xlsx
from sales_support_kpi.settings import Home

Facts = dict[str, tuple[object, ...]]


class Page(HTMLParser):
    """Per language, KPI and cell: what is shown as text and what stands behind it."""

    def __init__(self) -> None:
        super().__init__()
        self.shown: dict[tuple[str, str, str], str] = {}
        self.meant: dict[tuple[str, str, str], list[str]] = {}
        self.trend: dict[tuple[str, str], list[float | None]] = {}
        self._lang = self._kpi = self._cell = ""
        self._in_data = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        if found.get("class") == "page":
            self._lang = found["lang"] or ""
        if tag == "tr":
            self._kpi = found.get("data-kpi") or ""
        if tag == "td":
            self._cell = found.get("data-name") or ""
            if self._kpi and not self._cell:
                self.trend.setdefault((self._lang, self._kpi), []).append(None)
        if tag == "data":
            self._in_data = True
            value = found["value"] or ""
            if self._cell:
                self.meant.setdefault((self._lang, self._kpi, self._cell), []).append(value)
            else:
                self.trend[self._lang, self._kpi][-1] = float(value)

    def handle_endtag(self, tag: str) -> None:
        self._in_data = self._in_data and tag != "data"

    def handle_data(self, data: str) -> None:
        if self._in_data and self._cell:
            key = (self._lang, self._kpi, self._cell)
            self.shown.setdefault(key, data)

    def numbers(self, lang: str, kpi_id: str, cell: str) -> list[float]:
        return [
            float(n) for value in self.meant.get((lang, kpi_id, cell), []) for n in value.split()
        ]


@pytest.fixture(scope="module", params=["company", "team:영업지원1팀"])
def cards(home: Home, request: pytest.FixtureRequest) -> tuple[Scorecard, ...]:
    return load_scorecards(home, scope=request.param)


@pytest.fixture(scope="module")
def published(home: Home, cards: tuple[Scorecard, ...]) -> Facts:
    file = home.published / "current" / "kpi.duckdb"
    with duckdb.connect(str(file), read_only=True) as connection:
        rows = connection.execute(
            "select kpi_id, value, target, attainment, sample_size, ci_low, ci_high from kpi_values"
            " where grain = 'month' and period_start = date '2026-10-01' and scope_id = ?",
            [cards[0].scope.id],
        ).fetchall()
    return {row[0]: row[1:] for row in rows}


@pytest.fixture(scope="module")
def page(cards: tuple[Scorecard, ...]) -> Page:
    page = Page()
    page.feed(scorecard_html(*cards))
    return page


@pytest.mark.parametrize("lang", LANGS)
def test_the_page_says_the_published_numbers(page: Page, published: Facts, lang: Lang) -> None:
    assert {kpi_id for of, kpi_id, _ in page.meant if of == lang} == published.keys()
    for kpi_id, (value, target, attainment, sample, low, high) in published.items():
        for cell, numbers in (
            ("value", [value]),
            ("target", [target, attainment]),
            ("sample", [sample]),
            ("interval", [low, high]),
        ):
            known = [number for number in numbers if number is not None]
            assert page.numbers(lang, kpi_id, cell) == known, (kpi_id, cell)


@pytest.mark.parametrize("lang", LANGS)
def test_the_trend_in_numbers_is_the_published_one(
    home: Home, cards: tuple[Scorecard, ...], page: Page, lang: Lang
) -> None:
    file = home.published / "current" / "kpi.duckdb"
    with duckdb.connect(str(file), read_only=True) as connection:
        for row in cards[0].rows:
            found = connection.execute(
                "select v.value from range(12) as m (back) left join kpi_values as v on"
                " v.period_start = date '2026-10-01' - to_months(11 - m.back::int)"
                " and v.grain = 'month' and v.scope_id = ? and v.kpi_id = ? order by m.back",
                [cards[0].scope.id, row.kpi_id],
            ).fetchall()
            assert page.trend[lang, row.kpi_id] == [value for (value,) in found]


def test_the_workbook_holds_the_published_numbers(
    cards: tuple[Scorecard, ...], published: Facts
) -> None:
    sheet = load_workbook(io.BytesIO(scorecard_xlsx(cards[1])))["Scorecard"]
    held = {
        row.kpi_id: tuple(sheet.cell(at, column).value for column in (3, 4, 5, 7, 8, 9))
        for at, row in enumerate(cards[1].rows, start=6)
    }
    # openpyxl writes numbers with 16 digits
    assert held == {
        kpi_id: tuple(n if n is None else float(f"{n:.16g}") for n in numbers)
        for kpi_id, numbers in published.items()
    }


@pytest.mark.parametrize("index", range(len(LANGS)))
def test_the_terminal_prints_what_the_page_shows(
    cards: tuple[Scorecard, ...], page: Page, index: int
) -> None:
    card = cards[index]
    text = scorecard_text(card, 130)
    for row in card.rows:
        (line,) = [line for line in text.splitlines() if line.strip().startswith(row.name[:18])][:1]
        for cell in ("value", "target", "interval", "sample"):
            shown = page.shown.get((card.lang, row.kpi_id, cell))
            assert shown is None or shown in line, (row.kpi_id, cell)
