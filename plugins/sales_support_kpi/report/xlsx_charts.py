"""The workbook's charts: each KPI's trend against its target, drawn by Excel itself.

They point at the tables of the trend sheet, so they follow what is edited there. An empty cell is
a gap in the line, never a zero.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from sales_support_kpi.report import labels
from sales_support_kpi.report.model import Scorecard, ScorecardRow

if TYPE_CHECKING:
    from openpyxl.worksheet.worksheet import Worksheet

_ACROSS: Final = 2
_WIDTH_CM: Final = 16.0
_HEIGHT_CM: Final = 7.2
_ROWS_EACH: Final = 15
_COLUMNS_EACH: Final = 9
_VALUE, _TARGET = "0072B2", "1B2430"
_REACH: Final = {
    "score": (1.0, 5.0),
    "ratio": (None, 1.0),
    "hours": (0.0, None),
    "count": (0.0, None),
}


def fill_charts(
    sheet: "Worksheet",
    trend: "Worksheet",
    card: Scorecard,
    *,
    header_row: int,
    target_row: int,
    axis_format: Callable[[str], str],
) -> None:
    """Lay one chart per KPI out in a grid.

    Args:
        sheet: where the charts are shown.
        trend: the sheet that holds the numbers: periods from the second column on, KPIs by row.
        card: the scorecard.
        header_row: the row with the periods.
        target_row: the same above the table of targets.
        axis_format: unit → the axis' number format.
    """
    from openpyxl.utils import get_column_letter

    sheet.title = labels.WORDS[card.lang]["sheet_charts"]
    sheet.sheet_view.showGridLines = False
    sheet.page_setup.orientation = "portrait"
    sheet.page_setup.fitToHeight = 0
    for index, row in enumerate(card.rows):
        chart = _chart(row, axis_format(row.unit))
        for first, colour in ((header_row, _VALUE), (target_row, _TARGET)):
            chart.series.append(_series(trend, card, first, index, colour))
        down, across = divmod(index, _ACROSS)
        column = get_column_letter(1 + across * _COLUMNS_EACH)
        sheet.add_chart(chart, f"{column}{1 + down * _ROWS_EACH}")


def _chart(row: ScorecardRow, number_format: str) -> Any:  # noqa: ANN401
    from openpyxl.chart import LineChart
    from openpyxl.chart.layout import Layout, ManualLayout

    chart: Any = LineChart()
    chart.title = row.title
    chart.title.tx.rich.p[0].r[0].rPr = _letters(1100, bold=True)
    chart.title.overlay = False
    chart.width, chart.height = _WIDTH_CM, _HEIGHT_CM
    chart.display_blanks = "gap"
    chart.legend.position = "b"
    chart.layout = Layout(manualLayout=ManualLayout(x=0.09, y=0.16, w=0.88, h=0.58))
    chart.x_axis.delete = chart.y_axis.delete = False
    chart.y_axis.number_format = number_format
    chart.y_axis.majorGridlines.spPr = _line("E3E7EC", 6350)
    chart.y_axis.scaling.min, chart.y_axis.scaling.max = _REACH[row.unit]
    chart.x_axis.tickLblPos = "low"
    return chart


def _series(trend: "Worksheet", card: Scorecard, first: int, index: int, colour: str) -> Any:  # noqa: ANN401
    from openpyxl.chart import Reference, Series
    from openpyxl.chart.series import SeriesLabel

    count = len(card.rows[0].trend)
    words = labels.WORDS[card.lang]
    at = first + 1 + index
    series: Any = Series(Reference(trend, min_col=2, max_col=1 + count, min_row=at))
    series.cat = _categories(trend, first, count)
    is_value = colour == _VALUE
    series.tx = SeriesLabel(v=words["value" if is_value else "target"])
    series.smooth = False
    series.graphicalProperties = _line(colour, 25400 if is_value else 12700)
    if is_value:
        series.marker.symbol, series.marker.size = "circle", 5
        series.marker.graphicalProperties = _filled(colour)
    else:
        series.graphicalProperties.line.dashStyle = "dash"
        series.marker.symbol = "none"
    return series


def _categories(trend: "Worksheet", row: int, count: int) -> Any:  # noqa: ANN401
    """The periods, as text: Excel would take `2026-10` for a date."""
    from openpyxl.chart import Reference
    from openpyxl.chart.data_source import AxDataSource, StrRef

    cells = Reference(trend, min_col=2, max_col=1 + count, min_row=row)
    return AxDataSource(strRef=StrRef(f=str(cells)))


def _line(colour: str, width: int) -> Any:  # noqa: ANN401
    from openpyxl.chart.shapes import GraphicalProperties
    from openpyxl.drawing.line import LineProperties

    return GraphicalProperties(ln=LineProperties(solidFill=colour, w=width))


def _filled(colour: str) -> Any:  # noqa: ANN401
    from openpyxl.chart.shapes import GraphicalProperties

    shape = GraphicalProperties(solidFill=colour)
    shape.line.solidFill = colour
    return shape


def _letters(size: int, *, bold: bool) -> Any:  # noqa: ANN401
    from openpyxl.drawing.text import CharacterProperties

    return CharacterProperties(sz=size, b=bold, solidFill="1B2430")
