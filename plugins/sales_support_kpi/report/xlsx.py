"""Scorecard → an Excel workbook: values, trend and charts, as numbers one can work with.

Each cell's number format shows what page and terminal show. Values, targets and samples are those
of `kpi_values`; attainment is in whole percent, the change of a ratio in percentage points.
"""

import io
from typing import TYPE_CHECKING, Any, Final

from sales_support_kpi.report import digits, formatting, labels, notes
from sales_support_kpi.report.cells import neutral, neutral_cell
from sales_support_kpi.report.model import Lang, Scorecard, ScorecardRow, Status
from sales_support_kpi.report.xlsx_charts import fill_charts

if TYPE_CHECKING:
    from openpyxl.worksheet.worksheet import Worksheet

_FILLS: Final = {  # soft grounds; the status is written out beside them
    Status.MET: "DCEEF9",
    Status.AT_RISK: "FCEBCB",
    Status.MISSED: "FADCCB",
    Status.WITHHELD: "F1DCEA",
}
_HEADER_ROW: Final = 5
_ONE_LINE: Final = 70  # a column this wide is not wrapped: definitions are long
_COLUMNS: Final = (
    ("kpi", 34), ("status", 14), ("value", 12), ("target", 12), ("attainment", 11),
    ("change", 11), ("sample", 10), ("low", 11), ("high", 11), ("note", 38),
    ("definition", _ONE_LINE),
)  # fmt: skip


def scorecard_xlsx(card: Scorecard) -> bytes:
    """The workbook's bytes."""
    from openpyxl import Workbook

    book = Workbook()
    book.properties.creator = "sales-support-kpi"
    book.properties.title = f"{labels.WORDS[card.lang]['title']} {card.period.label}"
    book.properties.created = card.as_of.replace(tzinfo=None)
    first: Worksheet = book.active  # type: ignore[assignment]
    _fill_scorecard(first, card)
    charts, trend = book.create_sheet(), book.create_sheet()
    targets_row = _fill_trend(trend, card)
    fill_charts(
        charts,
        trend,
        card,
        header_row=_HEADER_ROW,
        target_row=targets_row,
        axis_format=lambda unit: number_format(0 if unit == "count" else 1, unit, card.lang),
    )
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def _fill_scorecard(sheet: "Worksheet", card: Scorecard) -> None:
    words = labels.WORDS[card.lang]
    sheet.title = words["sheet_scorecard"]
    _head(sheet, card)
    headers = [_header(name, card) for name, _ in _COLUMNS]
    cells = [_row_cells(row, card.lang) for row in card.rows]
    _write_table(sheet, "Scorecard", headers, cells)
    for offset, row in enumerate(card.rows, start=_HEADER_ROW + 1):
        for column, number_format in enumerate(_row_formats(row, card.lang), start=3):
            sheet.cell(offset, column).number_format = number_format
    _colour_statuses(sheet, card)
    _finish(sheet, [width for _, width in _COLUMNS], freeze=f"B{_HEADER_ROW + 1}")


def _fill_trend(sheet: "Worksheet", card: Scorecard) -> int:
    """Two tables, values and targets, of the same shape; the second one's header row is told."""
    words = labels.WORDS[card.lang]
    sheet.title = words["sheet_trend"]
    _head(sheet, card)
    periods = [point.period.label for point in card.rows[0].trend] if card.rows else []
    second = _HEADER_ROW + max(len(card.rows), 1) + 3
    values: list[list[object]] = [
        [row.title, *(point.value for point in row.trend)] for row in card.rows
    ]
    targets: list[list[object]] = [
        [row.title, *(point.target for point in row.trend)] for row in card.rows
    ]
    _write_table(sheet, "Trend", [words["value"], *periods], values)
    _write_table(sheet, "Targets", [words["target"], *periods], targets, header_row=second)
    for offset, row in enumerate(card.rows, start=1):
        for column, point in enumerate(row.trend, start=2):
            shown = digits.value_digits(point, row.unit)
            held = 0 if point.target is None else digits.target_digits(point.target, row.unit)
            for header_row, count in ((_HEADER_ROW, shown), (second, held)):
                cell = sheet.cell(header_row + offset, column)
                cell.number_format = number_format(count, row.unit, card.lang)
    _finish(sheet, [34, *([11] * len(periods))], freeze=f"B{_HEADER_ROW + 1}")
    _embolden(sheet, second, len(periods) + 1)
    return second


def _head(sheet: "Worksheet", card: Scorecard) -> None:
    """What the sheet shows, above the table."""
    from openpyxl.styles import Font

    words = labels.WORDS[card.lang]
    state = words["complete"] if card.is_complete else words["open"]
    scope = labels.scope_title(card.scope, card.lang)
    sheet["A1"] = neutral(
        f"{words['title']} · {labels.period_title(card.period, card.lang)} · {scope}"
    )
    sheet["A1"].font = Font(bold=True, size=14)
    as_of = labels.local_instant(card.as_of, card.timezone)
    sheet["A2"] = neutral(
        f"{labels.period_dates(card.period)} · {state} · {words['as_of']} {as_of}"
        f" · {words['publish']} {card.publish_id}"
    )
    sheet["A2"].font = Font(color="5B6675")
    sheet["A3"] = neutral("   ".join(f"⚠ {note.text}" for note in notes.warnings(card)))
    sheet["A3"].font = Font(color="9A5B00")


