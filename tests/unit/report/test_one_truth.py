"""Page, workbook and terminal show the numbers of `kpi_values`, digit by digit the same."""

import io
import re
from decimal import ROUND_HALF_UP, Decimal
from html.parser import HTMLParser

import duckdb
import pytest
from openpyxl import load_workbook
from openpyxl.worksheet.worksheet import Worksheet
from publishing import KPIS, Kpi, PublishedFixture

from sales_support_kpi.report.formatting import sparkline
from sales_support_kpi.report.html import scorecard_html
from sales_support_kpi.report.labels import STATUS_SYMBOLS, WORDS, status_label
from sales_support_kpi.report.model import LANGS, Lang, Scorecard, ScorecardRow
from sales_support_kpi.report.scorecard import load_scorecards
from sales_support_kpi.report.text import scorecard_text
from sales_support_kpi.report.xlsx import scorecard_xlsx
from sales_support_kpi.settings import Home

Facts = dict[str, tuple[object, ...]]

# Numbers that a careless rounding shows as something else.
AWKWARD = (
    Kpi("just_missed_hours", "조금 넘긴 시간", "Just missed hours", "hours", "lower", target=2.0,
        status="at_risk", interval=(-0.4, 4.4), values=(2.04, 2.03)),
    Kpi("wide_score", "넓은 점수", "Wide score", "score", target=4.5, status="missed", sample=2,
        interval=(-2.9, 9.9), values=(4.257, 4.25)),
    Kpi("tiny_change", "작은 변화", "Tiny change", "ratio", target=0.995, status="missed",
        interval=(0.9, 1.2), values=(0.98434, 0.98430)),
    Kpi("same_again", "그대로", "Same again", "count", target=2.0, values=(1500.0, 1500.0)),
    Kpi("halves", "반올림", "Halves", "hours", "lower", target=4.0, values=(0.25, 2.25)),
)  # fmt: skip


class Page(HTMLParser):
    """Per language, KPI and cell: its lines without any style, and the numbers behind them."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.lines: dict[tuple[str, str, str], list[str]] = {}
        self.meant: dict[tuple[str, str, str], list[float]] = {}
        self.trend: dict[tuple[str, str], list[tuple[float | None, str]]] = {}
        self._lang = self._kpi = self._cell = ""
        self._number: float | None = None
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        if found.get("class") == "page":
            self._lang = found["lang"]
        if tag == "tr":
            self._kpi = found.get("data-kpi", "")
        if tag in ("td", "th"):
            is_name = found.get("role") == "rowheader"
            self._cell = found.get("data-name", "name" if is_name else "th" if tag == "th" else "")
            self.lines.setdefault(self._key, [""])
            if self._kpi and not self._cell:
                self.trend.setdefault((self._lang, self._kpi), []).append((None, ""))
        if tag == "br":
            self.lines[self._key].append("")
        if tag == "data" and self._cell:
            self.meant.setdefault(self._key, []).extend(map(float, found["value"].split()))
        elif tag == "data":
            self._number = float(found["value"])

    def handle_endtag(self, tag: str) -> None:
        if tag in ("td", "th"):
            self._cell = "outside"
        if tag == "data":
            self._number = None

    def handle_data(self, data: str) -> None:
        if self._key in self.lines:
            self.lines[self._key][-1] += data
        if self._number is not None:
            self.trend[self._lang, self._kpi][-1] = (self._number, data)

    @property
    def _key(self) -> tuple[str, str, str]:
        return self._lang, self._kpi, self._cell

    def text(self, lang: str, kpi_id: str, cell: str) -> list[str]:
        """The cell's lines as a mail program without style sheets shows them."""
        return [" ".join(line.split()) for line in self.lines[lang, kpi_id, cell]]


def as_shown(number: object, number_format: str) -> str:
    """A cell as a spreadsheet shows it: as much of number formats as the workbook uses."""
    if number is None:
        return "–"
    assert isinstance(number, int | float)
    sections = re.findall(r'((?:"[^"]*"|[^;"])*)(?:;|$)', number_format)[:-1] or [number_format]
    exact = Decimal(f"{number:.15g}")
    section, sign = sections[0], "-" if number < 0 else ""
    if len(sections) > 1 and number < 0:
        section, exact, sign = sections[1], -exact, ""
    elif len(sections) > 2 and number == 0:
        section = sections[2]
    if "%" in re.sub(r'"[^"]*"', "", section):
        exact *= 100

    def digits(found: re.Match[str]) -> str:
        places = len(found[1] or ".") - 1
        return f"{exact.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP):,}"

    return sign + re.sub(r"#,##0(\.0+)?", digits, section).replace('"', "")


