"""The rows behind a value → terminal, csv, json, Excel; streamed, so any number of them fits."""

import csv
import io
import json
from collections.abc import Iterator
from datetime import datetime
from typing import IO, Any, Final

from rich.console import Console
from rich.table import Table
from rich.text import Text

from sales_support_kpi.errors import UsageError
from sales_support_kpi.report import formatting, labels
from sales_support_kpi.report.cells import neutral_cell
from sales_support_kpi.report.machine import csv_cell, json_value
from sales_support_kpi.report.model import Status
from sales_support_kpi.report.rows import ValueRows
from sales_support_kpi.report.text import PLAIN_WIDTH, STYLES

EXCEL_ROWS: Final = 1_048_576
_WIDE: Final = 116
_SHOWN: Final = (
    "occurred_at", "record_id", "origin", "employee_id", "team", "part", "kind", "channel",
    "priority", "segment", "clock_hours", "numerator", "denominator", "place", "landed",
)  # fmt: skip
_NUMBERS: Final = ("clock_hours", "numerator", "denominator")
_EXPLAINED: Final = {
    "flow": {
        "en": "what happened in the period",
        "ko": "기간 중에 일어난 건",
    },
    "stock": {
        "en": "the records that count just before the period's end, since their last change",
        "ko": "기간이 끝나기 직전에 해당하는 건 (시각은 마지막 변경)",
    },
    "month_end": {
        "en": "the state at the end of the period's last month",
        "ko": "기간의 마지막 달 말 상태",
    },
}
_HEADERS: Final = {
    "en": {
        "occurred_at": "When", "record_id": "Record", "origin": "From",
        "employee_id": "Employee", "team": "Team",
        "part": "Part", "kind": "Kind", "channel": "Channel", "priority": "Priority",
        "segment": "Segment", "clock_hours": "Clock hours", "numerator": "Num.",
        "denominator": "Den.", "place": "Read from", "landed": "Landed",
    },
    "ko": {
        "occurred_at": "시각", "record_id": "원본 기록", "origin": "출처",
        "employee_id": "담당자", "team": "팀",
        "part": "부분", "kind": "종류", "channel": "채널", "priority": "우선순위",
        "segment": "세그먼트", "clock_hours": "처리 시간", "numerator": "분자",
        "denominator": "분모", "place": "읽은 곳", "landed": "적재 시각",
    },
}  # fmt: skip
_SENTENCES: Final = {
    "en": {
        "rows": "rows: {count:,}",
        "more": "… and {count:,} more: --limit 0 shows all, --format csv writes them",
        "agrees": "equals the published value",
        "differs": "differs from the published {value}: please report this",
        "withheld": "withheld on the scorecard, because the data failed a check",
        "none": "no rows: nothing happened that counts",
        "landed": "landed {when}",
        "missing": "not measured: needs {entities}",
    },
    "ko": {
        "rows": "{count:,}건",
        "more": "… 외 {count:,}건: --limit 0 은 전부, --format csv 는 파일로",
        "agrees": "발행된 값과 같음",
        "differs": "발행된 값 {value}과(와) 다름: 알려 주세요",
        "withheld": "자료 점검에 걸려 성과표에서는 보류됨",
        "none": "해당하는 건이 없음",
        "landed": "적재 {when}",
        "missing": "측정되지 않음: {entities} 필요",
    },
}


def render_rows(rows: ValueRows, console: Console, limit: int | None = 50) -> None:
    """Print the first rows and the sum."""
    shown = list(rows.stream(limit))
    lang, words = rows.lang, _SENTENCES[rows.lang]
    title = Text.assemble((rows.name, "bold"), f"  {rows.kpi_id}", style="")
    title.stylize("dim", len(rows.name))
    console.print(title)
    facts = (
        labels.scope_title(rows.scope, lang),
        labels.period_title(rows.period, lang),
        words["rows"].format(count=rows.total.count),
        *sorted({_origin(row) for row in shown}),
        *_landed_at_once(rows, shown),
        f"{labels.WORDS[lang]['publish']} {rows.night.publish_id}",
    )
    console.print(Text(" · ".join(facts), style="dim"))
    for aggregation in rows.aggregations:
        console.print(Text(f"{aggregation}: {_EXPLAINED[aggregation][lang]}", style="dim"))
    console.print()
    if shown:
        console.print(_table(rows, shown, console.width))
    if rows.total.count > len(shown):
        hidden = rows.total.count - len(shown)
        console.print(Text(words["more"].format(count=hidden), style="dim"))
    console.print(_total_line(rows))


