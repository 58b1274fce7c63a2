"""A worklist → an Excel workbook for one steward: what to do, what is done, what it is about.

It holds ids and rules, no name and no contact data: the record itself is opened in its system.
"""

import io
from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Literal

from sales_support_kpi.records.worklist import NEW_WITHIN, NOBODY, Rule, Worklist
from sales_support_kpi.report.cells import neutral, neutral_cell
from sales_support_kpi.report.labels import local_instant

if TYPE_CHECKING:
    from openpyxl.worksheet.worksheet import Worksheet

Lang = Literal["ko", "en"]

_WORDS: dict[Lang, dict[str, str]] = {
    "ko": {
        "title": "고객 정보 작업 목록", "todo": "할 일", "done": "고친 것", "nobody": "담당 없음",
        "place": "순서", "customer": "고객번호", "source": "시스템", "rule": "규칙",
        "why": "무엇이 틀렸나", "do": "할 일", "lift": "고치면 정확해지는 기록",
        "fixes": "이 기록에 남은 수정", "days": "경과일", "since": "언제부터", "new": "새 항목",
        "others": "관련 고객", "kind": "구분", "critical": "필수", "advice": "권고",
        "fixed": "고친 시각", "as_of": "기준", "yes": "새로 생김",
        "own": "내 기록: 정확도 {value:.1%}, 목표 {target:.1%}까지 {fixes:,}건 수정 필요",
        "company": "회사: 정확도 {value:.1%}, 목표 {target:.1%}까지 {fixes:,}건 수정 필요",
        "counts": "필수 {critical:,} · 권고 {advice:,} · 최근 {days}일에 생긴 것 {new:,} · "
        "고친 것(92일) {done:,}",
    },
    "en": {
        "title": "Customer record worklist", "todo": "To do", "done": "Put right",
        "nobody": "without a steward", "place": "No.", "customer": "Customer", "source": "System",
        "rule": "Rule", "why": "What is wrong", "do": "What to do",
        "lift": "Records made right by a fix", "fixes": "Fixes this record needs", "days": "Days",
        "since": "Since", "new": "New", "others": "Other records", "kind": "Kind",
        "critical": "critical", "advice": "advice", "fixed": "Put right at", "as_of": "as of",
        "yes": "new",
        "own": "My records: {value:.1%} accurate, {fixes:,} fixes to reach {target:.1%}",
        "company": "Company: {value:.1%} accurate, {fixes:,} fixes to reach {target:.1%}",
        "counts": "critical {critical:,} · advice {advice:,} · new within {days} days {new:,} · "
        "put right in 92 days {done:,}",
    },
}  # fmt: skip
_HEADER_ROW = 6


def worklist_xlsx(found: Worklist, lang: Lang) -> bytes:
    """The workbook's bytes."""
    from openpyxl import Workbook

    book = Workbook()
    sheet: Worksheet = book.active  # type: ignore[assignment]
    _todo(sheet, found, lang)
    _done(book.create_sheet(), found, lang)
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def summary(found: Worklist, lang: Lang) -> tuple[str, ...]:
    """Where the steward and the company stand, in a few lines."""
    words = _WORDS[lang]
    lines = []
    for name, progress in (("own", found.progress), ("company", found.company)):
        if progress.get("target") is not None and progress.get("fixes_needed") is not None:
            said = {
                "value": progress["value"],
                "target": progress["target"],
                "fixes": progress["fixes_needed"],
            }
            lines.append(words[name].format(**said))
    critical = sum(issue.is_critical for issue in found.issues)
    counts = {
        "critical": critical,
        "advice": len(found.issues) - critical,
        "days": NEW_WITHIN.days,
        "new": sum(issue.is_new for issue in found.issues),
        "done": len(found.fixes),
    }
    return (*lines, words["counts"].format(**counts))


