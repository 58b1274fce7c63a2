"""The scorecard page in a browser: read, switched, tabbed through, printed, seen by any eye."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from tests.browser.conftest import ARTEFACTS

from sales_support_kpi.report.html import scorecard_html
from sales_support_kpi.report.labels import STATUS_LABELS
from sales_support_kpi.report.scorecard import load_scorecards

LANGS = ("ko", "en")
# What a mail program leaves of a page: no scripts, style sheets, drawings, ids or hidden parts.
STRIPPED = re.compile(
    r"<(style|script|svg|title)\b.*?</\1>|\s(?:id|class|tabindex|role)=\"[^\"]*\"", re.S
)
CONTRAST = """
() => {
  const luminance = ([r, g, b]) => {
    const [x, y, z] = [r, g, b].map(c => c / 255).map(
      c => c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
    return 0.2126 * x + 0.7152 * y + 0.0722 * z;
  };
  const rgba = text => text.match(/[\\d.]+/g).map(Number);
  const ground = element => {
    for (let at = element; at; at = at.parentElement) {
      const found = rgba(getComputedStyle(at).backgroundColor);
      if (found.length === 3 || found[3] > 0) return found;
    }
    return [255, 255, 255];
  };
  const poor = [];
  for (const element of document.querySelectorAll('body *')) {
    const own = [...element.childNodes].some(n => n.nodeType === 3 && n.data.trim());
    if (!own || !element.checkVisibility() || element.closest('svg, .unseen, caption')) continue;
    const style = getComputedStyle(element);
    const [a, b] = [luminance(rgba(style.color)), luminance(ground(element))];
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (ratio < 4.5) poor.push(`${element.textContent.trim().slice(0, 30)} ${ratio.toFixed(2)}`);
  }
  return poor;
}
"""

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def cards(home):
    return load_scorecards(home)


@pytest.fixture(scope="module")
def file(cards, tmp_path_factory):
    path = tmp_path_factory.mktemp("page") / "scorecard.html"
    path.write_text(scorecard_html(*cards), encoding="utf-8")
    return path


class Opened:
    """The page as opened from a file, without scripts; what it asked for and complained of."""

    def __init__(self, browser, file, fragment="", *, scripts=False, **options):
        self.context = browser.new_context(java_script_enabled=scripts, locale="ko-KR", **options)
        self.page = self.context.new_page()
        self.asked, self.said = [], []
        self.page.on("request", lambda request: self.asked.append(request.url))
        self.page.on("console", lambda message: self.said.append(message.text))
        self.page.goto(file.as_uri() + fragment)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.context.close()

    def shown(self):
        """Languages of what can be seen."""
        return [lang for lang in LANGS if self.page.locator(f".page[lang={lang}]").is_visible()]

    def picture(self, name):
        self.page.screenshot(path=ARTEFACTS / f"scorecard-page-{name}.png", full_page=True)


def test_it_opens_from_a_file_without_scripts_and_asks_for_nothing(browser, file):
    with Opened(browser, file) as opened:
        assert opened.shown() == ["ko"]
        assert opened.asked == [file.as_uri()]
        assert opened.said == []
        opened.picture("한국어")


def test_the_language_is_switched_there_and_back_by_the_keyboard_alone(browser, file, cards):
    with Opened(browser, file) as opened:
        opened.page.keyboard.press("Tab")
        opened.page.keyboard.press("Enter")
        assert opened.shown() == ["en"]
        assert opened.page.get_by_role("heading", level=1).all_inner_texts() == ["October 2026"]
        opened.picture("English")
        opened.page.keyboard.press("Tab")
        opened.page.keyboard.press("Enter")
        assert opened.shown() == ["ko"]
    with Opened(browser, file, "#en") as opened:  # an address leads to a language
        assert opened.shown() == ["en"]


def test_the_keyboard_reaches_everything_in_reading_order_and_shows_where_it_is(browser, file):
    with Opened(browser, file, scripts=True, viewport={"width": 1280, "height": 900}) as opened:
        reached = []
        for _ in range(12):
            opened.page.keyboard.press("Tab")
            found = opened.page.evaluate(
                """() => { const e = document.activeElement, s = getComputedStyle(e);
                return [e.tagName, e.getBoundingClientRect().top + scrollY,
                        s.outlineStyle, parseFloat(s.outlineWidth)]; }"""
            )
            if found[0] == "BODY":
                break
            reached.append(found)
        tags = [tag for tag, *_ in reached]
        assert tags[:2] == ["A", "DIV"]
        assert tags.count("SUMMARY") == opened.page.locator(".page[lang=ko] summary").count() >= 2
        tops = [top for _, top, *_ in reached]
        assert tops == sorted(tops)
        assert all(style != "none" and width >= 2 for *_, style, width in reached)


@pytest.mark.parametrize(("lang", "at"), [("ko", ""), ("en", "#en")])
def test_a_screen_reader_is_told_everything_in_the_language_shown(browser, file, cards, lang, at):
    card = next(card for card in cards if card.lang == lang)
    with Opened(browser, file, at) as opened:
        page = opened.page
        for landmark in ("banner", "main", "navigation", "contentinfo"):
            assert page.get_by_role(landmark).count() == 1, landmark
        table = page.get_by_role("table").first
        assert table.get_by_role("columnheader").count() == 8
        assert table.get_by_role("rowheader").count() == len(card.rows)
        for row in card.rows:
            line = table.get_by_role("row").filter(has=page.get_by_text(row.name, exact=False))
            assert STATUS_LABELS[lang][row.status] in line.first.inner_text()
        names = [image.get_attribute("aria-label") for image in page.get_by_role("img").all()]
        assert len(names) >= len(card.rows)
        assert all(re.search("[가-힣]", name) for name in names) is (lang == "ko")
        assert page.locator(f".page[lang={lang}]").count() == 1


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [400, 1280])
def test_every_text_stands_out_from_its_ground(browser, file, scheme, width):
    options = {"color_scheme": scheme, "viewport": {"width": width, "height": 900}}
    with Opened(browser, file, scripts=True, **options) as opened:
        opened.page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
        assert opened.page.evaluate(CONTRAST) == []
        assert opened.said == []
        opened.picture(f"{scheme}-{width}")


def test_on_a_narrow_screen_nothing_has_to_be_scrolled_sideways(browser, file):
    with Opened(browser, file, scripts=True, viewport={"width": 400, "height": 900}) as opened:
        widths = (
            "[document.documentElement.scrollWidth, document.querySelector('.sheet').scrollWidth]"
        )
        assert max(opened.page.evaluate(widths)) <= 400
        assert opened.page.get_by_role("rowheader").count() > 0  # still a table when read aloud


def test_colours_survive_printing_and_all_that_is_folded_is_printed(browser, file, cards):
    with Opened(browser, file, "#en", scripts=True, color_scheme="dark") as opened:
        opened.page.emulate_media(media="print")
        badge = opened.page.locator(".page[lang=en] .badge.at_risk").first
        tone = badge.evaluate("e => getComputedStyle(e).color")
        assert tone == "rgb(143, 83, 0)"  # the colour of the light page, on white
        assert badge.evaluate("e => getComputedStyle(e).printColorAdjust") == "exact"
        definition = opened.page.get_by_text(cards[1].rows[0].definition[:40]).first
        assert definition.is_visible()
        pdf = opened.page.pdf(prefer_css_page_size=True)
        (ARTEFACTS / "scorecard-page.pdf").write_bytes(pdf)
        boxes = re.findall(rb"/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]", pdf)
        assert {(round(float(w)), round(float(h))) for w, h in boxes} == {(842, 595)}  # A4, across
        assert 2 <= len(boxes) <= 5


def test_what_a_mail_program_leaves_of_it_is_the_korean_page_as_text(
    browser, file, cards, tmp_path
):
    mail = tmp_path / "mail.html"
    mail.write_text(STRIPPED.sub("", file.read_text(encoding="utf-8")), encoding="utf-8")
    with Opened(browser, mail) as opened:
        text = opened.page.locator("body").inner_text()
        for row in cards[0].rows:
            assert row.name in text
        assert "October 2026" not in text


def test_the_command_writes_this_page(home, tmp_path):
    target = tmp_path / "scorecard.html"
    command = ["scorecard", "--home", home.root, "-o", target]
    subprocess.run([sys.executable, "-m", "sales_support_kpi", *map(str, command)], check=True)
    page = Path(target).read_text(encoding="utf-8")
    assert page == scorecard_html(*load_scorecards(home))