def rows_text(rows: ValueRows, limit: int | None = None) -> str:
    """The same as plain text."""
    target = io.StringIO()
    render_rows(rows, Console(file=target, width=PLAIN_WIDTH, color_system=None), limit)
    return "\n".join(line.rstrip() for line in target.getvalue().splitlines()) + "\n"


def rows_csv(rows: ValueRows) -> Iterator[str]:
    """A header, then a line per row; no cell can run as a formula."""
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(rows.listed_columns)
    for row in rows.stream():
        writer.writerow([csv_cell(row.get(column)) for column in rows.listed_columns])
        if buffer.tell() > 1 << 16:
            yield buffer.getvalue()
            buffer.seek(0)
            buffer.truncate()
    yield buffer.getvalue()


def rows_json(rows: ValueRows) -> Iterator[str]:
    """One object: what it is, the sums, the rows."""
    head = json.dumps(_summary(rows), ensure_ascii=False, allow_nan=False)
    yield head.removesuffix("}") + ', "rows": ['
    separator = "\n"
    for row in rows.stream():
        plain = {column: json_value(row.get(column)) for column in rows.listed_columns}
        yield separator + json.dumps(plain, ensure_ascii=False, allow_nan=False)
        separator = ",\n"
    yield "\n]}\n"


def rows_xlsx(rows: ValueRows, target: IO[bytes]) -> None:
    """A sheet with the rows and the sum below them.

    Raises:
        UsageError: there are more rows than an Excel sheet holds.
    """
    if rows.total.count > EXCEL_ROWS - 2:
        raise UsageError(
            f"{rows.total.count:,} rows do not fit on an Excel sheet; use --format csv"
        )
    from openpyxl import Workbook
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.styles import Font
    from openpyxl.utils import get_column_letter

    book = Workbook(write_only=True)
    sheet = book.create_sheet(rows.kpi_id[:31])
    sheet.freeze_panes = "A2"
    for number, name in enumerate(rows.listed_columns, start=1):
        sheet.column_dimensions[get_column_letter(number)].width = max(12, len(name) + 4)
    bold = Font(bold=True)

    def emphasised(value: object) -> Any:  # noqa: ANN401
        cell = WriteOnlyCell(sheet, value=value)  # type: ignore[arg-type]
        cell.font = bold
        return cell

    sheet.append([emphasised(name) for name in rows.listed_columns])
    for row in rows.stream():
        sheet.append([_excel_cell(row.get(column)) for column in rows.listed_columns])
    total = {"numerator": rows.total.numerator, "denominator": rows.total.denominator}
    total_cells: dict[str, object] = {"kpi_id": labels.WORDS[rows.lang]["total"], **total}
    sheet.append([emphasised(total_cells.get(column)) for column in rows.listed_columns])
    book.save(target)


def _table(rows: ValueRows, shown: list[dict[str, Any]], width: int) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 1), header_style="dim")
    records = [_record(row, rows) for row in shown]
    columns = [name for name in _SHOWN if _tells_something(name, records, width)]
    for name in columns:
        is_number = name in _NUMBERS
        table.add_column(
            _HEADERS[rows.lang][name],
            justify="right" if is_number else "left",
            no_wrap=is_number or name in ("occurred_at", "record_id", "employee_id"),
            overflow="fold",
        )
    for record in records:
        table.add_row(*(Text(record[name]) for name in columns))
    return table