def _todo(sheet: "Worksheet", found: Worklist, lang: Lang) -> None:
    words = _WORDS[lang]
    columns = (
        ("place", 7), ("customer", 18), ("rule", 20), ("why", 44), ("do", 48), ("lift", 13),
        ("fixes", 12), ("days", 8), ("since", 17), ("new", 10), ("others", 26), ("kind", 9),
        ("source", 14),
    )  # fmt: skip
    rows = []
    for issue in found.issues:
        rule = _rule(found, issue.rule)
        rows.append(
            [
                issue.place,
                issue.customer_id,
                rule.name[lang],
                rule.why[lang],
                rule.todo[lang],
                issue.lift if issue.is_critical else None,
                issue.fix_count if issue.is_critical else None,
                issue.days,
                _local(issue.since, found),
                words["yes"] if issue.is_new else None,
                issue.other_customer_ids,
                words["critical" if issue.is_critical else "advice"],
                issue.source,
            ]
        )
    sheet.title = words["todo"]
    _table(sheet, "Todo", found, lang, columns, rows)
    for row in range(_HEADER_ROW + 1, _HEADER_ROW + 1 + len(rows)):
        sheet.cell(row, 6).number_format = "0.##"


def _done(sheet: "Worksheet", found: Worklist, lang: Lang) -> None:
    words = _WORDS[lang]
    columns = (
        ("fixed", 17), ("customer", 18), ("rule", 20), ("since", 17), ("days", 8), ("source", 14),
    )  # fmt: skip
    rows: list[list[object]] = [
        [
            _local(fix.fixed_at, found),
            fix.customer_id,
            _rule(found, fix.rule).name[lang],
            _local(fix.since, found),
            fix.days,
            fix.source,
        ]
        for fix in found.fixes
    ]
    sheet.title = words["done"]
    _table(sheet, "Done", found, lang, columns, rows)


def _rule(found: Worklist, rule: str) -> Rule:
    plain = {"ko": rule, "en": rule}
    return found.rules.get(rule) or Rule(plain, {"ko": "", "en": ""}, {"ko": "", "en": ""})


def _local(instant: datetime, found: Worklist) -> str:
    return local_instant(instant, found.timezone)


def _table(
    sheet: "Worksheet",
    name: str,
    found: Worklist,
    lang: Lang,
    columns: Sequence[tuple[str, int]],
    rows: Sequence[Sequence[object]],
) -> None:
    """A heading, and a real Excel table that can be filtered and sorted."""
    from openpyxl.styles import Alignment, Font
    from openpyxl.utils import get_column_letter
    from openpyxl.worksheet.table import Table, TableStyleInfo

    words = _WORDS[lang]
    who = words["nobody"] if found.steward_id == NOBODY else found.steward_id
    named = f"{who} {found.steward_name}" if found.steward_name else who
    sheet["A1"] = neutral(f"{words['title']} · {named}")
    sheet["A1"].font = Font(bold=True, size=14)
    sheet["A2"] = neutral(f"{words['as_of']} {_local(found.as_of, found)} · {found.publish_id}")
    for row, line in enumerate(summary(found, lang), 3):
        sheet.cell(row, 1, neutral(line))
    for at, (key, width) in enumerate(columns, 1):
        head = sheet.cell(_HEADER_ROW, at, words[key])
        head.font = Font(bold=True)
        head.alignment = Alignment(wrap_text=True, vertical="top")
        sheet.column_dimensions[get_column_letter(at)].width = width
    for at_row, values in enumerate(rows, _HEADER_ROW + 1):
        for at, value in enumerate(values, 1):
            cell = sheet.cell(at_row, at, neutral_cell(value))
            cell.alignment = Alignment(vertical="top", wrap_text=columns[at - 1][1] > 40)
    last = f"{get_column_letter(len(columns))}{_HEADER_ROW + max(len(rows), 1)}"
    table = Table(displayName=name, ref=f"A{_HEADER_ROW}:{last}")
    table.tableStyleInfo = TableStyleInfo(name="TableStyleLight1", showRowStripes=False)
    sheet.add_table(table)
    sheet.freeze_panes = f"C{_HEADER_ROW + 1}"
