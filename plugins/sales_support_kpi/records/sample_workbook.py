"""The workbook in which a sample is verified by hand, and which `kpi run --source` reads back.

The sheet is the entity `record_audits`; columns in [brackets] show what the record says and are
read by nobody. It holds contact data: its file is for the auditor alone.
"""

import io
from typing import TYPE_CHECKING, Literal

from sales_support_kpi.aliases import bool_label, column_label, sheet_label, word_label
from sales_support_kpi.records.sampling import SHOWN, Sample
from sales_support_kpi.report.cells import neutral_cell

if TYPE_CHECKING:
    from openpyxl.worksheet.worksheet import Worksheet

Lang = Literal["ko", "en"]

_ENTITY = "record_audits"
_GIVEN = ("audit_id", "customer_id")
_ASKED = ("is_accurate", "field", "note", "audited_at", "auditor_id")
_OTHER = {"ko": "기타", "en": "other"}
_HELP: dict[Lang, tuple[str, ...]] = {
    "ko": (
        "고객 정보 표본 점검: {month} · {drawn}건 (활성 고객 {population}건 중) · 표본 {sample}",
        "1. [대괄호] 열은 지금 기록된 값입니다. 고객에게 직접 확인한 값과 비교해 주세요.",
        "2. '정확여부'에 예 또는 아니오를 고르고, 아니오면 틀린 항목과 비고를 적습니다.",
        "3. 점검일시와 점검자(사번)를 적습니다. 판정하지 않은 행은 비워 두면 읽지 않습니다.",
        "4. 저장한 뒤: kpi run --source 이파일.xlsx. 나중에 더 적어 다시 넣어도 됩니다.",
        "연락처가 들어 있습니다. 점검이 끝나면 파일을 지워 주세요.",
    ),
    "en": (
        "Audit of customer records: {month} · {drawn} of {population} active · sample {sample}",
        "1. Columns in [brackets] show what is recorded. Compare it with what the customer says.",
        "2. Choose true or false in is_accurate; for false, name the field and what is wrong.",
        "3. Fill in audited_at and your employee id. A row without a verdict is not read.",
        "4. Save it, then: kpi run --source THIS_FILE.xlsx. It can be given again with more rows.",
        "It holds contact data. Delete the file when the audit is done.",
    ),
}
_WIDTHS = {"audit_id": 34, "customer_id": 16, "note": 36, "address": 34, "email": 28, "name": 24}


def sample_workbook(sample: Sample, lang: Lang) -> bytes:
    """The workbook's bytes."""
    from openpyxl import Workbook

    book = Workbook()
    sheet: Worksheet = book.active  # type: ignore[assignment]
    sheet.title = sheet_label(_ENTITY, lang)
    names = (*_GIVEN, *SHOWN, *_ASKED)
    heads = [_head(name, lang) for name in names]
    for at, head in enumerate(heads, 1):
        sheet.cell(1, at, head)
    for row, record in enumerate(sample.records, 2):
        values = (record.audit_id, record.customer_id, *record.values)
        for at, value in enumerate(values, 1):
            sheet.cell(row, at, neutral_cell(value)).number_format = "@"
    _add_lists(sheet, names, len(sample.records) + 1, lang)
    _finish(sheet, names, len(sample.records) + 1)
    _add_help(book.create_sheet("안내" if lang == "ko" else "how to"), sample, lang)
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def _head(name: str, lang: Lang) -> str:
    if name in SHOWN:
        return f"[{column_label('customers', name, lang)}]"
    return column_label(_ENTITY, name, lang)


def _add_lists(sheet: "Worksheet", names: tuple[str, ...], last: int, lang: Lang) -> None:
    from openpyxl.utils import get_column_letter
    from openpyxl.worksheet.datavalidation import DataValidation

    fields = [word_label(_ENTITY, "field", name, lang) for name in SHOWN]
    lists = {
        "is_accurate": ([bool_label(True, lang), bool_label(False, lang)], True),
        "field": ([*fields, _OTHER[lang]], False),
    }
    for name, (words, is_strict) in lists.items():
        rule = DataValidation("list", formula1=f'"{",".join(words)}"', allow_blank=True)
        rule.showErrorMessage = is_strict
        letter = get_column_letter(names.index(name) + 1)
        rule.add(f"{letter}2:{letter}{last}")
        sheet.add_data_validation(rule)


def _finish(sheet: "Worksheet", names: tuple[str, ...], last: int) -> None:
    from openpyxl.styles import Alignment, Font, PatternFill
    from openpyxl.utils import get_column_letter

    for at, name in enumerate(names, 1):
        head = sheet.cell(1, at)
        head.font = Font(bold=True, color="FFFFFF")
        head.fill = PatternFill("solid", fgColor="1F4E78" if name in _ASKED else "7F7F7F")
        head.alignment = Alignment(horizontal="center")
        sheet.column_dimensions[get_column_letter(at)].width = _WIDTHS.get(name, 16)
        if name == "audited_at":
            for row in range(2, last + 1):
                sheet.cell(row, at).number_format = "yyyy-mm-dd hh:mm"
    sheet.freeze_panes = "C2"


def _add_help(sheet: "Worksheet", sample: Sample, lang: Lang) -> None:
    from openpyxl.styles import Font

    said = {
        "month": sample.month.label,
        "drawn": f"{len(sample.records):,}",
        "population": f"{sample.population:,}",
        "sample": sample.sample_id,
    }
    for row, line in enumerate(_HELP[lang], 1):
        sheet.cell(row, 1, line.format(**said))
    sheet["A1"].font = Font(bold=True, size=14)
    sheet.column_dimensions["A"].width = 110
    heads = ("층", "활성 고객", "표본") if lang == "ko" else ("stratum", "active", "drawn")
    start = len(_HELP[lang]) + 2
    for at, head in enumerate(heads, 1):
        sheet.cell(start, at, head).font = Font(bold=True)
    for row, stratum in enumerate(sample.strata, start + 1):
        cells = (stratum.name, stratum.population, stratum.drawn)
        for at, value in enumerate(cells, 1):
            sheet.cell(row, at, neutral_cell(value))