@pytest.fixture(scope="module")
def awkward_home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    return PublishedFixture(tmp_path_factory.mktemp("awkward"), kpis=(*KPIS, *AWKWARD)).write()


@pytest.fixture(scope="module", params=["company", "team:영업지원1팀"])
def cards(awkward_home: Home, request: pytest.FixtureRequest) -> tuple[Scorecard, ...]:
    return load_scorecards(awkward_home, scope=request.param)


@pytest.fixture(scope="module")
def published(awkward_home: Home, cards: tuple[Scorecard, ...]) -> Facts:
    file = awkward_home.published / "current" / "kpi.duckdb"
    with duckdb.connect(str(file), read_only=True) as connection:
        rows = connection.execute(
            "select kpi_id, value, target, attainment, sample_size, ci_low, ci_high from kpi_values"
            " where grain = 'month' and period_start = date '2026-10-01' and scope_id = ?",
            [cards[0].scope.id],
        ).fetchall()
    return {row[0]: row[1:] for row in rows}


@pytest.fixture(scope="module")
def page(cards: tuple[Scorecard, ...]) -> Page:
    return Page(scorecard_html(*cards))


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
            assert page.meant.get((lang, kpi_id, cell), []) == known, (kpi_id, cell)


@pytest.mark.parametrize("lang", LANGS)
def test_the_trend_in_numbers_is_the_published_one(
    awkward_home: Home, cards: tuple[Scorecard, ...], page: Page, lang: Lang
) -> None:
    file = awkward_home.published / "current" / "kpi.duckdb"
    with duckdb.connect(str(file), read_only=True) as connection:
        for row in cards[0].rows:
            found = connection.execute(
                "select v.value from range(12) as m (back) left join kpi_values as v on"
                " v.period_start = date '2026-10-01' - to_months(11 - m.back::int)"
                " and v.grain = 'month' and v.scope_id = ? and v.kpi_id = ? order by m.back",
                [cards[0].scope.id, row.kpi_id],
            ).fetchall()
            drawn = [number for number, _ in page.trend[lang, row.kpi_id]]
            assert drawn == [value for (value,) in found]


def test_the_workbook_holds_the_published_numbers(
    cards: tuple[Scorecard, ...], published: Facts
) -> None:
    sheet = load_workbook(io.BytesIO(scorecard_xlsx(cards[1])))["Scorecard"]
    for at, row in enumerate(cards[1].rows, start=6):
        value, target, _, sample, _, _ = published[row.kpi_id]
        held = tuple(sheet.cell(at, column).value for column in (3, 4, 7))
        # openpyxl writes numbers with 16 digits
        assert held == tuple(
            float(f"{n:.16g}") if isinstance(n, float) else n for n in (value, target, sample)
        )


@pytest.mark.parametrize("lang", LANGS)
def test_the_workbook_shows_what_the_page_shows(
    cards: tuple[Scorecard, ...], page: Page, lang: Lang
) -> None:
    card = next(card for card in cards if card.lang == lang)
    sheet, trend, _ = _sheets(card)
    for at, row in enumerate(card.rows, start=6):
        name, status, value, target, attained, change, sample, low, high = (
            _shown(sheet, at, column) for column in range(1, 10)
        )
        assert [name, status, sample] == [
            page.text(lang, row.kpi_id, "name")[0],
            page.text(lang, row.kpi_id, "status")[0].removesuffix(" ~"),
            page.text(lang, row.kpi_id, "sample")[0],
        ]
        assert value == page.text(lang, row.kpi_id, "value")[0].removesuffix(_no_data(lang))
        assert [target, attained] == _target(page, row, lang)
        assert change == page.text(lang, row.kpi_id, "change")[0]
        unit = re.sub(r"[\d.,–]", "", low)
        bounds = low if low == high == "–" else f"{low.removesuffix(unit)}–{high}"
        assert bounds == page.text(lang, row.kpi_id, "interval")[0]
        months = [_shown(trend, at, column) for column in range(2, 14)]
        assert months == [text or "–" for _, text in page.trend[lang, row.kpi_id]]