def _landed_at_once(rows: ValueRows, shown: list[dict[str, Any]]) -> list[str]:
    """When the shown records were landed, if all were at one instant; else each row says it."""
    instants = {_instant(rows, row["landed_at"]) for row in shown}
    words = _SENTENCES[rows.lang]
    return [words["landed"].format(when=i) for i in instants if i] if len(instants) == 1 else []


def _origin(row: dict[str, Any]) -> str:
    return ".".join(filter(None, (row["source"], row["entity"])))


def _tells_something(name: str, records: list[dict[str, str]], width: int) -> bool:
    """Whether a column is worth its place: a dimension that is the same everywhere is not."""
    values = {record[name] for record in records}
    if name in _NUMBERS or name in ("occurred_at", "record_id"):
        return values != {""}
    if name in ("priority", "segment") and width < _WIDE:
        return False
    if name == "place":
        return values != {""} and width >= PLAIN_WIDTH
    return len(values) > 1 or (name in ("employee_id", "team") and values != {""})


def _record(row: dict[str, Any], rows: ValueRows) -> dict[str, str]:
    texts = {name: "" if row.get(name) is None else str(row[name]) for name in _SHOWN}
    texts["occurred_at"] = _instant(rows, row["occurred_at"])
    texts["landed"] = _instant(rows, row["landed_at"])
    texts["origin"] = _origin(row)
    texts["place"] = _place(row)
    for name in _NUMBERS:
        number = row.get(name)
        texts[name] = "" if number is None else f"{number:,.4g}"
    return texts


def _instant(rows: ValueRows, instant: datetime | None) -> str:
    return "" if instant is None else labels.local_instant(instant, rows.night.timezone)[:16]


def _place(row: dict[str, Any]) -> str:
    """`kpi.xlsx, Requests:12`: where an editor or a spreadsheet shows the record."""
    place = ", ".join(filter(None, (row["file_name"], row["sheet_name"])))
    return place if row["row_number"] is None else f"{place}:{row['row_number']}"


def _total_line(rows: ValueRows) -> Text:
    """The sum line: it has to equal the scorecard's cell."""
    total, lang = rows.total, rows.lang
    words = _SENTENCES[lang]
    if rows.missing_entities:
        return Text(words["missing"].format(entities=rows.missing_entities), style="bold")
    if not total.count:
        return Text(words["none"], style="bold")
    value = formatting.format_value(total.value, rows.unit, lang)
    figures = f"{total.numerator:,.10g}"
    if total.denominator is not None:
        figures += f" / {total.denominator:,.10g}"
        figures += f" = {value}"
    line = Text(f"{labels.WORDS[lang]['total']}  {figures}", style="bold")
    if total.status is Status.WITHHELD:
        return line.append(f"  {words['withheld']}", style=STYLES[Status.WITHHELD])
    if total.is_published:
        return line.append(f"  ✓ {words['agrees']}", style="not bold dim")
    published = formatting.format_value(total.published_value, rows.unit, lang)
    return line.append(f"  ✗ {words['differs'].format(value=published)}", style="bold #e0632a")


def _summary(rows: ValueRows) -> dict[str, object]:
    total = rows.total
    return {
        "publish_id": rows.night.publish_id,
        "as_of": json_value(rows.night.as_of),
        "kpi_id": rows.kpi_id,
        "unit": rows.unit,
        "grain": str(rows.period.grain),
        "period": rows.period.label,
        "period_start": json_value(rows.period.start),
        "period_end": json_value(rows.period.end),
        "scope_type": rows.scope.type,
        "scope_id": rows.scope.id,
        "status": str(total.status),
        "count": total.count,
        "numerator": total.numerator,
        "denominator": total.denominator,
        "value": total.value,
        "published_value": total.published_value,
        "equals_published": total.is_published,
    }


def _excel_cell(value: object) -> Any:  # noqa: ANN401
    """Excel knows no zones: instants stay text, in UTC."""
    return neutral_cell(json_value(value))