def _header(name: str, card: Scorecard) -> str:
    words = labels.WORDS[card.lang]
    if name in ("low", "high"):
        bound = {"ko": {"low": "하한", "high": "상한"}, "en": {"low": "low", "high": "high"}}
        return f"{words['interval']} {bound[card.lang][name]}"
    return words[name]


def _row_cells(row: ScorecardRow, lang: Lang) -> list[object]:
    status = f"{labels.STATUS_SYMBOLS[row.status]} {labels.status_label(row.status, lang)}"
    low, high = digits.shown_interval(row) or (None, None)
    return [
        row.title,
        status,
        row.value,
        row.target,
        digits.shown_attainment(row),
        digits.shown_change(row),
        row.sample_size,
        low,
        high,
        " · ".join(notes.row_notes(row, lang)),
        row.definition,
    ]


def _row_formats(row: ScorecardRow, lang: Lang) -> list[str]:
    """The formats of value, target, attainment, change, sample, low and high."""
    change = digits.shown_change(row) or 0.0
    signed = _places(digits.change_digits(change, row.unit) if change else 0)
    signed += _quoted(formatting.change_suffix(row.unit, lang))
    target = 0 if row.target is None else digits.target_digits(row.target, row.unit)
    bound = number_format(1, row.unit, lang)
    return [
        number_format(digits.value_digits(row, row.unit), row.unit, lang),
        _quoted(f"{formatting.direction(row)} ") + number_format(target, row.unit, lang),
        number_format(0, "ratio", lang),
        f'+{signed};-{signed};"="',
        f'#,##0;;"{formatting.NOTHING}"',
        bound,
        bound,
    ]


def number_format(count: int, unit: str, lang: Lang) -> str:
    """So many digits and the unit; a bare percent sign makes a spreadsheet show percent."""
    suffix = formatting.suffix(unit, lang)
    return _places(count) + (suffix if unit == "ratio" else _quoted(suffix))


def _places(count: int) -> str:
    return "#,##0" + ("." + "0" * count if count else "")


def _quoted(text: str) -> str:
    return f'"{text}"' if text else ""


def _write_table(
    sheet: "Worksheet",
    name: str,
    headers: list[str],
    cells: list[list[object]],
    header_row: int = _HEADER_ROW,
) -> None:
    """A real Excel table: filters, banding and a name that formulas can use."""
    from openpyxl.utils import get_column_letter
    from openpyxl.worksheet.table import Table, TableStyleInfo

    for column, header in enumerate(headers, start=1):
        sheet.cell(header_row, column, neutral(header))
    for offset, record in enumerate(cells, start=header_row + 1):
        for column, value in enumerate(record, start=1):
            sheet.cell(offset, column, _cell(value))
    last = f"{get_column_letter(len(headers))}{header_row + max(len(cells), 1)}"
    table = Table(displayName=name, ref=f"A{header_row}:{last}")
    table.tableStyleInfo = TableStyleInfo(name="TableStyleLight1", showRowStripes=False)
    sheet.add_table(table)


def _cell(value: object) -> Any:  # noqa: ANN401
    return neutral_cell(value)


def _colour_statuses(sheet: "Worksheet", card: Scorecard) -> None:
    """Follows the status' word, so it still holds after sorting or editing."""
    from openpyxl.formatting.rule import FormulaRule
    from openpyxl.styles import PatternFill

    last = _HEADER_ROW + max(len(card.rows), 1)
    first = _HEADER_ROW + 1
    for status, colour in _FILLS.items():
        symbol = labels.STATUS_SYMBOLS[status]
        rule = FormulaRule(  # type: ignore[no-untyped-call]
            formula=[f'LEFT($B{first},1)="{symbol}"'],
            fill=PatternFill(bgColor=colour, fill_type="solid"),
        )
        sheet.conditional_formatting.add(f"B{first}:C{last}", rule)


def _finish(sheet: "Worksheet", widths: list[int], freeze: str) -> None:
    from openpyxl.styles import Alignment
    from openpyxl.utils import get_column_letter
    from openpyxl.worksheet.properties import PageSetupProperties

    for column, width in enumerate(widths, start=1):
        sheet.column_dimensions[get_column_letter(column)].width = width
    for record in sheet.iter_rows(min_row=_HEADER_ROW + 1):
        for cell, width in zip(record, widths, strict=False):
            cell.alignment = Alignment(vertical="top", wrap_text=30 < width < _ONE_LINE)
    _embolden(sheet, _HEADER_ROW, len(widths))
    sheet.freeze_panes = freeze
    sheet.sheet_view.showGridLines = False
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.fitToHeight = 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    sheet.print_title_rows = f"{_HEADER_ROW}:{_HEADER_ROW}"


def _embolden(sheet: "Worksheet", row: int, count: int) -> None:
    """A table's header."""
    from openpyxl.styles import Alignment, Font

    for column in range(1, count + 1):
        sheet.cell(row, column).font = Font(bold=True)
        sheet.cell(row, column).alignment = Alignment(wrap_text=True, vertical="top")