@pytest.mark.parametrize("lang", LANGS)
def test_the_terminal_prints_what_the_page_shows(
    cards: tuple[Scorecard, ...], page: Page, lang: Lang
) -> None:
    card = next(card for card in cards if card.lang == lang)
    lines = scorecard_text(card, 150).splitlines()
    for row in card.rows:
        (line,) = [line for line in lines if line.strip().startswith(row.title[:18])][:1]
        target, attained = _target(page, row, lang)
        cells = [
            page.text(lang, row.kpi_id, "value")[0].removesuffix(_no_data(lang)),
            target + ("*" if row.target_basis == "default" else ""),
            attained,
            page.text(lang, row.kpi_id, "status")[0],
            page.text(lang, row.kpi_id, "change")[0],
            sparkline(row),
            page.text(lang, row.kpi_id, "sample")[0],
            page.text(lang, row.kpi_id, "interval")[0],
        ]
        assert " ".join(line.split()).endswith(f" {' '.join(cells)}"), row.kpi_id


@pytest.mark.parametrize(
    ("kpi_id", "value", "target", "change", "interval"),
    [
        ("just_missed_hours", "2.03 h", "≤ 2.0 h", "-0.01 h", "0.0–4.4 h"),
        ("wide_score", "4.3", "≥ 4.5", "-0.01", "1.0–5.0"),
        ("tiny_change", "98.4 %", "≥ 99.5 %", "-0.004 pp", "90.0–100.0 %"),
        ("same_again", "1,500", "≥ 2", "=", "–"),
        ("halves", "2.3 h", "≤ 4.0 h", "+2.0 h", "–"),
    ],
)
def test_no_number_is_rounded_into_another(
    page: Page, kpi_id: str, value: str, target: str, change: str, interval: str
) -> None:
    shown = [page.text("en", kpi_id, cell)[0] for cell in ("value", "target", "change", "interval")]
    assert shown == [value, target, change, interval]


@pytest.mark.parametrize("lang", LANGS)
def test_without_style_sheets_no_two_texts_run_together(
    cards: tuple[Scorecard, ...], page: Page, lang: Lang
) -> None:
    words, card = WORDS[lang], next(card for card in cards if card.lang == lang)
    for row in card.rows:
        status = f"{STATUS_SYMBOLS[row.status]} {status_label(row.status, lang)}"
        assert page.text(lang, row.kpi_id, "status")[0].removesuffix(" ~") == status
        assert page.text(lang, row.kpi_id, "name")[0] == f"{row.number} {row.name}"
        if row.value is None:
            assert page.text(lang, row.kpi_id, "value") == [f"–{_no_data(lang)}"]
        target = page.text(lang, row.kpi_id, "target")
        assert (row.attainment is None) or target[1].startswith(f"{words['attainment']} ")
        verdict = {None: [], True: [words["better"]], False: [words["worse"]]}[row.is_improvement]
        assert page.text(lang, row.kpi_id, "change")[1:] == verdict


def _sheets(card: Scorecard) -> list[Worksheet]:
    book = load_workbook(io.BytesIO(scorecard_xlsx(card)))
    return [book[WORDS[card.lang][f"sheet_{name}"]] for name in ("scorecard", "trend", "charts")]


def _shown(sheet: Worksheet, row: int, column: int) -> str:
    cell = sheet.cell(row, column)
    return cell.value if isinstance(cell.value, str) else as_shown(cell.value, cell.number_format)


def _target(page: Page, row: ScorecardRow, lang: Lang) -> list[str]:
    """Target and attainment as the page shows them."""
    shown = [line.removesuffix("*") for line in page.text(lang, row.kpi_id, "target")]
    attained = "".join(shown[1:]).removeprefix(f"{WORDS[lang]['attainment']} ")
    return ["–" if row.target is None else shown[0], attained or "–"]


def _no_data(lang: Lang) -> str:
    return " " + {"ko": "자료 없음", "en": "no data"}[lang]
